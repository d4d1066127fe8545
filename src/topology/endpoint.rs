//! VPC endpoints, and what they lead to.

use std::collections::BTreeMap;

use super::endpoint_kind::Endpoint;
use super::{
    EndpointKind, Id, Policy, Resolver, Service, Topology, Vpc, VpcEndpointService, policy,
};
use crate::scenario::{self, KeyPath, Problem};

/// A VPC endpoint.
#[derive(Debug, Clone)]
pub struct VpcEndpoint {
    /// The VPC it is in.
    pub vpc: Id<Vpc>,
    /// What it leads to.
    pub service: EndpointTarget,
    /// How it leads there.
    pub kind: EndpointKind,
    /// Who may do what through it.
    pub policy: Policy,
    /// Whether the owner of an endpoint service that requires acceptance has accepted it.
    pub accepted: bool,
}

/// What an endpoint leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EndpointTarget {
    /// An AWS service.
    Service(Id<Service>),
    /// A load balancer of another VPC.
    EndpointService(Id<VpcEndpointService>),
}

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    let mut named = BTreeMap::new();
    for (name, written) in &resolver.scenario.vpc_endpoint {
        let path = KeyPath::of(["vpc_endpoint", name]);
        let vpc = resolver.find(&topology.vpcs, "vpc", &written.vpc, &path.key("vpc"));
        let statements = written.policy.as_deref();
        let policy = policy::resolve(resolver, statements, &path.key("policy"));
        let Some(vpc) = vpc else { continue };
        let Some(service) = find_service(resolver, topology, vpc, written, &path) else {
            continue;
        };
        let endpoint = Endpoint {
            name,
            written,
            path,
            vpc,
            service,
        };
        let Some(kind) = endpoint.resolve(resolver, topology) else {
            continue;
        };
        if let EndpointKind::Interface {
            private_dns_enabled: true,
            ..
        } = kind
            && let Some(other) = named.insert((vpc, service), name)
        {
            let message = format!(
                "vpc_endpoint `{other}` has the private DNS name of `{}` in this VPC already",
                written.service
            );
            resolver.report(
                Problem::error(endpoint.path.key("private_dns_enabled"), message)
                    .help("set private_dns_enabled = false in one of them"),
            );
        }
        let accepted = match service {
            EndpointTarget::Service(_) => true,
            EndpointTarget::EndpointService(id) => {
                written.accepted || !topology.vpc_endpoint_services[id].acceptance_required
            }
        };
        let endpoint = VpcEndpoint {
            vpc,
            service,
            kind,
            policy,
            accepted,
        };
        topology.vpc_endpoints.add(name, endpoint);
    }
}

/// What an endpoint leads to, in its own Region.
fn find_service(
    resolver: &mut Resolver<'_>,
    topology: &Topology,
    vpc: Id<Vpc>,
    written: &scenario::VpcEndpoint,
    path: &KeyPath,
) -> Option<EndpointTarget> {
    let path = path.key("service");
    let region = topology.vpcs[vpc].region;
    let reference = &written.service;
    if reference.parts().0 != Some("vpc_endpoint_service") {
        let id = topology.find_service(resolver, region, reference, &path)?;
        return Some(EndpointTarget::Service(id));
    }
    let services = &topology.vpc_endpoint_services;
    let id = resolver.find(services, "vpc_endpoint_service", reference, &path)?;
    let balancer = topology.vpc_endpoint_services[id].load_balancer;
    let theirs = topology.vpcs[topology.load_balancers[balancer].vpc].region;
    if theirs != region {
        let [theirs, own] = [theirs, region].map(|region| topology.regions.name(region));
        let message = format!("`{reference}` is in {theirs}, the endpoint in {own}");
        let help = "an endpoint is in the Region of its service; peer the VPCs instead";
        resolver.report(Problem::error(path, message).help(help));
        return None;
    }
    Some(EndpointTarget::EndpointService(id))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{right, wrong};

    const SERVICE: &str = r#"
        [vpc.provider]
        cidr_block = "10.9.0.0/16"
        [subnet.provider-a]
        vpc = "provider"
        availability_zone = "us-east-1a"
        cidr_block = "10.9.0.0/24"
        [target_group.api]
        vpc = "provider"
        port = 443
        [load_balancer.api]
        load_balancer_type = "network"
        subnets = ["provider-a"]
        internal = true
        listeners = [{ port = 443, protocol = "TCP", target_group = "api" }]
        [vpc_endpoint_service.api]
        load_balancer = "api"
        acceptance_required = true
        private_dns_name = "api.example.com"
    "#;

    fn endpoint(name: &str, service: &str, kind: &str, keys: &str) -> String {
        format!(
            "[vpc_endpoint.{name}]\nvpc = \"main\"\nservice = \"{service}\"\nvpc_endpoint_type = \"{kind}\"\n{keys}\n"
        )
    }

    fn own(kind: &str, keys: &str) -> String {
        SERVICE.to_owned() + &endpoint("x", "vpc_endpoint_service.api", kind, keys)
    }

    const BOTH: &str = "subnets = [\"a\", \"b\"]";

    #[test]
    fn one_endpoint_of_a_vpc_has_a_services_name() {
        let two =
            endpoint("x", "sqs", "interface", BOTH) + &endpoint("y", "sqs", "interface", BOTH);
        assert_eq!(
            wrong(&two),
            "vpc_endpoint.y.private_dns_enabled: vpc_endpoint `x` has the private DNS name of `sqs` in \
             this VPC already (set private_dns_enabled = false in one of them)\n"
        );
        right(&format!("{two}private_dns_enabled = false"));
    }

    #[test]
    fn an_endpoint_that_must_be_accepted_may_not_be() {
        let accepted = |keys: &str| {
            let topology = right(&own("interface", &format!("subnets = [\"a\"]\n{keys}")));
            let id = topology.vpc_endpoints.find("x").unwrap();
            topology.vpc_endpoints[id].accepted
        };
        assert!(accepted(""));
        assert!(!accepted("accepted = false"));
    }

    #[test]
    fn an_endpoint_is_in_the_region_of_its_service() {
        let text = own("interface", "subnets = [\"far\"]").replace(
            "[vpc_endpoint.x]\nvpc = \"main\"",
            "[vpc_endpoint.x]\nvpc = \"far\"",
        ) + "[other_region.us-east-2]\navailability_zones = [\"us-east-2a\"]\n\
               [vpc.far]\ncidr_block = \"10.8.0.0/16\"\nregion = \"us-east-2\"\n\
               [subnet.far]\nvpc = \"far\"\navailability_zone = \"us-east-2a\"\ncidr_block = \"10.8.0.0/24\"\n";
        assert_eq!(
            wrong(&text),
            "vpc_endpoint.x.service: `vpc_endpoint_service.api` is in us-east-1, the endpoint in \
             us-east-2 (an endpoint is in the Region of its service; peer the VPCs instead)\n"
        );
    }
}
