//! Connection tables: published limits exactly, and whatever comes against a model.

use super::*;
use crate::units::Bytes;
use proptest::prelude::*;

const fn secs(s: u64) -> Duration {
    Duration::from_secs(s)
}

fn at(s: u64) -> Time {
    Time::ZERO + secs(s)
}

const TIMEOUTS: Timeouts = Timeouts {
    tcp_opening: secs(350),
    tcp_established: secs(350),
    tcp_closing: secs(60),
    udp: secs(350),
    udp_stream: secs(350),
};
/// Of an instance on the Nitro system before its sixth version.
const INSTANCE: Timeouts = Timeouts {
    tcp_opening: secs(120),
    tcp_established: secs(432_000),
    tcp_closing: secs(120),
    udp: secs(30),
    udp_stream: secs(180),
};

fn tcp(direction: Direction, flags: Flags) -> Packet {
    Packet {
        transport: Transport::Tcp,
        direction,
        flags,
        destination: 0,
        timeouts: 0,
        size: Bytes::new(52),
    }
}

fn syn() -> Packet {
    tcp(Direction::Forward, Flags::Syn)
}

fn udp(direction: Direction) -> Packet {
    Packet {
        transport: Transport::Udp,
        ..tcp(direction, Flags::Plain)
    }
}

fn nat(addresses: u64) -> Table {
    Table::new(Rules::nat_gateway(addresses, 55_000, TIMEOUTS))
}

/// An established connection at `now`.
fn establish(table: &mut Table, now: Time) -> Slot {
    let mut slot = Slot::default();
    assert_eq!(table.packet(now, &mut slot, syn()), Verdict::Pass);
    let answer = tcp(Direction::Back, Flags::Plain);
    assert_eq!(table.packet(now, &mut slot, answer), Verdict::Pass);
    slot
}

/// 55,000 to one destination from one address, 440,000 from eight.
#[test]
fn a_nat_gateway_has_55_000_ports_for_each_address_and_destination() {
    for (addresses, most) in [(1, 55_000), (2, 110_000), (8, 440_000)] {
        let mut table = nat(addresses);
        for _ in 0..most {
            assert_eq!(
                table.packet(at(1), &mut Slot::default(), syn()),
                Verdict::Pass
            );
        }
        let refused = Verdict::Refused(DropReason::ErrorPortAllocation);
        assert_eq!(table.packet(at(1), &mut Slot::default(), syn()), refused);
        // Another destination has ports of its own.
        let other = Packet {
            destination: 1,
            ..syn()
        };
        assert_eq!(
            table.packet(at(1), &mut Slot::default(), other),
            Verdict::Pass
        );
        let counters = table.counters(at(1));
        assert_eq!((counters.refused, counters.peak_active), (1, most + 1));
        assert_eq!(counters.attempts, most + 2);
    }
}

#[test]
fn idle_for_350_s_is_alive_and_a_hair_longer_is_reset() {
    let packet = tcp(Direction::Forward, Flags::Plain);
    let mut table = nat(1);
    let mut slot = establish(&mut table, at(0));
    assert_eq!(table.packet(at(350), &mut slot, packet), Verdict::Pass);
    let late = at(700) + Duration::from_ps(1);
    assert_eq!(table.packet(late, &mut slot, packet), Verdict::Reset);
    let counters = *table.counters(late);
    assert_eq!((counters.idle_timeouts, counters.resets), (1, [1, 0]));
    // From the outside nothing finds its way; a SYN begins anew.
    let answer = tcp(Direction::Back, Flags::Plain);
    let unknown = Verdict::Refused(DropReason::UnknownConnection);
    assert_eq!(table.packet(late, &mut slot, answer), unknown);
    assert_eq!(table.packet(late, &mut slot, syn()), Verdict::Pass);
    assert_eq!(table.packet(late, &mut slot, answer), Verdict::Pass);
}

#[test]
fn expiry_returns_ports_and_a_closed_connection_holds_its_own_for_a_minute() {
    let mut table = nat(1);
    let mut slots: Vec<Slot> = (0..55_000).map(|_| establish(&mut table, at(0))).collect();
    for slot in &mut slots[..10] {
        let fin = tcp(Direction::Forward, Flags::Fin);
        assert_eq!(table.packet(at(100), slot, fin), Verdict::Pass);
    }
    assert_eq!(table.entries(at(160)), 55_000);
    assert_eq!(table.counters(at(160)).peak_active, 55_000);
    let full = Verdict::Refused(DropReason::ErrorPortAllocation);
    assert_eq!(table.packet(at(160), &mut Slot::default(), syn()), full);
    let after = at(160) + Duration::from_ps(1);
    assert_eq!(
        table.packet(after, &mut Slot::default(), syn()),
        Verdict::Pass
    );
    assert_eq!(table.entries(after), 54_991);
    // All but the closed ones and the new one were idle.
    assert_eq!(table.entries(at(351)), 1);
    assert_eq!(table.counters(at(351)).idle_timeouts, 54_990);
}

