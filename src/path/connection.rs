//! What the devices on a way remember of a connection, so that its replies find back.

use super::Header;
use super::hop::Side;
use crate::topology::{Id, NetworkInterface, VpcEndpoint};

/// What has been remembered on the way there.
#[derive(Debug, Default)]
pub(super) struct Connection {
    /// Interfaces whose security groups have let the connection through, with the side by which its
    /// replies pass them.
    tracked: Vec<(Id<NetworkInterface>, Side)>,
    bindings: Vec<Binding>,
    /// Targets that see the client's address, each with the load balancer's node that its replies
    /// return to, whatever their destination.
    preserved: Vec<(Id<NetworkInterface>, Id<NetworkInterface>)>,
    /// Appliances that have seen the connection: Gateway Load Balancer endpoints and routers.
    pub(super) inspected: Vec<Inspector>,
}

/// A stateful device that wants to see both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inspector {
    Endpoint(Id<VpcEndpoint>),
    Router(Id<NetworkInterface>),
}

/// A translation that an interface has made, read backwards.
#[derive(Debug, Clone, Copy)]
pub(super) struct Binding {
    /// The interface that replies reach.
    pub(super) at: Id<NetworkInterface>,
    /// What a reply looks like there.
    pub(super) expects: Header,
    /// What it looks like from there on.
    pub(super) becomes: Header,
    /// The interface that it leaves from: another one if the endpoint of another VPC lies between.
    pub(super) leaves: Id<NetworkInterface>,
}

impl Connection {
    /// Remembers that a connection has passed an interface by `side`: its replies pass it by the
    /// other.
    pub(super) fn track(&mut self, interface: Id<NetworkInterface>, side: Side) {
        let back = match side {
            Side::Egress => Side::Ingress,
            Side::Ingress => Side::Egress,
        };
        self.tracked.push((interface, back));
    }

    /// Whether a packet that passes an interface by `side` is a reply that is let through.
    pub(super) fn is_tracked(&self, interface: Id<NetworkInterface>, side: Side) -> bool {
        self.tracked.contains(&(interface, side))
    }

    /// Remembers that `before` became `after` at an interface.
    pub(super) fn bind(&mut self, at: Id<NetworkInterface>, before: Header, after: Header) {
        self.bind_across(at, at, before, after);
    }

    /// Remembers that `before` at `leaves` became `after` at `at`.
    pub(super) fn bind_across(
        &mut self,
        at: Id<NetworkInterface>,
        leaves: Id<NetworkInterface>,
        before: Header,
        after: Header,
    ) {
        self.bindings.push(Binding {
            at,
            expects: after.reversed(),
            becomes: before.reversed(),
            leaves,
        });
    }

    /// What an interface makes of a reply, if it has translated what is replied to.
    pub(super) fn binding(&self, at: Id<NetworkInterface>, reply: Header) -> Option<Binding> {
        let found = self.bindings.iter().find(|binding| {
            let (expected, source) = (binding.expects, reply.source);
            binding.at == at
                && expected.source.address == source.address
                && expected.destination.address == reply.destination.address
                && expected.reply == reply.reply
                && expected
                    .destination
                    .ports
                    .contains(reply.destination.ports.from)
        });
        found.copied()
    }

    pub(super) fn preserve(&mut self, target: Id<NetworkInterface>, node: Id<NetworkInterface>) {
        self.preserved.push((target, node));
    }

    /// The load balancer's node that a target's replies return to.
    pub(super) fn node_of(&self, target: Id<NetworkInterface>) -> Option<Id<NetworkInterface>> {
        let found = self.preserved.iter().find(|(known, _)| *known == target);
        found.map(|&(_, node)| node)
    }
}
