//! One flow: what it has left, and what its window lets go.

use super::ResourceId;
use super::share::Factor;
use super::volume::Volume;
use crate::units::{Bytes, Duration, Rate, Time};

/// What a flow is like.
#[derive(Debug, Clone)]
pub struct FlowSpec<'a> {
    /// By what its owner knows it.
    pub tag: u32,
    /// The resources it goes through, each once, and how much it takes of each per bit that it moves.
    pub uses: &'a [(ResourceId, Factor)],
    /// What it moves; `None` goes on until it is stopped.
    pub size: Option<Bytes>,
    /// The rate that it never exceeds.
    pub cap: Option<Rate>,
    /// Its share of a full resource, relative to the other flows.
    pub weight: Factor,
    /// When it begins; not in the past.
    pub begins: Time,
    /// The window that opens in rounds; `None` sends all it can from the start.
    pub window: Option<Window>,
}

/// The slow start of TCP (RFC 5681, section 3.1) without loss: what is released doubles with every
/// round, until a round is not yet sent when the next one begins. From then on acknowledgements
/// come back to back, and only bandwidth limits the flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// What the first round releases, headers included.
    pub initial: Bytes,
    /// From the start of a round to that of the next: the acknowledgement of a round's first segment
    /// comes a round trip after the segment is sent, which takes its transmission time.
    pub round: Duration,
    /// What a round releases at most, as the receiver's window allows.
    pub limit: Option<Bytes>,
    /// How far the window grows where it does not hold the flow back: by what is acknowledged. In a
    /// queue that flows share, each has the part that its window is of all; `None` gives them equal
    /// parts.
    pub grows_to: Option<Bytes>,
}

/// The window of a flow as far as it decides its part of a queue.
#[derive(Debug, Clone, Copy)]
pub(super) struct Growth {
    initial: Volume,
    window: Volume,
    most: Volume,
    /// What is to be moved until it has doubled, unless it grows no more.
    open: Option<Volume>,
}

impl Growth {
    /// That of a flow that begins; nothing if its part stays as it is.
    pub(super) fn of(window: Option<Window>) -> Option<Self> {
        let window = window?;
        let (initial, most) = (Volume::of(window.initial), Volume::of(window.grows_to?));
        Some(Self {
            initial,
            window: initial,
            most,
            open: Some(initial),
        })
        .filter(|_| initial < most && !initial.is_zero())
    }

    /// What a round has under way decides its part of a queue.
    pub(super) fn weight(&self) -> Factor {
        self.window.relative(self.initial)
    }

    /// A round is acknowledged.
    fn next(mut self) -> Self {
        self.window = self.window.doubled().min(self.most);
        self.open = (self.window < self.most).then_some(self.window);
        self
    }
}

/// What a flow is about to do.
#[derive(Debug, Clone, Copy)]
pub(super) enum Phase {
    /// Nothing may be sent until a round begins.
    Waiting { until: Time, window: Volume },
    /// What a round released is being sent, `open` of it not yet.
    Round {
        open: Volume,
        next: Time,
        window: Volume,
    },
    /// Only bandwidth limits it.
    Open,
}

/// A flow under way.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) tag: u32,
    pub(super) uses: Vec<Use>,
    pub(super) weight: Factor,
    /// The rate that it never exceeds by its own wish, and by that of its resources.
    pub(super) cap_bps: u64,
    pub(super) ceiling_bps: u64,
    /// The resource that makes its ceiling lower than its cap.
    pub(super) limited_by: Option<ResourceId>,
    pub(super) window: Option<Window>,
    pub(super) left: Option<Volume>,
    pub(super) phase: Phase,
    pub(super) growth: Option<Growth>,
    pub(super) rate_bps: u64,
    /// Until when what it moved is accounted for.
    pub(super) settled: Time,
    /// Time it waited for its window, and time it sent.
    pub(super) waited: Duration,
    pub(super) sent: Duration,
    /// Its entry on the agenda.
    pub(super) due: Time,
    /// Whether it takes part in sharing.
    pub(super) active: bool,
    /// The question in which it takes part, and its number there.
    pub(super) mark: u64,
}

/// A resource that a flow goes through.
#[derive(Debug, Clone, Copy)]
pub(super) struct Use {
    pub(super) resource: ResourceId,
    pub(super) factor: Factor,
    /// Where the flow stands among the resource's members.
    pub(super) at: u32,
}

