//! Send queue of one peer, with a byte count.

use std::collections::VecDeque;
use std::io::IoSlice;

use super::frame::EngineFrame;
use super::payload;

/// Maximum number of buffers in one vectored write (`writev`).
pub(crate) const MAX_SLICES: usize = 64;

/// An emptied queue with more slots than this releases its memory.
const KEPT_SLOTS: usize = 16;

/// A queue of frames, the first of which may be partly written.
#[derive(Debug, Default)]
pub(crate) struct FrameQueue {
    frames: VecDeque<EngineFrame>,
    /// Bytes of the first frame already written.
    written: usize,
    bytes: usize,
}

impl FrameQueue {
    pub(crate) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Returns the number of bytes that remain to be written.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn push(&mut self, frame: EngineFrame) {
        self.bytes += frame.len();
        self.frames.push_back(frame);
    }

    /// Inserts a frame at the front, but after a partly written one: a ping must not wait behind a long queue.
    pub(crate) fn push_urgent(&mut self, frame: EngineFrame) {
        self.bytes += frame.len();
        let at = usize::from(self.written > 0);
        self.frames.insert(at.min(self.frames.len()), frame);
    }

    /// Fills `into` with the unwritten buffers at the front; returns how many.
    pub(crate) fn slices<'a>(&'a self, into: &mut [IoSlice<'a>; MAX_SLICES]) -> usize {
        let mut skip = self.written;
        let mut used = 0;
        for (slot, frame) in into.iter_mut().zip(&self.frames) {
            // Only the first frame can be partly written.
            *slot = IoSlice::new(&frame.wire()[skip..]);
            skip = 0;
            used += 1;
        }
        used
    }

    /// Removes `count` written bytes.
    pub(crate) fn advance(&mut self, count: usize) {
        self.bytes -= count;
        self.written += count;
        while let Some(first) = self.frames.front()
            && self.written >= first.len()
        {
            self.written -= first.len();
            self.frames.pop_front();
        }
        self.give_back();
    }

    /// Removes whole packets for a polling response of at most `limit` bytes, but at least one packet.
    pub(crate) fn take_payload(&mut self, limit: usize) -> Vec<EngineFrame> {
        let mut taken: Vec<EngineFrame> = Vec::new();
        let mut length = 0;
        while let Some(frame) = self.frames.front() {
            // Plus one for the separator.
            let more = payload::encoded_len(frame) + 1;
            if !taken.is_empty() && length + more > limit {
                break;
            }
            length += more;
            self.bytes -= frame.len();
            taken.extend(self.frames.pop_front());
        }
        self.give_back();
        taken
    }

    pub(crate) fn clear(&mut self) {
        *self = FrameQueue::default();
    }

    fn give_back(&mut self) {
        if self.frames.is_empty() && self.frames.capacity() > KEPT_SLOTS {
            self.frames = VecDeque::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_split_of_writes_sends_every_byte_once(
            messages in prop::collection::vec("[a-z]{0,300}", 1..12),
            steps in prop::collection::vec(1_usize..200, 1..400),
        ) {
            let mut outbox = FrameQueue::default();
            let mut expected = Vec::new();
            for message in &messages {
                let frame = EngineFrame::message(message);
                expected.extend_from_slice(frame.wire());
                outbox.push(frame);
            }
            prop_assert_eq!(outbox.bytes(), expected.len());
            let mut seen = Vec::new();
            for step in steps.iter().cycle() {
                let mut slices = [IoSlice::new(&[]); MAX_SLICES];
                let used = outbox.slices(&mut slices);
                if used == 0 {
                    break;
                }
                let all: Vec<u8> = slices[..used].iter().flat_map(|s| s.to_vec()).collect();
                let count = all.len().min(*step);
                seen.extend_from_slice(&all[..count]);
                outbox.advance(count);
            }
            prop_assert_eq!(seen, expected);
            prop_assert_eq!(outbox.bytes(), 0);
            prop_assert!(outbox.is_empty());
        }
    }

    #[test]
    fn an_urgent_frame_never_splits_another() {
        let mut outbox = FrameQueue::default();
        outbox.push(EngineFrame::message("first"));
        outbox.push(EngineFrame::message("second"));
        outbox.advance(4);
        outbox.push_urgent(EngineFrame::text("2"));
        let mut slices = [IoSlice::new(&[]); MAX_SLICES];
        let used = outbox.slices(&mut slices);
        let order: Vec<&[u8]> = slices[..used].iter().map(|slice| &**slice).collect();
        assert_eq!(order, [&b"irst"[..], b"\x81\x012", b"\x81\x074second"]);
    }

    #[test]
    fn a_payload_is_bounded_but_never_empty() {
        let mut outbox = FrameQueue::default();
        for _ in 0..3 {
            outbox.push(EngineFrame::message(&"x".repeat(100)));
        }
        assert_eq!(outbox.take_payload(10).len(), 1);
        assert_eq!(outbox.take_payload(1000).len(), 2);
        assert_eq!(outbox.bytes(), 0);
    }
}
