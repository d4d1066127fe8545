//! From a document to programs: one per point of the sweep, all checked before any runs.

use super::{Design, cost};
use crate::cost::Bill;
use crate::scenario::{Document, Edit, Point, Problem, Scenario, expand, render};
use crate::sim::{Program, compile};
use crate::topology::Topology;
use crate::units::Duration;

/// The runs of one scenario.
#[derive(Debug)]
pub struct Plan {
    /// The scenario's title, or the name of its file without the extension.
    pub title: String,
    /// Seed of all random numbers, unless a point sweeps it.
    pub seed: u64,
    /// Simulated time during which workloads send, in seconds; `None` if they have counts.
    pub duration_secs: Option<f64>,
    /// The points, in the order of the sweep.
    pub points: Vec<PlannedPoint>,
    /// The design of the first point.
    pub design: Option<Design>,
    /// Warnings, each with the document it is about.
    pub warnings: Diagnosis,
}

/// One point, ready to run.
#[derive(Debug)]
pub struct PlannedPoint {
    /// Its parameters.
    pub point: Point,
    /// Seed of its random numbers.
    pub seed: u64,
    /// Independent repetitions.
    pub replications: u32,
    /// What runs.
    pub program: Program,
    /// What the design costs in a month.
    pub bill: Bill,
}

/// Problems of a plan, each with the document that shows its place.
#[derive(Debug, Default)]
pub struct Diagnosis(Vec<(Problem, Document)>);

impl Diagnosis {
    /// Adds problems, each message at a place once: most concern every point of a sweep.
    pub(super) fn add(&mut self, problems: Vec<Problem>, document: &Document) {
        for problem in problems {
            let known = self.0.iter().any(|(other, _)| *other == problem);
            if !known {
                self.0.push((problem, document.clone()));
            }
        }
    }

    /// The problems.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter().map(|(problem, _)| problem)
    }

    /// The problems with excerpts of their sources, as text for a terminal.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        let one = |(problem, document): &(Problem, Document)| {
            render(std::slice::from_ref(problem), document, color)
        };
        self.0.iter().map(one).collect()
    }

    /// Whether something keeps the scenario from running.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.problems().any(Problem::is_error)
    }

    /// Whether there is nothing to say.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Plan {
    /// Plans the runs of `document` with `edits` applied and further sweep axes (`PATH=V1,V2`).
    ///
    /// # Errors
    /// Every mistake of every point.
    pub fn new(document: &Document, edits: &[Edit], axes: &[String]) -> Result<Self, Diagnosis> {
        let mut diagnosis = Diagnosis::default();
        let (document, problems) = document.edited(edits);
        diagnosis.add(problems, &document);
        let points = match expand(&document, axes) {
            Ok(points) => points,
            Err(problems) => {
                diagnosis.add(problems, &document);
                vec![Point::default()]
            }
        };
        let mut planned = Vec::new();
        let mut design = None;
        for point in points {
            planned.extend(plan_point(&document, point, &mut design, &mut diagnosis));
        }
        if diagnosis.has_errors() {
            return Err(diagnosis);
        }
        let (scenario, _) = Scenario::read(&document);
        Ok(Self {
            title: scenario
                .title
                .clone()
                .unwrap_or_else(|| document.stem().to_owned()),
            seed: scenario.seed(),
            duration_secs: scenario.duration.map(Duration::as_secs_f64),
            points: planned,
            design,
            warnings: diagnosis,
        })
    }

    /// Whether no point has a workload, so that there is nothing to run.
    #[must_use]
    pub fn sends_nothing(&self) -> bool {
        self.points
            .iter()
            .all(|point| point.program.sends_nothing())
    }

    /// Runs of all points together.
    #[must_use]
    pub fn runs(&self) -> u64 {
        self.points
            .iter()
            .map(|point| u64::from(point.replications))
            .sum()
    }
}

/// The topology of a document with `edits` applied, and warnings; a sweep is left out.
///
/// # Errors
/// Every mistake.
pub fn resolve_topology(
    document: &Document,
    edits: &[Edit],
) -> Result<(Topology, Diagnosis), Diagnosis> {
    let mut diagnosis = Diagnosis::default();
    let (document, problems) = document.edited(edits);
    diagnosis.add(problems, &document);
    let (scenario, problems) = Scenario::read(&document);
    diagnosis.add(problems, &document);
    let (topology, problems) = Topology::resolve(&scenario);
    diagnosis.add(problems, &document);
    if diagnosis.has_errors() {
        return Err(diagnosis);
    }
    Ok((topology, diagnosis))
}

fn plan_point(
    document: &Document,
    point: Point,
    design: &mut Option<Design>,
    diagnosis: &mut Diagnosis,
) -> Option<PlannedPoint> {
    let (document, problems) = document.edited(&point.edits);
    diagnosis.add(problems, &document);
    let (scenario, problems) = Scenario::read(&document);
    let mut sound = !problems.iter().any(Problem::is_error);
    diagnosis.add(problems, &document);
    let (topology, problems) = Topology::resolve(&scenario);
    sound &= !problems.iter().any(Problem::is_error);
    diagnosis.add(problems, &document);
    match compile(&scenario, &topology, sound) {
        Ok((program, mut warnings)) => {
            // What follows from a mistake is not worth a warning.
            warnings.retain(|_| sound);
            diagnosis.add(warnings, &document);
            if !sound {
                return None;
            }
            // Mistakes in workloads are the compiler's to report.
            let (bill, _) = cost::bill(&scenario, &topology);
            design.get_or_insert_with(|| Design::new(&scenario, topology));
            Some(PlannedPoint {
                point,
                seed: scenario.seed(),
                replications: scenario.replications(),
                program,
                bill,
            })
        }
        Err(mut problems) => {
            problems.retain(|problem| sound || problem.is_error());
            diagnosis.add(problems, &document);
            None
        }
    }
}
