//! What a sender has outstanding: which segments are on their way, lost, or at the other end
//! (RFC 6675, with segments for octets).

use std::collections::VecDeque;

use crate::units::Time;

/// A segment is lost when so many segments beyond it have arrived: `DupThresh` of RFC 6675, 2.
const DUPLICATE_THRESHOLD: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Sent once, on its way as far as is known.
    Sent,
    /// Given up, to be sent again.
    Lost,
    /// Sent again, on its way as far as is known. Only the timer finds out that it is not.
    Resent,
    /// Selectively acknowledged: at the other end, beyond a gap.
    Sacked,
}

#[derive(Debug, Clone, Copy)]
struct Segment {
    first_sent: Time,
    state: State,
}

/// What an acknowledgement has told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct News {
    /// Segments that are known to have arrived only now.
    pub(super) delivered: u64,
    /// Whether the first unacknowledged segment is another one.
    pub(super) advanced: bool,
    /// The highest segment that is known to be lost only now.
    pub(super) lost: Option<u64>,
}

/// The segments from the first unacknowledged one to the last sent.
#[derive(Debug, Clone, Default)]
pub(super) struct Scoreboard {
    segments: VecDeque<Segment>,
    /// `HighACK` + 1: the number of the first segment in `segments`.
    first: u64,
    /// Segments on their way: `Sent` and `Resent`. Pipe of RFC 6675.
    pipe: u64,
    /// Segments that are `Lost`.
    lost: u64,
    /// The highest segments that were selectively acknowledged, in order, each plus one; zero for
    /// none.
    highest: [u64; DUPLICATE_THRESHOLD],
    /// All before it have been judged by what arrived beyond them.
    judged: u64,
    /// No segment before it is `Lost`.
    resend_from: u64,
}

impl Scoreboard {
    /// The first segment that is not acknowledged cumulatively.
    pub(super) const fn first(&self) -> u64 {
        self.first
    }

    /// The segment that is sent next for the first time.
    pub(super) fn next(&self) -> u64 {
        self.first + self.segments.len() as u64
    }

    /// Segments on their way as far as is known.
    pub(super) const fn pipe(&self) -> u64 {
        self.pipe
    }

