//! Requests: what clients want of servers, over which connections, and with how much patience.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Arrivals, Expectation, OneOrMany, Protocol, Reference};
use crate::units::{Bytes, Duration, MonthlyVolume};

/// Requests and responses, over TCP unless `protocol` says otherwise. Arrivals do not wait for
/// responses, but for those of `closed` clients.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Who sends them: an instance, a network interface, a function, `"internet"`, or a customer
    /// gateway.
    #[schemars(extend("example" = "\"instance.client\""))]
    pub from: Reference,
    /// An instance, a network interface, a load balancer, an AWS service (`"service.s3"`), a VPC
    /// endpoint, a customer gateway, `"internet"`, an address, or a DNS name. Of several, each request
    /// goes to all at once, and is answered with the last of their answers.
    #[schemars(extend("example" = "\"service.s3\""))]
    pub to: OneOrMany,
    /// Port of the server.
    #[schemars(extend("example" = "443"))]
    pub port: u16,
    /// `"tcp"`, or `"udp"`: a datagram there and one back, as for DNS. Default: `"tcp"`.
    #[serde(default)]
    #[schemars(extend("example" = "\"udp\""))]
    pub protocol: RequestProtocol,
    /// When requests are sent. Default: at random times, so often that they make up `volume`.
    #[schemars(extend("example" = "{ poisson = { rate = \"20/s\" } }"))]
    pub arrivals: Option<Arrivals>,
    /// Requests and responses together that are charged for in a month. Default: what `arrivals`
    /// amount to in 730 hours.
    #[schemars(extend("example" = "\"5 TB/month\""))]
    pub volume: Option<MonthlyVolume>,
    /// Size of a request, without headers of the network. Default: 500 B.
    #[schemars(extend("example" = "\"500 B\""))]
    pub request_size: Option<Bytes>,
    /// Size of a response, without headers of the network. Default: 1 kB.
    #[schemars(extend("example" = "\"16 kB\""))]
    pub response_size: Option<Bytes>,
    /// `"new"`: a TCP connection per request; `"keep_alive"`: an idle connection if there is one.
    /// Required over TCP.
    #[schemars(extend("example" = "\"keep_alive\""))]
    pub connection: Option<Connection>,
    /// How many connections a client keeps, and for how long. Default: as many as it takes, for ever.
    #[schemars(extend("example" = "{ max_connections = 50, idle_timeout = \"60 s\" }"))]
    pub pool: Option<ConnectionPool>,
    /// TLS on a new connection: `"none"`, `"1.2"`, `"1.2_resumed"`, `"1.3"` or `"1.3_0rtt"`.
    /// Default: `"none"`.
    #[serde(default)]
    #[schemars(extend("example" = "\"1.3\""))]
    pub tls: Tls,
    /// How long a client waits for an answer, from the moment it wants to send. Default: for ever; TCP
    /// itself gives up after some minutes without an acknowledgement.
    #[schemars(extend("example" = "\"1 s\""))]
    pub timeout: Option<Duration>,
    /// What a client does when an attempt has failed. Default: the request fails.
    #[schemars(extend("example" = "{ attempts = 3, backoff = \"100 ms\" }"))]
    pub retry: Option<Retry>,
    /// Asks a second time if there is no answer after this time; the first answer counts. Default:
    /// never.
    #[schemars(extend("example" = "\"20 ms\""))]
    pub hedge_after: Option<Duration>,
    /// Stop after this many. Default: at the end of the scenario's `duration`.
    #[schemars(extend("example" = "1000"))]
    pub count: Option<u64>,
    /// Whether the path should exist: `"reachable"`, `"refused"` or `"either"`; a run whose expectation
    /// fails has exit status 1. Default: `"reachable"`.
    #[serde(default)]
    #[schemars(extend("example" = "\"refused\""))]
    pub expect: Expectation,
}

impl Request {
    /// Sizes of request and response.
    #[must_use]
    pub fn sizes(&self) -> (Bytes, Bytes) {
        (
            self.request_size.unwrap_or(Bytes::new(500)),
            self.response_size.unwrap_or(Bytes::new(1000)),
        )
    }
}

/// The protocol of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequestProtocol {
    /// Connections, with congestion control and retransmission.
    #[default]
    Tcp,
    /// One datagram there and one back.
    Udp,
}

impl From<RequestProtocol> for Protocol {
    fn from(protocol: RequestProtocol) -> Self {
        match protocol {
            RequestProtocol::Tcp => Self::Tcp,
            RequestProtocol::Udp => Self::Udp,
        }
    }
}

