#![no_main]
//! Fuzzes the packet decoders.

libfuzzer_sys::fuzz_target!(|text: &str| superbot_socketio::fuzzing::packet(text));
