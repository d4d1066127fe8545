//! Bulk transfers as fluids: flows that share resources max-min fairly, whose rate changes are the
//! only events.
//!
//! A [`Fluid`] is sans-IO: it is told what begins and stops and what time it is
//! ([`Fluid::advance`]), and says when something happens next ([`Fluid::next`]). It knows no engine,
//! no stations and no headers: what it moves is what its caller calls a byte.
//!
//! * A [`Sharing`] finds the shares. After a change only those flows are asked about that the change
//!   can reach, over resources that their flows could fill.
//! * A [`TokenBucket`] is a resource whose capacity falls when its credit is gone, which is an event.
//! * A [`Window`] holds a flow back at its start, as TCP's slow start does.
//!
//! Rates are whole bits per second, rounded down; times are picoseconds, rounded up; what is moved is
//! their product, without rounding. A flow of a given size delivers exactly that.
//!
//! Where windows grow, a full resource is shared as a queue is, by what each flow has in it, and what
//! begins waits behind that ([`Fluid::wait`]).
//!
//! It does not know loss: a flow that a full queue would slow down for a while has its share all the
//! time.

mod agenda;
mod backlog;
mod bucket;
mod flow;
mod reach;
mod resource;
mod share;
mod volume;

pub use bucket::TokenBucket;
pub use flow::{FlowSpec, Window};
pub use share::{Factor, MAX_RATE_BPS, Sharing};
pub use volume::Volume;

use std::collections::BTreeSet;

use crate::units::{Bytes, Duration, Rate, Time};
use flow::{Flow, Growth, Phase, Turn, Use};
use resource::{Capacity, Member, Resource};

/// A shared resource, by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResourceId(u32);

impl ResourceId {
    /// Its place in the order in which resources were added.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A flow under way, by index. The index is used again once the flow has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FlowId(u32);

/// What a flow moved at a constant rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The flow's tag.
    pub tag: u32,
    /// Since when.
    pub from: Time,
    /// Until when.
    pub to: Time,
    /// How much.
    pub moved: Volume,
}

/// A flow that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// The flow's tag.
    pub tag: u32,
    /// When.
    pub at: Time,
    /// Time in which its window, or its beginning, let nothing go.
    pub waited: Duration,
    /// Time in which it could send; the sum of both is its age.
    pub sent: Duration,
}

/// How much of a resource fluids take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Their rate in bits per second.
    pub rate_bps: u64,
    /// Whether it keeps some of them from going faster.
    pub full: bool,
    /// How many flows there are.
    pub flows: usize,
}

/// What is on the agenda; at one instant in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Bucket(u32),
    Flow(u32),
}

/// Flows over shared resources.
#[derive(Debug, Default)]
pub struct Fluid {
    now: Time,
    resources: Vec<Resource>,
    flows: Vec<Flow>,
    free: Vec<u32>,
    agenda: BTreeSet<(Time, Due)>,
    dirty_resources: Vec<u32>,
    dirty_flows: Vec<u32>,
    /// Counts questions.
    question: u64,
    sharing: Sharing,
    progress: Vec<Progress>,
    ended: Vec<Ended>,
    changed: Vec<ResourceId>,
    /// Rates that were found so far.
    shared: u64,
}

impl Fluid {
    /// No resources and no flows, at time zero.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a resource that always carries `capacity`.
    pub fn add_link(&mut self, capacity: Rate) -> ResourceId {
        self.add(Capacity::Fixed(capacity.as_bps().min(MAX_RATE_BPS)))
    }

    /// Adds a token bucket.
    pub fn add_bucket(&mut self, bucket: TokenBucket) -> ResourceId {
        self.add(Capacity::Bucket(bucket))
    }

    fn add(&mut self, capacity: Capacity) -> ResourceId {
        let id = ResourceId(u32::try_from(self.resources.len()).expect("few resources"));
        self.resources.push(Resource::new(capacity));
        id
    }

    /// Adds a flow at the time to which the fluid was advanced. It takes part from its beginning on.
    pub fn start(&mut self, spec: &FlowSpec<'_>) -> FlowId {
        assert!(spec.begins >= self.now, "a flow begins in the past");
        let number = self.free.pop();
        let spare = number.map(|number| std::mem::take(&mut self.flows[number as usize].uses));
        let mut uses = spare.unwrap_or_default();
        uses.clear();
        uses.extend(spec.uses.iter().map(|&(resource, factor)| Use {
            resource,
            factor,
            at: 0,
        }));
        let growth = Growth::of(spec.window);
        let flow = Flow {
            tag: spec.tag,
            uses,
            weight: growth.map_or(spec.weight, |growth| growth.weight()),
            growth,
            cap_bps: spec.cap.map_or(MAX_RATE_BPS, Rate::as_bps),
            ceiling_bps: MAX_RATE_BPS,
            limited_by: None,
            window: spec.window,
            left: spec.size.map(Volume::of),
            phase: Phase::Waiting {
                until: spec.begins,
                window: Volume::of(spec.window.map_or(Bytes::new(0), |window| window.initial)),
            },
            rate_bps: 0,
            settled: self.now,
            waited: Duration::ZERO,
            sent: Duration::ZERO,
            due: Time::MAX,
            active: false,
            mark: 0,
        };
        let number = if let Some(number) = number {
            self.flows[number as usize] = flow;
            number
        } else {
            self.flows.push(flow);
            u32::try_from(self.flows.len() - 1).expect("fewer than 2^32 flows at once")
        };
        self.put_on_agenda(number);
        FlowId(number)
    }