#[test]
fn an_instance_refuses_what_exceeds_its_allowance_and_forgets_by_state() {
    let mut table = Table::new(Rules::connection_tracking(3, INSTANCE));
    let mut connection = establish(&mut table, at(0));
    let mut query = Slot::default();
    assert_eq!(
        table.packet(at(0), &mut query, udp(Direction::Forward)),
        Verdict::Pass
    );
    assert_eq!(
        table.packet(at(0), &mut query, udp(Direction::Back)),
        Verdict::Pass
    );
    let mut stream = Slot::default();
    for _ in 0..2 {
        assert_eq!(
            table.packet(at(0), &mut stream, udp(Direction::Forward)),
            Verdict::Pass
        );
        assert_eq!(
            table.packet(at(0), &mut stream, udp(Direction::Back)),
            Verdict::Pass
        );
    }
    let refused = Verdict::Refused(DropReason::Conntrack);
    assert_eq!(table.packet(at(30), &mut Slot::default(), syn()), refused);
    assert_eq!(table.entries(at(31)), 2);
    assert_eq!(table.entries(at(180)), 2);
    assert_eq!(table.entries(at(181)), 1);
    // Five days later the connection is there; when it is not, replies are lost without a word, and
    // packets of the side that may open it open it again.
    let plain = |direction| tcp(direction, Flags::Plain);
    assert_eq!(
        table.packet(at(432_000), &mut connection, plain(Direction::Back)),
        Verdict::Pass
    );
    let gone = Verdict::Refused(DropReason::ConntrackExpired);
    assert_eq!(
        table.packet(at(864_001), &mut connection, plain(Direction::Back)),
        gone
    );
    assert_eq!(
        table.packet(at(864_001), &mut connection, plain(Direction::Forward)),
        Verdict::Pass
    );
    assert_eq!(
        table.packet(at(864_001), &mut connection, plain(Direction::Back)),
        Verdict::Pass
    );
}

#[test]
fn the_65_001st_connection_of_functions_needs_a_second_interface() {
    let mut table = Table::new(Rules::lambda_interface(65_000, TIMEOUTS));
    for number in 1..=65_001 {
        assert_eq!(
            table.packet(at(0), &mut Slot::default(), syn()),
            Verdict::Pass
        );
        let flows = table.counters(at(0)).peak_entries;
        let needed = if number > 65_000 { 2 } else { 1 };
        assert_eq!(table.rules().interfaces(flows), needed);
    }
}

#[test]
fn load_balancers_reset_both_sides_and_gateway_load_balancers_neither() {
    let both = [Direction::Forward, Direction::Back];
    let mut network = Table::new(Rules::network_load_balancer(None, TIMEOUTS));
    let mut gateway = Table::new(Rules::gateway_load_balancer(TIMEOUTS));
    let mut slots = [
        establish(&mut network, at(0)),
        establish(&mut network, at(0)),
    ];
    let mut others = [
        establish(&mut gateway, at(0)),
        establish(&mut gateway, at(0)),
    ];
    for (index, direction) in both.into_iter().enumerate() {
        let late = tcp(direction, Flags::Plain);
        assert_eq!(
            network.packet(at(351), &mut slots[index], late),
            Verdict::Reset
        );
        assert_eq!(
            gateway.packet(at(351), &mut others[index], late),
            Verdict::Pass
        );
    }
    assert_eq!(network.counters(at(351)).resets, [1, 1]);
}

