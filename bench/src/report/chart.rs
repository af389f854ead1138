//! Chart of the broadcast scenario: horizontal bars from zero.

use std::fmt::Write as _;

use super::{Results, Row};
use crate::figures::{float, median};

const WIDTH: f64 = 760.0;
const LABELS: f64 = 190.0;
const VALUES: f64 = 90.0;
const BAR: f64 = 18.0;
const PITCH: f64 = 24.0;
const TITLE: f64 = 44.0;

/// Panels: key of the figure, title, decimals.
const PANELS: [(&str, &str, usize); 3] = [
    ("cpu_us_per_delivery", "CPU microseconds per delivery", 1),
    ("after_bytes", "bytes per connection after broadcasts", 0),
    ("p99_ms", "milliseconds from publishing to 99 % of the clients", 1),
];

/// Draws the broadcast results, for the number of clients that most servers were measured with.
pub(super) fn draw(results: &Results) -> Option<String> {
    let rows: Vec<&Row> = results.rows.iter().filter(|row| row.scenario.name == "broadcast").collect();
    let peers_with = |clients: usize| rows.iter().filter(|row| row.clients == clients).count();
    let clients = rows.iter().map(|row| row.clients).max_by_key(|clients| (peers_with(*clients), *clients))?;
    let rows: Vec<&Row> = rows.into_iter().filter(|row| row.clients == clients).collect();
    let panel_height = TITLE + float(rows.len() as u64) * PITCH;
    let height = panel_height * float(PANELS.len() as u64) + 40.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"12\" y=\"24\" font-size=\"16\">A broadcast to {clients} clients: medians, less is better</text>\n"
    );
    for (index, (key, title, decimals)) in PANELS.into_iter().enumerate() {
        let top = 24.0 + panel_height * float(index as u64);
        let _ = writeln!(svg, "<text x=\"12\" y=\"{}\" font-weight=\"bold\">{title}</text>", top + TITLE - 10.0);
        panel(&mut svg, &rows, key, decimals, top + TITLE);
    }
    svg.push_str("</svg>\n");
    Some(svg)
}

fn panel(svg: &mut String, rows: &[&Row], key: &str, decimals: usize, top: f64) {
    let most = rows.iter().map(|row| median(&row.values(key))).fold(0.0, f64::max);
    for (index, row) in rows.iter().enumerate() {
        let values = row.values(key);
        if values.is_empty() {
            continue;
        }
        let value = median(&values);
        let length = if most > 0.0 { value.max(0.0) / most * (WIDTH - LABELS - VALUES) } else { 0.0 };
        let y = top + float(index as u64) * PITCH;
        let fill = match row.peer.name {
            "limit" => "#9aa0a6",
            _ if row.peer.is_superbot() => "#0b6bcb",
            _ => "#d9a441",
        };
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\
             <rect x=\"{LABELS}\" y=\"{y}\" width=\"{length:.1}\" height=\"{BAR}\" fill=\"{fill}\"/>\
             <text x=\"{:.1}\" y=\"{}\">{value:.decimals$}</text>",
            LABELS - 8.0,
            y + 14.0,
            row.peer.name,
            LABELS + length + 6.0,
            y + 14.0,
        );
    }
}
