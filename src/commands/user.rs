//! `superbot user`: manages accounts.

use clap::Subcommand;
use serde_json::{Value, json};
use superbot_domain::{Clock as _, SystemClock, UserRole, Username, rfc3339};
use superbot_store::{CredentialsKept, ResetOutcome, Store, StoreError};

use super::cli::{CommandError, CommandResult, GlobalArgs, base_url};
use super::output::{note, say, say_json, say_table, to_the_second};
use super::password::read_password;
use super::store_access::{StoreAccess, with_store};
use crate::auth::{PASSWORD_RESET_LASTS, PasswordHasher, RandomSecret, SecretKind, password_fault};
use crate::config::Config;

/// Create, list and disable users, and reset their passwords. Works while a server runs.
#[derive(Subcommand)]
pub enum UserCommand {
    /// Create a user; prompts for the password
    Add {
        /// The user name, for signing in
        name: String,
        /// Make the user an admin
        #[arg(long)]
        admin: bool,
        /// Read the password from the first line of a pipe instead of prompting (it is never read from the command line)
        #[arg(long)]
        password_stdin: bool,
    },
    /// List the users
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Change a user's password, ending all their sessions and API tokens; prompts for it
    Passwd {
        /// Name of the user
        name: String,
        /// Keep the user's API tokens valid
        #[arg(long)]
        keep_tokens: bool,
        /// Read the password from the first line of a pipe instead of prompting
        #[arg(long)]
        password_stdin: bool,
    },
    /// Print a link for setting a new password: valid once, for 24 hours
    ResetLink {
        /// Name of the user
        name: String,
    },
    /// Disable a user, ending their sessions and live connections
    Disable {
        /// Name of the user
        name: String,
    },
    /// Enable a disabled user
    Enable {
        /// Name of the user
        name: String,
    },
    /// Remove a user and all of their data: alerts, searches, notifications, favourites, tokens, sessions
    Remove {
        /// Name of the user
        name: String,
    },
}

impl UserCommand {
    pub async fn run(self, global: &GlobalArgs) -> CommandResult {
        let config = global.settings(Vec::new())?;
        // Before the store is opened: a rejected password must not leave a new store behind.
        let hash = match &self {
            Self::Add { name, password_stdin, .. } => {
                Some(read_hash(&new_name(name)?, *password_stdin, &config).await?)
            }
            Self::Passwd { name, password_stdin, .. } => {
                let name = Username::parse(name).map_err(|error| CommandError::Usage(error.to_string()))?;
                Some(read_hash(&name, *password_stdin, &config).await?)
            }
            _ => None,
        };
        let access = match &self {
            // Adding the first admin is how an installation without a browser is set up.
            Self::Add { .. } => StoreAccess::Create,
            Self::List { .. } => StoreAccess::Read,
            _ => StoreAccess::Change,
        };
        let hash = hash.unwrap_or_default();
        with_store(&config, access, async |store| self.apply(store, &config, hash).await).await
    }

    async fn apply(self, store: &Store, config: &Config, hash: String) -> CommandResult {
        match self {
            Self::Add { name, admin, .. } => {
                let name = new_name(&name)?;
                let role = if admin { UserRole::Admin } else { UserRole::User };
                match store.users().create(&name, role, &hash).await {
                    Err(StoreError::NameTaken) => Err(anyhow::anyhow!("there is a user {name} already").into()),
                    made => {
                        made?;
                        say(&format!("made {name}"));
                        Ok(())
                    }
                }
            }
            Self::List { json } => list(store, json).await,
            Self::Passwd { name, keep_tokens, .. } => {
                let kept = CredentialsKept { session: None, tokens: keep_tokens };
                let revoked = store.users().set_password(find(store, &name).await?.id, &hash, kept).await?;
                say(&format!("changed the password of {name}"));
                match revoked {
                    Some(1) => note("1 API token was revoked"),
                    Some(count @ 2..) => note(&format!("{count} API tokens were revoked")),
                    _ => {}
                }
                Ok(())
            }
            Self::ResetLink { name } => print_reset_link(store, config, &name).await,
            Self::Disable { name } => set_disabled(store, &name, true).await,
            Self::Enable { name } => set_disabled(store, &name, false).await,
            Self::Remove { name } => {
                store.users().delete(find(store, &name).await?.id).await?;
                say(&format!("removed {name}"));
                Ok(())
            }
        }
    }
}

fn new_name(text: &str) -> Result<Username, CommandError> {
    Username::parse_new(text).map_err(|error| CommandError::Usage(error.to_string()))
}

/// Reads a password, checks it against the policy, and returns its hash.
async fn read_hash(user: &Username, password_stdin: bool, config: &Config) -> Result<String, CommandError> {
    let password = read_password(password_stdin)?;
    if let Some(fault) = password_fault(&password, user, config.auth.password_min_length) {
        return Err(CommandError::Usage(format!("the password {fault}")));
    }
    // One thread suffices for one password.
    Ok(PasswordHasher::new(1)?.hash_one(password).await?)
}

async fn list(store: &Store, json: bool) -> CommandResult {
    let users = store.users().list().await?;
    if json {
        let shown = users.iter().map(|user| {
            json!({
                "id": user.id.get(), "username": user.username.as_str(), "is_admin": user.role == UserRole::Admin,
                "disabled": user.disabled, "created_at": rfc3339(user.created_at),
            })
        });
        say_json(&Value::Array(shown.collect()))?;
        return Ok(());
    }
    let row = |user: &superbot_domain::User| {
        let role = if user.role == UserRole::Admin { "admin" } else { "user" };
        let state = if user.disabled { "disabled" } else { "enabled" };
        [user.username.to_string(), role.to_owned(), state.to_owned(), to_the_second(user.created_at)]
    };
    say_table(["NAME", "ROLE", "STATE", "CREATED"], &users.iter().map(row).collect::<Vec<_>>());
    Ok(())
}

async fn print_reset_link(store: &Store, config: &Config, name: &str) -> CommandResult {
    let user = find(store, name).await?;
    let secret = RandomSecret::generate(SecretKind::PasswordReset);
    let expires_at = SystemClock.now() + PASSWORD_RESET_LASTS;
    match store.password_resets().create(user.id, secret.hash(), expires_at).await? {
        ResetOutcome::Made(_) => {}
        ResetOutcome::NoSuchUser => return Err(no_user(name).into()),
        ResetOutcome::Disabled => {
            let what_to_do = format!("{name} is disabled; enable the account first: superbot user enable {name:?}");
            return Err(anyhow::anyhow!(what_to_do).into());
        }
    }
    if config.web.public_url.is_none() {
        note("The link is for this machine; set web.public_url if browsers reach the server at another address.");
    }
    say(&format!("{}/reset#{}", base_url(config, config.server.listen), secret.reveal()));
    Ok(())
}

async fn set_disabled(store: &Store, name: &str, disabled: bool) -> CommandResult {
    store.users().set_disabled(find(store, name).await?.id, disabled).await?;
    say(&format!("{} {name}", if disabled { "disabled" } else { "enabled" }));
    Ok(())
}

async fn find(store: &Store, name: &str) -> Result<superbot_domain::User, CommandError> {
    let found = store.users().find_by_name(name).await?;
    let (user, _) = found.ok_or_else(|| no_user(name))?;
    Ok(user)
}

fn no_user(name: &str) -> anyhow::Error {
    anyhow::anyhow!("there is no user {name:?}")
}
