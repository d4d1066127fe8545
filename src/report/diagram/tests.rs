//! Whole pictures: nothing covers anything else, whatever the model.

use proptest::prelude::*;

use super::plan::{Cell, Line};
use super::route::{End, Wire};
use super::wires::simplified;
use super::*;
use crate::report::drawing::scene::{Point, Rect};

/// What pictures are allowed to be off by.
const SLACK: f64 = 0.01;

fn overlap(a: &Rect, b: &Rect) -> bool {
    a.left < b.right - SLACK
        && b.left < a.right - SLACK
        && a.top < b.bottom - SLACK
        && b.top < a.bottom - SLACK
}

fn inside(inner: &Rect, outer: &Rect) -> bool {
    outer.left <= inner.left + SLACK
        && outer.top <= inner.top + SLACK
        && inner.right <= outer.right + SLACK
        && inner.bottom <= outer.bottom + SLACK
}

fn assert_apart(what: &str, boxes: &[Rect]) {
    for (index, a) in boxes.iter().enumerate() {
        for b in &boxes[index + 1..] {
            assert!(!overlap(a, b), "{what}: {a:?} and {b:?}");
        }
    }
}

fn assert_inside(what: &str, inner: &[Rect], outer: &Rect) {
    for rect in inner {
        assert!(inside(rect, outer), "{what}: {rect:?} in {outer:?}");
    }
}

/// Siblings do not overlap, and children are inside their parents.
fn assert_boxes(layout: &Layout) {
    let geometry = &layout.geometry;
    let node = |&node: &usize| geometry.nodes[node];
    assert_apart("Regions", &geometry.regions);
    let mut loose: Vec<Rect> = Vec::new();
    for (region, rect) in layout.plan.regions.iter().zip(&geometry.regions) {
        let vpcs = region.rows.iter().flat_map(|row| &row.vpcs);
        let mut boxes: Vec<Rect> = vpcs.map(|&vpc| geometry.vpcs[vpc]).collect();
        for row in &region.rows {
            boxes.extend(row.gaps.iter().flatten().map(node));
            for line in &row.lines {
                match line {
                    Line::Bar(bar) => boxes.push(node(bar)),
                    Line::Pills(pills) => boxes.extend(pills.iter().map(node)),
                }
            }
        }
        assert_apart("in a Region", &boxes);
        assert_inside("in a Region", &boxes, rect);
        loose.push(*rect);
    }
    loose.extend(layout.plan.above.iter().chain(&layout.plan.below).map(node));
    assert_apart("outside", &loose);
    for (index, vpc) in layout.plan.vpcs.iter().enumerate() {
        let rect = &geometry.vpcs[index];
        assert_apart("zones", &geometry.zones[index]);
        assert_inside("zones", &geometry.zones[index], rect);
        let pills: Vec<Rect> = vpc.top.iter().chain(&vpc.bottom).map(node).collect();
        assert_apart("on a border", &pills);
        for (column, zone) in geometry.zones[index].iter().enumerate() {
            let mut cells = Vec::new();
            for row in &vpc.rows {
                match &row[column] {
                    Cell::Empty => {}
                    Cell::More(more) => cells.push(node(more)),
                    Cell::Subnet(subnet) => {
                        cells.push(node(&subnet.node));
                        let chips: Vec<Rect> = subnet.chips.iter().map(node).collect();
                        assert_apart("in a subnet", &chips);
                        assert_inside("in a subnet", &chips, &node(&subnet.node));
                    }
                }
            }
            assert_apart("subnets", &cells);
            assert_inside("subnets", &cells, zone);
        }
    }
}

/// Texts are on the page and apart from each other.
fn assert_texts(scene: &Scene) {
    let page = Rect {
        left: 0.0,
        top: 0.0,
        right: scene.width,
        bottom: scene.height,
    };
    let texts = scene.texts();
    for (index, (text, room)) in texts.iter().enumerate() {
        assert!(inside(room, &page), "`{text}` at {room:?} on {page:?}");
        for (other, theirs) in &texts[index + 1..] {
            assert!(!overlap(room, theirs), "`{text}` runs into `{other}`");
        }
    }
}

/// The access where a wire ends, if it is at a node.
fn end_of(wire: &Wire) -> Option<usize> {
    match wire.end {
        End::Node(access) => Some(access),
        End::Junction => None,
    }
}

/// The pieces of all lines, with the nodes at their ends.
fn pieces(layout: &Layout) -> Vec<(usize, [Point; 2], Vec<usize>)> {
    let mut pieces = Vec::new();
    for (wire, trace) in layout.routes.wires.iter().zip(&layout.traces) {
        let node = |access: usize| layout.channels.access[access].node;
        let ends = [Some(wire.start), end_of(wire)].into_iter().flatten();
        let ends: Vec<usize> = ends.map(node).collect();
        for pair in simplified(&trace.points).windows(2) {
            pieces.push((wire.net, [pair[0], pair[1]], ends.clone()));
        }
    }
    pieces
}

fn extent([a, b]: [Point; 2]) -> Rect {
    Rect {
        left: a.0.min(b.0),
        top: a.1.min(b.1),
        right: a.0.max(b.0),
        bottom: a.1.max(b.1),
    }
}

fn touches(line: &Rect, rect: &Rect) -> bool {
    line.left < rect.right - SLACK
        && rect.left < line.right - SLACK + 2.0 * SLACK
        && line.top < rect.bottom - SLACK
        && rect.top < line.bottom - SLACK + 2.0 * SLACK
}

