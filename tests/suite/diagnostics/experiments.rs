//! Messages about placement, workloads, loads, sweeps and options, in groups of one snapshot each.

use super::case::Case::{Becomes, More, Set, Sweep, Whole};
use super::case::{RIGHT, shows};

#[test]
fn placement() {
    shows(
        "placement",
        &[
            (
                "in a circle",
                Becomes(
                    "[instance.server]",
                    "placement = { same_host_as = \"instance.server\" }\n[instance.server]\nplacement = { same_rack_as = \"instance.client\" }",
                ),
            ),
            (
                "beside nobody",
                Set("instance.client.placement={ same_host_as = \"instance.sever\" }"),
            ),
            (
                "beside itself",
                Set("instance.client.placement={ same_host_as = \"instance.client\" }"),
            ),
            (
                "by two rules",
                Set("instance.client.placement={ rack = 1, same_host_as = \"instance.server\" }"),
            ),
            (
                "in a rack that is not there",
                Set("instance.client.placement={ rack = 99 }"),
            ),
            (
                "in rack zero",
                Set("instance.client.placement={ rack = 0, host = 1 }"),
            ),
        ],
    );
}

#[test]
fn streams() {
    let stream = |keys: &str| {
        format!("[stream.bulk]\nfrom = \"instance.client\"\nto = \"instance.server\"\n{keys}")
            .leak()
    };
    shows(
        "streams",
        &[
            (
                "two kinds of sizes",
                More(stream("size = \"1 GB\"\nsizes = \"web_search\"")),
            ),
            ("no byte", More(stream("size = \"0 B\""))),
            (
                "sizes of nobody",
                More(stream("sizes = \"web_serach\"\nload = \"10 %\"")),
            ),
            ("a load of nothing", More(stream("load = \"10 %\""))),
            (
                "two ways to arrive",
                More(stream(
                    "size = \"1 MB\"\nload = \"10 %\"\narrivals = { poisson = { rate = \"1/s\" } }",
                )),
            ),
            ("no flows", More(stream("flows = 0"))),
            (
                "to itself only",
                Whole(
                    "duration = \"1 s\"\n[fabric.f]\nracks = 1\nhosts_per_rack = 1\n[stream.s]\nfrom = \"fabric.f\"\nto = \"fabric.f\"\n",
                ),
            ),
        ],
    );
}

#[test]
fn workloads() {
    shows(
        "workloads",
        &[
            (
                "a name twice",
                More(
                    "[datagram.probe]\nfrom = \"instance.client\"\nto = \"instance.server\"\nsize = \"100 B\"\narrivals = { poisson = { rate = \"1/s\" } }",
                ),
            ),
            ("endless", Becomes("duration = \"1 s\"\n", "")),
            (
                "a warm-up as long as the run",
                Becomes("duration = \"1 s\"", "duration = \"1 s\"\nwarmup = \"1 s\""),
            ),
            (
                "no time",
                Becomes("duration = \"1 s\"", "duration = \"0 s\""),
            ),
            ("an interval of zero", Becomes("10 ms", "0 ms")),
            (
                "a negative rate",
                Becomes(
                    "interval = { every = \"10 ms\" }",
                    "poisson = { rate = \"-5/s\" }",
                ),
            ),
            (
                "a rate of zero",
                Becomes(
                    "interval = { every = \"10 ms\" }",
                    "poisson = { rate = \"0/s\" }",
                ),
            ),
            (
                "two kinds of arrivals",
                Becomes(
                    "interval = { every = \"10 ms\" }",
                    "interval = { every = \"10 ms\" }, poisson = { rate = \"5/s\" }",
                ),
            ),
            (
                "no arrivals",
                Becomes("interval = { every = \"10 ms\" }", ""),
            ),
            (
                "an empty burst",
                Becomes(
                    "interval = { every = \"10 ms\" }",
                    "burst = { rate = \"5/s\", size = 0 }",
                ),
            ),
            (
                "to itself",
                Becomes("to = \"instance.server\"", "to = \"instance.client\""),
            ),
            ("a ping too large", Set("ping.probe.size=\"20 kB\"")),
            (
                "a ping to a service",
                Becomes("to = \"instance.server\"", "to = \"service.s3\""),
            ),
            (
                "a path that is refused",
                Becomes(
                    "ingress = [{ protocol = \"all\", source = \"10.0.0.0/16\" }]",
                    "ingress = []",
                ),
            ),
            (
                "a path that should be refused",
                Set("ping.probe.expect=\"refused\""),
            ),
            (
                "load and arrivals",
                More(
                    "[datagram.load]\nfrom = \"instance.client\"\nto = \"instance.server\"\nsize = \"100 B\"\nload = \"10 %\"\narrivals = { poisson = { rate = \"1/s\" } }",
                ),
            ),
            (
                "no load",
                More(
                    "[datagram.load]\nfrom = \"instance.client\"\nto = \"instance.server\"\nsize = \"100 B\"\nload = \"0 %\"",
                ),
            ),
        ],
    );
}

