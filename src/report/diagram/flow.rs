//! From a path to the flow that a picture shows.

use super::model::{Flow, NodeId};
use crate::path::{Path, Resource, Step};
use crate::topology::{EndpointKind, Topology};

impl Flow {
    /// The way there of a workload.
    #[must_use]
    pub fn of_path(topology: &Topology, name: &str, path: &Path) -> Self {
        let mut through: Vec<NodeId> = Vec::new();
        for step in &path.forward.steps {
            let node = match *step {
                Step::Leaves(id) | Step::Enters(id) => Some(NodeId::interface(topology, id)),
                Step::Through(resource) => node(topology, resource),
                // Rules and tables are no places, and hops are below the picture.
                Step::SecurityGroup { .. }
                | Step::NetworkAcl { .. }
                | Step::Route { .. }
                | Step::TransitGatewayRoute { .. }
                | Step::Translates { .. }
                | Step::LimitsMtu(_)
                | Step::Hop(_) => None,
            };
            if let Some(node) = node.filter(|node| through.last() != Some(node)) {
                through.push(node);
            }
        }
        Self {
            name: name.to_owned(),
            through,
        }
    }
}

/// The node of a resource that is none of an interface.
fn node(topology: &Topology, resource: Resource) -> Option<NodeId> {
    let shown = match resource {
        Resource::InternetGateway(_)
        | Resource::EgressOnlyInternetGateway(_)
        | Resource::VpcPeeringConnection(_)
        | Resource::TransitGateway(_)
        | Resource::VpnGateway(_)
        | Resource::CustomerGateway(_)
        | Resource::Service(_)
        | Resource::Function(_)
        | Resource::Internet => true,
        Resource::VpcEndpoint(id) => {
            matches!(topology.vpc_endpoints[id].kind, EndpointKind::Gateway)
        }
        // Interfaces are steps of their own; tables and rules are no places.
        Resource::NetworkInterface(_)
        | Resource::NatGateway(_)
        | Resource::LoadBalancer(_)
        | Resource::SecurityGroup(_)
        | Resource::NetworkAcl(_)
        | Resource::Subnet(_)
        | Resource::Vpc(_)
        | Resource::RouteTable(_)
        | Resource::TransitGatewayAttachment(_)
        | Resource::TransitGatewayRouteTable(_)
        | Resource::VpnConnection(_)
        | Resource::LinkLocal(_)
        | Resource::Host(_) => false,
    };
    shown.then(|| NodeId::new(topology.resource_name(resource)))
}
