//! Markdown report.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Result;

use super::{Results, Row};
use crate::figures::median;

pub(super) const FILE: &str = "RESULTS-NODES.md";

/// A table: its subject, and its columns with key, heading and decimals.
struct Table {
    title: &'static str,
    about: &'static str,
    columns: &'static [(&'static str, &'static str, usize)],
}

const TABLES: [Table; 4] = [
    Table {
        title: "One listing at a time",
        about: "A listing is posted every 25 ms while nothing else happens. Latency is from just before the POST until a client \
                has it; with several nodes, a client of another node than the one that was posted to.",
        columns: &[("alone_p50_ms", "p50 ms", 1), ("alone_p99_ms", "p99 ms", 1)],
    },
    Table {
        title: "Single listings, as fast as they are answered",
        about: "One listing a request. With three nodes the publishers use two, and the clients listen at the third. CPU is in \
                milliseconds of a processor for each 1,000 listings; a single node does both, which is in the middle column then. \
                Latency is mostly queueing here, as the machine has no \
                processor left.",
        columns: &[
            ("single_per_s", "listings/s", 0),
            ("single_p50_ms", "p50 ms", 1),
            ("single_p99_ms", "p99 ms", 1),
            ("single_publishing_cpu_ms", "CPU, nodes published to", 0),
            ("single_listening_cpu_ms", "CPU, node with the clients", 0),
            ("single_postgres_cpu_ms", "CPU, Postgres", 0),
        ],
    },
    Table {
        title: "A hundred listings a request",
        about: "The same in batches. A client's latency holds the whole request's time.",
        columns: &[
            ("batch_per_s", "listings/s", 0),
            ("batch_p50_ms", "p50 ms", 1),
            ("batch_p99_ms", "p99 ms", 1),
            ("batch_publishing_cpu_ms", "CPU, nodes published to", 0),
            ("batch_listening_cpu_ms", "CPU, node with the clients", 0),
            ("batch_postgres_cpu_ms", "CPU, Postgres", 0),
        ],
    },
    Table {
        title: "What concerns none of a node's clients",
        about: "Notifications for a user who is connected to none of the nodes, one a request. With three nodes, the \
                node with the clients neither takes these in nor has anybody to tell of them. What a node spends while nothing \
                happens at all is part of it, and stands beside it.",
        columns: &[
            ("others_per_s", "events/s", 0),
            ("others_publishing_cpu_ms", "CPU, nodes published to", 0),
            ("others_listening_cpu_ms", "CPU, node with the clients", 0),
            ("others_postgres_cpu_ms", "CPU, Postgres", 0),
            ("idle_cpu_ms_per_s", "a node at rest, ms of CPU a second", 1),
        ],
    },
];

impl Results {
    /// Writes the report to a folder.
    pub(super) fn write(&self, out: &Path) -> Result<()> {
        fs::create_dir_all(out)?;
        fs::write(out.join(FILE), self.text())?;
        Ok(())
    }

    fn text(&self) -> String {
        let mut text = String::from("# Several servers over one store\n\n");
        text += "Written by `cargo xtask bench nodes`; nothing in it is written by hand. [README.md](README.md) says more.\n\n";
        for line in &self.head {
            let _ = writeln!(text, "- {line}");
        }
        for table in &TABLES {
            self.table(table, &mut text);
        }
        let remarks = self.rows.iter().flat_map(|(setup, row)| row.remarks().into_iter().map(|one| (setup.name, one)));
        for (number, (name, remark)) in remarks.enumerate() {
            let space = if number == 0 { "\n" } else { "" };
            let _ = writeln!(text, "{space}- {name}: {}", remark.replace('\n', " / "));
        }
        text
    }

    fn table(&self, table: &Table, text: &mut String) {
        let _ = write!(text, "\n## {}\n\n{}\n\n| |", table.title, table.about);
        for (_, heading, _) in table.columns {
            let _ = write!(text, " {heading} |");
        }
        let _ = writeln!(text, "\n|---|{}", "---:|".repeat(table.columns.len()));
        for (setup, row) in &self.rows {
            let mark = if row.is_noisy() { " \u{2021}" } else { "" };
            let _ = write!(text, "| {}{mark} |", setup.name);
            for (key, _, decimals) in table.columns {
                let _ = write!(text, " {} |", row.cell(key, *decimals));
            }
            text.push('\n');
        }
    }
}

impl Row {
    /// Formats the median, with the range if values differ.
    fn cell(&self, key: &str, decimals: usize) -> String {
        let values = self.figures.get(key).map(Vec::as_slice).unwrap_or_default();
        let (Some(least), Some(most)) =
            (values.iter().copied().reduce(f64::min), values.iter().copied().reduce(f64::max))
        else {
            return "-".to_owned();
        };
        let middle = format!("{:.decimals$}", median(values));
        let least = format!("{least:.decimals$}");
        let most = format!("{most:.decimals$}");
        if least == most { middle } else { format!("{middle} ({least}\u{2013}{most})") }
    }

    fn is_noisy(&self) -> bool {
        self.noise.iter().any(crate::machine::noise::Noise::is_too_much)
    }

    fn remarks(&self) -> Vec<String> {
        let noisy = self.noise.iter().filter(|noise| noise.is_too_much()).map(|noise| {
            let foreign = noise.foreign * 100.0;
            let stolen = noise.stolen * 100.0;
            format!("\u{2021} the machine was busy: {foreign:.0} % with others' processes, {stolen:.1} % stolen")
        });
        noisy.chain(self.remarks.iter().cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_the_median_and_the_range() {
        let mut row = Row::default();
        assert_eq!(row.cell("p50", 1), "-");
        row.figures.insert("p50", vec![3.0, 1.0, 2.04]);
        assert_eq!(row.cell("p50", 1), "2.0 (1.0\u{2013}3.0)");
        row.figures.insert("p50", vec![2.0, 2.01]);
        assert_eq!(row.cell("p50", 1), "2.0");
    }
}
