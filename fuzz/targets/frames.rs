#![no_main]
//! Fuzzes the WebSocket frame decoder with a stream both whole and split in two.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let [cut, stream @ ..] = data {
        superbot_socketio::fuzzing::frames(stream, usize::from(*cut));
    }
});
