//! A mistake in a scenario, and how it is shown: file, line, excerpt, reason, remedy.

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode,
    SourceSpan,
};

use super::{Document, KeyPath};

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The scenario cannot run.
    Error,
    /// The scenario runs, and the user should know.
    Warning,
}

/// Something wrong with a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Whether the scenario can run.
    pub severity: Severity,
    /// The key it is about.
    pub path: KeyPath,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Problem {
    /// Something that keeps the scenario from running.
    #[must_use]
    pub fn error(path: KeyPath, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            path,
            message: message.into(),
            help: None,
        }
    }

    /// Something the user should know.
    #[must_use]
    pub fn warning(path: KeyPath, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            path,
            message: message.into(),
            help: None,
        }
    }

    /// Whether it keeps the scenario from running.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The same problem with a remedy.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same problem with the nearest of `candidates` to `name` as the remedy, or all of them
    /// where none is near.
    #[must_use]
    pub fn did_you_mean<'a>(
        self,
        name: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let candidates: Vec<&str> = candidates.into_iter().collect();
        match nearest(name, candidates.iter().copied()) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None if candidates.is_empty() => self,
            None => {
                let shown: Vec<String> = candidates
                    .iter()
                    .take(12)
                    .map(|name| format!("`{name}`"))
                    .collect();
                let more = if candidates.len() > 12 { ", …" } else { "" };
                self.help(format!("there are {}{more}", shown.join(", ")))
            }
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.path.segments().is_empty() {
            return f.write_str(&self.message);
        }
        write!(f, "{}: {}", self.path, self.message)
    }
}

/// The candidate nearest to `name`, if one is near enough to be meant.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Jaro–Winkler likes a common beginning; one slip of the finger counts in short names, too.
    let similarity = |candidate: &str| {
        let one_slip = name.len() > 2 && strsim::osa_distance(name, candidate) == 1;
        strsim::jaro_winkler(name, candidate) + if one_slip { 1.0 } else { 0.0 }
    };
    candidates
        .into_iter()
        .map(|candidate| (similarity(candidate), candidate))
        .filter(|(similarity, _)| *similarity > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// The problems with excerpts of the sources, as text for a terminal; `color` adds escapes.
#[must_use]
pub fn render(problems: &[Problem], document: &Document, color: bool) -> String {
    problems
        .iter()
        .map(|problem| {
            let (name, text, span) = document.locate(&problem.path);
            render_at(problem, &Source { name, text, span }, color)
        })
        .collect()
}

/// A place in a text.
#[derive(Debug)]
pub(super) struct Source<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
    pub(super) span: std::ops::Range<usize>,
}

/// One problem with an excerpt of `source`.
pub(super) fn render_at(problem: &Problem, source: &Source<'_>, color: bool) -> String {
    let theme = if color {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let placed = Placed {
        problem,
        source: NamedSource::new(source.name, source.text.to_owned()),
        span: source.span.clone().into(),
    };
    let mut text = String::new();
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(100)
        .without_cause_chain();
    match handler.render_report(&mut text, &placed) {
        Ok(()) => text + "\n",
        Err(_) => format!("{}: {placed}\n", source.name),
    }
}

/// A problem with its place, as miette shows it.
#[derive(Debug)]
struct Placed<'a> {
    problem: &'a Problem,
    source: NamedSource<String>,
    span: SourceSpan,
}

impl std::fmt::Display for Placed<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.problem.fmt(f)
    }
}

impl std::error::Error for Placed<'_> {}

impl Diagnostic for Placed<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.problem.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'b>(&'b self) -> Option<Box<dyn std::fmt::Display + 'b>> {
        self.problem
            .help
            .as_ref()
            .map(|help| Box::new(help) as Box<dyn std::fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = LabeledSpan::new_primary_with_span(None, self.span);
        Some(Box::new(std::iter::once(label)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_suggested_and_far_ones_are_not() {
        let names = ["private-a", "private-b", "public-a"];
        assert_eq!(nearest("privat-a", names), Some("private-a"));
        assert_eq!(nearest("zzz", names), None);
        let problem = |name| {
            Problem::error(KeyPath::root(), "")
                .did_you_mean(name, names)
                .help
        };
        assert_eq!(problem("privat-a").unwrap(), "did you mean `private-a`?");
        assert_eq!(
            problem("zzz").unwrap(),
            "there are `private-a`, `private-b`, `public-a`"
        );
    }
}
