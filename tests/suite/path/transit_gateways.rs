//! Transit gateways: attachments, the tables that route between them, and zones.

use netsim::path::Note;

use super::network::{Network, network};

/// The three VPCs at one transit gateway, each with a route to it; `main` by a subnet of its own in
/// each zone.
const HUB: &str = r#"
    vpc.main.main_route_table = "main"
    vpc.other.main_route_table = "other"
    vpc.third.main_route_table = "third"
    subnet.hub-a = { vpc = "main", availability_zone = "us-east-1a", cidr_block = "10.0.10.0/28" }
    subnet.hub-b = { vpc = "main", availability_zone = "us-east-1b", cidr_block = "10.0.11.0/28" }
    transit_gateway.hub = {}
    transit_gateway_vpc_attachment.main = { transit_gateway = "hub", vpc = "main", subnets = ["hub-a", "hub-b"] }
    transit_gateway_vpc_attachment.other = { transit_gateway = "hub", vpc = "other", subnets = ["other"] }
    transit_gateway_vpc_attachment.third = { transit_gateway = "hub", vpc = "third", subnets = ["third"] }
    [route_table.main]
    vpc = "main"
    routes = [{ destination_cidr_block = "10.0.0.0/8", target = "transit_gateway.hub" }]
    [route_table.other]
    vpc = "other"
    routes = [{ destination_cidr_block = "10.0.0.0/8", target = "transit_gateway.hub" }]
    [route_table.third]
    vpc = "third"
    routes = [{ destination_cidr_block = "10.0.0.0/8", target = "transit_gateway.hub" }]
"#;

/// One table for what comes from all three.
fn table(propagations: &[&str], routes: &str) -> String {
    let all = ["main", "other", "third"].map(attachment).join(", ");
    let propagations: Vec<String> = propagations.iter().copied().map(attachment).collect();
    format!(
        "[transit_gateway_route_table.t]\ntransit_gateway = \"hub\"\nassociations = [{all}]\n\
         propagations = [{}]\nroutes = [{routes}]\n",
        propagations.join(", ")
    )
}

fn attachment(name: &str) -> String {
    format!("\"transit_gateway_vpc_attachment.{name}\"")
}

fn hub(parts: &[&str]) -> Network {
    network(&[&[HUB], parts].concat())
}

#[test]
fn attachments_reach_each_other_by_the_default_table() {
    hub(&[])
        .ask("instance.a", "instance.other", "tcp/80")
        .is_reachable()
        .goes(&[
            "main: 10.0.0.0/8 → transit_gateway.hub",
            "into transit_gateway_vpc_attachment.main",
            "through transit_gateway.hub",
            "default (hub): 10.1.0.0/16 → transit_gateway_vpc_attachment.other",
            "through transit_gateway_vpc_attachment.other",
            "into instance.other",
        ]);
}

#[test]
fn an_attachment_that_is_associated_with_no_table_leads_nowhere() {
    hub(&["transit_gateway.hub.default_route_table_association = false"])
        .ask("instance.a", "instance.other", "tcp/80")
        .is_refused(&[
            "there: TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION transit_gateway_vpc_attachment.main association",
        ]);
}

#[test]
fn a_network_that_is_not_propagated_is_not_known() {
    let network = hub(&[&table(&["main", "third"], "")]);
    network
        .ask("instance.a", "instance.other", "tcp/80")
        .is_refused(&[
            "there: TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT transit_gateway_route_table.t routes",
        ]);
    // The other way, the answer does not know its way.
    network
        .ask("instance.other", "instance.a", "tcp/80")
        .is_refused(&[
            "back: TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT transit_gateway_route_table.t routes",
        ]);
    network
        .ask("instance.a", "instance.third", "tcp/80")
        .is_reachable();
}

