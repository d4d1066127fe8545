//! What is offered to each station against what it can carry.

use super::stage::{Capacity, Compiler, Stations};
use crate::scenario::{KeyPath, Problem};
use crate::sim::program::{Route, Stage};
use crate::sim::station::Side;
use crate::topology::Resolver;
use crate::units::Bytes;

/// Offered load by station and workload.
#[derive(Debug, Default)]
pub(super) struct Loads {
    /// Per station and side, the sides of a card being apart: (workload, share of the capacity).
    offered: Vec<Vec<(KeyPath, f64)>>,
}

/// Ways to pass a station.
const SIDES: usize = 2;

impl Loads {
    fn add(&mut self, station: usize, workload: &KeyPath, share: f64) {
        if self.offered.len() <= station {
            self.offered.resize(station + 1, Vec::new());
        }
        let entries = &mut self.offered[station];
        match entries.iter_mut().find(|(path, _)| path == workload) {
            Some((_, sum)) => *sum += share,
            None => entries.push((workload.clone(), share)),
        }
    }

    /// Reports what is offered more than it can carry: an error where the queue would grow without
    /// bound, a warning where the run is meaningful all the same.
    pub(super) fn check(&self, resolver: &mut Resolver<'_>, stations: &Stations) {
        let mut reported: Vec<String> = Vec::new();
        for (station, entries) in self.offered.iter().enumerate() {
            let load: f64 = entries.iter().map(|(_, share)| share).sum();
            // A hair below one is as hopeless as one, and rounding must not decide.
            if load < 1.0 - 1e-9 {
                continue;
            }
            let about = stations.about(station / SIDES);
            let largest = entries.iter().max_by(|a, b| a.1.total_cmp(&b.1));
            let (Some((path, _)), false) = (largest, reported.contains(&about.name)) else {
                continue;
            };
            reported.push(about.name.clone());
            let offer = format!(
                "{} is offered {load:.2} times what it can carry",
                about.name
            );
            resolver.report(match about.capacity {
                Capacity::Packets(limit) => {
                    Problem::warning(path.clone(), format!("{offer} ({limit} packets/s); the excess is dropped"))
                        .help("this allowance is not adjustable; ask less often, or keep the answers")
                }
                Capacity::Servers { servers, limited: true } => {
                    Problem::warning(path.clone(), format!("{offer} ({servers} at once); the excess is dropped"))
                        .help("lower the load, or take this as a study of overload")
                }
                Capacity::Rate { rate, limited: true } => {
                    Problem::warning(path.clone(), format!("{offer} ({rate}); the excess is dropped"))
                        .help("lower the load, or take this as a study of overload")
                }
                Capacity::Baseline(rate) => Problem::warning(
                    path.clone(),
                    format!("{offer} for long ({rate}); when its burst credits are gone, the excess is queued, then dropped"),
                )
                .help("lower the load, choose a larger instance type, or end before the credits do"),
                Capacity::Rate { limited: false, .. } | Capacity::Servers { limited: false, .. }
                    if resolver.scenario.allow_overload =>
                {
                    Problem::warning(path.clone(), format!("{offer}; its queue grows all the time"))
                }
                Capacity::Rate { rate, limited: false } => {
                    Problem::error(path.clone(), format!("{offer} ({rate}); its queue would grow without bound"))
                        .help("lower the load, give the link a `buffer`, or set allow_overload = true")
                }
                Capacity::Servers { servers, limited: false } => Problem::error(
                    path.clone(),
                    format!("{offer} ({servers} at once); its queue would grow without bound"),
                )
                .help("lower the load, add servers, or set allow_overload = true"),
            });
        }
    }
}

impl Compiler<'_> {
    /// Counts `per_second` packets of `size` over `route` as offered by `workload`.
    pub(super) fn offer(
        &mut self,
        workload: &KeyPath,
        route: Route,
        per_second: f64,
        size: Bytes,
        planes: u32,
    ) {
        for index in route.first..route.end {
            let stage = self.stages[index as usize];
            if stage.first_only {
                // How many flows are new is not known here.
                continue;
            }
            let Some(choice) = stage.station else {
                continue;
            };
            let spread = if choice.stride == 0 { 1 } else { planes };
            for plane in 0..spread {
                let station = (choice.first + plane * choice.stride) as usize;
                let share = per_second * self.demand(&stage, station, size) / f64::from(spread);
                let inbound = usize::from(choice.side == Side::In);
                self.loads.add(SIDES * station + inbound, workload, share);
            }
        }
    }

    /// The share of a second's capacity that one packet takes.
    fn demand(&self, stage: &Stage, station: usize, size: Bytes) -> f64 {
        let bits = (size.get() + u64::from(stage.overhead)) as f64 * 8.0;
        match self.stations.about(station).capacity {
            Capacity::Rate { rate, .. } | Capacity::Baseline(rate) => bits / rate.as_bps() as f64,
            Capacity::Packets(limit) => 1.0 / f64::from(limit.max(1)),
            Capacity::Servers { servers, .. } => {
                let service = stage
                    .service
                    .map_or(0.0, |id| self.distributions[id.0 as usize].mean_secs());
                service / f64::from(servers.max(1))
            }
        }
    }
}
