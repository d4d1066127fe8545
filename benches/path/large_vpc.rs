//! The scenario of a large VPC.

use std::fmt::Write as _;

/// Instances in three zones, each with two of the security groups. A group admits HTTPS from the one
/// before it, a port of its own from another, and pings from the VPC. Private subnets lead out by NAT
/// gateways.
#[must_use]
pub(crate) fn scenario(instances: u32, groups: u32) -> String {
    let mut text = String::from(
        "[region]\nname = \"us-east-1\"\n\
         availability_zones = [\"us-east-1a\", \"us-east-1b\", \"us-east-1c\"]\n\
         [vpc.main]\ncidr_block = \"10.0.0.0/16\"\n\
         [internet_gateway.main]\nvpc = \"main\"\n\
         [route_table.public]\nvpc = \"main\"\n\
         routes = [{ destination_cidr_block = \"0.0.0.0/0\", target = \"internet_gateway.main\" }]\n",
    );
    for (number, zone) in ["a", "b", "c"].into_iter().enumerate() {
        let _ = write!(
            text,
            "[subnet.public-{zone}]\nvpc = \"main\"\navailability_zone = \"us-east-1{zone}\"\n\
             cidr_block = \"10.0.{number}.0/24\"\nroute_table = \"public\"\n\
             [nat_gateway.{zone}]\nsubnet = \"public-{zone}\"\n\
             [route_table.{zone}]\nvpc = \"main\"\n\
             routes = [{{ destination_cidr_block = \"0.0.0.0/0\", target = \"nat_gateway.{zone}\" }}]\n\
             [subnet.{zone}]\nvpc = \"main\"\navailability_zone = \"us-east-1{zone}\"\n\
             cidr_block = \"10.0.{}.0/18\"\nroute_table = \"{zone}\"\n",
            64 * (number + 1)
        );
    }
    for group in 0..groups {
        let _ = write!(
            text,
            "[security_group.g{group}]\nvpc = \"main\"\ningress = [\n\
             {{ protocol = \"tcp\", ports = 443, source = \"security_group.g{}\" }},\n\
             {{ protocol = \"tcp\", ports = {}, source = \"security_group.g{}\" }},\n\
             {{ protocol = \"icmp\", source = \"10.0.0.0/16\" }},\n]\n",
            (group + groups - 1) % groups,
            1024 + group,
            group * 7 % groups,
        );
    }
    for instance in 0..instances {
        let _ = write!(
            text,
            "[instance.i{instance}]\ninstance_type = \"m5.large\"\nsubnet = \"{}\"\n\
             security_groups = [\"g{}\", \"g{}\"]\n",
            ["a", "b", "c"][instance as usize % 3],
            instance % groups,
            // Never the same one.
            (instance % groups + 1 + instance / groups % (groups - 1)) % groups,
        );
    }
    text
}
