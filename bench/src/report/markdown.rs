//! Markdown report.

use std::fmt::Write as _;

use super::{Results, Row, bars};
use crate::figures::median;
use crate::scenarios::{Column, SCENARIOS, Scenario};

/// Formats the report.
pub(super) fn write(results: &Results) -> String {
    let mut text = head(results);
    text += &bars_table(results);
    for scenario in SCENARIOS {
        let rows: Vec<&Row> = results.rows.iter().filter(|row| row.scenario.name == scenario.name).collect();
        if !rows.is_empty() {
            text += &section(results, scenario, &rows);
        }
    }
    text + &peers(results)
}

fn head(results: &Results) -> String {
    let around = &results.surroundings;
    let mut text = String::from("# What was measured\n\n");
    text += "Written by `cargo xtask bench realtime`; how to run and read it is in [README.md](README.md).\n\n";
    if around.quick {
        text += "**A trial (`--quick`): it shows that everything works; its figures say nothing.**\n\n";
    }
    let _ =
        writeln!(text, "- begun {}, {} repeats, medians with the lowest and highest", around.began_at, around.repeats);
    for line in &around.machine {
        let _ = writeln!(text, "- {line}");
    }
    let versions: Vec<String> = around.versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
    let _ = writeln!(text, "- {}", versions.join(", "));
    for left_out in &around.left_out {
        let _ = writeln!(text, "- left out: {left_out}");
    }
    let noisy: usize = results.rows.iter().map(Row::noisy).sum();
    let runs: usize = results.rows.iter().map(|row| row.samples().count()).sum();
    let _ = writeln!(
        text,
        "- {noisy} of {runs} runs had too much else going on beside them and are marked with a \u{2021}\n"
    );
    if results.rows.iter().any(|row| row.scenario.name == "broadcast") {
        text += "![chart](results.svg)\n\n";
    }
    text
}

fn bars_table(results: &Results) -> String {
    let held = bars::hold(results);
    if held.is_empty() {
        return String::new();
    }
    let mut text = String::from("## What Super-Bot is held to\n\n| | measured | wanted | |\n|---|---:|---:|---|\n");
    for bars::Held { what, measured, wanted, is_met } in held {
        let verdict = if is_met { "met" } else { "**not met**" };
        let _ = writeln!(text, "| {what} | {measured} | {wanted} | {verdict} |");
    }
    text + "\n"
}

fn section(results: &Results, scenario: &Scenario, rows: &[&Row]) -> String {
    let mut text = format!("## {}\n\n{}\n\n| peer | clients | runs |", scenario.name, scenario.about);
    for column in scenario.columns {
        let _ = write!(text, " {} |", column.heading);
    }
    text += "\n|---|---:|---:|";
    text += &"---:|".repeat(scenario.columns.len());
    text.push('\n');
    for row in rows {
        let mark = if row.noisy() > 0 { " \u{2021}" } else { "" };
        let _ = write!(text, "| {}{mark} | {} | {} |", row.peer.name, row.clients, row.samples().count());
        for column in scenario.columns {
            let _ = write!(text, " {} |", cell(results, row, column));
        }
        text.push('\n');
    }
    text.push('\n');
    for row in rows {
        text += &remarks(row);
    }
    text.push('\n');
    text
}

/// Formats the median, the range if values differ, and the ratio to the limit if the column has one.
fn cell(results: &Results, row: &Row, column: &Column) -> String {
    let values = row.values(column.key);
    let (Some(least), Some(most)) = (values.iter().copied().reduce(f64::min), values.iter().copied().reduce(f64::max))
    else {
        return "-".to_owned();
    };
    let decimals = column.decimals;
    let mut text = format!("{:.decimals$}", median(&values));
    if format!("{least:.decimals$}") != format!("{most:.decimals$}") {
        let _ = write!(text, " ({least:.decimals$}\u{2013}{most:.decimals$})");
    }
    if column.ratio
        && row.peer.name != "limit"
        && let Some(ratio) = results.ratio(row, column.key, "limit")
    {
        let _ = write!(text, " = {ratio:.2}\u{d7}");
    }
    text
}

fn remarks(row: &Row) -> String {
    let mut text = String::new();
    for (repeat, run) in row.runs.iter().enumerate() {
        let remarks = match run {
            Ok(sample) => {
                let noise = sample.noise;
                let busy = noise.is_too_much().then(|| {
                    let foreign = noise.foreign * 100.0;
                    let stolen = noise.stolen * 100.0;
                    format!("the machine was busy: {foreign:.0} % with others' processes, {stolen:.1} % stolen")
                });
                sample.remarks.iter().cloned().chain(busy).collect()
            }
            Err(why) => vec![format!("came to nothing: {why}")],
        };
        for remark in remarks {
            let remark = remark.replace('\n', " / ");
            let _ = writeln!(text, "- {}, {} clients, run {}: {remark}", row.peer.name, row.clients, repeat + 1);
        }
    }
    text
}

fn peers(results: &Results) -> String {
    let mut text = String::from("## The peers\n\n");
    let mut told = Vec::new();
    for row in &results.rows {
        if !told.contains(&row.peer.name) {
            told.push(row.peer.name);
            let Row { peer, .. } = row;
            let _ = writeln!(text, "- **{}**: {}; {} connections/s", peer.name, peer.about, peer.ramp_per_second);
        }
    }
    text
}
