//! Lambda: environments that are reused, expire and run out, against exact answers; cold starts
//! against published measurements.

mod attachment;
mod cold_starts;
mod environments;
mod events;
mod handlers;
mod keep_alive_runs;
mod published;
mod scaling;
mod theory;

use netsim::sim::{FunctionResults, WorkloadResults};

use crate::world::Experiment;

/// A function under invocation.
struct Case<'a> {
    arrivals: &'a str,
    handler: &'a str,
    /// Further keys of the function, of the invocations and of the account, in TOML.
    keys: &'a str,
    invoke: &'a str,
    account: &'a str,
    /// Time that a cold start takes longer than a warm one.
    cold: &'a str,
    warmup: &'a str,
    /// Until when invocations are sent.
    duration: &'a str,
    replications: u32,
}

impl Case<'_> {
    const DEFAULT: Self = Self {
        arrivals: "",
        handler: r#""0 s""#,
        keys: "",
        invoke: "",
        account: "",
        cold: "0 s",
        warmup: "0 s",
        duration: "",
        replications: 1,
    };

    fn text(&self) -> String {
        let Self {
            arrivals,
            handler,
            keys,
            invoke,
            account,
            cold,
            warmup,
            duration,
            replications,
        } = self;
        format!(
            r#"
            duration = "{duration}"
            warmup = "{warmup}"
            replications = {replications}

            [region]
            name = "us-east-1"
            availability_zones = ["us-east-1a"]

            [profile]
            "lambda.placement" = "{cold}"
            "lambda.microvm_boot_new_worker" = "0 s"
            "lambda.microvm_boot_existing_worker" = "0 s"
            "lambda.code" = "0 s"
            "lambda.runtime_init.python3.12" = "0 s"
            "lambda.invoke_overhead" = "0 s"

            [lambda]
            {account}

            [function.f]
            runtime = "python3.12"
            memory = "128 MB"
            duration = {handler}
            {keys}

            [invoke.users]
            target = "function.f"
            arrivals = {{ {arrivals} }}
            {invoke}
            "#
        )
    }

    fn run(&self) -> Experiment {
        Experiment::run("environments", &self.text(), &[])
    }
}

/// The results of the function and of its invocations.
fn results(experiment: &Experiment) -> (&FunctionResults, &WorkloadResults) {
    let results = &experiment.outcome.points[0].results;
    (&results.functions[0], &results.workloads[0])
}
