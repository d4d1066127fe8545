//! Workloads that handlers of functions call.

use super::{Invoke, Reference, Request, Scenario};

/// A workload that a handler can call, by its name.
#[derive(Debug, Clone, Copy)]
pub enum Called<'a> {
    /// A request that the function sends.
    Request(&'a str, &'a Request),
    /// Another function that it invokes.
    Invoke(&'a str, &'a Invoke),
}

impl<'a> Called<'a> {
    /// The workload that a reference names.
    #[must_use]
    pub fn find(scenario: &'a Scenario, reference: &Reference) -> Option<Self> {
        let (kind, name) = reference.parts();
        let request = || scenario.request.get_key_value(name);
        let invoke = || scenario.invoke.get_key_value(name);
        // Names of workloads are unique across kinds.
        match kind {
            None | Some("request") if request().is_some() => {
                request().map(|(name, written)| Self::Request(name, written))
            }
            None | Some("invoke") => invoke().map(|(name, written)| Self::Invoke(name, written)),
            Some(_) => None,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'a str {
        match self {
            Self::Request(name, _) | Self::Invoke(name, _) => name,
        }
    }

    /// The kind of its table.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Request(..) => "request",
            Self::Invoke(..) => "invoke",
        }
    }

    /// Whether it has arrivals of its own, and is not for handlers.
    #[must_use]
    pub const fn arrives(self) -> bool {
        match self {
            Self::Request(_, request) => request.arrivals.is_some() || request.volume.is_some(),
            Self::Invoke(_, invoke) => invoke.arrivals.is_some(),
        }
    }
}
