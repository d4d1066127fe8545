//! DNS names, as the resolver of the sender's VPC answers them.

use netsim::path::{Endpoint, Resolution};

use super::network::{Network, network};

/// What a name stands for, seen from an end.
fn resolve(network: &Network, from: &str, name: &str) -> Result<Endpoint, String> {
    let from = network.end(from, None);
    Endpoint::parse(&network.topology, name, Some(from)).map_err(|unknown| unknown.message)
}

fn end(network: &Network, text: &str) -> Result<Endpoint, String> {
    Ok(network.end(text, None))
}

#[test]
fn the_name_of_a_service_is_its_regional_one_with_or_without_something_in_front() {
    let network = network(&[]);
    for name in [
        "s3.us-east-1.amazonaws.com",
        "s3.amazonaws.com",
        "my-bucket.s3.us-east-1.amazonaws.com",
        "S3.us-east-1.amazonaws.com.",
    ] {
        assert_eq!(
            resolve(&network, "instance.a", name),
            end(&network, "service.s3"),
            "{name}"
        );
    }
    assert!(resolve(&network, "instance.a", "s4.us-east-1.amazonaws.com").is_err());
}

#[test]
fn a_hosted_zone_answers_in_its_vpcs_only() {
    let network = network(&[r#"
        [hosted_zone.corp]
        name = "corp.internal"
        vpcs = ["main"]
        records = { db = "instance.b", cache = "10.0.1.99", "*.apps" = "instance.near" }
    "#]);
    let from_main = |name| resolve(&network, "instance.a", name);
    assert_eq!(from_main("db.corp.internal"), end(&network, "instance.b"));
    assert_eq!(from_main("DB.corp.internal."), end(&network, "instance.b"));
    assert_eq!(from_main("cache.corp.internal"), end(&network, "10.0.1.99"));
    assert_eq!(
        resolve(&network, "instance.other", "db.corp.internal"),
        Err("`db.corp.internal` does not resolve".to_owned())
    );
    assert!(resolve(&network, "internet", "db.corp.internal").is_err());
}

#[test]
fn a_wildcard_record_answers_for_every_name_under_it() {
    let network = network(&[r#"
        [hosted_zone.corp]
        name = "corp.internal"
        vpcs = ["main"]
        records = { "*.apps" = "instance.near", "web.apps" = "instance.b" }
    "#]);
    let from_main = |name| resolve(&network, "instance.a", name);
    assert_eq!(
        from_main("web.apps.corp.internal"),
        end(&network, "instance.b")
    );
    assert_eq!(
        from_main("shop.apps.corp.internal"),
        end(&network, "instance.near")
    );
}

#[test]
fn of_several_hosted_zones_the_most_specific_one_answers_alone() {
    let network = network(&[r#"
        [hosted_zone.corp]
        name = "corp.internal"
        vpcs = ["main"]
        records = { "web.apps" = "instance.b", "old.apps" = "instance.b" }
        [hosted_zone.apps]
        name = "apps.corp.internal"
        vpcs = ["main"]
        records = { web = "instance.near" }
    "#]);
    let from_main = |name| resolve(&network, "instance.a", name);
    assert_eq!(
        from_main("web.apps.corp.internal"),
        end(&network, "instance.near")
    );
    assert!(from_main("old.apps.corp.internal").is_err());
}

#[test]
fn a_hosted_zone_hides_the_public_names_under_it() {
    let network = network(&[r#"
        [hosted_zone.aws]
        name = "us-east-1.amazonaws.com"
        vpcs = ["main"]
        records = { sqs = "instance.b" }
    "#]);
    let from = |from, name| resolve(&network, from, name);
    assert_eq!(
        from("instance.a", "sqs.us-east-1.amazonaws.com"),
        end(&network, "instance.b")
    );
    assert!(from("instance.a", "s3.us-east-1.amazonaws.com").is_err());
    assert_eq!(
        from("instance.other", "s3.us-east-1.amazonaws.com"),
        end(&network, "service.s3")
    );
}

#[test]
fn the_public_name_of_an_instance_is_its_private_address_inside_and_its_public_one_outside() {
    let network = network(&["elastic_ip.b = { instance = \"b\", public_ip = \"198.51.100.7\" }"]);
    let name = "ec2-198-51-100-7.compute-1.amazonaws.com";
    assert_eq!(
        resolve(&network, "instance.a", name),
        end(&network, "instance.b")
    );
    assert_eq!(
        resolve(&network, "internet", name),
        end(&network, "198.51.100.7")
    );
}

#[test]
fn the_private_name_of_an_instance_is_its_address() {
    let network = network(&[]);
    assert_eq!(
        resolve(&network, "instance.a", "ip-10-0-1-10.ec2.internal"),
        end(&network, "10.0.1.10")
    );
}

/// A load balancer on the internet and an endpoint service behind it.
const FRONT: &str = r#"
    [load_balancer.front]
    load_balancer_type = "network"
    subnets = ["other"]
    listeners = [{ port = 80, protocol = "TCP", target_group = "t" }]
    [target_group.t]
    vpc = "other"
    port = 80
    targets = ["instance.other"]
    [vpc_endpoint_service.api]
    load_balancer = "front"
    private_dns_name = "api.example.com"
    [vpc_endpoint.api]
    vpc = "main"
    service = "vpc_endpoint_service.api"
    vpc_endpoint_type = "interface"
    subnets = ["a"]
    security_groups = ["open"]
"#;

#[test]
fn a_load_balancer_has_a_name_with_a_number_of_its_own() {
    let network = network(&[FRONT]);
    let front = end(&network, "load_balancer.front");
    for name in [
        "front-1234567890.elb.us-east-1.amazonaws.com",
        "front-0123456789abcdef.elb.us-east-1.amazonaws.com",
        "internal-front-1234567890.us-east-1.elb.amazonaws.com",
    ] {
        assert_eq!(resolve(&network, "instance.a", name), front, "{name}");
    }
}

#[test]
fn the_name_of_an_endpoint_service_resolves_where_an_endpoint_has_private_dns() {
    let with = network(&[FRONT]);
    assert_eq!(
        resolve(&with, "instance.a", "api.example.com"),
        end(&with, "vpc_endpoint.api")
    );
    assert_eq!(
        resolve(&with, "instance.third", "api.example.com"),
        Err("`api.example.com` does not resolve for the sender".to_owned())
    );
    let without = network(&[FRONT, "vpc_endpoint.api.private_dns_enabled = false"]);
    assert!(resolve(&without, "instance.a", "api.example.com").is_err());
}

#[test]
fn a_vpc_without_a_resolver_knows_no_names_of_services() {
    network(&["vpc.main.enable_dns_support = false"])
        .ask("instance.a", "service.s3", "tcp/443")
        .is_refused(&["there: - vpc.main enable_dns_support"]);
}

#[test]
fn an_answer_tells_how_the_name_was_resolved() {
    let network = network(&[FRONT]);
    let how = |to| network.ask("instance.a", to, "tcp/80").path.resolution;
    let s3 = network.topology.services.find("s3").unwrap();
    let front = network.topology.load_balancers.find("front").unwrap();
    let api = network.topology.vpc_endpoints.find("api").unwrap();
    assert_eq!(how("service.s3"), Some(Resolution::PublicDns(s3)));
    assert_eq!(
        how("load_balancer.front"),
        Some(Resolution::LoadBalancer(front))
    );
    assert_eq!(how("vpc_endpoint.api"), Some(Resolution::EndpointName(api)));
    assert_eq!(how("instance.b"), None);
}