#[test]
fn the_table_is_that_of_the_attachment_that_a_packet_comes_from() {
    // `main` may go to `other` only, and `other` to both.
    let tables = format!(
        "[transit_gateway_route_table.m]\ntransit_gateway = \"hub\"\nassociations = [{main}]\n\
         propagations = [{other}]\n\
         [transit_gateway_route_table.o]\ntransit_gateway = \"hub\"\nassociations = [{other}]\n\
         propagations = [{main}, {third}]\n",
        main = attachment("main"),
        other = attachment("other"),
        third = attachment("third"),
    );
    let network = hub(&[&tables]);
    network
        .ask("instance.a", "instance.other", "tcp/80")
        .is_reachable()
        .goes(&["m: 10.1.0.0/16 → transit_gateway_vpc_attachment.other"])
        .returns(&["o: 10.0.0.0/16 → transit_gateway_vpc_attachment.main"]);
    network
        .ask("instance.a", "instance.third", "tcp/80")
        .is_refused(&[
            "there: TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT transit_gateway_route_table.m routes",
        ]);
}

#[test]
fn the_longest_prefix_wins_and_of_equal_ones_the_written_one() {
    let all = ["main", "other", "third"];
    let chosen = |routes: &str| {
        let network = hub(&[&table(&all, routes)]);
        let there = network
            .ask("instance.a", "instance.other", "tcp/80")
            .there();
        there
            .into_iter()
            .find(|step| step.starts_with("t: "))
            .unwrap()
    };
    let to_third = |block: &str| {
        format!(
            "{{ destination_cidr_block = \"{block}\", target = {} }}",
            attachment("third")
        )
    };
    let (other, third) = (
        "transit_gateway_vpc_attachment.other",
        "transit_gateway_vpc_attachment.third",
    );
    assert_eq!(
        chosen(&to_third("10.0.0.0/8")),
        format!("t: 10.1.0.0/16 → {other}")
    );
    assert_eq!(
        chosen(&to_third("10.1.0.0/16")),
        format!("t: 10.1.0.0/16 → {third}")
    );
    assert_eq!(
        chosen(&to_third("10.1.0.0/24")),
        format!("t: 10.1.0.0/24 → {third}")
    );
}

#[test]
fn a_blackhole_drops_what_it_is_for() {
    let blackhole = "{ destination_cidr_block = \"10.1.0.0/16\", target = \"blackhole\" }";
    let network = hub(&[&table(&["main", "other", "third"], blackhole)]);
    network
        .ask("instance.a", "instance.other", "tcp/80")
        .is_refused(&["there: TGW_RTB_BAD_STATE_ROUTE transit_gateway_route_table.t 10.1.0.0/16"]);
    network
        .ask("instance.a", "instance.third", "tcp/80")
        .is_reachable();
}

#[test]
fn a_zone_without_an_interface_of_the_attachment_does_not_reach_it() {
    let network = hub(&["transit_gateway_vpc_attachment.main.subnets = [\"hub-a\"]"]);
    network
        .ask("instance.a", "instance.other", "tcp/80")
        .is_reachable();
    network
        .ask("instance.b", "instance.other", "tcp/80")
        .is_refused(&[
            "there: TGW_ROUTE_AZ_RESTRICTION transit_gateway_vpc_attachment.main us-east-1b",
        ]);
    // Nor does an answer leave from there.
    network
        .ask("instance.other", "instance.b", "tcp/80")
        .is_refused(&[
            "back: TGW_ROUTE_AZ_RESTRICTION transit_gateway_vpc_attachment.main us-east-1b",
        ]);
}

#[test]
fn a_packet_stays_in_its_zone_as_long_as_it_can() {
    // From `other`, in zone a, into `main` by its interface in zone a, whatever zone the receiver is in.
    let network = hub(&[]);
    for to in ["instance.a", "instance.b"] {
        let answer = network.ask("instance.other", to, "tcp/80").is_reachable();
        let leaves = answer
            .path
            .forward
            .steps
            .iter()
            .filter_map(|step| match step {
                netsim::path::Step::Leaves(id) => {
                    Some(network.topology.network_interfaces.name(*id))
                }
                _ => None,
            });
        let hub: Vec<&str> = leaves.filter(|name| name.contains("attachment")).collect();
        assert_eq!(
            hub,
            ["transit_gateway_vpc_attachment.main (us-east-1a)"],
            "{to}"
        );
    }
}

