use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use proptest::prelude::*;

use super::*;

/// Options independent of the machine: with their own home, and an empty settings file.
struct Sample {
    dir: tempfile::TempDir,
    options: LoadOptions,
}

impl Sample {
    fn new(file: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("settings.toml");
        std::fs::write(&path, file).unwrap();
        let env = vec![("HOME".into(), "/home/ann".into())];
        let system = SystemFolders { settings: dir.path().join("etc"), data: dir.path().join("var") };
        Self { dir, options: LoadOptions { file: Some(path), env, system, ..LoadOptions::default() } }
    }

    /// Options that search for a settings file, with `HOME` within the sample's folder.
    fn searching() -> Self {
        let mut sample = Self::new("");
        let home = sample.dir.path().join("home").into_os_string();
        sample.options.file = None;
        sample.options.env = vec![("HOME".into(), home)];
        sample
    }

    /// Adds a file within the sample's folder.
    fn file(self, path: &str, text: &str) -> Self {
        let path = self.dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.options.env.push((name.into(), value.into()));
        self
    }

    fn flag(mut self, key: &str, value: &str) -> Self {
        self.options.overrides.push((key.to_owned(), value.to_owned()));
        self
    }

    fn load(&self) -> Config {
        load(&self.options).unwrap()
    }

    fn error(&self) -> String {
        load(&self.options).unwrap_err().to_string().replace(&self.dir.path().display().to_string(), "DIR")
    }
}

#[test]
fn the_defaults_are_what_is_promised() {
    let config = Sample::new("").load();
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:5000");
    assert_eq!(config.server.data_dir, Path::new("/home/ann/.local/share/superbot"));
    assert_eq!(config.server.max_connections, None);
    assert_eq!(config.store.url.reveal(), "sqlite:/home/ann/.local/share/superbot/superbot.db");
    assert_eq!(config.realtime.path, "/socket.io/");
    assert_eq!(config.realtime.ping_interval, Duration::from_secs(25));
    assert_eq!(config.realtime.ping_timeout, Duration::from_secs(20));
    assert_eq!(config.realtime.max_payload_bytes, 1_000_000);
    assert_eq!(config.realtime.replay_limit, 10_000);
    assert_eq!(config.realtime.allowed_origins, AllowedOrigins::Listed(vec![]));
    assert!(!config.realtime.allow_anonymous);
    assert_eq!(config.limits.login_attempts_per_minute, 10);
    assert_eq!(config.limits.user_requests_per_second, 50);
    assert_eq!(config.limits.publish_requests_per_second, 1_000);
    assert_eq!(config.limits.socket_events_per_second, 20);
    assert_eq!(config.auth.registration, RegistrationPolicy::Closed);
    assert_eq!(config.retention.listings, None);
    assert!(config.workers.enabled);
}

#[test]
fn every_default_is_documented_and_on_one_line() {
    let table: toml::Table = DEFAULTS.parse().unwrap();
    let keys: usize = table.values().map(|section| section.as_table().unwrap().len()).sum();
    let lines: Vec<&str> = DEFAULTS.lines().collect();
    let documented = lines.windows(2).filter(|pair| pair[1].contains(" = ") && !pair[1].starts_with('#')).map(|pair| {
        assert!(pair[0].starts_with("# "), "{} has no comment above it", pair[1]);
    });
    assert_eq!(documented.count(), keys);
}

#[test]
fn later_sources_win() {
    let file = "[server]\nlisten = \"127.0.0.1:1\"\n[log]\nlevel = \"debug\"\nformat = \"json\"\n";
    let sample = Sample::new(file).env("SUPERBOT__SERVER__LISTEN", "127.0.0.1:2").env("SUPERBOT__LOG__LEVEL", "warn");
    let config = sample.flag("server.listen", "127.0.0.1:3").load();
    assert_eq!(config.server.listen.port(), 3);
    assert_eq!(config.log.level, "warn");
    assert_eq!(config.log.format, LogFormat::Json);
}

#[test]
fn the_environment_gives_every_type() {
    let sample = Sample::new("")
        .env("SUPERBOT__REALTIME__ALLOWED_ORIGINS", "https://a.example, http://b.example:8080")
        .env("SUPERBOT__REALTIME__ALLOW_ANONYMOUS", "true")
        .env("SUPERBOT__REALTIME__REPLAY_LIMIT", "20_000")
        .env("SUPERBOT__WEB__PUBLIC_URL", "https://superbot.example/")
        .env("SUPERBOT_URL", "not a setting")
        .env("SUPERBOT__WEB__TRUSTED_PROXIES", "");
    let config = sample.load();
    assert!(config.realtime.allowed_origins.allows("http://b.example:8080"));
    assert!(config.realtime.allow_anonymous);
    assert_eq!(config.realtime.replay_limit, 20_000);
    assert_eq!(config.web.public_url.unwrap().as_str(), "https://superbot.example/");
    assert!(config.web.trusted_proxies.is_empty());
}