/// Lines are upright or level, join all that they should, and cross neither texts nor other nodes.
fn assert_lines(layout: &Layout, scene: &Scene) {
    for (net, joined) in layout.nets.all.iter().enumerate() {
        let wires = layout.routes.wires.iter().filter(|wire| wire.net == net);
        let expected = joined.from.len() + joined.to.len() - 1;
        assert_eq!(wires.count(), expected, "{joined:?}");
    }
    let page = layout.geometry.bottom;
    let texts = scene.texts();
    let texts: Vec<_> = texts.iter().filter(|(_, room)| room.top < page).collect();
    let subnets = layout
        .plan
        .vpcs
        .iter()
        .flat_map(|vpc| vpc.rows.iter().flatten());
    let subnets: Vec<usize> = subnets
        .filter_map(|cell| match cell {
            Cell::Subnet(subnet) => Some(subnet.node),
            Cell::Empty | Cell::More(_) => None,
        })
        .collect();
    for (wire, trace) in layout.routes.wires.iter().zip(&layout.traces) {
        let first = trace.points[0];
        let last = trace.points[trace.points.len() - 1];
        let ends = [(Some(wire.start), first), (end_of(wire), last)];
        for (access, (x, y)) in ends {
            if let Some(access) = access {
                let node = layout.channels.access[access].node;
                let rect = layout.geometry.nodes[node];
                let at = extent([(x, y), (x, y)]);
                let label = &layout.plan.nodes[node].label;
                assert!(inside(&at, &rect), "{x}, {y} is not at `{label}`, {rect:?}");
            }
        }
    }
    for (net, piece, ends) in pieces(layout) {
        let line = extent(piece);
        let straight = line.width() < 0.1 || line.height() < 0.1;
        assert!(straight, "net {net}: {piece:?}");
        for (text, room) in &texts {
            assert!(
                !touches(&line, room),
                "net {net}: {piece:?} crosses `{text}`"
            );
        }
        for (node, rect) in layout.geometry.nodes.iter().enumerate() {
            let other = !ends.contains(&node) && !subnets.contains(&node);
            let label = &layout.plan.nodes[node].label;
            assert!(
                !(other && touches(&line, rect)),
                "net {net}: {piece:?} crosses node {node} `{label}` at {rect:?}"
            );
        }
    }
}

/// Lines of different nets do not lie upon each other.
fn assert_lines_apart(layout: &Layout) {
    let pieces = pieces(layout);
    for (index, (net, a, _)) in pieces.iter().enumerate() {
        for (other, b, _) in &pieces[index + 1..] {
            if net == other {
                continue;
            }
            let (one, two) = (extent(*a), extent(*b));
            let shared = (
                one.right.min(two.right) - one.left.max(two.left),
                one.bottom.min(two.bottom) - one.top.max(two.top),
            );
            let upright = one.width() < SLACK && two.width() < SLACK;
            let level = one.height() < SLACK && two.height() < SLACK;
            let upon = (upright && shared.1 > 3.0 && shared.0 > -1.5)
                || (level && shared.0 > 3.0 && shared.1 > -1.5);
            assert!(
                !upon,
                "net {net} {:?} {a:?} and net {other} {:?} {b:?}",
                layout.nets.all[*net], layout.nets.all[*other]
            );
        }
    }
}

/// Everything has its place, and lines cross neither texts nor what they do not lead to.
fn assert_well_drawn(model: &Model) -> Option<Layout> {
    let Some((scene, layout)) = figure("A title", model) else {
        let mut regions = model.regions.iter();
        assert!(regions.all(|region| region.vpcs.is_empty()));
        return None;
    };
    assert_boxes(&layout);
    assert_texts(&scene);
    assert_lines(&layout, &scene);
    // What has no room is summed up: eight VPCs at most, each with so much of what is in it.
    let size = (scene.width, scene.height);
    assert!(size.0 < 3600.0 && size.1 < 8.0 * 1500.0, "{size:?}");
    Some(layout)
}

#[test]
fn every_sample_is_well_drawn() {
    for (_, _, model) in samples::all() {
        let layout = assert_well_drawn(&model).expect("samples have VPCs");
        assert_lines_apart(&layout);
    }
}

#[test]
fn every_sample_is_written() {
    let kept = std::env::var_os("NETSIM_PICTURES").map(PathBuf::from);
    let directory = tempfile::tempdir().unwrap();
    for (name, title, model) in samples::all() {
        let directory = kept.as_deref().unwrap_or(directory.path()).join(name);
        std::fs::create_dir_all(&directory).unwrap();
        let paths = write_topology(title, &model, &directory).unwrap();
        let names = paths
            .iter()
            .map(|path| path.file_name().unwrap().to_str().unwrap());
        assert_eq!(names.collect::<Vec<_>>(), ["topology.svg", "topology.png"]);
    }
}

#[test]
fn nothing_to_show_writes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let paths = write_topology("Bare hosts", &Model::default(), directory.path()).unwrap();
    assert!(paths.is_empty());
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn what_there_is_no_room_for_is_summed_up() {
    // A hundred thousand network interfaces.
    let model = samples::huge(20, 50);
    let (scene, _) = figure("Huge", &model).unwrap();
    assert!(scene.width < 3000.0 && scene.height < 6000.0);
    assert!(scene.shapes.len() < 10_000, "{} shapes", scene.shapes.len());
    let texts = scene.texts();
    for expected in ["… and 50 more subnets", "… and 8 more VPCs"] {
        assert!(
            texts.iter().any(|(text, _)| *text == expected),
            "no `{expected}`"
        );
    }
    assert_well_drawn(&model);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_model_is_well_drawn(seed in any::<u64>(), vpcs in 1..=8_usize, zones in 1..=6_usize) {
        // Lines may share a short stretch where there are very many.
        assert_well_drawn(&samples::random(seed, vpcs, zones));
    }
}
