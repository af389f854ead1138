//! The periods of recurring prices, as data names them.

use superbot_domain::PricePeriod;

/// Units of time and area in lower case: codes of UN/CEFACT, durations of ISO 8601, and words.
const PERIODS: [(PricePeriod, &[&str]); 6] = [
    (
        PricePeriod::Hour,
        &["hour", "hr", "hourly", "h", "hur", "pt1h", "pt60m", "stunde", "heure", "hora", "ora", "uur"],
    ),
    (
        PricePeriod::Day,
        &["day", "daily", "night", "nightly", "p1d", "pt24h", "tag", "nacht", "jour", "nuit", "día", "giorno", "dag"],
    ),
    (
        PricePeriod::Week,
        &["week", "weekly", "wk", "pw", "wee", "p1w", "p7d", "woche", "semaine", "semana", "settimana"],
    ),
    (
        PricePeriod::Month,
        &[
            "month", "monthly", "mo", "pm", "p.m.", "pcm", "mon", "p1m", "p30d", "monat", "mois", "mes", "mês", "mese",
            "maand", "miesiąc",
        ],
    ),
    (
        PricePeriod::Year,
        &[
            "year", "yearly", "annually", "annual", "yr", "pa", "p.a.", "ann", "p1y", "p12m", "jahr", "an", "année",
            "año", "ano", "anno", "jaar", "rok",
        ],
    ),
    (
        PricePeriod::Area,
        &[
            "area",
            "m2",
            "m²",
            "sqm",
            "sq m",
            "sqft",
            "sq ft",
            "ft2",
            "ft²",
            "square meter",
            "square metre",
            "square foot",
            "mtk",
            "ftk",
            "ydk",
            "acr",
            "acre",
            "har",
            "ha",
        ],
    ),
];

/// The period that a word, a code or a duration names, also behind "per" or "/".
pub(crate) fn find_period(written: &str) -> Option<PricePeriod> {
    let lower = written.trim().to_lowercase().replace(['_', '-'], " ");
    let bare = lower.trim_start_matches('/').trim_start();
    let bare =
        ["per ", "pro ", "par ", "por ", "al ", "a "].iter().find_map(|word| bare.strip_prefix(word)).unwrap_or(bare);
    PERIODS.iter().find(|(_, names)| names.contains(&bare)).map(|(period, _)| *period)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_known_in_every_form() {
        for (written, expected) in [
            ("month", Some(PricePeriod::Month)),
            ("MONTH", Some(PricePeriod::Month)),
            ("PER_MONTH", Some(PricePeriod::Month)),
            ("per month", Some(PricePeriod::Month)),
            ("/ mo", Some(PricePeriod::Month)),
            (" pcm ", Some(PricePeriod::Month)),
            ("pro Monat", Some(PricePeriod::Month)),
            ("MON", Some(PricePeriod::Month)),
            ("P1M", Some(PricePeriod::Month)),
            ("par semaine", Some(PricePeriod::Week)),
            ("per night", Some(PricePeriod::Day)),
            ("hourly", Some(PricePeriod::Hour)),
            ("P1Y", Some(PricePeriod::Year)),
            ("/m²", Some(PricePeriod::Area)),
            ("sale", None),
            ("piece", None),
            ("quarter", None),
            ("", None),
        ] {
            assert_eq!(find_period(written), expected, "{written}");
        }
        // Every name of the API is one as well.
        for period in PricePeriod::ALL {
            assert_eq!(find_period(period.as_str()), Some(period));
        }
    }
}
