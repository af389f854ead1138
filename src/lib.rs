//! Super-Bot.
