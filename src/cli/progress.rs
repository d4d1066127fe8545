//! Progress with an estimate, on a terminal only.

use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::experiment::Progress;

/// A bar over the runs of a plan.
#[derive(Debug)]
pub(super) struct Bar {
    bar: ProgressBar,
    events: AtomicU64,
}

impl Bar {
    /// A bar for `runs` runs; draws nothing if `quiet` or standard error is no terminal.
    pub(super) fn new(runs: u64, quiet: bool) -> Self {
        let target = if quiet {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let bar = ProgressBar::with_draw_target(Some(runs), target);
        let template =
            "{spinner} {bar:30} {pos}/{len} runs, {msg} events, {elapsed} elapsed, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self {
            bar,
            events: AtomicU64::new(0),
        }
    }

    /// Shows a step; may be called from any thread.
    pub(super) fn report(&self, progress: Progress) {
        match progress {
            Progress::RunFinished => self.bar.inc(1),
            Progress::Events(more) => {
                let events = self.events.fetch_add(more, Ordering::Relaxed) + more;
                self.bar.set_message(HumanCount(events).to_string());
                self.bar.tick();
            }
        }
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
