//! Functions that are attached to no VPC: their environments send from a network of AWS's own.
//!
//! What a worker, and Lambda's network behind it, take is not published; the edge that internet
//! gateways stand for is passed in their place.

use std::net::Ipv4Addr;

use super::choice::Choice;
use super::gateway::{MTU_INTERNET, private_kind};
use super::hop::{Hop, Resource, Step};
use super::refusal::Cause;
use super::walk::{At, Walk};
use super::{Endpoint, Server};
use crate::topology::{Fabric, Function, Id, Topology};

/// The address of a worker on the public network, in a block kept for documentation. (RFC 5737.)
pub(super) const WORKER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

/// Where the environment of a function that is attached to no VPC sends from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Worker {
    pub(super) function: Id<Function>,
    /// Its zone.
    pub(super) zone: Id<Fabric>,
}

impl Worker {
    /// A worker in one of the zones of the Region that work, as the flow's hash chooses. (AWS Lambda
    /// developer guide, "Resilience in AWS Lambda", 2023: functions run in several Availability
    /// Zones.) It has no IPv6 address.
    pub(super) fn of(
        topology: &Topology,
        function: Id<Function>,
        (to, ipv6): (Endpoint, bool),
        choice: &mut Choice,
    ) -> Result<Self, Cause> {
        if ipv6 {
            return Err(Cause::NoIpv6Address(Resource::Function(function)));
        }
        let regions = topology.regions.iter().next();
        let all = regions.map_or(&[][..], |(_, home)| &home.zones);
        let works = |zone: &&Id<Fabric>| !topology.failed_zones.contains(zone);
        let working: Vec<Id<Fabric>> = all.iter().filter(works).copied().collect();
        let zones = if working.is_empty() { all } else { &working };
        if zones.is_empty() {
            return Err(Cause::NoNetwork {
                from: Resource::Function(function),
                to: to.resource(topology),
            });
        }
        let zone = zones[choice.decide(zones.len())];
        Ok(Self { function, zone })
    }
}

impl Endpoint {
    /// Whether it is a function that is attached to no VPC.
    pub(super) fn is_outside(self, topology: &Topology) -> bool {
        matches!(self, Self::Function(id) if topology.functions[id].network_interfaces.is_empty())
    }
}

impl Walk<'_> {
    /// Out of a worker onto the public network. Private addresses are not known there.
    pub(super) fn leave_worker(&mut self, worker: Worker) -> At {
        self.pass_worker(worker);
        self.limit_mtu(MTU_INTERNET);
        if private_kind(self.header.destination.address).is_some() {
            return self.lose(Cause::OutsideVpc {
                function: worker.function,
                wanted: self.aimed_at,
            });
        }
        At::Public
    }

    /// From the public network back to the worker that asked.
    pub(super) fn come_back_to_worker(&mut self) -> Option<At> {
        let asks = self.is_reply() && self.header.destination.address == WORKER;
        let worker = self.worker.filter(|_| asks)?;
        self.pass_worker(worker);
        Some(At::Arrived(Server::Function(worker.function)))
    }

    fn pass_worker(&mut self, worker: Worker) {
        self.pass_edge(worker.zone, Hop::InternetGateway);
        self.push(Step::Through(Resource::Function(worker.function)));
    }
}
