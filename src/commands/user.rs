//! `superbot user`: accounts, from the command line.

use clap::Subcommand;
use serde_json::{Value, json};
use superbot_domain::{Clock as _, Role, SystemClock, Username, rfc3339};
use superbot_store::{ResetOutcome, Store, StoreError};

use super::{Failure, Global, Outcome, base_url, complain, read_password, say};
use crate::auth::{PASSWORD_RESET_LASTS, Passwords, Secret, SecretKind};
use crate::config::Config;

/// Make, list and disable users, and let them choose new passwords. Works while a server runs.
#[derive(Subcommand)]
pub enum User {
    /// Make a user; the password comes on standard input
    Add {
        /// The name to sign in with
        name: String,
        /// Let the user do everything
        #[arg(long)]
        admin: bool,
        /// Read the password's line from standard input (it is never taken from the command line)
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// List the users
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Change a user's password, ending all their sessions; it comes on standard input
    Passwd {
        /// Whose
        name: String,
        /// Read the password's line from standard input
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Print a link with which a user chooses a new password: good once, for a day
    ResetLink {
        /// Whose
        name: String,
    },
    /// Shut a user out, ending their sessions and live connections
    Disable {
        /// Whom
        name: String,
    },
    /// Let a disabled user in again
    Enable {
        /// Whom
        name: String,
    },
}

impl User {
    pub async fn run(self, global: &Global) -> Outcome {
        let config = global.settings(Vec::new())?;
        let password = match &self {
            Self::Add { .. } | Self::Passwd { .. } => {
                let password = read_password()?;
                let least = config.auth.password_min_length;
                if password.chars().count() < least {
                    return Err(Failure::Usage(format!("the password must have at least {least} characters")));
                }
                Some(Passwords::new(1)?.hash(password).await?)
            }
            _ => None,
        };
        let store = global.store().await?;
        let outcome = self.apply(&store, &config, password.unwrap_or_default()).await;
        store.close().await;
        outcome
    }

    async fn apply(self, store: &Store, config: &Config, hash: String) -> Outcome {
        match self {
            Self::Add { name, admin, .. } => {
                let name = Username::parse(&name).map_err(|error| Failure::Usage(error.to_string()))?;
                let role = if admin { Role::Admin } else { Role::User };
                match store.create_user(&name, role, &hash).await {
                    Err(StoreError::NameTaken) => Err(anyhow::anyhow!("there is a user {name} already").into()),
                    made => {
                        made?;
                        say(&format!("made {name}"));
                        Ok(())
                    }
                }
            }
            Self::List { json } => list(store, json).await,
            Self::Passwd { name, .. } => {
                store.set_password(find(store, &name).await?.id, &hash, None).await?;
                say(&format!("changed the password of {name}"));
                Ok(())
            }
            Self::ResetLink { name } => print_reset_link(store, config, &name).await,
            Self::Disable { name } => set_disabled(store, &name, true).await,
            Self::Enable { name } => set_disabled(store, &name, false).await,
        }
    }
}

async fn list(store: &Store, json: bool) -> Outcome {
    let users = store.users().await?;
    if json {
        let shown = users.iter().map(|user| {
            json!({
                "id": user.id.get(), "username": user.username.as_str(), "is_admin": user.role == Role::Admin,
                "disabled": user.disabled, "created_at": rfc3339(user.created_at),
            })
        });
        say(&Value::Array(shown.collect()).to_string());
        return Ok(());
    }
    for user in users {
        let role = if user.role == Role::Admin { "admin" } else { "user" };
        let state = if user.disabled { "  disabled" } else { "" };
        say(&format!("{:<24} {role}{state}", user.username.as_str()));
    }
    Ok(())
}

async fn print_reset_link(store: &Store, config: &Config, name: &str) -> Outcome {
    let user = find(store, name).await?;
    let secret = Secret::generate(SecretKind::PasswordReset);
    let expires_at = SystemClock.now() + PASSWORD_RESET_LASTS;
    match store.create_password_reset(user.id, secret.hash(), expires_at).await? {
        ResetOutcome::Made => {}
        ResetOutcome::NoSuchUser => return Err(no_user(name).into()),
        ResetOutcome::Disabled => {
            let what_to_do = format!("{name} is disabled; let them in again first: superbot user enable {name:?}");
            return Err(anyhow::anyhow!(what_to_do).into());
        }
    }
    if config.web.public_url.is_none() {
        complain("The link is for this machine; set web.public_url where the server has another address.");
    }
    say(&format!("{}/reset#{}", base_url(config, config.server.listen), secret.reveal()));
    Ok(())
}

async fn set_disabled(store: &Store, name: &str, disabled: bool) -> Outcome {
    store.set_disabled(find(store, name).await?.id, disabled).await?;
    say(&format!("{} {name}", if disabled { "disabled" } else { "enabled" }));
    Ok(())
}

async fn find(store: &Store, name: &str) -> Result<superbot_domain::User, Failure> {
    let found = store.user_by_name(name).await?;
    let (user, _) = found.ok_or_else(|| no_user(name))?;
    Ok(user)
}

fn no_user(name: &str) -> anyhow::Error {
    anyhow::anyhow!("there is no user {name:?}")
}