/// Connections that a client keeps.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConnectionPool {
    /// Connections open at once, to each server; further requests wait for one. Default: unlimited.
    #[schemars(extend("example" = "50"))]
    pub max_connections: Option<u32>,
    /// After so long without a request the client closes a connection. Default: never.
    #[schemars(extend("example" = "\"60 s\""))]
    pub idle_timeout: Option<Duration>,
    /// TCP keep-alive: time between probes of an idle connection. Default: no probes.
    #[schemars(extend("example" = "\"120 s\""))]
    pub tcp_keepalive: Option<Duration>,
}

/// What a client does when an attempt has failed: it waits, twice as long each time, and tries again.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// Attempts in all, with the first.
    #[schemars(extend("example" = "3"))]
    pub attempts: u32,
    /// Before the second attempt. Default: 100 ms.
    #[schemars(extend("example" = "\"100 ms\""))]
    pub backoff: Option<Duration>,
    /// At most. Default: 20 s.
    #[schemars(extend("example" = "\"5 s\""))]
    pub max_backoff: Option<Duration>,
    /// `"none"`: exactly that; `"full"`: a random part of it; `"equal"`: half, and a random part of
    /// the other half. Default: `"full"`.
    #[serde(default)]
    #[schemars(extend("example" = "\"equal\""))]
    pub jitter: Jitter,
}

/// Chance in the wait before another attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Jitter {
    /// None.
    None,
    /// A random part of the wait.
    #[default]
    Full,
    /// Half of the wait, and a random part of the other half.
    Equal,
}

/// TCP of all ends.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Tcp {
    /// `"cubic"` (RFC 9438) or `"reno"` (RFC 5681). Default: `"cubic"`.
    #[schemars(extend("example" = "\"reno\""))]
    pub congestion_control: Option<CongestionControl>,
    /// Segments that may be sent before the first acknowledgement. Default: 10 (RFC 6928).
    #[schemars(extend("example" = "10"))]
    pub initial_window: Option<u32>,
    /// How long a receiver may keep an acknowledgement for one segment; every second segment is
    /// acknowledged at once. `"0 s"`: each is. Default: 40 ms, as Linux.
    #[schemars(extend("example" = "\"0 s\""))]
    pub delayed_ack: Option<Duration>,
    /// Least time before a retransmission. Default: 200 ms, as Linux.
    #[schemars(extend("example" = "\"5 ms\""))]
    pub min_rto: Option<Duration>,
    /// Time before a first retransmission, as long as no round trip is known. Default: 1 s (RFC 6298).
    #[schemars(extend("example" = "\"1 s\""))]
    pub initial_rto: Option<Duration>,
    /// How often a SYN is sent again. Default: 6, as Linux: it fails after 127 s.
    #[schemars(extend("example" = "3"))]
    pub syn_retries: Option<u32>,
    /// How often a segment is sent again before the connection is given up. Default: 15, as Linux.
    #[schemars(extend("example" = "8"))]
    pub retries: Option<u32>,
    /// Bytes that a receiver takes without reading them. Default: 6 MiB, as Linux.
    #[schemars(extend("example" = "\"65535 B\""))]
    pub receive_window: Option<Bytes>,
    /// Whether ends answer marks of explicit congestion notification (RFC 3168). Default: false.
    #[schemars(extend("example" = "true"))]
    pub ecn: Option<bool>,
}

/// How a sender finds its rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CongestionControl {
    /// Additive increase, multiplicative decrease.
    Reno,
    /// A cubic function of the time since the last loss.
    Cubic,
}

/// What becomes of TCP connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Connection {
    /// A connection per request.
    New,
    /// A request takes an idle connection, or opens one that then stays.
    KeepAlive,
}

/// TLS of a new connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
pub enum Tls {
    /// Plain TCP.
    #[default]
    #[serde(rename = "none")]
    None,
    /// TLS 1.2, full handshake: two round trips.
    #[serde(rename = "1.2")]
    V1_2,
    /// TLS 1.2, resumed session: one round trip.
    #[serde(rename = "1.2_resumed")]
    V1_2Resumed,
    /// TLS 1.3, full handshake: one round trip.
    #[serde(rename = "1.3")]
    V1_3,
    /// TLS 1.3 with early data: no round trip of its own.
    #[serde(rename = "1.3_0rtt")]
    V1_3EarlyData,
}
