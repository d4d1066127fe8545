//! Endpoint services: load balancers that other VPCs reach through endpoints (AWS `PrivateLink`).

use super::load_balancer::kind_name;
use super::{Id, LoadBalancer, Resolver, Topology};
use crate::scenario::{KeyPath, LoadBalancerType, Problem};

/// A service of one's own that other VPCs reach through endpoints.
#[derive(Debug, Clone)]
pub struct VpcEndpointService {
    /// The load balancer behind it.
    pub load_balancer: Id<LoadBalancer>,
    /// Whether endpoints must be accepted.
    pub acceptance_required: bool,
    /// The name that endpoints with private DNS resolve to themselves.
    pub private_dns_name: Option<String>,
}

pub(super) fn resolve(resolver: &mut Resolver<'_>, topology: &mut Topology) {
    for (name, written) in &resolver.scenario.vpc_endpoint_service {
        let path = KeyPath::of(["vpc_endpoint_service", name]);
        let balancer_path = path.key("load_balancer");
        let found = resolver.find(
            &topology.load_balancers,
            "load_balancer",
            &written.load_balancer,
            &balancer_path,
        );
        let Some(load_balancer) = found else { continue };
        let kind = topology.load_balancers[load_balancer].kind;
        match kind {
            LoadBalancerType::Network => {}
            LoadBalancerType::Gateway => {
                if written.private_dns_name.is_some() {
                    resolver.error(
                        path.key("private_dns_name"),
                        "a service of appliances has no name: its endpoints are targets of routes",
                    );
                }
            }
            LoadBalancerType::Application => {
                let message = format!("`{}` is {}", written.load_balancer, kind_name(kind));
                resolver.report(Problem::error(balancer_path, message).help(
                    "behind an endpoint service stands a Network or Gateway Load Balancer; put a \
                     Network Load Balancer in front of it",
                ));
                continue;
            }
        }
        let service = VpcEndpointService {
            load_balancer,
            acceptance_required: written.acceptance_required,
            private_dns_name: written
                .private_dns_name
                .as_deref()
                .map(super::dns::normalized),
        };
        topology.vpc_endpoint_services.add(name, service);
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{right, wrong};

    #[test]
    fn behind_a_service_stands_a_network_or_gateway_load_balancer() {
        let text = |kind: &str| {
            format!(
                "[load_balancer.x]\nload_balancer_type = \"{kind}\"\nsubnets = [\"a\", \"b\"]\n\
                 listeners = [{{ port = 443, protocol = \"TCP\", target_group = \"t\" }}]\n\
                 [target_group.t]\nvpc = \"main\"\nport = 80\n\
                 [vpc_endpoint_service.s]\nload_balancer = \"x\"\nprivate_dns_name = \"API.example.com.\"\n"
            )
        };
        let topology = right(&text("network"));
        let service = topology.vpc_endpoint_services.find("s").unwrap();
        let name = topology.vpc_endpoint_services[service]
            .private_dns_name
            .as_deref();
        assert_eq!(name, Some("api.example.com"));
        let told = wrong(&text("application").replace("TCP", "HTTPS"));
        assert_eq!(
            told,
            "vpc_endpoint_service.s.load_balancer: `x` is an Application Load Balancer (behind an \
             endpoint service stands a Network or Gateway Load Balancer; put a Network Load Balancer in \
             front of it)\n"
        );
    }
}
