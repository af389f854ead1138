//! Warnings about settings that are valid, but disable a protection or are probably a mistake.

use super::auth::RegistrationPolicy;
use super::realtime::AllowedOrigins;
use super::settings::Config;
use super::web::IpRange;

/// Returns one sentence per warning; `near_misses` are pairs of a variable's name and the setting it resembles.
pub(super) fn of(config: &Config, near_misses: &[(String, String)]) -> Vec<String> {
    let Config { server, web, realtime, limits, auth, sources, .. } = config;
    let mut warnings: Vec<String> =
        limits.switched_off().map(|name| format!("limits.{name} is 0: this limit is disabled")).collect();
    let is_https = web.public_url.as_ref().is_some_and(|url| url.scheme() == "https");
    let conditions = [
        (auth.registration == RegistrationPolicy::Open, "auth.registration is \"open\": anybody can make an account"),
        (auth.password_min_length < 8, "auth.password_min_length is less than 8: short passwords are easy to guess"),
        (
            realtime.allowed_origins == AllowedOrigins::Any,
            "realtime.allowed_origins is \"*\": pages of any site may connect; their cookies are ignored",
        ),
        (realtime.allow_anonymous, "realtime.allow_anonymous is true: anybody may receive listings and messages"),
        (
            web.trusted_proxies.iter().any(IpRange::is_everything),
            "web.trusted_proxies holds every address: every client can claim any address; list only the proxies",
        ),
        (
            is_https && web.trusted_proxies.is_empty(),
            "web.public_url is https and web.trusted_proxies is empty: all clients of the proxy count as one address, \
             with one limit of failed sign-ins; list the proxy's address",
        ),
        (
            !is_https && !server.listen.ip().is_loopback(),
            "server.listen is not loopback and web.public_url is not https: passwords and cookies cross the network \
             unencrypted, unless a proxy encrypts them (docs/DEPLOY.md)",
        ),
        (
            sources.private_addresses.iter().any(IpRange::is_everything),
            "sources.private_addresses holds every address: sources can read everything that this machine reaches",
        ),
    ];
    warnings.extend(conditions.iter().filter(|(applies, _)| *applies).map(|(_, warning)| (*warning).to_owned()));
    warnings.extend(near_misses.iter().map(|(given, meant)| {
        format!("the environment variable {given} is not a setting and was ignored; {meant}, with two underscores, is")
    }));
    warnings
}