/// A fabric of bare hosts under a load; the keys of the fabric are given.
fn fabric(keys: &str) -> String {
    format!(
        "[fabric.lab]\nracks = 2\nhosts_per_rack = 4\nspines = 2\n{keys}\n\n[datagram.load]\n\
         from = \"fabric.lab\"\nto = \"fabric.lab\"\nsize = \"1500 B\"\nload = \"120 %\"\n\
         count = 100\n"
    )
}

#[test]
fn loads_above_capacity() {
    let server = |servers: &str| {
        RIGHT
            .replacen(
                "[instance.server]",
                &format!("[instance.server]\n{servers}"),
                1,
            )
            .replacen(
                "[ping.probe]",
                "[request.probe]\nport = 80\nconnection = \"new\"",
                1,
            )
            .replacen("10 ms", "1 ms", 1)
    };
    let busy = "service_time = \"5 ms\"\nservers = 4";
    let allowed = format!("allow_overload = true\n{}", server(busy));
    shows(
        "loads_above_capacity",
        &[
            (
                "links with unlimited buffers",
                Whole(&fabric("buffer = \"unlimited\"")),
            ),
            (
                "links with limited buffers",
                Whole(&fabric("buffer = \"100 kB\"")),
            ),
            ("servers", Whole(&server(busy))),
            ("servers, on purpose", Whole(&allowed)),
            (
                "servers enough",
                Whole(&server("service_time = \"5 ms\"\nservers = 6")),
            ),
            (
                "a card",
                More(
                    "[datagram.bulk]\nfrom = \"instance.client\"\nto = \"instance.server\"\nsize = \"9000 B\"\narrivals = { poisson = { rate = \"100000/s\" } }",
                ),
            ),
        ],
    );
}

#[test]
fn sweeps_and_options() {
    shows(
        "sweeps_and_options",
        &[
            ("neither a list nor a range", More("[sweep]\nseed = 3")),
            ("an empty list", More("[sweep]\nseed = []")),
            (
                "an empty range",
                More(
                    "[sweep]\n\"ping.probe.size\" = { from = \"1 kB\", to = \"2 kB\", steps = 1 }",
                ),
            ),
            (
                "a range of mixed units",
                More(
                    "[sweep]\n\"ping.probe.size\" = { from = \"100 B\", to = \"2 kB\", steps = 3 }",
                ),
            ),
            (
                "a key that is not there",
                More("[sweep]\n\"ping.probe.siez\" = [\"100 B\"]"),
            ),
            (
                "a resource that is not there",
                More("[sweep]\n\"ping.prob.size\" = [\"100 B\"]"),
            ),
            (
                "values of which one is wrong",
                More("[sweep]\n\"ping.probe.size\" = [\"100 B\", \"100\"]"),
            ),
            (
                "not a path",
                More("[sweep]\n\"ping probe size\" = [\"100 B\"]"),
            ),
            (
                "a value that is wrong, as an option",
                Sweep("ping.probe.size=100 B,lots"),
            ),
            ("set: a bad unit", Set("duration=\"5 parsecs\"")),
            (
                "set: a key that is not there",
                Set("instance.client.instance_typ=\"m5.large\""),
            ),
            ("set: inside a single value", Set("duration.seconds=5")),
            (
                "set: an index beyond the list",
                Set("region.availability_zones.7=\"us-east-1c\""),
            ),
            ("set: no value", Set("duration")),
            ("set: not a path", Set("a b=1")),
            ("set: no path", Set("=1")),
        ],
    );
}

