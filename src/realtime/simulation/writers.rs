//! Publishers that write to the log during faults.

use std::sync::Arc;

use serde_json::json;
use superbot_domain::{Audience, EventKind, SourceName, UserId};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::world::{WORLD, World};
use crate::records::simulated::{Change, Dice, Transaction};

/// Starts publishers, which write until the faults have ended, and once more.
pub fn start(world: &Arc<World>) -> Vec<JoinHandle<()>> {
    (0..3).map(|number| tokio::spawn(write(number, Arc::clone(world)))).collect()
}

async fn write(number: u64, world: Arc<World>) {
    let mut dice = Dice::of(world.model.seed, ("writer", number));
    loop {
        let pause = dice.pick(&[0..=50, 50..=500, 200..=2_500]);
        sleep(dice.ms(pause)).await;
        let last = world.is_calm();
        let most = dice.pick(&[1, 1, 3, 8, 8, 25]);
        let changes: Vec<Change> = (0..dice.within(1..=most)).map(|_| change(&mut dice, &world)).collect();
        let takes = dice.pick(&[0..=0, 1..=5, 5..=80]);
        let transaction =
            Transaction { changes, takes: dice.ms(takes), aborts: dice.chance(10), leaves_gap: dice.chance(50) };
        let head = world.model.write(transaction).await;
        world.note(WORLD + 1 + number, || format!("wrote up to {head:?}"));
        if last {
            return;
        }
    }
}

fn change(dice: &mut Dice, world: &World) -> Change {
    let text = |dice: &mut Dice| "x".repeat(usize::try_from(dice.within(0..=world.plan.text_bytes)).unwrap());
    match dice.within(0..=99) {
        0..=54 => {
            let kind = dice.pick(&[EventKind::NewListing, EventKind::ListingUpdated, EventKind::SystemMessage]);
            Change::Tell(kind, Audience::Everyone, json!({"text": text(dice)}).to_string())
        }
        55..=84 => {
            let user = UserId::from(i64::try_from(dice.within(1..=3)).unwrap());
            Change::Tell(EventKind::Notification, Audience::User(user), json!({"text": text(dice)}).to_string())
        }
        85..=93 => {
            let source = SourceName::parse(dice.pick(&["facebook", "ksl"])).unwrap();
            Change::Status(source, dice.chance(50))
        }
        _ => Change::Tell(EventKind::StandingQueriesChanged, Audience::Control, "{}".to_owned()),
    }
}
