//! What load balancers listen to, and which target group gets it.

use std::collections::BTreeMap;

use super::load_balancer::kind_name;
use super::placement_group::check_timeout;
use super::vpc::find_in;
use super::{Id, LoadBalancer, Resolver, TargetAt, TargetGroup, Topology};
use crate::scenario::{self, KeyPath, ListenerProtocol, LoadBalancerType, Problem, TargetType};
use crate::units::Duration;

/// What a load balancer listens to.
#[derive(Debug, Clone, Copy)]
pub struct Listener {
    /// The port; 0 for a Gateway Load Balancer, which takes everything.
    pub port: u16,
    /// The protocol.
    pub protocol: ListenerProtocol,
    /// Where it sends what it takes.
    pub target_group: Id<TargetGroup>,
    /// For how long it keeps idle TCP connections, if given.
    pub tcp_idle_timeout: Option<Duration>,
}

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    let mut users: BTreeMap<Id<TargetGroup>, Id<LoadBalancer>> = BTreeMap::new();
    for (name, written) in &resolver.scenario.load_balancer {
        let Some(id) = topology.load_balancers.find(name) else {
            continue;
        };
        let path = KeyPath::of(["load_balancer", name, "listeners"]);
        let kind = written.load_balancer_type;
        if kind == LoadBalancerType::Gateway && written.listeners.len() > 1 {
            let message = "a Gateway Load Balancer has one listener, which takes every packet";
            resolver.error(path.clone(), message);
        }
        let mut listeners: Vec<Listener> = Vec::new();
        for (index, listener) in written.listeners.iter().enumerate() {
            let path = path.index(index);
            let front = front(resolver, kind, listener, &path);
            let group_path = path.key("target_group");
            let vpc = topology.load_balancers[id].vpc;
            let reference = &listener.target_group;
            let group = find_in(resolver, topology, vpc, reference, &group_path);
            let (Some((port, protocol)), Some(target_group)) = (front, group) else {
                continue;
            };
            let mut others = listeners.iter();
            if port != 0 && others.any(|other| other.port == port) {
                let message = format!("there is a listener for port {port} already");
                let problem = Problem::error(path.key("port"), message);
                resolver.report(match kind {
                    LoadBalancerType::Network => {
                        problem.help("write protocol = \"TCP_UDP\" to listen to both")
                    }
                    LoadBalancerType::Application | LoadBalancerType::Gateway => problem,
                });
                continue;
            }
            let group = &topology.target_groups[target_group];
            if let Err(problem) = check_group(kind, protocol, group, &group_path) {
                resolver.report(problem);
                continue;
            }
            let user = *users.entry(target_group).or_insert(id);
            if user != id {
                let user = topology.load_balancers.name(user);
                let message =
                    format!("target group `{reference}` belongs to load balancer `{user}`");
                resolver.report(
                    Problem::error(group_path, message)
                        .help("a target group is used by one load balancer; make another group"),
                );
                continue;
            }
            let timeout = listener.tcp_idle_timeout;
            let key = path.key("tcp_idle_timeout");
            check_timeout(resolver, timeout, (60, 6000), key.clone());
            let kept = matches!(
                protocol,
                ListenerProtocol::Tcp | ListenerProtocol::TcpUdp | ListenerProtocol::Geneve
            );
            if timeout.is_some() && !kept {
                let message = "only TCP listeners and Gateway Load Balancers have this timeout";
                resolver.error(key, message);
            }
            listeners.push(Listener {
                port,
                protocol,
                target_group,
                tcp_idle_timeout: listener.tcp_idle_timeout,
            });
        }
        topology.load_balancers[id].listeners = listeners;
    }
    check_chained(resolver, topology);
}

