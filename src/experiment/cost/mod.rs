//! The monthly bill of each point of a scenario.

mod called;
mod handler;
mod month;

use super::Diagnosis;
use crate::cost::{self, Bill};
use crate::scenario::{Document, Edit, Point, Problem, Scenario, expand};
use crate::topology::Topology;
use month::Month;

/// A point of a sweep, and what its design costs in a month.
#[derive(Debug)]
pub struct PointBill {
    /// Its parameters.
    pub point: Point,
    /// The bill.
    pub bill: Bill,
}

/// The bills of all points of `document` with `edits` applied and further sweep axes, and warnings.
/// A scenario need not be one that can run: what nothing can carry is priced as well.
///
/// # Errors
/// Every mistake of every point that keeps it from having a bill.
pub fn bills(
    document: &Document,
    edits: &[Edit],
    axes: &[String],
) -> Result<(Vec<PointBill>, Diagnosis), Diagnosis> {
    let mut diagnosis = Diagnosis::default();
    let (document, problems) = document.edited(edits);
    diagnosis.add(problems, &document);
    let points = expand(&document, axes).unwrap_or_else(|problems| {
        diagnosis.add(problems, &document);
        Vec::new()
    });
    let mut all = Vec::new();
    for point in points {
        let (document, problems) = document.edited(&point.edits);
        diagnosis.add(problems, &document);
        let (scenario, problems) = Scenario::read(&document);
        diagnosis.add(problems, &document);
        let (topology, problems) = Topology::resolve(&scenario);
        diagnosis.add(problems, &document);
        if !diagnosis.has_errors() {
            let (bill, problems) = bill(&scenario, &topology);
            diagnosis.add(problems, &document);
            all.push(PointBill { point, bill });
        }
    }
    if diagnosis.has_errors() {
        return Err(diagnosis);
    }
    Ok((all, diagnosis))
}

/// What a design costs in a month in which its workloads go on as written, whatever their count
/// and the simulated duration; and mistakes that leave a workload out of it.
pub(super) fn bill(scenario: &Scenario, topology: &Topology) -> (Bill, Vec<Problem>) {
    let mut month = Month::new(scenario, topology);
    for (name, ping) in &scenario.ping {
        month.ping(name, ping);
    }
    for (name, request) in &scenario.request {
        month.request(name, request);
    }
    for (name, datagram) in &scenario.datagram {
        month.datagram(name, datagram);
    }
    for name in scenario.stream.keys() {
        month.stream(name);
    }
    for (name, invoke) in &scenario.invoke {
        month.invoke(name, invoke);
    }
    month.called();
    month.finish();
    let mut bill = cost::bill(scenario, topology, &month.traffic, &month.invocations);
    bill.notes.extend(month.notes);
    (bill, month.problems)
}

#[cfg(test)]
mod function_tests;

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) const DESIGN: &str = r#"
[region]
name = "us-east-1"
availability_zones = ["us-east-1a", "us-east-1b"]

[vpc.main]
cidr_block = "10.0.0.0/16"

[internet_gateway.main]
vpc = "main"

[nat_gateway.a]
subnet = "public-a"

[route_table.public]
vpc = "main"
routes = [{ destination_cidr_block = "0.0.0.0/0", target = "internet_gateway.main" }]

[route_table.private]
vpc = "main"
routes = [{ destination_cidr_block = "0.0.0.0/0", target = "nat_gateway.a" }]

[subnet.public-a]
vpc = "main"
availability_zone = "us-east-1a"
cidr_block = "10.0.0.0/24"
route_table = "public"

[subnet.private-a]
vpc = "main"
availability_zone = "us-east-1a"
cidr_block = "10.0.1.0/24"
route_table = "private"

[subnet.private-b]
vpc = "main"
availability_zone = "us-east-1b"
cidr_block = "10.0.2.0/24"
route_table = "private"

[security_group.all]
vpc = "main"
ingress = [{ protocol = "all", source = "0.0.0.0/0" }]
egress = [{ protocol = "all", destination = "0.0.0.0/0" }]

[instance.a]
instance_type = "m5.xlarge"
subnet = "private-a"
security_groups = ["all"]

[instance.b]
instance_type = "m5.xlarge"
subnet = "private-b"
security_groups = ["all"]
"#;

    const BACKUP: &str = r#"