#[test]
fn an_unknown_key_is_named_with_the_nearest_known_one() {
    let file = "lisen = 1\n[realtime]\nalowed_origins = []\n[relatime]\npath = \"/\"\n";
    let sample = Sample::new(file).env("SUPERBOT__STORE__ULR", "x").flag("web.listen", "x");
    let error = sample.error();
    let expected = [
        "unknown setting `lisen` in the file DIR/settings.toml; the nearest known one is `server.listen`",
        "unknown setting `realtime.alowed_origins` in the file DIR/settings.toml; the nearest known one is `realtime.allowed_origins`",
        "unknown setting `relatime` in the file DIR/settings.toml; the nearest known one is `realtime`",
        "unknown setting `store.ulr` in the environment variable SUPERBOT__STORE__ULR; the nearest known one is `store.url`",
        "unknown setting `web.listen` on the command line; the nearest known one is `server.listen`",
    ];
    let lines: BTreeSet<&str> = error.lines().collect();
    assert_eq!(lines, BTreeSet::from(expected));
}

#[test]
fn a_wrong_value_is_refused_with_what_would_be_right() {
    let file = "[server]\nlisten = 5000\n[realtime]\nping_interval_ms = 0\n[auth]\nregistration = \"yes\"\n";
    let sample = Sample::new(file).env("SUPERBOT__WORKERS__ENABLED", "maybe").flag("store.read_connections", "many");
    let expected = [
        "`server.listen` is 5000 in the file DIR/settings.toml, but must be an IP address and a port, such as \"127.0.0.1:5000\" or \"[::1]:5000\"",
        "`realtime.ping_interval_ms` is 0 in the file DIR/settings.toml, but must be a whole number from 100 to 3600000",
        "`store.read_connections` is \"many\" on the command line, but must be a whole number from 1 to 64",
        "`auth.registration` is \"yes\" in the file DIR/settings.toml, but must be \"closed\", \"invite\" or \"open\"",
        "`workers.enabled` is \"maybe\" in the environment variable SUPERBOT__WORKERS__ENABLED, but must be true or false",
    ];
    assert_eq!(sample.error().lines().collect::<Vec<_>>(), expected);
}

#[test]
fn a_file_that_is_missing_or_no_toml_is_refused() {
    let mut sample = Sample::new("[server\n");
    assert!(sample.error().starts_with("the settings file DIR/settings.toml is not valid TOML"), "{}", sample.error());
    sample.options.file = Some(sample.dir.path().join("absent.toml"));
    assert!(sample.error().starts_with("cannot read the settings file DIR/absent.toml"), "{}", sample.error());
}

#[test]
fn paths_are_meant_from_where_they_are_written() {
    let sample = Sample::new(
        "[server]\ndata_dir = \"data\"\n[web]\npublic_dir = \"~/pages\"\n[store]\nurl = \"sqlite:my.db\"\n",
    );
    let config = sample.load();
    assert_eq!(config.server.data_dir, sample.dir.path().join("data"));
    assert_eq!(config.store.url.reveal(), format!("sqlite:{}/data/my.db", sample.dir.path().display()));
    assert_eq!(config.web.public_dir, Some(PathBuf::from("/home/ann/pages")));

    let mut sample = Sample::new("").env("XDG_DATA_HOME", "/data");
    assert_eq!(sample.load().server.data_dir, Path::new("/data/superbot"));
    sample.options.data_dir = Some(PathBuf::from("elsewhere"));
    assert_eq!(sample.load().server.data_dir, Path::new("elsewhere"));

    let mut homeless = Sample::new("");
    homeless.options.env.clear();
    assert!(homeless.error().contains("--data-dir"), "{}", homeless.error());
}

