//! Exchanges: a fixed sequence of messages between two ends, such as a ping, or a request over TCP
//! and TLS.

use super::source::FlowHash;
use super::{Charges, Engine, Packet, PacketId, World};
use crate::sim::program::{Exchange, Route, Step, WorkloadKind};
use crate::units::Bytes;

/// What an open connection's packets take: in the direction of the client's packets, then back.
pub(super) type Connection = [FlowHash; 2];

/// An exchange under way.
#[derive(Debug, Clone, Copy)]
struct Conversation {
    connection: Connection,
    step: usize,
    /// Packets of the current message that have not arrived.
    waiting: u64,
    /// Whether the first packet in each direction is the first of its flow.
    new_connection: bool,
    failed: bool,
}

/// All exchanges under way.
#[derive(Debug, Default)]
pub(super) struct Exchanges {
    conversations: Vec<Conversation>,
    free: Vec<u32>,
}

impl Exchanges {
    fn add(&mut self, conversation: Conversation) -> u32 {
        if let Some(id) = self.free.pop() {
            self.conversations[id as usize] = conversation;
            return id;
        }
        self.conversations.push(conversation);
        u32::try_from(self.conversations.len() - 1).expect("fewer than 2^32 at once")
    }

    fn get(&mut self, id: u32) -> &mut Conversation {
        &mut self.conversations[id as usize]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.conversations.len() == self.free.len()
    }
}

impl World<'_> {
    pub(super) fn start_exchange(
        &mut self,
        source: u32,
        sample: u64,
        exchange: &Exchange,
        engine: &mut Engine,
    ) {
        let sender = &self.sources[source as usize];
        let kept = self.idle_connections[sender.workload].pop();
        let new_connection = kept.is_none();
        let nodes = u32::try_from(exchange.forward.len()).expect("few nodes");
        let connection = kept.unwrap_or_else(|| {
            let flow = if exchange.one_flow { 0 } else { sample };
            let [there, mut back] = sender.flow_hash(flow, exchange.planes, nodes);
            if exchange.paired {
                back.node = there.node;
            }
            [there, back]
        });
        let id = self.exchanges.add(Conversation {
            connection,
            step: if new_connection {
                0
            } else {
                exchange.established
            },
            waiting: 0,
            new_connection,
            failed: false,
        });
        let packet = self.packets.add(&Packet {
            started: engine.now(),
            charges: Charges::NONE,
            stage: 0,
            end: 0,
            size: Bytes::new(0),
            plane: 0,
            source,
            sample,
            step: 0,
            first_of_flow: false,
            in_order: exchange.one_flow,
            exchange: Some(id),
        });
        self.next_message(id, packet, exchange, engine);
    }

    /// Sends the message of the current step; `packet` carries what was charged so far and becomes
    /// its first segment.
    fn next_message(
        &mut self,
        id: u32,
        packet: PacketId,
        exchange: &Exchange,
        engine: &mut Engine,
    ) {
        let conversation = self.exchanges.get(id);
        let step = exchange.steps[conversation.step];
        let [there, back] = conversation.connection;
        let forward =
            |routes: &[Route], bytes| (routes[there.node as usize], there.plane, Some(bytes));
        let homeward =
            |routes: &[Route], bytes| (routes[back.node as usize], back.plane, Some(bytes));
        let (route, plane, bytes): (Route, u32, Option<Bytes>) = match step {
            Step::Forward(bytes) => forward(&exchange.forward, bytes),
            Step::NearForward(bytes) => forward(&exchange.near_forward, bytes),
            Step::Back(bytes) => homeward(&exchange.back, bytes),
            Step::NearBack(bytes) => homeward(&exchange.near_back, bytes),
            Step::Serve => (exchange.servers[there.node as usize], 0, None),
            Step::Local(route) => (route, 0, None),
        };
        let segments = bytes.map_or(1, |bytes| exchange.segments(bytes));
        conversation.waiting = segments;
        let first_of_flow = conversation.new_connection && conversation.step < 2;
        let step = u32::try_from(conversation.step).expect("an exchange has few steps");
        let segment = self.packets.get(packet);
        (segment.stage, segment.end, segment.plane) = (route.first, route.end, plane);
        (segment.step, segment.first_of_flow) = (step, first_of_flow);
        let template = *segment;
        let planes = exchange.planes;
        let mut spray = planes
            .per_packet
            .then(|| self.sources[template.source as usize].spray(template.sample, step));
        let mut left = bytes.unwrap_or(Bytes::new(0)).get();
        for number in 0..segments {
            let payload = left.min(exchange.segment.get());
            left -= payload;
            let mut next = template;
            if bytes.is_some() {
                next.size = Bytes::new(payload) + exchange.headers;
                if let Some(spray) = &mut spray {
                    next.plane = spray.below(planes.count);
                }
            }
            let segment = if number == 0 {
                *self.packets.get(packet) = next;
                packet
            } else {
                self.packets.add(&next)
            };
            self.arrive(segment, engine);
        }
    }

    /// A packet of an exchange has arrived. The last one of a message starts the next message; its
    /// charges are those of the whole exchange so far.
    pub(super) fn exchange_received(&mut self, id: u32, packet: PacketId, engine: &mut Engine) {
        let conversation = self.exchanges.get(id);
        conversation.waiting -= 1;
        if conversation.failed || conversation.waiting > 0 {
            let over = conversation.waiting == 0;
            self.packets.remove(packet);
            if over {
                self.exchanges.free.push(id);
            }
            return;
        }
        conversation.step += 1;
        let (step, connection) = (conversation.step, conversation.connection);
        let Packet {
            started,
            charges,
            source,
            ..
        } = *self.packets.get(packet);
        let workload = self.sources[source as usize].workload;
        let program = self.program;
        let WorkloadKind::Exchange(exchange) = &program.workloads[workload].kind else {
            unreachable!("only exchanges have conversations");
        };
        if step < exchange.steps.len() {
            return self.next_message(id, packet, exchange, engine);
        }
        self.recorders[workload].completed(engine.now(), started, &charges);
        self.packets.remove(packet);
        self.exchanges.free.push(id);
        if exchange.keep_alive {
            self.idle_connections[workload].push(connection);
        }
    }

    /// A packet of an exchange was dropped. Nothing is sent again: the exchange has failed, and
    /// this says whether it fails just now.
    pub(super) fn exchange_lost(&mut self, id: u32) -> bool {
        let conversation = self.exchanges.get(id);
        conversation.waiting -= 1;
        let first_loss = !std::mem::replace(&mut conversation.failed, true);
        if conversation.waiting == 0 {
            self.exchanges.free.push(id);
        }
        first_loss
    }
}
