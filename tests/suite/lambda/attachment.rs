//! Functions in a VPC: what their network interfaces need, and when there are none.

use netsim::sim::{Failure, InvokeError};

use super::Case;
use crate::world::Experiment;

/// A function of a VPC with a subnet.
fn in_vpc(attachment: &str, memory: &str, cidr_block: &str, case: &Case<'_>) -> Experiment {
    let vpc = format!(
        r#"
        [vpc.main]
        cidr_block = "10.0.0.0/16"
        [subnet.functions]
        vpc = "main"
        availability_zone = "us-east-1a"
        cidr_block = "{cidr_block}"
        [security_group.app]
        vpc = "main"
        "#
    );
    let keys = format!(
        "vpc_attachment = \"{attachment}\"\nsubnets = [\"functions\"]\nsecurity_groups = [\"app\"]\n{}",
        case.keys
    );
    let text = Case {
        keys: &keys,
        ..*case
    }
    .text()
        + &vpc;
    let memory = format!("function.f.memory={memory:?}");
    Experiment::run("attachment", &text, &[&memory])
}

/// Until 2019: 1.5 GB need half an interface, so that the 251 addresses of a /24 are enough for 502
/// environments; 3008 MB and 350 interfaces of the Region for 357. (AWS Lambda developer guide,
/// March 2019: interfaces = concurrent executions × memory / 3 GB.)
#[test]
fn a_subnet_or_the_region_runs_out_of_interfaces() {
    let case = Case {
        // A second apart, so that EC2 keeps up.
        arrivals: r#"interval = { every = "100 ms" }"#,
        handler: r#""10 h""#,
        keys: "timeout = \"15 min\"",
        duration: "2 min",
        account: "concurrency_limit = 5000",
        ..Case::DEFAULT
    };
    for (memory, block, environments, interfaces, error) in [
        (
            "1536 MB",
            "10.0.16.0/24",
            502,
            251,
            InvokeError::SubnetIpAddressLimitReached,
        ),
        (
            "3008 MB",
            "10.0.16.0/22",
            357,
            350,
            InvokeError::EniLimitReached,
        ),
    ] {
        let experiment = in_vpc("per_environment_eni", memory, block, &case);
        let results = &experiment.outcome.points[0].results;
        let function = &results.functions[0];
        assert_eq!(function.concurrency.peak, environments, "{memory}");
        assert_eq!(function.network_interfaces.peak, interfaces, "{memory}");
        let failed = results.workloads[0].failed[&Failure::Invoke(error)];
        assert_eq!(failed, 1200 - environments, "{memory}");
    }
}

/// A function is `Pending` until its Hyperplane interface is there, and `Inactive` when nobody has
/// invoked it for 14 days: the next invocation fails, and it is `Pending` once more.
#[test]
fn a_hyperplane_interface_comes_and_goes() {
    let case = Case {
        arrivals: r#"interval = { every = "15 d" }"#,
        keys: "created_at = \"0 s\"",
        duration: "46 d",
        ..Case::DEFAULT
    };
    let experiment = in_vpc("hyperplane", "128 MB", "10.0.16.0/24", &case);
    let errors = &experiment.outcome.points[0].results.functions[0].errors;
    // On day 0 it is being made; on days 15, 30 and 45 it has been idle for too long.
    assert_eq!(errors[&InvokeError::ResourceConflict], 1);
    assert_eq!(errors[&InvokeError::ResourceNotReady], 3);
    let case = Case {
        arrivals: r#"interval = { every = "13 d" }"#,
        keys: "",
        ..case
    };
    let experiment = in_vpc("hyperplane", "128 MB", "10.0.16.0/24", &case);
    let function = &experiment.outcome.points[0].results.functions[0];
    assert!(function.errors.is_empty());
    assert_eq!(function.invocations, 4);
}