    /// Ends a flow at `now`, whatever it has left. It is among [`Self::take_ended`].
    pub fn stop(&mut self, now: Time, id: FlowId) {
        self.advance(now);
        self.settle(id.0);
        self.end(id.0);
    }

    /// Changes a flow's weight from `now` on.
    pub fn set_weight(&mut self, now: Time, id: FlowId, weight: Factor) {
        self.advance(now);
        self.flows[id.0 as usize].weight = weight;
        if self.flows[id.0 as usize].active {
            self.leave(id.0);
            self.join(id.0);
        }
    }

    /// Changes what a resource carries from `now` on; it is a link from then on.
    pub fn set_capacity(&mut self, now: Time, id: ResourceId, capacity: Rate) {
        self.advance(now);
        let members: Vec<u32> = self.members(id).collect();
        for &flow in &members {
            self.leave(flow);
        }
        let bps = capacity.as_bps().min(MAX_RATE_BPS);
        self.resources[id.0 as usize].capacity = Capacity::Fixed(bps);
        self.soil(id.0);
        for &flow in &members {
            self.join(flow);
        }
    }

    fn members(&self, id: ResourceId) -> impl Iterator<Item = u32> + '_ {
        let members = self.resources[id.0 as usize].members.iter();
        members.map(|member| member.flow)
    }

    /// The credit of a token bucket at the time to which it was advanced.
    pub fn credit(&mut self, id: ResourceId) -> Option<Volume> {
        self.settle_bucket(id.0);
        match &self.resources[id.0 as usize].capacity {
            Capacity::Fixed(_) => None,
            Capacity::Bucket(bucket) => Some(bucket.credit()),
        }
    }

    /// Corrects the credit of a token bucket, from which something else may have drawn as well.
    pub fn set_credit(&mut self, now: Time, id: ResourceId, credit: Volume) {
        self.advance(now);
        if let Capacity::Bucket(bucket) = &mut self.resources[id.0 as usize].capacity {
            let before = bucket.capacity_bps();
            bucket.set_credit(now, credit);
            if bucket.capacity_bps() != before {
                self.soil(id.0);
            }
            self.put_bucket_on_agenda(id.0);
        }
    }

    /// The time to which it was advanced.
    #[must_use]
    pub const fn now(&self) -> Time {
        self.now
    }

    /// When something happens next by itself.
    #[must_use]
    pub fn next(&self) -> Option<Time> {
        if self.is_clean() {
            self.agenda.first().map(|&(time, _)| time)
        } else {
            Some(self.now)
        }
    }

    /// Lets everything happen until `now`, and settles all that has changed.
    pub fn advance(&mut self, now: Time) {
        self.share();
        while let Some(&(time, _)) = self.agenda.first()
            && time <= now
        {
            self.now = time;
            while let Some(&(at, due)) = self.agenda.first()
                && at == time
            {
                self.agenda.pop_first();
                match due {
                    Due::Bucket(number) => {
                        self.resources[number as usize].due = Time::MAX;
                        self.settle_bucket(number);
                        self.soil(number);
                    }
                    Due::Flow(number) => self.turn(number),
                }
            }
            self.share();
        }
        self.now = self.now.max(now);
    }

    /// What was moved since the last time, in the order of time.
    pub fn take_progress(&mut self) -> impl Iterator<Item = Progress> + '_ {
        self.progress.drain(..)
    }

    /// What ended since the last time, in the order of time.
    pub fn take_ended(&mut self) -> impl Iterator<Item = Ended> + '_ {
        self.ended.drain(..)
    }

    /// The next resource whose load has changed.
    pub fn take_changed(&mut self) -> Option<ResourceId> {
        let id = self.changed.pop()?;
        self.resources[id.0 as usize].changed = false;
        Some(id)
    }

    /// How much of a resource is taken.
    #[must_use]
    pub fn load(&self, id: ResourceId) -> Load {
        let resource = &self.resources[id.0 as usize];
        let capacity = resource.capacity_bps();
        let limits = resource.tight || resource.ceilings > 0;
        let full = limits && resource.used_bps + resource.slack_bps() >= capacity;
        Load {
            // What rounding has left over is not there for others.
            rate_bps: if full { capacity } else { resource.used_bps },
            full,
            flows: resource.members.len(),
        }
    }

    /// The rate of a flow that has not ended, in bits per second.
    #[must_use]
    pub fn rate_bps(&self, id: FlowId) -> u64 {
        self.flows[id.0 as usize].rate_bps
    }

    /// Flows under way.
    #[must_use]
    pub const fn flows(&self) -> usize {
        self.flows.len() - self.free.len()
    }

    /// Rates that were found so far, for benchmarks.
    #[must_use]
    pub const fn shared(&self) -> u64 {
        self.shared
    }

    fn turn(&mut self, number: u32) {
        self.flows[number as usize].due = Time::MAX;
        self.settle(number);
        if self.flows[number as usize].grows() {
            self.dirty_flows.push(number);
            for place in 0..self.flows[number as usize].uses.len() {
                self.soil(self.flows[number as usize].uses[place].resource.0);
            }
        }
        let wait = self.round_waits(number);
        match self.flows[number as usize].turn(self.now, wait) {
            Turn::Ends => return self.end(number),
            Turn::Sends => {
                self.leave(number);
                self.join(number);
            }
            Turn::Waits => self.leave(number),
            Turn::Goes => {}
        }
        self.put_on_agenda(number);
    }

    fn settle(&mut self, number: u32) {
        let flow = &mut self.flows[number as usize];
        let from = flow.settled;
        let moved = flow.settle(self.now);
        if !moved.is_zero() {
            self.progress.push(Progress {
                tag: flow.tag,
                from,
                to: self.now,
                moved,
            });
        }
    }

    fn end(&mut self, number: u32) {
        self.leave(number);
        let flow = &mut self.flows[number as usize];
        if flow.due < Time::MAX {
            self.agenda.remove(&(flow.due, Due::Flow(number)));
            flow.due = Time::MAX;
        }
        self.ended.push(Ended {
            tag: flow.tag,
            at: self.now,
            waited: flow.waited,
            sent: flow.sent,
        });
        self.free.push(number);
    }

    /// A flow takes part in sharing.
    fn join(&mut self, number: u32) {
        let flow = &mut self.flows[number as usize];
        flow.active = true;
        flow.ceiling_bps = flow.cap_bps;
        flow.limited_by = None;
        for (place, using) in (0..).zip(&mut flow.uses) {
            let resource = &mut self.resources[using.resource.0 as usize];
            // None of its resources ever carries more. Of several that carry the same, the first one is
            // what limits it.
            let most = using.factor.into(resource.peak_bps());
            if most < flow.ceiling_bps {
                flow.ceiling_bps = most;
                flow.limited_by = Some(using.resource);
            }
            using.at = u32::try_from(resource.members.len()).expect("fewer than 2^32 flows");
            resource.members.push(Member {
                flow: number,
                place,
            });
        }
        if let Some(resource) = flow.limited_by {
            self.resources[resource.index()].ceilings += 1;
        }
        let (ceiling, count) = (flow.ceiling_bps, flow.uses.len());
        for place in 0..count {
            let using = self.flows[number as usize].uses[place];
            let resource = &mut self.resources[using.resource.0 as usize];
            resource.demand_bps += u128::from(using.factor.times(ceiling));
            self.soil(using.resource.0);
        }
        self.dirty_flows.push(number);
    }

    /// A flow takes part no longer.
    fn leave(&mut self, number: u32) {
        if !self.flows[number as usize].active {
            return;
        }
        self.set_rate(number, 0);
        self.flows[number as usize].active = false;
        let ceiling = self.flows[number as usize].ceiling_bps;
        if let Some(resource) = self.flows[number as usize].limited_by {
            self.resources[resource.index()].ceilings -= 1;
        }
        for place in 0..self.flows[number as usize].uses.len() {
            let using = self.flows[number as usize].uses[place];
            let resource = &mut self.resources[using.resource.0 as usize];
            resource.demand_bps -= u128::from(using.factor.times(ceiling));
            resource.members.swap_remove(using.at as usize);
            if let Some(moved) = resource.members.get(using.at as usize) {
                self.flows[moved.flow as usize].uses[moved.place as usize].at = using.at;
            }
            self.soil(using.resource.0);
        }
    }

    /// Changes a flow's rate, and what its resources carry.
    fn set_rate(&mut self, number: u32, rate_bps: u64) {
        if self.flows[number as usize].rate_bps == rate_bps {
            return;
        }
        self.settle(number);
        let before = std::mem::replace(&mut self.flows[number as usize].rate_bps, rate_bps);
        for place in 0..self.flows[number as usize].uses.len() {
            let Use {
                resource, factor, ..
            } = self.flows[number as usize].uses[place];
            self.settle_bucket(resource.0);
            let of = &mut self.resources[resource.0 as usize];
            of.used_bps = of.used_bps - factor.times(before) + factor.times(rate_bps);
            if !std::mem::replace(&mut of.changed, true) {
                self.changed.push(resource);
            }
        }
    }

    fn settle_bucket(&mut self, number: u32) {
        let resource = &mut self.resources[number as usize];
        let slack = resource.slack_bps();
        if let Capacity::Bucket(bucket) = &mut resource.capacity {
            bucket.settle(self.now, resource.used_bps, slack);
        }
    }

    /// A resource has to be asked about again.
    fn soil(&mut self, number: u32) {
        let resource = &mut self.resources[number as usize];
        if !std::mem::replace(&mut resource.dirty, true) {
            self.dirty_resources.push(number);
        }
    }

    const fn is_clean(&self) -> bool {
        self.dirty_resources.is_empty() && self.dirty_flows.is_empty()
    }
}