/// `main` and `third` talk through a router of `other`, which has one in each of two zones.
fn inspected(appliance_mode: bool) -> Network {
    let all = ["main", "third"].map(attachment).join(", ");
    let inspection = format!(
        r#"
        vpc.third.main_route_table = "third"
        subnet.other-b = {{ vpc = "other", availability_zone = "us-east-1b", cidr_block = "10.1.1.0/24" }}
        subnet.third-b = {{ vpc = "third", availability_zone = "us-east-1b", cidr_block = "10.2.1.0/24" }}
        subnet.in-a = {{ vpc = "other", availability_zone = "us-east-1a", cidr_block = "10.1.10.0/28", route_table = "in-a" }}
        subnet.in-b = {{ vpc = "other", availability_zone = "us-east-1b", cidr_block = "10.1.11.0/28", route_table = "in-b" }}
        transit_gateway_vpc_attachment.other = {{ subnets = ["in-a", "in-b"], appliance_mode_support = {appliance_mode} }}
        transit_gateway_vpc_attachment.third.subnets = ["third", "third-b"]
        instance.third.subnet = "third-b"
        instance.third.private_ip = "10.2.1.10"
        instance.fw-a = {{ instance_type = "m5.large", subnet = "other", security_groups = ["other"], source_dest_check = false }}
        instance.fw-b = {{ instance_type = "m5.large", subnet = "other-b", security_groups = ["other"], source_dest_check = false }}
        [route_table.in-a]
        vpc = "other"
        routes = [{{ destination_cidr_block = "0.0.0.0/0", target = "instance.fw-a" }}]
        [route_table.in-b]
        vpc = "other"
        routes = [{{ destination_cidr_block = "0.0.0.0/0", target = "instance.fw-b" }}]
        [transit_gateway_route_table.spokes]
        transit_gateway = "hub"
        associations = [{all}]
        routes = [{{ destination_cidr_block = "0.0.0.0/0", target = {other} }}]
        [transit_gateway_route_table.inspection]
        transit_gateway = "hub"
        associations = [{other}]
        propagations = [{all}]
        "#,
        other = attachment("other"),
    );
    hub(&[&inspection])
}

#[test]
fn without_appliance_mode_each_direction_stays_in_the_zone_of_its_sender() {
    let network = inspected(false);
    let answer = network
        .ask("instance.a", "instance.third", "tcp/80")
        .is_reachable();
    assert!(answer.there().contains(&"through instance.fw-a".to_owned()));
    assert!(answer.back().contains(&"through instance.fw-b".to_owned()));
    assert!(matches!(
        answer.path.notes.as_slice(),
        [Note::OneDirectionOnly { transit: true, .. }]
    ));
}

#[test]
fn in_appliance_mode_both_directions_pass_the_same_appliance() {
    let network = inspected(true);
    let query = network.query("instance.a", "instance.third", "tcp/80");
    let paths = netsim::path::resolve(&network.topology, &query).unwrap();
    for path in paths {
        assert_eq!(path.notes, []);
    }
}

#[test]
fn in_appliance_mode_the_flow_chooses_a_zone_for_both_directions() {
    let network = inspected(true);
    let query = network.query("instance.a", "instance.third", "tcp/80");
    let paths = netsim::path::resolve(&network.topology, &query).unwrap();
    let passing = |name: &str| {
        let id = network.topology.network_interfaces.find(name).unwrap();
        let through = netsim::path::Step::Through(netsim::path::Resource::NetworkInterface(id));
        paths
            .iter()
            .filter(|path| path.forward.steps.contains(&through))
            .count()
    };
    // Half of the flows go to each, be their sender in its zone or not.
    assert_eq!(passing("instance.fw-a") * 2, paths.len());
    assert_eq!(passing("instance.fw-b") * 2, paths.len());
}

/// An ACL with one entry in each direction.
fn acl(name: &str, ingress: &str, egress: &str) -> String {
    let entry = |block: &str| {
        format!(
            "[{{ rule_number = 10, action = \"allow\", protocol = \"all\", cidr_block = \"{block}\" }}]"
        )
    };
    format!(
        "[network_acl.{name}]\nvpc = \"main\"\ningress = {}\negress = {}\n",
        entry(ingress),
        entry(egress)
    )
}

