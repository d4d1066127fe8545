//! Which connections a security group keeps in its table. (Amazon EC2 user guide, "Security group
//! connection tracking", 2023.)

use super::network::{Network, network};

/// `b` with a group of these rules.
fn guarded(ingress: &str, egress: &str) -> Network {
    network(&[&format!(
        "instance.b.security_groups = [\"guard\"]\n\
         [security_group.guard]\nvpc = \"main\"\ningress = [{ingress}]\negress = [{egress}]\n"
    )])
}

const EVERYONE_80: &str = "{ protocol = \"tcp\", ports = 80, source = \"0.0.0.0/0\" }";
const ALL_OUT: &str = "{ protocol = \"all\", destination = \"0.0.0.0/0\" }";

/// How `b` tracks what `a` sends it.
fn tracking(ingress: &str, egress: &str, flow: &str) -> String {
    let network = guarded(ingress, egress);
    let answer = network.ask("instance.a", "instance.b", flow).is_reachable();
    let there = answer.there();
    let step = there
        .iter()
        .find_map(|step| step.strip_prefix("instance.b ingress: guard[0], "));
    step.unwrap().to_owned()
}

#[test]
fn what_everyone_may_send_and_get_an_answer_to_is_not_tracked() {
    assert_eq!(tracking(EVERYONE_80, ALL_OUT, "tcp/80"), "untracked");
    let tcp_out = "{ protocol = \"tcp\", ports = \"0-65535\", destination = \"0.0.0.0/0\" }";
    assert_eq!(tracking(EVERYONE_80, tcp_out, "tcp/80"), "untracked");
}

#[test]
fn what_only_some_may_send_is_tracked() {
    let some = "{ protocol = \"tcp\", ports = 80, source = \"10.0.0.0/8\" }";
    assert_eq!(tracking(some, ALL_OUT, "tcp/80"), "tracked");
    let half = "{ protocol = \"tcp\", ports = 80, source = \"0.0.0.0/1\" }";
    assert_eq!(tracking(half, ALL_OUT, "tcp/80"), "tracked");
    let group = "{ protocol = \"tcp\", ports = 80, source = \"security_group.open\" }";
    assert_eq!(tracking(group, ALL_OUT, "tcp/80"), "tracked");
}

#[test]
fn what_not_every_answer_may_go_out_to_is_tracked() {
    assert_eq!(tracking(EVERYONE_80, "", "tcp/80"), "tracked");
    for egress in [
        "{ protocol = \"all\", destination = \"10.0.0.0/8\" }",
        "{ protocol = \"tcp\", ports = \"1024-65535\", destination = \"0.0.0.0/0\" }",
        "{ protocol = \"udp\", destination = \"0.0.0.0/0\" }",
    ] {
        assert_eq!(
            tracking(EVERYONE_80, egress, "tcp/80"),
            "tracked",
            "{egress}"
        );
    }
}

#[test]
fn a_rule_for_ipv6_does_not_let_answers_out_by_ipv4() {
    let six_out = "{ protocol = \"all\", destination = \"::/0\" }";
    assert_eq!(tracking(EVERYONE_80, six_out, "tcp/80"), "tracked");
    let both_out = format!("{six_out}, {ALL_OUT}");
    assert_eq!(tracking(EVERYONE_80, &both_out, "tcp/80"), "untracked");
}

#[test]
fn udp_is_tracked_as_tcp_is_and_icmp_always() {
    let all = "{ protocol = \"all\", source = \"0.0.0.0/0\" }";
    assert_eq!(tracking(all, ALL_OUT, "udp/53"), "untracked");
    assert_eq!(tracking(all, ALL_OUT, "icmp"), "tracked");
}

#[test]
fn another_group_of_the_interface_may_be_the_one_that_lets_answers_out() {
    let network = network(&[&format!(
        "instance.b.security_groups = [\"in\", \"out\"]\n\
         [security_group.in]\nvpc = \"main\"\ningress = [{EVERYONE_80}]\negress = []\n\
         [security_group.out]\nvpc = \"main\"\negress = [{ALL_OUT}]\n"
    )]);
    network
        .ask("instance.a", "instance.b", "tcp/80")
        .goes(&["instance.b ingress: in[0], untracked"]);
}

#[test]
fn the_client_has_a_table_of_its_own() {
    // It lets everything out, and admits some only: tracked here, though not at the server.
    network(&[r#"
        instance.a.security_groups = ["client"]
        [security_group.client]
        vpc = "main"
        ingress = [{ protocol = "all", source = "10.0.0.0/16" }]
        "#])
    .ask("instance.a", "instance.b", "tcp/80")
    .goes(&[
        "instance.a egress: client[0], tracked",
        "instance.b ingress: open[0], untracked",
    ]);
}

#[test]
fn replies_need_no_rule_be_the_connection_tracked_or_not() {
    for egress in ["", ALL_OUT] {
        guarded(EVERYONE_80, egress)
            .ask("instance.a", "instance.b", "tcp/80")
            .is_reachable()
            .returns(&["instance.b egress: reply"]);
    }
}
