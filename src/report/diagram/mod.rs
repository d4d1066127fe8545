//! The picture of a topology: Regions, VPCs, zones, subnets and what is in them, how they are
//! joined, and the ways that the flows of workloads take.
//!
//! A [`Model`] says what there is. `plan` puts it into rows and columns, `route` finds ways for
//! lines in the channels between them, `place` gives everything coordinates, `draw` makes shapes.

mod arrange;
mod channels;
mod draw;
mod flow;
mod from_topology;
mod glyph;
mod grid;
mod lanes;
mod layout;
mod legend;
mod measure;
mod model;
mod nets;
mod order;
mod pack;
mod pins;
mod place;
mod plan;
mod route;
#[cfg(test)]
mod samples;
mod style;
#[cfg(test)]
mod tests;
mod trace;
mod wires;

use std::path::{Path, PathBuf};

use super::drawing::scene::Scene;
use super::drawing::{header, write};
use layout::{Layout, layout};
use measure::MARGIN;

pub use super::drawing::PlotError;
pub use model::{
    Flow, Kind, Link, LinkKind, Model, NodeId, Peering, Region, Subnet, Thing, Tier,
    TransitGateway, Vpc,
};

/// Writes `topology.svg` and `topology.png` into `directory`, which exists, and returns their
/// paths; writes nothing if there is no VPC and no transit gateway.
///
/// # Errors
/// If a file cannot be written.
pub fn write_topology(
    title: &str,
    model: &Model,
    directory: &Path,
) -> Result<Vec<PathBuf>, PlotError> {
    match figure(title, model) {
        Some((figure, _)) => Ok(write(&figure, directory, "topology")?.to_vec()),
        None => Ok(Vec::new()),
    }
}

/// The whole page and where everything on it is, if there is something to show.
fn figure(title: &str, model: &Model) -> Option<(Scene, Layout)> {
    let regions = &model.regions;
    if !regions
        .iter()
        .any(|region| !region.vpcs.is_empty() || !region.transit_gateways.is_empty())
    {
        return None;
    }
    let mut layout = layout(model);
    let mut scene = Scene::new(layout.geometry.width, 0.0);
    let top = header(&mut scene, title, &subtitle(model), MARGIN) + 24.0;
    layout.move_down(top);
    draw::draw(&mut scene, &layout);
    let bottom = legend::legend(&mut scene, &layout, layout.geometry.bottom + 22.0);
    scene.height = (bottom + MARGIN - 10.0).ceil();
    scene.width = scene.width.ceil();
    Some((scene, layout))
}

/// How much of what there is.
fn subtitle(model: &Model) -> String {
    let vpcs = || model.regions.iter().flat_map(|region| &region.vpcs);
    let subnets = || vpcs().flat_map(|vpc| &vpc.subnets);
    let resources = subnets().map(|subnet| subnet.resources.len()).sum();
    let counts = [
        (model.regions.len(), "Region", "Regions"),
        (vpcs().count(), "VPC", "VPCs"),
        (subnets().count(), "subnet", "subnets"),
        (resources, "network interface", "network interfaces"),
        (model.flows.len(), "flow", "flows"),
    ];
    let counts = counts.iter().filter(|(count, ..)| *count > 0);
    let texts = counts.map(|(count, one, many)| match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {many}"),
    });
    texts.collect::<Vec<_>>().join(", ")
}
