//! What waits in front of full resources: the windows of their flows, as far as they are not on their
//! way.

use super::flow::{Flow, Phase};
use super::volume::Volume;
use super::{Factor, Fluid, ResourceId};
use crate::units::Duration;

impl Fluid {
    /// Nothing waits longer in front of a resource.
    pub fn limit_queue(&mut self, id: ResourceId, room: Duration) {
        self.resources[id.index()].room = room;
    }

    /// How long what comes now waits until the resources of `uses` have sent what is there already.
    #[must_use]
    pub fn wait(&self, uses: &[(ResourceId, Factor)]) -> Duration {
        self.wait_beside(uses.iter().map(|&(id, _)| id), None)
    }

    /// The wait of the first segment of a round, if the turn of a flow begins one.
    pub(super) fn round_waits(&self, number: u32) -> Duration {
        let flow = &self.flows[number as usize];
        let begins = match flow.phase {
            Phase::Waiting { until, .. } => until <= self.now,
            Phase::Round { open, next, .. } => open.is_zero() && next <= self.now,
            Phase::Open => false,
        };
        if !begins || flow.growth.is_none() {
            return Duration::ZERO;
        }
        let uses = flow.uses.iter().map(|using| using.resource);
        self.wait_beside(uses, Some(number))
    }

    /// The longest wait at one of them, for what is of flows other than `own`.
    fn wait_beside(&self, uses: impl Iterator<Item = ResourceId>, own: Option<u32>) -> Duration {
        let waits = uses.filter(|&id| self.load(id).full).map(|id| {
            let resource = &self.resources[id.index()];
            let others = resource.members.iter();
            let others = others.filter(|member| own != Some(member.flow));
            let backlog = others.fold(Volume::ZERO, |sum, member| {
                let flow = &self.flows[member.flow as usize];
                sum.plus(if waits_at(flow, id) {
                    flow.backlog()
                } else {
                    Volume::ZERO
                })
            });
            backlog.time_at(resource.capacity_bps()).min(resource.room)
        });
        waits.max().unwrap_or(Duration::ZERO)
    }
}

/// Whether a resource is what keeps a flow from going faster.
fn waits_at(flow: &Flow, id: ResourceId) -> bool {
    flow.limited_by == Some(id) || flow.rate_bps < flow.ceiling_bps
}
