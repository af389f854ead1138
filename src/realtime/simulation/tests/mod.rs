//! Runs seeds: `SUPERBOT_SEEDS=10000` for more than usual; `SUPERBOT_SEED=17` for one, with its trace.

mod pruning;
mod slow;

use std::io::Write as _;

use super::Bug;
use super::world::World;
use crate::records::simulated::Flaw;

/// Default number of seeds.
const SEEDS: u64 = 150;

/// Parses an environment variable as a number.
fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect(name))
}

#[test]
fn everybody_hears_everything_once_and_in_order_whatever_happens() {
    if let Some(seed) = asked("SUPERBOT_SEED") {
        let report = World::play(seed, None, true);
        for line in &report.trace {
            writeln!(std::io::stderr(), "{line}").unwrap();
        }
        assert_eq!(report.failure, None);
        return;
    }
    for seed in 0..asked("SUPERBOT_SEEDS").unwrap_or(SEEDS) {
        if let Some(failure) = World::play(seed, None, false).failure {
            let replay = format!("SUPERBOT_SEED={seed} cargo test --lib simulation::tests::everybody -- --nocapture");
            panic!("seed {seed}: {failure}\n\nSee what happens: {replay}\n");
        }
    }
}

#[test]
fn a_seed_plays_the_same_again() {
    for seed in 0..asked("SUPERBOT_SEEDS").unwrap_or(SEEDS) / 15 {
        let [one, again] = [(); 2].map(|()| World::play(seed, None, false).digest);
        assert_eq!(one, again, "seed {seed}");
    }
}

#[test]
fn what_is_to_be_survived_happens() {
    let traces: Vec<String> = (0..20).flat_map(|seed| World::play(seed, None, true).trace).collect();
    for what in [
        "crashes",
        "drains",
        "is pruned",
        "is revoked",
        "a backup is restored",
        "Lost",
        "Crashed",
        "Unwelcome",
        "\"recovered\":true",
        "\"recovered\":false",
        "hears going_away",
        "hears scraper_status_update",
        "hears notification_read",
        "wrote up to None",
    ] {
        assert!(traces.iter().any(|line| line.contains(what)), "{what}");
    }
}

/// Runs seeds until an intentional bug is detected.
fn is_noticed(bug: Bug) {
    let noticed = (0..100).any(|seed| World::play(seed, Some(bug), false).failure.is_some());
    assert!(noticed, "no seed detects {bug:?}");
}

#[test]
fn commits_out_of_order_are_noticed() {
    is_noticed(Bug::Log(Flaw::LateCommits));
}

#[test]
fn a_wake_up_that_is_lost_for_good_is_noticed() {
    is_noticed(Bug::Log(Flaw::LostWakeUps));
}

#[test]
fn a_client_that_does_not_say_what_it_has_seen_is_noticed() {
    is_noticed(Bug::ForgetfulClients);
}
