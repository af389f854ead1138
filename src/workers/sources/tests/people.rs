//! Users who depend on a source: it searches on their behalf, and they are notified when it fails.

use serde_json::{Value, json};
use superbot_domain::{Currency, NewPriceAlert, SourceState, StandingQuery as _, User, UserRole, Username};
use superbot_store::SourceChange;
use wiremock::ResponseTemplate;

use super::{Bed, feed};

async fn user(bed: &Bed, name: &str, sources: &[&str]) -> User {
    let user = bed.store.users().create(&Username::parse(name).unwrap(), UserRole::User, "hash").await.unwrap();
    let wants = json!({ "keywords": "road bike, kayak -toy", "threshold_price": 500, "sources": sources });
    bed.store.queries().create(user.id, &NewPriceAlert::from_json(&wants, Currency::USD).unwrap()).await.unwrap();
    user
}

/// Returns the messages of a user's notifications about the source, oldest first.
async fn notified(bed: &Bed, user: &User) -> Vec<String> {
    let mut page = bed.store.notifications().page(user.id, false, None, 500).await.unwrap().items;
    page.reverse();
    let about = page.iter().filter(|notification| notification.kind == "source_status");
    let data = about.map(|notification| serde_json::from_str::<Value>(notification.data.as_str()).unwrap());
    data.map(|data| data["message"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn those_who_depend_on_a_source_hear_once_that_it_fails_and_once_that_it_is_back() {
    let bed = Bed::feed().await;
    let all = user(&bed, "all", &[]).await;
    let this = user(&bed, "this", &["ksl", "shop"]).await;
    let other = user(&bed, "other", &["ksl"]).await;
    bed.serve("/feed", feed(&["bike"])).await;
    let mut task = bed.task();
    bed.run(&mut task).await;
    bed.site.reset().await;
    bed.serve("/feed", ResponseTemplate::new(403)).await;
    assert_eq!(bed.run(&mut task).await.state, SourceState::Blocked);
    assert!(notified(&bed, &all).await.is_empty(), "one failure may pass");
    for _ in 0..3 {
        bed.run(&mut task).await;
    }
    let message = notified(&bed, &all).await;
    assert_eq!(message.len(), 1, "{message:?}");
    assert!(message[0].starts_with("no alerts from shop since 2025-10-09 08:53 UTC: blocked"), "{message:?}");
    assert_eq!((notified(&bed, &this).await.len(), notified(&bed, &other).await.len()), (1, 0));
    // Users who depend on it only later are notified as well.
    let late = user(&bed, "late", &["shop"]).await;
    bed.run(&mut task).await;
    assert_eq!((notified(&bed, &late).await.len(), notified(&bed, &all).await.len()), (1, 1));
    bed.site.reset().await;
    bed.serve("/feed", feed(&["bike"])).await;
    for _ in 0..2 {
        bed.run(&mut task).await;
    }
    for user in [&all, &this, &late] {
        assert_eq!(notified(&bed, user).await.last().unwrap(), "shop is back: alerts come again");
        assert_eq!(notified(&bed, user).await.len(), 2);
    }
    assert!(notified(&bed, &other).await.is_empty());
}

#[tokio::test]
async fn a_source_can_follow_what_people_look_for() {
    let bed = Bed::bare().await;
    bed.forget().await;
    bed.serve("/search", feed(&["a road bike $100"])).await;
    let settings = json!({ "urls": [bed.at("/search?q={query}&to={max_price}")], "follow_searches": true });
    bed.source("feed", settings).await;
    let mut task = bed.task();
    let health = bed.run(&mut task).await;
    assert_eq!((health.state, health.reason.as_str()), (SourceState::Empty, "there is nothing to search for"));
    let ann = user(&bed, "ann", &["shop"]).await;
    user(&bed, "eve", &["ksl"]).await;
    bed.run(&mut task).await;
    let requests = bed.site.received_requests().await.unwrap();
    let queries: Vec<&str> = requests.iter().filter_map(|request| request.url.query()).collect();
    assert_eq!(queries, ["q=road+bike&to=500", "q=kayak&to=500"]);
    assert_eq!(bed.store.notifications().count_unread(ann.id).await.unwrap(), 1, "and it is found for them");
}

#[tokio::test]
async fn a_source_that_is_changed_in_the_middle_of_a_run_begins_anew() {
    let bed = Bed::feed().await;
    bed.serve("/feed", feed(&["old"])).await;
    bed.serve("/new", feed(&["new"])).await;
    let mut task = bed.task();
    super::guarded(&mut task, super::HANGS).await.unwrap();
    let settings = Some(json!({ "urls": [bed.at("/new")] }));
    bed.store.sources().update(&bed.name, SourceChange { settings, ..SourceChange::default() }).await.unwrap();
    bed.run(&mut task).await;
    assert_eq!(bed.titles().await, ["new"]);
    bed.store
        .sources()
        .update(&bed.name, SourceChange { running: Some(false), ..SourceChange::default() })
        .await
        .unwrap();
    assert_eq!(super::guarded(&mut task, super::HANGS).await.unwrap(), None);
    assert_eq!((bed.health().await.state, bed.is_said_to_run().await), (SourceState::Stopped, false));
}
