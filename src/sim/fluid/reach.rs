//! What a change reaches: which flows have to be asked about again.

use super::Fluid;

impl Fluid {
    /// Finds the shares of all flows that a change can have reached.
    pub(super) fn share(&mut self) {
        if self.is_clean() {
            return;
        }
        self.question += 1;
        let (flows, resources) = self.reached();
        self.sharing.clear();
        for &number in &resources {
            self.settle_bucket(number);
            let capacity = self.resources[number as usize].capacity_bps();
            self.resources[number as usize].number = self.sharing.resource(capacity);
        }
        for &number in &flows {
            let flow = &self.flows[number as usize];
            let uses = flow.uses.iter().filter_map(|using| {
                let resource = &self.resources[using.resource.0 as usize];
                (resource.tight && resource.mark == self.question)
                    .then_some((resource.number, using.factor))
            });
            self.sharing.flow(flow.ceiling_bps, flow.weight, uses);
        }
        let mut sharing = std::mem::take(&mut self.sharing);
        for (&number, rate) in flows.iter().zip(sharing.solve()) {
            if self.flows[number as usize].rate_bps != rate {
                self.set_rate(number, rate);
                self.put_on_agenda(number);
            }
        }
        self.sharing = sharing;
        self.shared += flows.len() as u64;
        // What a bucket loses may have changed without it being asked about.
        for at in 0..self.changed.len() {
            self.put_bucket_on_agenda(self.changed[at].0);
        }
        for number in self.dirty_resources.drain(..).collect::<Vec<_>>() {
            self.resources[number as usize].dirty = false;
            self.put_bucket_on_agenda(number);
        }
        self.dirty_flows.clear();
    }

    /// The flows that have to be asked about, and the resources that can limit them: from what has
    /// changed, over every resource that its flows could fill.
    fn reached(&mut self) -> (Vec<u32>, Vec<u32>) {
        let (mut flows, mut resources) = (Vec::new(), Vec::new());
        for at in 0..self.dirty_resources.len() {
            let number = self.dirty_resources[at];
            self.settle_bucket(number);
            let resource = &mut self.resources[number as usize];
            let tight = resource.demand_bps > u128::from(resource.capacity_bps());
            let was = std::mem::replace(&mut resource.tight, tight);
            if tight || was {
                resource.mark = self.question;
                resources.push(number);
            }
        }
        for at in 0..self.dirty_flows.len() {
            let number = self.dirty_flows[at];
            self.reach(number, &mut flows, &mut resources);
        }
        let mut next = 0;
        while let Some(&number) = resources.get(next) {
            next += 1;
            for at in 0..self.resources[number as usize].members.len() {
                let flow = self.resources[number as usize].members[at].flow;
                self.reach(flow, &mut flows, &mut resources);
            }
        }
        resources.retain(|&number| self.resources[number as usize].tight);
        // Ties are broken by number, whatever has changed first.
        resources.sort_unstable();
        (flows, resources)
    }

    fn reach(&mut self, number: u32, flows: &mut Vec<u32>, resources: &mut Vec<u32>) {
        let flow = &mut self.flows[number as usize];
        if flow.mark == self.question || !flow.active {
            return;
        }
        flow.mark = self.question;
        flows.push(number);
        for using in &flow.uses {
            let resource = &mut self.resources[using.resource.0 as usize];
            if resource.tight && resource.mark != self.question {
                resource.mark = self.question;
                resources.push(using.resource.0);
            }
        }
    }
}
