//! What sites allow robots to ask for (RFC 9309).

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use superbot_domain::Timestamp;
use texting_robots::Robot;
use url::Url;

use crate::decode::decode;
use crate::fetch::{Answer, PRODUCT};

/// The rules of the sites that were asked lately.
#[derive(Clone, Debug, Default)]
pub struct Robots(Arc<Mutex<HashMap<String, Known>>>);

#[derive(Clone, Debug)]
struct Known {
    rules: Rules,
    read_at: Timestamp,
}

/// What one site allows.
#[derive(Clone)]
pub(crate) enum Rules {
    /// There are no rules.
    Everything,
    Listed(Arc<Robot>),
}

/// Rules are read again after a day (RFC 9309, section 2.4).
const FRESH_FOR: Duration = Duration::from_hours(24);
/// So much of a file is read; RFC 9309, section 2.5 asks for at least 500 KiB.
const MAX_BYTES: usize = 512 * 1024;
/// More sites than anybody watches.
const MAX_SITES: usize = 1_000;
/// No site makes us wait longer between two requests.
const LONGEST_GAP: Duration = Duration::from_mins(10);

impl Robots {
    /// Where a site's rules are.
    pub(crate) fn address(url: &Url) -> Option<Url> {
        let mut address = url.join("/robots.txt").ok()?;
        address.set_query(None);
        address.set_fragment(None);
        Some(address)
    }

    /// The rules of the page's site, while they are fresh.
    pub(crate) fn of(&self, url: &Url, now: Timestamp) -> Option<Rules> {
        let known = self.0.lock();
        let known = known.get(&url.origin().ascii_serialization())?;
        // One that was read later was read before the clock was set back.
        (known.read_at <= now && known.read_at + FRESH_FOR > now).then(|| known.rules.clone())
    }

    /// Takes over what a site answered; an error says why nothing may be asked of it now.
    pub(crate) fn learn(&self, url: &Url, answer: &Answer, now: Timestamp) -> Result<(), String> {
        let rules = match answer.status {
            200..=299 => {
                let body = &answer.body[..answer.body.len().min(MAX_BYTES)];
                let text = decode(body, answer.content_type.as_deref(), None).unwrap_or_default();
                let robot = Robot::new(PRODUCT, text.as_bytes())
                    .map_err(|error| format!("robots.txt cannot be read: {error}"))?;
                Rules::Listed(Arc::new(robot))
            }
            // Redirected too often, or refused: as if there were no rules (section 2.3.1.3).
            300..=499 if answer.status != 429 => Rules::Everything,
            status => return Err(format!("robots.txt answers with status {status}, so nothing may be asked for now")),
        };
        let mut known = self.0.lock();
        if known.len() >= MAX_SITES {
            known.clear();
        }
        known.insert(url.origin().ascii_serialization(), Known { rules, read_at: now });
        Ok(())
    }
}

impl Rules {
    pub(crate) fn allow(&self, url: &Url) -> bool {
        match self {
            Self::Everything => true,
            Self::Listed(robot) => robot.allowed(url.as_str()),
        }
    }

    /// How long to wait between two requests, where the site asks for it.
    pub(crate) fn gap(&self) -> Option<Duration> {
        let Self::Listed(robot) = self else { return None };
        robot.delay.and_then(|seconds| Duration::try_from_secs_f32(seconds).ok()).map(|gap| gap.min(LONGEST_GAP))
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Everything => "Everything",
            Self::Listed(_) => "Listed",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::Validators;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            validators: Validators::default(),
            retry_after: None,
            location: None,
            content_type: None,
            body: body.as_bytes().to_vec(),
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn rules_decide_by_the_longest_match_of_our_group() {
        let robots = Robots::default();
        let site = Url::parse("https://shop.example/list?q=1").unwrap();
        let text = "User-agent: *\nDisallow: /\n\nUser-agent: super-bot\nCrawl-delay: 7\nDisallow: /private*\n\
                    Allow: /private/open$\nDisallow: /*.php$\n";
        robots.learn(&site, &answer(200, text), at(0)).unwrap();
        let rules = robots.of(&site, at(10)).unwrap();
        let allows = |path: &str| rules.allow(&site.join(path).unwrap());
        assert!(allows("/list?q=1") && allows("/private/open") && allows("/a.php?x=1"));
        assert!(!allows("/private/") && !allows("/private/open/more") && !allows("/a.php"));
        assert_eq!(rules.gap(), Some(Duration::from_secs(7)));
    }

    #[test]
    fn a_site_without_rules_allows_everything_and_one_that_fails_nothing() {
        let robots = Robots::default();
        let site = Url::parse("https://shop.example/").unwrap();
        assert!(robots.learn(&site, &answer(503, ""), at(0)).unwrap_err().contains("503"));
        assert!(robots.learn(&site, &answer(429, ""), at(0)).is_err());
        assert!(robots.of(&site, at(0)).is_none());
        robots.learn(&site, &answer(404, "<html>"), at(0)).unwrap();
        assert!(robots.of(&site, at(0)).unwrap().allow(&site));
        assert!(robots.of(&site, at(24 * 3600)).is_none(), "after a day they are read again");
        assert!(robots.of(&Url::parse("https://other.example/").unwrap(), at(0)).is_none());
    }
}
