//! Faults of the nodes and the log, and revocations of credentials.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::node::Node;
use super::world::{WORLD, World};
use crate::records::simulated::{Bearer, Change, Dice, Revoked, Transaction, Weather};

/// Injects between 10 and 30 random faults, then returns.
pub async fn strikes(world: &Arc<World>) {
    let mut dice = Dice::of(world.model.seed, "misfortune");
    let mut backup = None;
    for _ in 0..dice.within(10..=30) {
        sleep(dice.ms(10..=1_500)).await;
        let number = dice.pick(&(0..world.plan.nodes).collect::<Vec<_>>());
        match dice.within(0..=99) {
            0..=19 => crash(world, number, dice.ms(0..=3_000)),
            20..=27 => drain(world, number, &mut dice),
            28..=54 => weather(world, number, &mut dice),
            55..=74 => prune(world, &mut dice),
            75..=91 => revoke(world, &mut dice).await,
            92..=95 => backup = Some(world.model.state().clone()),
            _ => {
                if let Some(backup) = backup.take() {
                    world.note(WORLD, || "a backup is restored".to_owned());
                    (0..world.plan.nodes).for_each(|node| drop(take(world, node).inspect(Node::crash)));
                    world.model.restore(backup).await;
                    (0..world.plan.nodes).for_each(|node| come_back(world, node, dice.ms(0..=2_000)));
                }
            }
        }
    }
}

/// Takes a running node out of service.
fn take(world: &World, number: usize) -> Option<Node> {
    world.nodes.lock()[number].take()
}

fn crash(world: &Arc<World>, number: usize, down: Duration) {
    let Some(node) = take(world, number) else { return };
    world.note(WORLD, || format!("node {number} crashes"));
    node.crash();
    come_back(world, number, down);
}

fn drain(world: &Arc<World>, number: usize, dice: &mut Dice) {
    let Some(node) = take(world, number) else { return };
    world.note(WORLD, || format!("node {number} drains"));
    let deadline = dice.ms(0..=3_000);
    let down = dice.ms(0..=3_000);
    let world = Arc::clone(world);
    tokio::spawn(async move {
        if let Err(error) = node.drain(deadline).await {
            world.fail(format!("node {number} fails to drain: {error:#}"));
        }
        come_back(&world, number, down);
    });
}

/// Restarts a node that stops by itself, for which there is only one permitted reason.
pub fn supervise(world: Arc<World>, number: usize, node: &Node) -> impl Future<Output = ()> + use<> {
    let lifecycle = node.lifecycle.clone();
    let crashed = node.crashed.clone();
    async move {
        let reason = Node::stops(lifecycle).await;
        if reason.is_empty() || crashed.is_cancelled() {
            return;
        }
        world.note(WORLD, || format!("node {number} stops: {reason}"));
        if !reason.contains("the log was pruned past") {
            return world.fail(format!("node {number} stops by itself: {reason}"));
        }
        crash(&world, number, Duration::ZERO);
    }
}

fn come_back(world: &Arc<World>, number: usize, down: Duration) {
    let world = Arc::clone(world);
    tokio::spawn(async move {
        sleep(down).await;
        world.start(number).await;
    });
}

fn weather(world: &World, number: usize, dice: &mut Dice) {
    let weather = Weather {
        failing: dice.pick(&[0, 0, 5, 30, 100]),
        lost: dice.pick(&[0, 20, 100]),
        latency_ms: dice.pick(&[0, 3, 30, 200]),
    };
    if let Some(node) = &world.nodes.lock()[number] {
        world.note(WORLD, || format!("node {number} has {weather:?}"));
        node.link.set_weather(weather);
    }
}

fn prune(world: &World, dice: &mut Dice) {
    let head = world.model.state().head();
    let upto = head.saturating_sub(dice.within(0..=60));
    world.note(WORLD, || format!("all up to {upto} is pruned"));
    world.model.prune(upto);
}

async fn revoke(world: &World, dice: &mut Dice) {
    let principals = world.model.state().principals();
    if principals.is_empty() {
        return;
    }
    let revoked = match (dice.within(0..=9), &dice.pick(&principals)) {
        (7 | 8, Bearer::Session { id, user }) => Revoked::Sessions(user.id, dice.chance(50).then_some(*id)),
        (9, principal) if let Some(user) = principal.user_id() => Revoked::User(user),
        (_, principal) => Revoked::one(principal),
    };
    world.note(WORLD, || format!("{revoked:?} is revoked"));
    world.model.write(Transaction { takes: dice.ms(0..=20), ..Transaction::of(vec![Change::Revoke(revoked)]) }).await;
}