/// What a flow does when its time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Everything is sent.
    Ends,
    /// It begins to send, or to send at another limit.
    Sends,
    /// It has to wait for its window.
    Waits,
    /// It sends as before; what comes next has changed.
    Goes,
}

impl Flow {
    /// Goes on to `now`; returns what was moved since the last time.
    pub(super) fn settle(&mut self, now: Time) -> Volume {
        let time = now.since(self.settled);
        self.settled = now;
        let open = match &self.phase {
            Phase::Waiting { .. } => {
                self.waited += time;
                return Volume::ZERO;
            }
            Phase::Round { open, .. } => Some(*open),
            Phase::Open => None,
        };
        self.sent += time;
        let mut moved = Volume::moved(self.rate_bps, time);
        // The last picosecond is not needed in full.
        moved = [open, self.left]
            .into_iter()
            .flatten()
            .fold(moved, Ord::min);
        if let Phase::Round { open, .. } = &mut self.phase {
            *open = open.minus(moved);
        }
        self.left = self.left.map(|left| left.minus(moved));
        if let Some(growth) = &mut self.growth {
            growth.open = growth.open.map(|open| open.minus(moved));
        }
        moved
    }

    /// When something about it changes by itself.
    pub(super) fn next(&self) -> Time {
        let sent = |volume: Volume| match self.rate_bps {
            0 if !volume.is_zero() => Time::MAX,
            rate => self.settled + volume.time_at(rate),
        };
        let grown = self.growth.and_then(|growth| growth.open);
        let grown = grown.map_or(Time::MAX, sent);
        match self.phase {
            Phase::Waiting { until, .. } => until,
            Phase::Round { open, next, .. } => sent(open).min(next).min(grown),
            Phase::Open => self.left.map_or(Time::MAX, sent).min(grown),
        }
    }

    /// Whether its part of a queue is another one now.
    pub(super) fn grows(&mut self) -> bool {
        let done = |growth: &Growth| growth.open.is_some_and(Volume::is_zero);
        let Some(growth) = self.growth.filter(done) else {
            return false;
        };
        let growth = growth.next();
        self.weight = growth.weight();
        self.growth = Some(growth);
        true
    }

    /// What waits in front of the resource that holds it back.
    pub(super) fn backlog(&self) -> Volume {
        let (Some(growth), Some(figures)) = (self.growth, self.window) else {
            return Volume::ZERO;
        };
        match self.phase {
            Phase::Waiting { .. } => Volume::ZERO,
            Phase::Round { open, .. } => open,
            Phase::Open => {
                let window = self
                    .left
                    .map_or(growth.window, |left| left.min(growth.window));
                window.minus(Volume::moved(self.rate_bps, figures.round))
            }
        }
    }

    /// Its turn, once it is settled at `now`; a segment that is sent now waits in queues.
    pub(super) fn turn(&mut self, now: Time, wait: Duration) -> Turn {
        match self.phase {
            Phase::Open if self.left.is_some_and(Volume::is_zero) => Turn::Ends,
            Phase::Round { open, .. } if open.is_zero() && self.left == Some(Volume::ZERO) => {
                Turn::Ends
            }
            Phase::Round { open, next, window } if open.is_zero() => {
                if next <= now {
                    self.begin_round(now, wait, window);
                    return Turn::Sends;
                }
                self.phase = Phase::Waiting {
                    until: next,
                    window,
                };
                Turn::Waits
            }
            Phase::Round { next, .. } => {
                if next <= now {
                    self.phase = Phase::Open;
                }
                Turn::Goes
            }
            Phase::Waiting { until, window } if until <= now => {
                self.begin_round(now, wait, window);
                Turn::Sends
            }
            Phase::Open | Phase::Waiting { .. } => Turn::Goes,
        }
    }

    /// Releases a window, unless it is what the receiver allows: then the flow is that much per round.
    fn begin_round(&mut self, now: Time, wait: Duration, window: Volume) {
        let Some(figures) = self.window else {
            self.phase = Phase::Open;
            return;
        };
        let limit = figures.limit.map(Volume::of);
        if let Some(limit) = limit.filter(|&limit| window >= limit) {
            self.cap_bps = self.cap_bps.min(limit.per(figures.round)).max(1);
            self.phase = Phase::Open;
            return;
        }
        self.phase = Phase::Round {
            open: self.left.map_or(window, |left| left.min(window)),
            next: now + figures.round + wait,
            window: window.doubled(),
        };
    }
}
