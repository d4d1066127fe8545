//! Invocations of Lambda functions.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Arrivals, Reference, Retry};
use crate::units::{Bytes, Duration};

/// Invocations of a Lambda function.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Invoke {
    /// The function.
    #[schemars(extend("example" = "\"function.api\""))]
    pub target: Reference,
    /// When it is invoked; not given if handlers do so.
    #[schemars(extend("example" = "{ poisson = { rate = \"20/s\" } }"))]
    pub arrivals: Option<Arrivals>,
    /// `"request_response"`: the caller waits for the answer; `"event"`: Lambda queues the event, and
    /// tries again after an error; `"event_source"`: Lambda takes messages from a queue and invokes
    /// with a batch of them. Default: `"request_response"`.
    #[serde(default)]
    #[schemars(extend("example" = "\"event\""))]
    pub invocation_type: InvocationType,
    /// Who invokes it over the network, at the Lambda API: an instance, a network interface, a
    /// function or `"internet"`. Default: nobody on this network; the latency is then that of Lambda
    /// alone.
    #[schemars(extend("example" = "\"instance.web\""))]
    pub from: Option<Reference>,
    /// Size of the payload, over the network. Default: 500 B.
    #[schemars(extend("example" = "\"2 kB\""))]
    pub request_size: Option<Bytes>,
    /// Size of the answer, over the network. Default: 1 kB.
    #[schemars(extend("example" = "\"16 kB\""))]
    pub response_size: Option<Bytes>,
    /// What stands before the function: `"none"`, `"function_url"` or `"api_gateway"`. Default:
    /// `"none"`.
    #[serde(default)]
    #[schemars(extend("example" = "\"api_gateway\""))]
    pub front_end: FrontEnd,
    /// How long the caller waits for an answer. Default: for ever.
    #[schemars(extend("example" = "\"29 s\""))]
    pub timeout: Option<Duration>,
    /// What the caller does when it is throttled, or has had no answer. Default: the invocation
    /// fails.
    #[schemars(extend("example" = "{ attempts = 3, backoff = \"100 ms\" }"))]
    pub retry: Option<Retry>,
    /// For events: how often Lambda tries again after an error of the function, 0 to 2. Default: 2.
    #[schemars(extend("example" = "0"))]
    pub maximum_retry_attempts: Option<u32>,
    /// For events: how old one may be when it is tried, up to 6 h. Default: 6 h.
    #[schemars(extend("example" = "\"1 h\""))]
    pub maximum_event_age: Option<Duration>,
    /// For an event source: how it is read. Default: as AWS has it.
    #[schemars(extend("example" = "{ batch_size = 10, maximum_batching_window = \"1 s\" }"))]
    pub event_source: Option<EventSource>,
    /// Stop after this many. Default: at the end of the scenario's `duration`.
    #[schemars(extend("example" = "1000"))]
    pub count: Option<u64>,
}

/// Whether an invocation is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvocationType {
    /// The caller waits for the answer.
    #[default]
    RequestResponse,
    /// The event is queued.
    Event,
    /// Messages of a queue, in batches.
    EventSource,
}

/// What stands before a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FrontEnd {
    /// Nothing but the Lambda API.
    #[default]
    None,
    /// A function URL.
    FunctionUrl,
    /// An API of Amazon API Gateway.
    ApiGateway,
}

/// How Lambda reads a queue.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EventSource {
    /// Most messages of a batch. Default: 10.
    #[schemars(extend("example" = "10"))]
    pub batch_size: Option<u32>,
    /// How long a batch is gathered at most. Default: not at all.
    #[schemars(extend("example" = "\"1 s\""))]
    pub maximum_batching_window: Option<Duration>,
    /// Most batches at once. Default: unlimited.
    #[schemars(extend("example" = "5"))]
    pub maximum_concurrency: Option<u32>,
    /// After how long a message that was not dealt with is read again. Default: 30 s.
    #[schemars(extend("example" = "\"3 min\""))]
    pub visibility_timeout: Option<Duration>,
    /// How often a message is read before it is given up. Default: as often as it takes.
    #[schemars(extend("example" = "5"))]
    pub max_receive_count: Option<u32>,
}