#[test]
fn in_a_subnet_of_its_own_the_acl_of_the_attachment_sees_each_direction_once() {
    // In from the instances, and out to them; what the transit gateway brings is not evaluated.
    let on_hub = "subnet.hub-a.network_acl = \"hub\"\n";
    let network = hub(&[&(on_hub.to_owned() + &acl("hub", "10.0.0.0/24", "10.0.0.0/24"))]);
    network
        .ask("instance.a", "instance.other", "tcp/80")
        .is_reachable()
        .goes(&["a egress: default (main) 100", "hub-a ingress: hub 10"])
        .returns(&["hub-a egress: hub 10", "a ingress: default (main) 100"]);
    network
        .ask("instance.other", "instance.a", "tcp/80")
        .is_reachable();
    let network = hub(&[&(on_hub.to_owned() + &acl("hub", "10.1.0.0/16", "10.1.0.0/16"))]);
    network
        .ask("instance.a", "instance.other", "tcp/80")
        .is_refused(&[
            "there: SUBNET_ACL_RESTRICTION network_acl.hub *",
            "back: SUBNET_ACL_RESTRICTION network_acl.hub *",
        ]);
}

#[test]
fn in_a_common_subnet_the_acl_counts_towards_the_transit_gateway_only() {
    let shared = "transit_gateway_vpc_attachment.main.subnets = [\"a\", \"b\"]\n\
                  subnet.a.network_acl = \"shared\"\n";
    // Out to the destination, and in from the source, which is in the subnet itself.
    let network = hub(&[shared, &acl("shared", "10.0.0.0/24", "10.1.0.0/16")]);
    network
        .ask("instance.a", "instance.other", "tcp/80")
        .is_reachable()
        .goes(&["a egress: shared 10", "a ingress: shared 10"])
        .avoids("a ingress: shared 20");
    let back = network.ask("instance.a", "instance.other", "tcp/80").back();
    assert!(
        !back.iter().any(|step| step.contains("shared")),
        "{back:#?}"
    );
    // Without the second, nothing gets out.
    let network = hub(&[shared, &acl("shared", "10.1.0.0/16", "10.1.0.0/16")]);
    network
        .ask("instance.a", "instance.other", "tcp/80")
        .is_refused(&["there: SUBNET_ACL_RESTRICTION network_acl.shared *"]);
}

#[test]
fn what_leaves_a_transit_gateway_is_routed_by_the_table_of_its_subnet() {
    let middlebox = r#"
        subnet.hub-a.route_table = "in"
        subnet.fw = { vpc = "main", availability_zone = "us-east-1a", cidr_block = "10.0.9.0/24" }
        instance.fw = { instance_type = "m5.large", subnet = "fw", security_groups = ["open"], source_dest_check = false }
        [route_table.in]
        vpc = "main"
        routes = [{ destination_cidr_block = "10.0.0.0/24", target = "instance.fw" }]
    "#;
    hub(&[middlebox])
        .ask("instance.other", "instance.a", "tcp/80")
        .is_reachable()
        .goes(&[
            "through transit_gateway.hub",
            "in: 10.0.0.0/24 → instance.fw",
            "through instance.fw",
            "into instance.a",
        ]);
}

#[test]
fn rules_name_groups_across_a_transit_gateway_if_all_three_support_it() {
    let guard =
        "security_group.other.ingress = [{ protocol = \"all\", source = \"security_group.open\" }]";
    let supported = "transit_gateway.hub.security_group_referencing_support = true";
    hub(&[guard, supported])
        .ask("instance.a", "instance.other", "tcp/80")
        .is_reachable();
    hub(&[guard])
        .ask("instance.a", "instance.other", "tcp/80")
        .is_refused(&["there: SG_REFERENCES_NOT_PRESERVED security_group.other ingress"]);
    let refusing = "transit_gateway.hub.security_group_referencing_support = true\n\
                    transit_gateway_vpc_attachment.main.security_group_referencing_support = false";
    hub(&[guard, refusing])
        .ask("instance.a", "instance.other", "tcp/80")
        .is_refused(&["there: SG_REFERENCING_SUPPORT security_group.other ingress"]);
}