#[test]
fn a_password_is_shown_nowhere() {
    let url = "postgres://ann:s3cret@db.example/superbot?sslmode=require&sslpassword=s3cret";
    let config = Sample::new("").env("SUPERBOT__STORE__URL", url).load();
    assert_eq!(config.store.url.reveal(), url);
    assert!(
        config
            .to_toml_redacted()
            .contains("postgres://ann:hidden@db.example/superbot?sslmode=require&sslpassword=hidden")
    );
    assert!(!format!("{config:?} {} {}", config.store.url, config.to_toml_redacted()).contains("s3cret"));
    let unencoded =
        ["ann:s3cret@x@db", "ann:p@ss#s3cret@db:5432/d", "ann:x/s3cret@db", "ann:s3cret?@db/d", "ann:[s3cret@db"];
    let unencoded = unencoded.map(|rest| format!("postgres://{rest}"));
    let wrong = ["mysql://ann:s3cret@db.example", "postgres:s3cret", "ann:s3cret@db"].map(str::to_owned);
    for wrong in wrong.iter().chain(&unencoded) {
        let error = Sample::new("").env("SUPERBOT__STORE__URL", wrong).error();
        assert!(error.contains("`store.url`") && !error.contains("s3cret"), "{error}");
        assert!(error.contains("percent-encoded (@ as %40)"), "{error}");
    }
    let error = Sample::new("").env("SUPERBOT__STORE__URL", &unencoded[1]).error();
    assert!(error.contains("is \"hidden\" in the environment"), "{error}");
    let encoded = "postgresql://ann:p%40ss%23w%2Frd@127.0.0.1:5432/d";
    let config = Sample::new("").env("SUPERBOT__STORE__URL", encoded).load();
    assert_eq!(config.store.url.place(), "postgresql://ann:hidden@127.0.0.1:5432/d");
}

#[test]
fn what_is_shown_says_where_it_came_from_and_can_be_read_again() {
    let sample = Sample::new("[log]\nformat = \"json\"\n").env("SUPERBOT__WEB__TRUSTED_PROXIES", "10.0.0.0/8");
    let shown = sample.load().to_toml_redacted().to_owned();
    assert!(shown.contains(
        "trusted_proxies = [\"10.0.0.0/8\"]  # set in the environment variable SUPERBOT__WEB__TRUSTED_PROXIES\n"
    ));
    assert!(shown.contains("level = \"info\"\n"), "{shown}");
    let values = |text: &str| text.parse::<toml::Table>().unwrap();
    assert_eq!(values(Sample::new(&shown).load().to_toml_redacted()), values(&shown));
}

#[test]
fn the_first_settings_file_there_is_counts() {
    let marked = |level: &str| format!("[log]\nlevel = \"{level}\"\n");
    let sample = Sample::searching();
    assert_eq!(sample.load().log.level, "info");
    assert!(sample.load().to_toml_redacted().starts_with("# there is no settings file: "));
    let sample = sample.file("etc/superbot.toml", &marked("error"));
    assert_eq!(sample.load().log.level, "error");
    let sample = sample.file("home/.config/superbot/superbot.toml", &marked("warn"));
    assert_eq!(sample.load().log.level, "warn");
    let config_home = sample.dir.path().join("config");
    let sample = sample.file("config/superbot/superbot.toml", &marked("debug"));
    let sample = sample.env("XDG_CONFIG_HOME", config_home.to_str().unwrap());
    let config = sample.load();
    assert_eq!(config.log.level, "debug");
    let first = format!("# read from {}/superbot/superbot.toml\n", config_home.display());
    assert!(config.to_toml_redacted().starts_with(&first), "{}", config.to_toml_redacted());
}

#[test]
fn the_services_settings_go_with_its_data_and_its_environment_file() {
    let sample = Sample::searching().file("etc/superbot.toml", "[log]\nlevel = \"warn\"\n");
    let data = sample.dir.path().join("var");
    assert_eq!(sample.load().server.data_dir, data);
    let environment =
        "# comment\n\nSUPERBOT__STORE__URL=\"postgres://ann:s3cret@db/d\"\nSUPERBOT__LOG__LEVEL = debug\nOTHER=1\n";
    let mut sample = sample.file("etc/environment", environment);
    let config = sample.load();
    assert_eq!((config.store.url.reveal(), config.log.level.as_str()), ("postgres://ann:s3cret@db/d", "debug"));
    assert!(config.to_toml_redacted().contains("etc/environment\n") && !config.to_toml_redacted().contains("s3cret"));
    // Naming the service's file explicitly has the same effect.
    sample.options.file = Some(sample.dir.path().join("etc/superbot.toml"));
    assert_eq!(sample.load().store.url.reveal(), "postgres://ann:s3cret@db/d");
    // The process's own environment takes precedence; a file that systemd has passed on is not read again.
    let sample = sample.env("SUPERBOT__LOG__LEVEL", "error");
    assert_eq!(sample.load().log.level, "error");
    let sample = sample.env("SYSTEMD_EXEC_PID", &std::process::id().to_string());
    assert_eq!(sample.load().store.url.reveal(), format!("sqlite:{}/superbot.db", data.display()));

    let alone = Sample::searching().file("etc/environment", "SUPERBOT__LOG__LEVEL='trace'\n");
    assert_eq!(
        (alone.load().log.level.as_str(), alone.load().server.data_dir),
        ("trace", alone.dir.path().join("var"))
    );
    for wrong in ["SUPERBOT__LOG__LEVEL", "A=\"b", "A=b\\c", "A='b'c", "export A=b"] {
        let error = Sample::searching().file("etc/environment", &format!("A=b\n{wrong}\n")).error();
        assert!(error.contains("DIR/etc/environment") && error.contains("line 2"), "{wrong}: {error}");
    }
}

