//! Text formats of metrics.

/// A text format for metrics, chosen by the `Accept` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricsFormat {
    /// Prometheus text format 0.0.4, which all tools support.
    Prometheus,
    /// `OpenMetrics` 1.0.0.
    OpenMetrics,
}

impl MetricsFormat {
    /// Returns `OpenMetrics` if an `Accept` header requests it, Prometheus' format otherwise.
    pub fn accepted<'h>(mut headers: impl Iterator<Item = &'h str>) -> Self {
        let is_asked_for = headers.any(|header| header.to_ascii_lowercase().contains("application/openmetrics-text"));
        if is_asked_for { Self::OpenMetrics } else { Self::Prometheus }
    }

    /// Returns the media type with its version.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// Converts `OpenMetrics` to the Prometheus text format, in which metadata of counters uses the name with `_total`, and units
/// do not exist.
pub(super) fn prometheus(open_metrics: &str) -> String {
    let mut text = String::with_capacity(open_metrics.len());
    let mut help = None;
    for line in open_metrics.lines() {
        if let Some(described) = line.strip_prefix("# HELP ") {
            help = Some(described);
        } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|described| described.split_once(' '))
        {
            // OpenMetrics omits the suffix in metadata.
            let suffix = if kind == "counter" { "_total" } else { "" };
            let kind = if kind == "unknown" { "untyped" } else { kind };
            if let Some((name, help)) = help.take().and_then(|described| described.split_once(' ')) {
                text.extend(["# HELP ", name, suffix, " ", help, "\n"]);
            }
            text.extend(["# TYPE ", name, suffix, " ", kind, "\n"]);
        } else if !line.starts_with('#') {
            text.extend([line, "\n"]);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_described_under_the_name_of_their_samples() {
        let open_metrics = "# HELP a_things Things, seen.\n# TYPE a_things counter\na_things_total{b=\"c\"} 1\n\
            # HELP a_seconds Time.\n# TYPE a_seconds histogram\n# UNIT a_seconds seconds\na_seconds_sum 0.5\n# EOF\n";
        let expected = "# HELP a_things_total Things, seen.\n# TYPE a_things_total counter\na_things_total{b=\"c\"} 1\n\
            # HELP a_seconds Time.\n# TYPE a_seconds histogram\na_seconds_sum 0.5\n";
        assert_eq!(prometheus(open_metrics), expected);
    }

    #[test]
    fn open_metrics_is_sent_only_where_it_is_asked_for() {
        let prometheus_server =
            "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        assert_eq!(MetricsFormat::accepted([prometheus_server].into_iter()), MetricsFormat::OpenMetrics);
        for header in ["*/*", "text/plain", "text/html,application/xhtml+xml"] {
            assert_eq!(MetricsFormat::accepted([header].into_iter()), MetricsFormat::Prometheus, "{header}");
        }
        assert_eq!(MetricsFormat::accepted(std::iter::empty()), MetricsFormat::Prometheus);
    }
}