#[test]
fn a_vpc_that_is_not_attached_has_no_route_to_a_transit_gateway() {
    let text = r#"
        transit_gateway.hub = {}
        [route_table.main]
        vpc = "main"
        routes = [{ destination_cidr_block = "10.0.0.0/8", target = "transit_gateway.hub" }]
    "#;
    assert!(super::network::wrong(&[text]).contains("is not attached to transit gateway `hub`"));
}

/// `main` at one transit gateway and `other` at another, the two peered.
fn two_hubs(routes: &str, more: &str) -> Network {
    let text = r#"
        vpc.main.main_route_table = "main"
        vpc.other.main_route_table = "other"
        transit_gateway.one = {}
        transit_gateway.two = {}
        transit_gateway_peering_attachment.p = { transit_gateway = "one", peer_transit_gateway = "two" }
        transit_gateway_vpc_attachment.main = { transit_gateway = "one", vpc = "main", subnets = ["a", "b"] }
        transit_gateway_vpc_attachment.other = { transit_gateway = "two", vpc = "other", subnets = ["other"] }
        [route_table.main]
        vpc = "main"
        routes = [{ destination_cidr_block = "10.0.0.0/8", target = "transit_gateway.one" }]
        [route_table.other]
        vpc = "other"
        routes = [{ destination_cidr_block = "10.0.0.0/8", target = "transit_gateway.two" }]
        [transit_gateway_route_table.two]
        transit_gateway = "two"
        associations = ["transit_gateway_vpc_attachment.other", "transit_gateway_peering_attachment.p"]
        propagations = ["transit_gateway_vpc_attachment.other"]
        routes = [{ destination_cidr_block = "10.0.0.0/16", target = "transit_gateway_peering_attachment.p" }]
    "#;
    let one = format!(
        "[transit_gateway_route_table.one]\ntransit_gateway = \"one\"\n\
         associations = [\"transit_gateway_vpc_attachment.main\", \"transit_gateway_peering_attachment.p\"]\n\
         propagations = [\"transit_gateway_vpc_attachment.main\"]\nroutes = [{routes}]\n"
    );
    network(&[text, &one, more])
}

#[test]
fn peered_transit_gateways_route_by_written_routes_only() {
    let route = "{ destination_cidr_block = \"10.1.0.0/16\", target = \"transit_gateway_peering_attachment.p\" }";
    two_hubs(route, "")
        .ask("instance.a", "instance.other", "tcp/80")
        .is_reachable()
        .goes(&[
            "through transit_gateway.one",
            "one: 10.1.0.0/16 → transit_gateway_peering_attachment.p",
            "through transit_gateway.two",
            "two: 10.1.0.0/16 → transit_gateway_vpc_attachment.other",
        ]);
    two_hubs("", "")
        .ask("instance.a", "instance.other", "tcp/80")
        .is_refused(&[
            "there: TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT transit_gateway_route_table.one routes",
        ]);
    two_hubs(
        route,
        "transit_gateway_peering_attachment.p.accepted = false",
    )
    .ask("instance.a", "instance.other", "tcp/80")
    .is_refused(&["there: BAD_STATE_ATTACHMENT transit_gateway_peering_attachment.p accepted"]);
}

#[test]
fn two_transit_gateways_that_send_to_each_other_are_found_out() {
    let route = "{ destination_cidr_block = \"10.9.0.0/16\", target = \"transit_gateway_peering_attachment.p\" }";
    let back = "[transit_gateway_route_table.two]\nroutes = [{ destination_cidr_block = \"10.0.0.0/8\", \
                target = \"transit_gateway_peering_attachment.p\" }]\n";
    let network = two_hubs(route, back);
    let answer = network.ask("instance.a", "10.9.0.1", "tcp/80");
    assert!(
        answer.refusals()[0].starts_with("there: - "),
        "{:#?}",
        answer.refusals()
    );
    assert!(matches!(
        answer.path.refusals[0].cause,
        netsim::path::Cause::Loop(_)
    ));
}
