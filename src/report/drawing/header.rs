//! The title of a page and the line below it.

use super::lettering::{SUBTITLE, TITLE};
use super::scene::Scene;

/// Draws a title, wrapped and shrunk if it is long, and a line on what is shown, into a page with
/// this margin; returns the baseline of that line.
pub(crate) fn header(scene: &mut Scene, title: &str, subtitle: &str, margin: f64) -> f64 {
    let width = scene.width - 2.0 * margin;
    let sizes = [TITLE.size, 23.0, 20.0];
    let fits = |size: &f64| TITLE.sized(*size).wrapped(title, width, 9).len() == 1;
    let size = sizes.into_iter().find(fits).unwrap_or(20.0);
    let lettering = TITLE.sized(size);
    let lines = lettering.wrapped(title, width, 2);
    let first = margin + size * 0.75;
    scene.lines_of_text((margin, first), &lines, lettering);
    let last = first + (lines.len() - 1) as f64 * lettering.line_height();
    let below = last + SUBTITLE.size * 1.65;
    let subtitle = SUBTITLE.wrapped(subtitle, width, 1);
    scene.lines_of_text((margin, below), &subtitle, SUBTITLE);
    below
}
