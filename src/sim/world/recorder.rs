//! What a workload experiences, with the checks that every run makes on itself.

use crate::scenario::Expectation;
use crate::sim::part::Charges;
use crate::sim::program::{Workload, WorkloadKind};
use crate::sim::results::{Failure, Transport, WorkloadResults};
use crate::stats::{Latency, Timeline};
use crate::units::{Duration, Time};

/// Records one workload of one run.
#[derive(Debug)]
pub(super) struct Recorder {
    results: WorkloadResults,
    pub(super) transport: Transport,
    warmup: Time,
    /// When sending ends.
    horizon: Time,
    /// Sent so far, the warm-up included.
    sent: u64,
    /// Sent and not yet completed or failed.
    inside: u64,
    /// Little's law as an identity: the integral of `inside` over time is the sum of the times that
    /// everything spent inside, to the picosecond.
    area: u128,
    times: u128,
    last: Time,
}

impl Recorder {
    pub(super) fn new(workload: &Workload, warmup: Time, horizon: Time) -> Self {
        let refusal = match &workload.kind {
            WorkloadKind::Refused(refusal) => Some(refusal.as_ref().clone()),
            WorkloadKind::Datagram(_)
            | WorkloadKind::Ping(_)
            | WorkloadKind::Request(_)
            | WorkloadKind::Stream(_)
            | WorkloadKind::Events(_)
            | WorkloadKind::Messages(_) => None,
        };
        Self {
            results: WorkloadResults {
                name: workload.name.clone(),
                as_expected: match workload.expect {
                    Expectation::Reachable => refusal.is_none(),
                    Expectation::Refused => refusal.is_some(),
                    Expectation::Either => true,
                },
                refusal,
                payload: workload.payload,
                sent: 0,
                completed: 0,
                failed: std::collections::BTreeMap::new(),
                delivered: workload.is_stream().then_some(0),
                latency: Latency::new(workload.parts.clone()),
                timeline: Timeline::new(),
                transport: Transport::default(),
                replications: std::collections::BTreeMap::new(),
            },
            transport: Transport::default(),
            warmup,
            horizon,
            sent: 0,
            inside: 0,
            area: 0,
            times: 0,
            last: Time::ZERO,
        }
    }

    #[inline]
    pub(super) fn sent(&mut self, now: Time) {
        self.pass(now);
        self.sent += 1;
        self.inside += 1;
        self.results.timeline.sent(now);
        if now >= self.warmup {
            self.results.sent += 1;
        }
    }

    /// Whether the workload has sent as many as it may.
    #[inline]
    pub(super) fn has_sent(&self, count: Option<u64>) -> bool {
        count.is_some_and(|count| self.sent >= count)
    }

    /// Something that started at `started` completed. Its charges must sum to its latency.
    #[inline]
    pub(super) fn completed(&mut self, now: Time, started: Time, charges: &Charges) {
        let latency = self.left(now, started);
        assert!(
            charges.total() == latency,
            "the breakdown of a latency does not sum to it"
        );
        self.results.timeline.completed(now, latency);
        if started >= self.warmup {
            self.results.completed += 1;
            self.results.latency.record(latency, charges.as_slice());
        }
    }

    /// `bytes` were delivered at a constant rate between two times; what of them was before the end of
    /// the warm-up, or after the end of sending, is not in the results.
    pub(super) fn delivered(&mut self, from: Time, to: Time, bytes: u64) {
        self.results.timeline.delivered(from, to, bytes);
        let whole = u128::from(to.since(from).as_ps()).max(1);
        let up_to = |time: Time| {
            let part = u128::from(time.clamp(from, to).since(from).as_ps());
            u64::try_from(u128::from(bytes) * part / whole).unwrap_or(bytes)
        };
        let measured = up_to(self.horizon.max(self.warmup)) - up_to(self.warmup);
        self.results.delivered = self.results.delivered.map(|sum| sum + measured);
    }

    #[inline]
    pub(super) fn failed(&mut self, now: Time, started: Time, failure: Failure) {
        self.left(now, started);
        self.results.timeline.failed(now);
        if started >= self.warmup {
            *self.results.failed.entry(failure).or_default() += 1;
        }
    }

    #[inline]
    fn left(&mut self, now: Time, started: Time) -> Duration {
        self.pass(now);
        self.inside -= 1;
        let time = now.since(started);
        self.times += u128::from(time.as_ps());
        time
    }

    #[inline]
    fn pass(&mut self, now: Time) {
        self.area += u128::from(self.inside) * u128::from(now.since(self.last).as_ps());
        self.last = now;
    }

    /// The results, once nothing is inside any more.
    pub(super) fn finish(mut self, replication: u32) -> WorkloadResults {
        assert!(
            self.inside == 0,
            "something was sent and neither completed nor failed"
        );
        assert!(self.area == self.times, "Little's law does not hold");
        let results = &mut self.results;
        results.transport = self.transport;
        assert!(
            results.sent == results.completed + results.failures(),
            "packets are not conserved"
        );
        results
            .replications
            .insert(replication, *results.latency.sums());
        self.results
    }
}