    /// Whether segments wait to be sent again.
    pub(super) const fn has_lost(&self) -> bool {
        self.lost > 0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// Sends the next segment for the first time; its number.
    pub(super) fn send(&mut self, now: Time) -> u64 {
        let sequence = self.next();
        self.segments.push_back(Segment {
            first_sent: now,
            state: State::Sent,
        });
        self.pipe += 1;
        sequence
    }

    /// Sends the first lost segment again: its number and when it was first sent.
    pub(super) fn resend(&mut self) -> Option<(u64, Time)> {
        if self.lost == 0 {
            return None;
        }
        let mut sequence = self.resend_from.max(self.first);
        loop {
            let segment = self
                .at(sequence)
                .expect("a lost segment is outstanding, not before `resend_from`");
            if segment.state == State::Lost {
                segment.state = State::Resent;
                let first_sent = segment.first_sent;
                self.lost -= 1;
                self.pipe += 1;
                self.resend_from = sequence + 1;
                return Some((sequence, first_sent));
            }
            sequence += 1;
        }
    }

    /// Takes note of an acknowledgement of all before `next` and of `received`.
    pub(super) fn acknowledge(&mut self, next: u64, received: u64) -> News {
        let mut news = News::default();
        if next > self.next() {
            return news; // of what was never sent
        }
        while self.first < next
            && let Some(segment) = self.segments.pop_front()
        {
            self.first += 1;
            news.advanced = true;
            news.delivered += self.arrived(segment.state);
        }
        if let Some(segment) = self.at(received)
            && segment.state != State::Sacked
        {
            let state = segment.state;
            segment.state = State::Sacked;
            news.delivered += self.arrived(state);
            self.raise(received + 1);
            news.lost = self.judge();
        }
        news
    }

    /// The timer ran out: everything that is not known to have arrived is lost (RFC 6675, 5.1; what
    /// was selectively acknowledged stays so).
    pub(super) fn lose_all(&mut self) {
        for segment in &mut self.segments {
            if segment.state != State::Sacked {
                self.lost += u64::from(segment.state != State::Lost);
                segment.state = State::Lost;
            }
        }
        self.pipe = 0;
        self.resend_from = self.first;
    }

    /// The outstanding segment `sequence`.
    fn at(&mut self, sequence: u64) -> Option<&mut Segment> {
        let index = usize::try_from(sequence.checked_sub(self.first)?).ok()?;
        self.segments.get_mut(index)
    }

    /// Takes a segment in this state off the counts; the segments that are delivered by it.
    fn arrived(&mut self, state: State) -> u64 {
        match state {
            State::Sent | State::Resent => self.pipe -= 1,
            State::Lost => self.lost -= 1,
            State::Sacked => return 0,
        }
        1
    }

    /// Enters `end` among the highest, if it is one of them.
    fn raise(&mut self, end: u64) {
        let below = self.highest.partition_point(|&other| other < end);
        if below > 0 {
            self.highest[..below].rotate_left(1);
            self.highest[below - 1] = end;
        }
    }

    /// Loses what was sent once and has enough arrivals beyond it: `IsLost` of RFC 6675, 4. Returns the
    /// highest segment that is lost by this.
    fn judge(&mut self) -> Option<u64> {
        let until = self.highest[0].saturating_sub(1);
        let mut last = None;
        for sequence in self.judged.max(self.first)..until {
            let segment = self
                .at(sequence)
                .expect("a segment between the first and an acknowledged one is outstanding");
            if segment.state == State::Sent {
                segment.state = State::Lost;
                self.pipe -= 1;
                self.lost += 1;
                if last.is_none() {
                    self.resend_from = self.resend_from.min(sequence);
                }
                last = Some(sequence);
            }
        }
        self.judged = self.judged.max(until);
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn sent(segments: u64) -> Scoreboard {
        let mut board = Scoreboard::default();
        for sequence in 0..segments {
            assert_eq!(board.send(Time::from_ps(sequence)), sequence);
        }
        board
    }

    /// Counts again what the scoreboard keeps count of.
    fn check(board: &Scoreboard) {
        let count = |states: &[State]| {
            let of = |segment: &&Segment| states.contains(&segment.state);
            board.segments.iter().filter(of).count() as u64
        };
        assert_eq!(board.pipe, count(&[State::Sent, State::Resent]));
        assert_eq!(board.lost, count(&[State::Lost]));
        let lost = |segment: &Segment| segment.state == State::Lost;
        if let Some(index) = board.segments.iter().position(lost) {
            assert!(board.resend_from <= board.first + index as u64);
        }
    }

    #[test]
    fn a_segment_is_lost_when_three_beyond_it_have_arrived() {
        let mut board = sent(10);
        assert_eq!(board.acknowledge(2, 1).delivered, 2);
        for received in [3, 5] {
            assert_eq!(board.acknowledge(2, received).lost, None);
        }
        assert_eq!(board.pipe(), 6);
        // Now 2 has 3, 5 and 6 beyond it; 4 has two.
        assert_eq!(board.acknowledge(2, 6).lost, Some(2));
        assert_eq!(board.acknowledge(2, 6), News::default());
        assert_eq!(board.acknowledge(2, 7).lost, Some(4));
        assert_eq!(board.resend(), Some((2, Time::from_ps(2))));
        assert_eq!(board.resend(), Some((4, Time::from_ps(4))));
        assert_eq!(board.resend(), None);
        // On their way: 2 and 4 again, 8 and 9.
        assert_eq!(board.pipe(), 4);
        // A segment that was sent again is not judged again.
        assert_eq!(board.acknowledge(2, 8).lost, None);
        let news = board.acknowledge(9, 2);
        assert_eq!((news.delivered, news.advanced), (2, true));
        check(&board);
    }

    #[test]
    fn the_timer_loses_all_that_has_not_arrived() {
        let mut board = sent(5);
        board.acknowledge(0, 2);
        board.lose_all();
        assert_eq!(board.pipe(), 0);
        let again: Vec<u64> = std::iter::from_fn(|| board.resend())
            .map(|(n, _)| n)
            .collect();
        assert_eq!(again, [0, 1, 3, 4]);
        check(&board);
    }

    #[test]
    fn acknowledgements_of_what_was_never_sent_are_ignored() {
        let mut board = sent(3);
        for (next, received) in [(4, 3), (u64::MAX, 0), (0, 3), (0, u64::MAX)] {
            assert_eq!(board.acknowledge(next, received), News::default());
        }
        check(&board);
    }

    proptest! {
        /// Whatever is acknowledged, lost and sent again, the counts are those of the segments.
        #[test]
        fn counts_are_those_of_the_segments(steps in vec((0_u8..8, 0_u64..60, 0_u64..60), 0..200)) {
            let mut board = Scoreboard::default();
            for (step, next, received) in steps {
                match step {
                    0..3 => { board.send(Time::ZERO); }
                    3 => { board.resend(); }
                    4 => board.lose_all(),
                    5 => { board.acknowledge(0, received); }
                    _ => { board.acknowledge(next.min(received), received); }
                }
                check(&board);
            }
            while board.resend().is_some() {}
            check(&board);
            let end = board.next();
            board.acknowledge(end, 0);
            prop_assert!(board.is_empty() && board.pipe() == 0 && !board.has_lost());
        }
    }
}
