#![no_main]
//! Feeds the WebSocket frame decoder with a stream that is whole, and the same one cut in two.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let [cut, stream @ ..] = data {
        superbot_socketio::fuzzing::frames(stream, usize::from(*cut));
    }
});