[request.backup]
from = "instance.a"
to = "service.s3"
port = 443
volume = "5 TB/month"
request_size = "4 MB"
response_size = "1 kB"
connection = "keep_alive"
"#;

    pub(super) fn document(parts: &[&str]) -> Document {
        Document::parse("test.toml".to_owned(), parts.concat()).unwrap()
    }

    pub(super) fn billed(parts: &[&str]) -> Bill {
        let (mut points, warnings) = bills(&document(parts), &[], &[]).unwrap();
        assert!(warnings.is_empty(), "{}", warnings.render(false));
        points.remove(0).bill
    }

    /// `resource, what: arithmetic = amount` of what is charged by volume and by invocation.
    pub(super) fn used(bill: &Bill) -> Vec<String> {
        let items = bill.items.iter().filter(|item| !item.shares.is_empty());
        items
            .map(|item| {
                let (resource, what) = (&item.resource, &item.what);
                let amount = item.amount.unwrap();
                format!("{resource}, {what}: {} = {amount}", item.arithmetic())
            })
            .collect()
    }

    #[test]
    fn five_terabytes_through_a_nat_gateway_cost_225_dollars() {
        let bill = billed(&[DESIGN, BACKUP]);
        let expected = "nat_gateway.a, data processed: 5,000 GB × $0.045 = $225.00";
        assert_eq!(used(&bill), [expected]);
        let through_endpoint = r#"
[vpc_endpoint.s3]
vpc = "main"
service = "s3"
vpc_endpoint_type = "gateway"
route_tables = ["private"]
"#;
        let cheaper = billed(&[DESIGN, BACKUP, through_endpoint]);
        let expected = "vpc_endpoint.s3, data processed: 5,000 GB × $0.00 = $0.00";
        assert_eq!(used(&cheaper), [expected]);
        assert_eq!((bill.total - cheaper.total).to_string(), "$225.00");
    }

    #[test]
    fn each_direction_is_charged_for_what_it_carries() {
        let workload = r#"
[request.web]
from = "instance.b"
to = "internet"
port = 443
volume = "17 TB/month"
request_size = "16 kB"
response_size = "1 kB"
connection = "new"
"#;
        let egress = "100 GB × $0.00 + 10,240 GB × $0.09 + 5,660 GB × $0.085";
        assert_eq!(
            used(&billed(&[DESIGN, workload])),
            [
                "nat_gateway.a, data processed: 17,000 GB × $0.045 = $765.00".to_owned(),
                "us-east-1b → us-east-1a, transfer between zones, out and in: \
                 2 × 16,000 GB × $0.01 = $320.00"
                    .to_owned(),
                "us-east-1a → us-east-1b, transfer between zones, out and in: \
                 2 × 1,000 GB × $0.01 = $20.00"
                    .to_owned(),
                format!("us-east-1 → internet, transfer out: {egress} = $1,402.70"),
            ]
        );
    }

    #[test]
    fn pings_datagrams_and_invocations_go_on_for_a_month() {
        let workloads = r#"
[ping.probe]
from = "instance.a"
to = "instance.b"
arrivals = { interval = { every = "1 s" } }
size = "1000 B"

[datagram.log]
from = "instance.b"
to = "instance.a"
size = "1000 B"
arrivals = { burst = { rate = "10/s", size = 10 } }

[invoke.job]
target = "function.job"
arrivals = { poisson = { rate = "1/s" } }

[function.job]
runtime = "python3.12"
memory = "1024 MB"
duration = "100 ms"
"#;
        assert_eq!(
            used(&billed(&[DESIGN, workloads])),
            [
                "function.job, requests: 2,628,000 requests × $0.0000002 = $0.5256",
                "function.job, 1024 MB for 100 ms each: 262,800 GB-s × $0.0000166667 = $4.38000876",
                "us-east-1a → us-east-1b, transfer between zones, out and in: \
                 2 × 2.628 GB × $0.01 = $0.05256",
                "us-east-1b → us-east-1a, transfer between zones, out and in: \
                 2 × 265.428 GB × $0.01 = $5.30856",
            ]
        );
    }

    #[test]
    fn what_ends_is_billed_by_the_duration() {
        let workload = r#"
[ping.probe]
from = "instance.a"
to = "instance.b"
size = "1000 B"
arrivals = { step = { size = 50 } }
"#;
        // 50 in 100 s are 1,314,000 a month.
        let bill = billed(&["duration = \"100 s\"\n", DESIGN, workload]);
        assert_eq!(
            used(&bill),
            [
                "us-east-1a → us-east-1b, transfer between zones, out and in: \
                 2 × 1.314 GB × $0.01 = $0.02628",
                "us-east-1b → us-east-1a, transfer between zones, out and in: \
                 2 × 1.314 GB × $0.01 = $0.02628",
            ]
        );
        let bill = billed(&[DESIGN, workload]);
        assert_eq!(bill.section(cost::Section::Traffic).to_string(), "$0.00");
        assert_eq!(
            bill.notes.last().unwrap(),
            "how often `ping.probe` sends depends on a `duration`, which the scenario does not \
             give; it is not in the bill"
        );
    }

    #[test]
    fn what_is_recorded_is_billed_by_the_duration() {
        let workload = r#"
[ping.probe]
from = "instance.a"
to = "instance.b"
size = "1000 B"
arrivals = { trace = { file = "times.csv" } }
"#;
        let document = document(&["duration = \"100 s\"\n", DESIGN, workload]);
        let with = |contents: &str| {
            let contents = contents.as_bytes().to_vec();
            let read = document.clone();
            read.with_traces(&[], &[], |_| Ok(contents.clone()))
        };
        // 50 of 51 in 100 s are 1,314,000 a month.
        let times = format!("{}100\n", "7.5\n".repeat(50));
        let (points, _) = bills(&with(&times), &[], &[]).unwrap();
        let traffic = points[0].bill.section(cost::Section::Traffic);
        assert_eq!(traffic.to_string(), "$0.05256");
        let diagnosis = bills(&with("soon\n"), &[], &[]).unwrap_err();
        let messages: Vec<String> = diagnosis.problems().map(ToString::to_string).collect();
        assert_eq!(
            messages,
            ["ping.probe.arrivals.trace.file: times.csv holds no arrivals"]
        );
    }

    #[test]
    fn an_endpoint_processes_both_directions() {
        let design = r#"
[vpc.provider]
cidr_block = "10.0.0.0/16"

[subnet.provider]
vpc = "provider"
availability_zone = "us-east-1a"
cidr_block = "10.0.0.0/24"

[security_group.provider]
vpc = "provider"
ingress = [{ protocol = "all", source = "0.0.0.0/0" }]

[instance.server]
instance_type = "m5.large"
subnet = "provider"
security_groups = ["provider"]

[load_balancer.api]
load_balancer_type = "network"
internal = true
subnets = ["provider"]
security_groups = ["provider"]
listeners = [{ port = 443, protocol = "TCP", target_group = "api" }]

[target_group.api]
vpc = "provider"
protocol = "TCP"
port = 443
targets = ["instance.server"]

[vpc_endpoint_service.api]
load_balancer = "api"

[vpc_endpoint.api]
vpc = "main"
service = "vpc_endpoint_service.api"
vpc_endpoint_type = "interface"
subnets = ["private-a"]
security_groups = ["all"]

[request.own-service]
from = "instance.a"
to = "vpc_endpoint.api"
port = 443
volume = "2 TB/month"
request_size = "1 kB"
response_size = "4 kB"
connection = "keep_alive"
"#;
        assert_eq!(
            used(&billed(&[DESIGN, design]))[0],
            "vpc_endpoint.api, data processed: 2,000 GB × $0.01 = $20.00"
        );
    }

    #[test]
    fn what_is_refused_moves_nothing_and_says_so() {
        let workload = r#"
[request.web]
from = "internet"
to = "instance.a"
port = 443
arrivals = { poisson = { rate = "1/s" } }
connection = "new"
"#;
        let bill = billed(&[DESIGN, workload]);
        assert_eq!(used(&bill), [""; 0]);
        let note = "`request.web` is refused from internet to instance.a, and moves nothing";
        assert_eq!(bill.notes.last().unwrap(), note);
    }

    #[test]
    fn a_workload_that_cannot_be_billed_is_a_mistake() {
        let workload = r#"
[request.web]
from = "instance.c"
to = "service.s3"
port = 443
connection = "new"
"#;
        let diagnosis = bills(&document(&[DESIGN, workload]), &[], &[]).unwrap_err();
        let messages: Vec<String> = diagnosis.problems().map(ToString::to_string).collect();
        assert_eq!(messages.len(), 2, "{messages:?}");
        assert!(
            messages[0].contains("`arrivals`, `volume`, or both"),
            "{messages:?}"
        );
        assert!(
            messages[1].contains("instance `c` is not defined"),
            "{messages:?}"
        );
    }

    #[test]
    fn every_point_of_a_sweep_has_its_bill() {
        let axes = ["request.backup.volume=\"5 TB/month\",\"10 TB/month\"".to_owned()];
        let (points, _) = bills(&document(&[DESIGN, BACKUP]), &[], &axes).unwrap();
        let traffic: Vec<String> = points
            .iter()
            .map(|one| one.bill.section(cost::Section::Traffic).to_string())
            .collect();
        assert_eq!(traffic, ["$225.00", "$450.00"]);
    }
}