#[test]
fn what_is_not_utf8_is_refused_by_its_name() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt as _;
    let bytes = || OsString::from_vec(vec![b'x', 0xff]);
    let mut sample = Sample::new("");
    sample.options.env.push(("SUPERBOT__SERVER__LISTEN".into(), bytes()));
    sample.options.env.push(("OTHER".into(), bytes()));
    sample.options.data_dir = Some(PathBuf::from(bytes()));
    let expected = [
        "the environment variable SUPERBOT__SERVER__LISTEN is not UTF-8; settings and their paths must be",
        "the path of --data-dir is not UTF-8; settings and their paths must be",
    ];
    assert_eq!(sample.error().lines().collect::<Vec<_>>(), expected);
    let mut sample = Sample::new("");
    sample.options.env = vec![("HOME".into(), [OsString::from("/"), bytes()].into_iter().collect())];
    assert!(sample.error().contains("the data directory is not UTF-8"), "{}", sample.error());
}

#[test]
fn what_switches_a_protection_off_is_warned_about() {
    assert_eq!(Sample::new("").load().warnings(), <[String; 0]>::default());
    let all_off = [
        ("auth.registration", "open", "anybody can make an account"),
        ("auth.password_min_length", "1", "short passwords"),
        ("realtime.allowed_origins", "*", "pages of any site"),
        ("realtime.allow_anonymous", "true", "anybody may receive listings"),
        ("web.trusted_proxies", "10.0.0.1,0.0.0.0/0", "every client can claim any address"),
        ("web.trusted_proxies", "::/0", "every client can claim any address"),
        ("web.public_url", "https://superbot.example", "list the proxy's address"),
        ("server.listen", "0.0.0.0:5000", "unencrypted"),
        ("sources.private_addresses", "0.0.0.0/0", "everything that this machine reaches"),
        ("limits.login_attempts_per_minute", "0", "limits.login_attempts_per_minute is 0"),
        ("limits.address_connections", "0", "limits.address_connections is 0"),
    ];
    for (key, value, expected) in all_off {
        let config = Sample::new("").flag(key, value).load();
        let [warning] = config.warnings() else { panic!("{key}: {:?}", config.warnings()) };
        assert!(warning.contains(expected) && warning.contains(key), "{warning}");
    }
    let fine = Sample::new("").flag("web.public_url", "https://superbot.example");
    assert!(fine.flag("web.trusted_proxies", "10.0.0.1").load().warnings().is_empty());
    let near = Sample::new("").env("SUPERBOT_SERVER_LISTEN", "x").env("SUPERBOT_URL", "x").env("SUPERBOT_TOKEN", "x");
    let config = near.load();
    let [warning] = config.warnings() else { panic!("{:?}", config.warnings()) };
    assert!(
        warning.contains("SUPERBOT_SERVER_LISTEN is not") && warning.contains("SUPERBOT__SERVER__LISTEN"),
        "{warning}"
    );
}

proptest! {
    /// Loading never panics, whatever the file and the environment contain.
    #[test]
    fn nothing_given_can_make_loading_panic(file in "\\PC{0,200}", key in "[A-Z_]{0,20}", value in "\\PC{0,40}") {
        let sample = Sample::new(&file).env(&format!("SUPERBOT__{key}"), &value);
        let _ = load(&sample.options);
    }

    /// Every text is either accepted as a value of a key, or rejected with the key's name.
    #[test]
    fn any_value_is_taken_or_refused_by_name(index in 0_usize..64, value in "\\PC{0,40}|-?[0-9]{1,25}|true|false") {
        let layers = ConfigLayers::gather(&Sample::new("").options, &SettingsFiles::default(), &mut Vec::new());
        let keys: Vec<&str> = layers.keys().collect();
        let key = keys[index % keys.len()];
        if let Err(error) = load(&Sample::new("").flag(key, &value).options) {
            prop_assert!(error.to_string().starts_with(&format!("`{key}` is ")), "{}", error);
        }
    }
}