#[test]
fn arrivals() {
    let arrivals =
        |process: &'static str| Set(format!("ping.probe.arrivals={{ {process} }}").leak());
    let trace = |keys: &str| Set(format!("ping.probe.arrivals={{ trace = {{ {keys} }} }}").leak());
    let endless = |process: &str| {
        let right = RIGHT.replace("duration = \"1 s\"\n", "");
        let right = right.replace("interval = { every = \"10 ms\" }", process);
        Whole(right.leak())
    };
    shows(
        "arrivals",
        &[
            (
                "no time between",
                arrivals("renewal = { between = \"0 s\" }"),
            ),
            ("a step of nothing", arrivals("step = { size = 0 }")),
            (
                "hardly ever on",
                arrivals("on_off = { rate = \"1/d\", on = \"1 ns\", off = \"1 s\" }"),
            ),
            ("an empty schedule", arrivals("schedule = []")),
            (
                "a schedule that begins late and goes back",
                arrivals(
                    "schedule = [{ at = \"1 s\", rate = \"1/s\" }, { at = \"1 s\", rate = \"0/s\" }]",
                ),
            ),
            (
                "a schedule of nothing",
                arrivals("schedule = [{ at = \"0 s\", rate = \"0/s\" }]"),
            ),
            (
                "a rate below zero",
                arrivals("schedule = [{ at = \"0 s\", rate = \"-1/s\" }]"),
            ),
            (
                "a day of no time and one rate",
                arrivals("diurnal = { rates = [\"1/s\"], period = \"0 s\" }"),
            ),
            (
                "a day of nothing",
                arrivals("diurnal = { rates = [\"0/s\", \"0/s\"] }"),
            ),
            (
                "a schedule without end",
                endless("schedule = [{ at = \"0 s\", rate = \"1/s\" }]"),
            ),
            ("a step ends by itself", endless("step = { size = 5 }")),
            (
                "a trace ends by itself",
                endless("trace = { file = \"right.csv\" }"),
            ),
            ("a file that is not there", trace("file = \"nowhere.csv\"")),
            ("a file with wrong lines", trace("file = \"wrong.csv\"")),
            ("a file with nothing", trace("file = \"empty.csv\"")),
            ("which of two columns", trace("file = \"columns.csv\"")),
            (
                "a column that is not there",
                trace("file = \"columns.csv\", column = \"tiem_s\""),
            ),
            (
                "options of another format",
                trace("file = \"columns.csv\", function = \"f\", app = \"a\""),
            ),
            (
                "a format that is not there",
                trace("file = \"azure.csv\", format = \"azure_functions_2020\""),
            ),
            (
                "counts with wrong lines",
                trace("file = \"azure.csv\", format = \"azure_functions_2019\""),
            ),
            (
                "a function that is not there",
                trace(
                    "file = \"azure.csv\", format = \"azure_functions_2019\", function = \"68dc34e1\"",
                ),
            ),
            (
                "a file of another format",
                trace("file = \"columns.csv\", format = \"azure_functions_2021\""),
            ),
            (
                "one of several files",
                More(
                    "[sweep]\n\"ping.probe.arrivals\" = [{ trace = { file = \"right.csv\" } }, \
                     { trace = { file = \"rigth.csv\" } }]",
                ),
            ),
        ],
    );
}
