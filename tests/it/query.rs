//! `superbot query`: parses keywords and prices without a store or a server.

use std::process::Output;

use serde_json::{Value, json};
use tokio::process::Command;

async fn query(arguments: &[&str]) -> Output {
    // A non-existent folder: the command must not need one.
    let mut command = Command::new(env!("CARGO_BIN_EXE_superbot"));
    command.args(["--data-dir", "/nonexistent/data", "query"]).args(arguments).output().await.unwrap()
}

async fn answer(arguments: &[&str]) -> Value {
    let output = query(arguments).await;
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn keywords_are_explained() {
    for (keywords, text, expected) in [
        ("F-150 -parts", "Ford F150", json!({ "matches": true, "because": "\"f 150\" is in the title" })),
        ("bike -parts", "bike parts", json!({ "matches": false, "because": "excluded: \"parts\" is in the title" })),
        ("-parts bike", "-1 bike", json!({ "matches": true, "because": "\"bike\" is in the title" })),
        ("ny", "Albany", json!({ "matches": false, "because": "\"ny\" is not in the title or the description" })),
    ] {
        assert_eq!(answer(&["explain", keywords, text, "--json"]).await, expected);
    }
    let warned = answer(&["explain", "a or b", "a or b", "--json"]).await;
    assert!(warned["warnings"][0].as_str().unwrap().starts_with("at character 3: \"or\" is a word"), "{warned}");
    let plain = query(&["explain", "corvette, camaro -parts", "Camaro"]).await;
    let plain = String::from_utf8(plain.stdout).unwrap();
    assert_eq!(plain, "matches: \"camaro\" is in the title\nunderstood as: (corvette, camaro) -parts\n");
}

#[tokio::test]
async fn keywords_that_make_no_sense_are_refused_with_the_position() {
    let refused = query(&["explain", "ford \"for parts", "x"]).await;
    assert_eq!(refused.status.code(), Some(2));
    assert!(refused.stdout.is_empty());
    let complaint = String::from_utf8(refused.stderr).unwrap();
    assert!(complaint.contains("at character 6: this quotation is not closed"), "{complaint}");
}

#[tokio::test]
async fn prices_are_read() {
    for (text, kind, amount, currency, negotiable, previous) in [
        ("$1,200 OBO", "amount", json!(1200), "USD", true, json!(null)),
        ("$200$300", "amount", json!(200), "USD", false, json!(300)),
        ("1.400,00 €", "amount", json!(1400), "EUR", false, json!(null)),
        ("-1", "unstated", json!(null), "USD", false, json!(null)),
        ("", "unstated", json!(null), "USD", false, json!(null)),
        ("free", "free", json!(0), "USD", false, json!(null)),
        ("$500/mo", "recurring", json!(500), "USD", false, json!(null)),
        ("640 € 3 rooms", "amount", json!(640), "EUR", false, json!(null)),
    ] {
        let read = answer(&["price", text, "--json"]).await;
        let found = [&read["kind"], &read["amount"], &read["currency"], &read["negotiable"], &read["previous"]];
        assert_eq!(found, [&json!(kind), &amount, &json!(currency), &json!(negotiable), &previous], "{text}");
    }
    assert_eq!(answer(&["price", "300", "--currency", "jpy", "--json"]).await["currency"], "JPY");
    let plain = query(&["price", "$12345 obo"]).await;
    let plain = String::from_utf8(plain.stdout).unwrap();
    assert_eq!(plain, "12345 USD, negotiable, which only fills the field and meets no threshold\n");
    let rent = query(&["price", "700 €/mes"]).await;
    assert_eq!(String::from_utf8(rent.stdout).unwrap(), "recurring, 700 EUR per month\n");
    assert_eq!(answer(&["price", "700 €/mes", "--json"]).await["per"], "month");
    let explained = answer(&["price", "was $300, now $200", "--json", "--explain"]).await;
    assert_eq!(explained["candidates"][0]["role"], "a former price");
    assert_eq!((&explained["candidates"][1]["chosen"], &explained["amount"]), (&json!(true), &json!(200)));
    assert_eq!(answer(&["price", "--title", "1984", "--json"]).await["kind"], "unstated");
    assert_eq!(query(&["price", "5", "--currency", "dollars"]).await.status.code(), Some(2));
}
