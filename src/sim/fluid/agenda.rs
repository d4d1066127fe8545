//! When what happens by itself: entries move whenever a rate changes.

use super::resource::Capacity;
use super::{Due, Fluid};
use crate::units::Time;

impl Fluid {
    pub(super) fn put_on_agenda(&mut self, number: u32) {
        let flow = &mut self.flows[number as usize];
        // A rate is found before time goes on.
        let due = flow.next().max(self.now);
        if due == flow.due {
            return;
        }
        if flow.due < Time::MAX {
            self.agenda.remove(&(flow.due, Due::Flow(number)));
        }
        flow.due = due;
        if due < Time::MAX {
            self.agenda.insert((due, Due::Flow(number)));
        }
    }

    pub(super) fn put_bucket_on_agenda(&mut self, number: u32) {
        self.settle_bucket(number);
        let resource = &mut self.resources[number as usize];
        let Capacity::Bucket(bucket) = &resource.capacity else {
            return;
        };
        let due = bucket
            .lasts(resource.used_bps)
            .map_or(Time::MAX, |time| self.now + time);
        if due == resource.due {
            return;
        }
        if resource.due < Time::MAX {
            self.agenda.remove(&(resource.due, Due::Bucket(number)));
        }
        resource.due = due;
        if due < Time::MAX {
            self.agenda.insert((due, Due::Bucket(number)));
        }
    }
}
