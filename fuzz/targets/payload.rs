#![no_main]
//! Fuzzes the decoder of polling payloads.

libfuzzer_sys::fuzz_target!(|body: &str| superbot_socketio::fuzzing::payload(body));
