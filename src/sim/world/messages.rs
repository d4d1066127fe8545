//! Messages that Lambda reads from a queue, such as one of Amazon SQS, and invokes a function with:
//! several at once, and again after the visibility timeout if the function is throttled or fails.

use std::collections::VecDeque;

use super::invocation::Caller;
use super::{Charges, Engine, Event, Failure, World};
use crate::sim::lambda::{Draws, InvokeError};
use crate::sim::part::Part;
use crate::sim::program::{Messages, WorkloadKind};
use crate::sim::slab::Key;
use crate::units::{Duration, Time};

/// How long a queue keeps a message. (Amazon SQS developer guide, message retention period: by
/// default 4 days.)
const RETENTION: Duration = Duration::from_secs(4 * 24 * 3600);

/// A message in the queue.
#[derive(Debug, Clone, Copy)]
struct Message {
    source: u32,
    sample: u64,
    arrived: Time,
    /// When it can be read.
    visible: Time,
    receives: u32,
}

/// The queue of a workload.
#[derive(Debug, Default)]
pub(super) struct Queue {
    visible: VecDeque<Message>,
    /// Batches with the function.
    under_way: u32,
    /// When the queue is looked at next.
    polled_at: Option<Time>,
}

/// Messages that were read together.
#[derive(Debug)]
pub(super) struct Batch {
    workload: usize,
    messages: Vec<Message>,
    received: Time,
}

impl World<'_> {
    /// A message of a workload arrives.
    pub(super) fn queue_message(
        &mut self,
        source: u32,
        sample: u64,
        messages: &Messages,
        engine: &mut Engine,
    ) {
        let now = engine.now();
        let workload = self.sources[source as usize].workload;
        self.message_queues[workload].visible.push_back(Message {
            source,
            sample,
            arrived: now,
            visible: now,
            receives: 0,
        });
        self.lambda.queue(now, messages.function, 1);
        self.poll(workload, engine);
    }

    /// Reads as many batches as are ready.
    pub(super) fn poll(&mut self, workload: usize, engine: &mut Engine) {
        let now = engine.now();
        let WorkloadKind::Messages(messages) = &self.program.workloads[workload].kind else {
            unreachable!("only messages are read from a queue");
        };
        loop {
            let queue = &mut self.message_queues[workload];
            let Some(oldest) = queue.visible.front() else {
                return;
            };
            if queue.under_way >= messages.max_concurrency {
                // The end of a batch looks again.
                return;
            }
            let due = oldest.visible + messages.window;
            if queue.visible.len() < messages.batch_size && now < due {
                if queue.polled_at.is_none_or(|at| at > due) {
                    queue.polled_at = Some(due);
                    engine.schedule_at(due, Event::Poll(index(workload)));
                }
                return;
            }
            let count = queue.visible.len().min(messages.batch_size);
            let batch = Batch {
                workload,
                messages: queue.visible.drain(..count).collect(),
                received: now,
            };
            queue.under_way += 1;
            self.start_batch(batch, messages, engine);
        }
    }

    /// Time to look at a queue.
    pub(super) fn poll_is_due(&mut self, workload: usize, engine: &mut Engine) {
        let queue = &mut self.message_queues[workload];
        if queue.polled_at == Some(engine.now()) {
            queue.polled_at = None;
        }
        self.poll(workload, engine);
    }

    fn start_batch(&mut self, mut batch: Batch, messages: &Messages, engine: &mut Engine) {
        let now = engine.now();
        let count = i64::try_from(batch.messages.len()).expect("a batch is small");
        self.lambda.queue(now, messages.function, -count);
        for message in &mut batch.messages {
            message.receives += 1;
        }
        let first = batch.messages[0];
        let draws = Draws {
            stream: self.sources[first.source as usize].invocation,
            sample: first.sample,
            attempt: first.receives - 1,
        };
        let key = self.batches.add(batch);
        let caller = Caller::Batch(key);
        let started = self.invoke(caller, messages.function, draws, &Charges::NONE, engine);
        if started.is_err() {
            self.batch_failed(key, messages, engine);
        }
    }

    /// The function has dealt with a batch, or failed.
    pub(super) fn batch_done(
        &mut self,
        key: Key,
        outcome: Result<&Charges, InvokeError>,
        engine: &mut Engine,
    ) {
        let now = engine.now();
        let workload = self
            .batches
            .get(key)
            .expect("a batch in hand is there")
            .workload;
        let WorkloadKind::Messages(messages) = &self.program.workloads[workload].kind else {
            unreachable!("only messages come in batches");
        };
        match outcome {
            Ok(charges) => {
                let batch = self.batches.remove(key).expect("it was just there");
                self.message_queues[workload].under_way -= 1;
                for message in batch.messages {
                    let mut all = *charges;
                    all.add(Part::LambdaQueue, batch.received.since(message.arrived));
                    self.recorders[workload].completed(now, message.arrived, &all);
                }
            }
            Err(_) => self.batch_failed(key, messages, engine),
        }
        self.poll(workload, engine);
    }

    /// The messages of a batch are read again after the visibility timeout, if they may.
    fn batch_failed(&mut self, key: Key, messages: &Messages, engine: &mut Engine) {
        let now = engine.now();
        let batch = self.batches.get(key).expect("a batch fails once");
        let workload = batch.workload;
        let visible = now.max(batch.received + messages.visibility_timeout);
        let given_up = |message: &Message| {
            if message.receives >= messages.max_receive_count {
                Some(InvokeError::RetriesExhausted)
            } else if visible > message.arrived + RETENTION {
                Some(InvokeError::EventAgeExceeded)
            } else {
                None
            }
        };
        for message in &batch.messages {
            if let Some(error) = given_up(message) {
                self.lambda
                    .gave_up(messages.function, message.arrived, error);
                self.recorders[workload].failed(now, message.arrived, Failure::Invoke(error));
            }
        }
        batch.messages.retain(|message| given_up(message).is_none());
        self.message_queues[workload].under_way -= 1;
        if batch.messages.is_empty() {
            self.batches.remove(key);
        } else {
            engine.schedule_at(visible, Event::Visible(key));
        }
    }

    /// The messages of a failed batch can be read again.
    pub(super) fn messages_visible(&mut self, key: Key, engine: &mut Engine) {
        let now = engine.now();
        let batch = self
            .batches
            .remove(key)
            .expect("a batch becomes visible once");
        let workload = batch.workload;
        let WorkloadKind::Messages(messages) = &self.program.workloads[workload].kind else {
            unreachable!("only messages come in batches");
        };
        let count = i64::try_from(batch.messages.len()).expect("a batch is small");
        self.lambda.queue(now, messages.function, count);
        let visible = batch.messages.into_iter();
        let visible = visible.map(|message| Message {
            visible: now,
            ..message
        });
        self.message_queues[workload].visible.extend(visible);
        self.poll(workload, engine);
    }
}

fn index(workload: usize) -> u32 {
    u32::try_from(workload).expect("few workloads")
}