/// Port and protocol of a listener, as its load balancer has them.
fn front(
    resolver: &mut Resolver<'_>,
    kind: LoadBalancerType,
    listener: &scenario::Listener,
    path: &KeyPath,
) -> Option<(u16, ListenerProtocol)> {
    if kind == LoadBalancerType::Gateway {
        for (key, given) in [
            ("port", listener.port.is_some()),
            ("protocol", listener.protocol.is_some()),
        ] {
            if given {
                let message = format!("the listener of a Gateway Load Balancer has no `{key}`");
                resolver.error(path.key(key), message);
            }
        }
        return Some((0, ListenerProtocol::Geneve));
    }
    let (Some(port), Some(protocol)) = (listener.port, listener.protocol) else {
        let key = if listener.port.is_none() {
            "port"
        } else {
            "protocol"
        };
        let example = if kind == LoadBalancerType::Application {
            "HTTPS"
        } else {
            "TCP"
        };
        resolver.lacking(
            Problem::error(path.clone(), format!("the listener has no `{key}`"))
                .help(format!("write port = 443, protocol = \"{example}\"")),
        );
        return None;
    };
    if port == 0 {
        resolver.error(path.key("port"), "0 is not between 1 and 65535");
    }
    let fits = match protocol {
        ListenerProtocol::Http | ListenerProtocol::Https => kind == LoadBalancerType::Application,
        ListenerProtocol::Tcp
        | ListenerProtocol::Udp
        | ListenerProtocol::TcpUdp
        | ListenerProtocol::Tls => kind == LoadBalancerType::Network,
        ListenerProtocol::Geneve => false,
    };
    if !fits {
        let message = format!("{} does not listen to {protocol}", kind_name(kind));
        let protocols = if kind == LoadBalancerType::Application {
            "HTTP and HTTPS"
        } else {
            "TCP, UDP, TCP_UDP and TLS"
        };
        resolver.report(
            Problem::error(path.key("protocol"), message)
                .help(format!("it listens to {protocols}")),
        );
        return None;
    }
    Some((port, protocol))
}

/// A listener passes on to a target group of a protocol and type that go with its own. (Guides of
/// Application, Network and Gateway Load Balancers, "Target groups", 2023.)
fn check_group(
    kind: LoadBalancerType,
    protocol: ListenerProtocol,
    group: &TargetGroup,
    path: &KeyPath,
) -> Result<(), Problem> {
    use ListenerProtocol as P;
    let error = |message| Err(Problem::error(path.clone(), message));
    let targets = match (group.target_type, kind) {
        (TargetType::Alb, LoadBalancerType::Application | LoadBalancerType::Gateway) => {
            Some("an Application Load Balancer is a target of a Network Load Balancer only")
        }
        (TargetType::Lambda, LoadBalancerType::Network | LoadBalancerType::Gateway) => {
            Some("a function is a target of an Application Load Balancer only")
        }
        (TargetType::Instance | TargetType::Ip | TargetType::Alb | TargetType::Lambda, _) => None,
    };
    if let Some(message) = targets {
        return error(message.to_owned());
    }
    let Some(theirs) = group.protocol else {
        return Ok(());
    };
    let allowed: &[P] = match protocol {
        P::Http | P::Https => &[P::Http, P::Https],
        P::Tcp => &[P::Tcp, P::TcpUdp],
        P::Tls => &[P::Tcp, P::Tls],
        P::Udp => &[P::Udp, P::TcpUdp],
        P::TcpUdp => &[P::TcpUdp],
        P::Geneve => &[P::Geneve],
    };
    if allowed.contains(&theirs) {
        return Ok(());
    }
    let names: Vec<String> = allowed.iter().map(ToString::to_string).collect();
    let front = match protocol {
        P::Geneve => "a Gateway Load Balancer".to_owned(),
        P::Http | P::Https | P::Tcp | P::Udp | P::TcpUdp | P::Tls => {
            format!("a {protocol} listener")
        }
    };
    error(format!(
        "{front} passes on to a target group of protocol {}, not of {theirs}",
        names.join(" or ")
    ))
}