#[test]
fn a_server_rejects_what_exceeds_its_limit_and_forgets_what_is_closed_or_dead() {
    let plain = tcp(Direction::Forward, Flags::Plain);
    let mut table = Table::new(Rules::server(2, secs(7875)));
    let [mut closed, mut dead, mut late] = [Slot::default(); 3];
    for slot in [&mut closed, &mut dead] {
        assert_eq!(table.packet(at(0), slot, syn()), Verdict::Pass);
    }
    assert_eq!(table.packet(at(1), &mut late, syn()), Verdict::Rejected);
    // Whoever was rejected may say good-bye, and takes no place by it.
    for flags in [Flags::Fin, Flags::Rst] {
        let bye = tcp(Direction::Forward, flags);
        assert_eq!(table.packet(at(1), &mut late, bye), Verdict::Pass);
    }
    assert_eq!(table.entries(at(2)), 2);
    let fin = tcp(Direction::Forward, Flags::Fin);
    assert_eq!(table.packet(at(2), &mut closed, fin), Verdict::Pass);
    let after = at(2) + Duration::from_ps(1);
    assert_eq!(table.packet(after, &mut late, syn()), Verdict::Pass);
    assert_eq!(table.packet(after, &mut closed, syn()), Verdict::Rejected);
    // After two hours and nine probes only the one that has sent something is alive.
    assert_eq!(table.packet(at(7000), &mut late, plain), Verdict::Pass);
    assert_eq!(table.entries(at(7875)), 2);
    assert_eq!(table.entries(at(7876)), 1);
    // If the other one was not dead after all, it is counted again.
    assert_eq!(table.packet(at(7876), &mut dead, plain), Verdict::Pass);
    let counters = *table.counters(at(7876));
    assert_eq!((counters.refused, counters.peak_active), (2, 2));
    assert_eq!(counters.idle_timeouts, 1);
}

/// A closed connection whose client begins again from the same port.
#[test]
fn a_syn_revives_a_closed_connection() {
    let mut table = nat(1);
    let mut slot = establish(&mut table, at(0));
    let fin = tcp(Direction::Back, Flags::Fin);
    assert_eq!(table.packet(at(1), &mut slot, fin), Verdict::Pass);
    assert_eq!(table.packet(at(2), &mut slot, syn()), Verdict::Pass);
    assert_eq!(table.entries(at(100)), 1);
    assert_eq!(table.counters(at(100)).attempts, 2);
}

/// A flow as a list of the times of its packets and its timeout says.
#[derive(Default)]
struct Model {
    last: Option<Time>,
    state: Option<State>,
}

fn timeout(state: State) -> Duration {
    INSTANCE.of(state)
}

proptest! {
    /// Against a model without heap or generations: the same entries at all times, never more than
    /// the limit, and everything that was forgotten given back.
    #[test]
    fn entries_are_those_that_are_not_idle(
        steps in proptest::collection::vec((0_u64..60, 0_usize..12, 0_u8..5), 1..300),
        most in 1_u64..8,
    ) {
        let mut table = Table::new(Rules::connection_tracking(most, INSTANCE));
        let mut slots = [Slot::default(); 12];
        let mut models: Vec<Model> = slots.iter().map(|_| Model::default()).collect();
        let mut now = at(0);
        for (gap, flow, kind) in steps {
            now = now + secs(gap);
            for model in &mut models {
                if let (Some(last), Some(state)) = (model.last, model.state)
                    && now.since(last) > timeout(state)
                {
                    *model = Model::default();
                }
            }
            let live = models.iter().filter(|model| model.state.is_some()).count() as u64;
            prop_assert!(live <= most);
            prop_assert_eq!(table.entries(now), live);
            // Even flows are TCP.
            let is_tcp = flow % 2 == 0;
            let packet = match (is_tcp, kind) {
                (true, 0) => syn(),
                (true, 1) => tcp(Direction::Forward, Flags::Plain),
                (true, 2) => tcp(Direction::Back, Flags::Plain),
                (true, 3) => tcp(Direction::Forward, Flags::Fin),
                (true, _) => tcp(Direction::Back, Flags::Rst),
                (false, 0..=2) => udp(Direction::Forward),
                (false, _) => udp(Direction::Back),
            };
            let verdict = table.packet(now, &mut slots[flow], packet);
            let model = &mut models[flow];
            let expected = match model.state {
                None if packet.direction == Direction::Back => Verdict::Refused(DropReason::ConntrackExpired),
                None if live >= most => Verdict::Refused(DropReason::Conntrack),
                Some(_) | None => Verdict::Pass,
            };
            prop_assert_eq!(verdict, expected);
            if verdict == Verdict::Pass {
                model.last = Some(now);
                let entry = table.entries[slots[flow].index as usize];
                prop_assert!(entry.live && entry.last_seen == now);
                model.state = Some(entry.state);
            }
            prop_assert_eq!(table.entries.len() - table.free.len(), usize::try_from(table.live).unwrap());
        }
    }
}
