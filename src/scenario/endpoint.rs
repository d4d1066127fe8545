//! AWS services, VPC endpoints, and services of one's own behind an endpoint.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Reference;
use crate::engine::Distribution;

/// A VPC endpoint: of an AWS service, or of an endpoint service.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VpcEndpoint {
    /// The VPC it is in.
    #[schemars(extend("example" = "\"main\""))]
    pub vpc: Reference,
    /// The service: one of AWS (`"s3"`, `"com.amazonaws.us-east-1.s3"`), of a `[service]` table, or
    /// `"vpc_endpoint_service.NAME"`.
    #[schemars(extend("example" = "\"s3\""))]
    pub service: Reference,
    /// `"gateway"` (`s3` and `dynamodb`: a route), `"interface"` (network interfaces in subnets), or
    /// `"gateway_load_balancer"` (a route to appliances).
    #[schemars(extend("example" = "\"gateway\""))]
    pub vpc_endpoint_type: EndpointType,
    /// For a gateway endpoint: the route tables that get its route.
    #[serde(default)]
    #[schemars(extend("example" = "[\"private-a\"]"))]
    pub route_tables: Vec<Reference>,
    /// For the other types: the subnets that get a network interface, at most one per zone; a Gateway
    /// Load Balancer endpoint has exactly one.
    #[serde(default)]
    #[schemars(extend("example" = "[\"private-a\"]"))]
    pub subnets: Vec<Reference>,
    /// For an interface endpoint: the groups of its network interfaces. Default: the VPC's default
    /// group.
    #[serde(default)]
    #[schemars(extend("example" = "[\"endpoints\"]"))]
    pub security_groups: Vec<Reference>,
    /// For an interface endpoint: whether the service's public name resolves to it inside the VPC.
    /// Default: true.
    #[serde(default = "super::yes")]
    #[schemars(extend("example" = "false"))]
    pub private_dns_enabled: bool,
    /// Who may do what through it; a matching `"deny"` beats every `"allow"`. Default: everything is
    /// allowed.
    #[schemars(extend("example" = "[{ effect = \"allow\", actions = [\"s3:GetObject\"], resources = [\"arn:aws:s3:::logs/*\"] }]"))]
    pub policy: Option<Vec<PolicyStatement>>,
    /// For an endpoint service that requires acceptance: whether its owner has accepted this
    /// endpoint. Default: true.
    #[serde(default = "super::yes")]
    #[schemars(extend("example" = "false"))]
    pub accepted: bool,
    /// For the reader.
    #[serde(default)]
    #[schemars(extend("example" = "{ Name = \"s3\" }"))]
    pub tags: super::Tags,
}

/// The kinds of VPC endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndpointType {
    /// A route to the service.
    Gateway,
    /// Network interfaces in subnets.
    Interface,
    /// A route to the appliances behind a Gateway Load Balancer.
    #[serde(alias = "GatewayLoadBalancer", alias = "gatewayloadbalancer")]
    GatewayLoadBalancer,
}

/// A statement of an endpoint policy, for every principal.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyStatement {
    /// `"allow"` or `"deny"`.
    #[schemars(extend("example" = "\"deny\""))]
    pub effect: Effect,
    /// The actions, with `*` for any text. Default: all.
    #[serde(default = "anything")]
    #[schemars(extend("example" = "[\"s3:PutObject\", \"s3:Delete*\"]"))]
    pub actions: Vec<String>,
    /// The resources, with `*` for any text. Default: all.
    #[serde(default = "anything")]
    #[schemars(extend("example" = "[\"arn:aws:s3:::logs/*\"]"))]
    pub resources: Vec<String>,
}

fn anything() -> Vec<String> {
    vec!["*".to_owned()]
}

/// What a policy statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Allows.
    #[serde(alias = "Allow")]
    Allow,
    /// Forbids, whatever else allows it.
    #[serde(alias = "Deny")]
    Deny,
}

/// A service of one's own that other VPCs reach through endpoints: AWS `PrivateLink`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VpcEndpointService {
    /// The Network Load Balancer, or for `gateway_load_balancer` endpoints the Gateway Load Balancer,
    /// behind it.
    #[schemars(extend("example" = "\"api\""))]
    pub load_balancer: Reference,
    /// Whether endpoints must be accepted by the owner. Default: false.
    #[serde(default)]
    #[schemars(extend("example" = "true"))]
    pub acceptance_required: bool,
    /// The name that endpoints with private DNS resolve to themselves. Default: none.
    #[schemars(extend("example" = "\"api.example.com\""))]
    pub private_dns_name: Option<String>,
    /// For the reader.
    #[serde(default)]
    #[schemars(extend("example" = "{ Name = \"api\" }"))]
    pub tags: super::Tags,
}

/// An AWS service, or one of somebody else's that only its speed is known of. Those of the profile
/// (`s3`, `dynamodb`, `secretsmanager`, …) exist without a table; a table of the same name changes them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Time inside the service to answer a request. Default: the profile's, if it knows the
    /// service.
    #[schemars(extend("example" = "{ lognormal = { p50 = \"5 ms\", p99 = \"25 ms\" } }"))]
    pub service_time: Option<Distribution>,
    /// Requests each zone's front end serves at once; others wait. Default: unlimited.
    #[schemars(extend("example" = "16"))]
    pub servers: Option<u32>,
}