/// An Application Load Balancer that is a target listens to the port of its target group.
fn check_chained(resolver: &mut Resolver<'_>, topology: &Topology) {
    for (id, group) in topology.target_groups.iter() {
        for target in &group.targets {
            let TargetAt::LoadBalancer(balancer) = target.at else {
                continue;
            };
            let listeners = &topology.load_balancers[balancer].listeners;
            if !listeners.iter().any(|listener| listener.port == group.port) {
                let name = topology.load_balancers.name(balancer);
                let message = format!(
                    "load balancer `{name}` has no listener for port {}",
                    group.port
                );
                let path = KeyPath::of(["target_group", topology.target_groups.name(id), "port"]);
                resolver.error(path, message);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{right, wrong};

    fn balancer(kind: &str, subnets: &str, listeners: &str) -> String {
        format!(
            "[target_group.web]\nvpc = \"main\"\nport = 8080\n\
             [load_balancer.x]\nload_balancer_type = \"{kind}\"\nsubnets = {subnets}\nlisteners = [{listeners}]\n"
        )
    }

    const BOTH: &str = "[\"a\", \"b\"]";
    const HTTPS: &str = "{ port = 443, protocol = \"HTTPS\", target_group = \"web\" }";
    const TCP: &str = "{ port = 443, protocol = \"TCP\", target_group = \"web\" }";

    #[test]
    fn protocols_go_with_the_kind() {
        assert_eq!(
            wrong(&balancer("application", BOTH, TCP)),
            "load_balancer.x.listeners[0].protocol: an Application Load Balancer does not listen to TCP \
             (it listens to HTTP and HTTPS)\n"
        );
        assert_eq!(
            wrong(&balancer(
                "network",
                BOTH,
                "{ port = 443, target_group = \"web\" }"
            )),
            "load_balancer.x.listeners[0]: the listener has no `protocol` (write port = 443, protocol = \
             \"TCP\")\n"
        );
        assert_eq!(
            wrong(&balancer("gateway", BOTH, TCP).replace("port = 8080\n", "")),
            "load_balancer.x.listeners[0].port: the listener of a Gateway Load Balancer has no `port`\n\
             load_balancer.x.listeners[0].protocol: the listener of a Gateway Load Balancer has no \
             `protocol`\n"
        );
    }

    #[test]
    fn ports_of_listeners_are_unique() {
        let udp = TCP.replace("TCP", "UDP");
        assert_eq!(
            wrong(&balancer("network", BOTH, &format!("{TCP}, {udp}"))),
            "load_balancer.x.listeners[1].port: there is a listener for port 443 already (write protocol \
             = \"TCP_UDP\" to listen to both)\n"
        );
    }

    #[test]
    fn a_target_group_goes_with_its_listener_and_serves_one_load_balancer() {
        let text = balancer("network", BOTH, TCP);
        let udp = text.replace("port = 8080", "port = 8080\nprotocol = \"UDP\"");
        assert_eq!(
            wrong(&udp),
            "load_balancer.x.listeners[0].target_group: a TCP listener passes on to a target group of \
             protocol TCP or TCP_UDP, not of UDP\n"
        );
        right(&udp.replace("\"UDP\"", "\"TCP_UDP\""));
        let second = "[load_balancer.y]\nload_balancer_type = \"network\"\nsubnets = [\"a\"]\n\
                      listeners = [{ port = 1, protocol = \"TCP\", target_group = \"web\" }]\n";
        assert_eq!(
            wrong(&format!("{text}{second}")),
            "load_balancer.y.listeners[0].target_group: target group `web` belongs to load balancer `x` \
             (a target group is used by one load balancer; make another group)\n"
        );
    }

    #[test]
    fn some_targets_are_for_one_kind_of_load_balancer() {
        let lambda =
            balancer("network", BOTH, TCP).replace("port = 8080", "target_type = \"lambda\"");
        assert_eq!(
            wrong(&lambda),
            "load_balancer.x.listeners[0].target_group: a function is a target of an Application Load \
             Balancer only\n"
        );
        let alb = balancer("application", BOTH, HTTPS)
            .replace("port = 8080", "port = 443\ntarget_type = \"alb\"");
        assert_eq!(
            wrong(&alb),
            "load_balancer.x.listeners[0].target_group: an Application Load Balancer is a target of a \
             Network Load Balancer only\n"
        );
    }

    #[test]
    fn an_application_load_balancer_listens_to_the_port_of_its_target_group() {
        let text = balancer("application", BOTH, HTTPS)
            + "[target_group.front]\nvpc = \"main\"\nport = 443\ntarget_type = \"alb\"\ntargets = [\"load_balancer.x\"]\n\
               [load_balancer.front]\nload_balancer_type = \"network\"\nsubnets = [\"a\"]\n\
               listeners = [{ port = 443, protocol = \"TCP\", target_group = \"front\" }]\n";
        right(&text);
        assert_eq!(
            wrong(&text.replace("port = 443\ntarget_type", "port = 80\ntarget_type")),
            "target_group.front.port: load balancer `x` has no listener for port 80\n"
        );
    }

    #[test]
    fn a_gateway_load_balancer_has_no_groups_and_one_listener() {
        let listener = "{ target_group = \"web\" }";
        let text = balancer("gateway", BOTH, &format!("{listener}, {listener}"))
            .replace("port = 8080\n", "")
            + "security_groups = [\"g\"]\n[security_group.g]\nvpc = \"main\"\n";
        assert_eq!(
            wrong(&text),
            "load_balancer.x.security_groups: a Gateway Load Balancer has no security groups\n\
             load_balancer.x.listeners: a Gateway Load Balancer has one listener, which takes every \
             packet\n"
        );
    }
}
