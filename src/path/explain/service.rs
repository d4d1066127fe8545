//! What endpoints and load balancers refuse, in words.

use super::{Explainer, Words};
use crate::path::Resource;
use crate::topology::{Id, LoadBalancer, TargetGroup, VpcEndpoint, VpcEndpointService};

impl Explainer<'_> {
    pub(super) fn endpoint_foreign_source(&self, id: Id<VpcEndpoint>) -> Words {
        let from = self.header.source.address;
        Words::new(
            self.name(Resource::VpcEndpoint(id)),
            "source",
            format!("{from} is not in its VPC: gateway endpoints serve their own VPC only"),
            "add a gateway endpoint to the sender's VPC, or use an interface endpoint",
        )
    }

    pub(super) fn endpoint_policy(&self, id: Id<VpcEndpoint>) -> Words {
        let at = self.name(Resource::VpcEndpoint(id));
        Words::new(
            &at,
            "policy",
            "its policy denies it",
            format!("allow it in the policy of {at}"),
        )
    }

    pub(super) fn endpoint_pending(&self, id: Id<VpcEndpoint>) -> Words {
        let at = self.name(Resource::VpcEndpoint(id));
        Words::new(
            &at,
            "accepted",
            "the owner of the endpoint service has not accepted the endpoint",
            format!("set accepted = true on {at}"),
        )
    }

    pub(super) fn endpoint_zone(
        &self,
        id: Id<VpcEndpoint>,
        service: Id<VpcEndpointService>,
    ) -> Words {
        let t = self.topology;

        let at = self.name(Resource::VpcEndpoint(id));
        let balancer = t.vpc_endpoint_services[service].load_balancer;
        Words::new(
            at,
            "zone",
            "the endpoint service has no load balancer node in this zone",
            format!(
                "add a subnet in this zone to {}",
                self.name(Resource::LoadBalancer(balancer))
            ),
        )
    }

    pub(super) fn no_listener(&self, id: Id<LoadBalancer>) -> Words {
        let t = self.topology;

        let at = self.name(Resource::LoadBalancer(id));
        let listeners: Vec<String> = t.load_balancers[id]
            .listeners
            .iter()
            .map(|listener| listener.port.to_string())
            .collect();
        Words::new(
            &at,
            "listeners",
            format!(
                "no listener takes {} (there are listeners on {})",
                self.flow(),
                listeners.join(", ")
            ),
            format!("add a listener for {} to {at}", self.flow()),
        )
    }

    pub(super) fn no_targets(&self, id: Id<LoadBalancer>, group: Id<TargetGroup>) -> Words {
        let t = self.topology;
        Words::new(
            self.name(Resource::LoadBalancer(id)),
            "targets",
            format!(
                "target_group.{} has no targets",
                t.target_groups.name(group)
            ),
            format!(
                "add targets to target_group.{}",
                t.target_groups.name(group)
            ),
        )
    }

    pub(super) fn no_targets_in_zone(&self, id: Id<LoadBalancer>, group: Id<TargetGroup>) -> Words {
        let t = self.topology;

        let at = self.name(Resource::LoadBalancer(id));
        Words::new(
            &at,
            "enable_cross_zone_load_balancing",
            format!(
                "target_group.{} has no targets in this node's zone, and cross-zone load balancing is off",
                t.target_groups.name(group)
            ),
            format!(
                "set enable_cross_zone_load_balancing = true on {at}, or add a target in this zone"
            ),
        )
    }

    pub(super) fn hairpin(&self, id: Id<LoadBalancer>, group: Id<TargetGroup>) -> Words {
        let t = self.topology;
        let to = self.header.destination.address;

        let group = t.target_groups.name(group);
        Words::new(
            self.name(Resource::LoadBalancer(id)),
            "preserve_client_ip",
            format!("the target {to} is the client itself, and would see its own address"),
            format!("set preserve_client_ip = false on target_group.{group}"),
        )
    }
}
