//! `superbot token`: manages API tokens.

use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use serde_json::{Value, json};
use superbot_domain::{TokenId, TokenScope, rfc3339};
use superbot_store::Store;

use super::cli::{CommandError, CommandResult, GlobalArgs};
use super::output::{note, say, say_json, say_table, to_the_second};
use super::store_access::{StoreAccess, with_store};
use crate::auth::{RandomSecret, SecretKind};

/// Create, list and revoke API tokens. Works while a server runs.
#[derive(Subcommand)]
pub enum TokenCommand {
    /// Create a token and print it, once
    Create {
        /// Its name, which describes its use
        #[arg(long)]
        name: String,
        /// Its rights: `publish` (publish only), `user` (act as a user), `metrics` (read /metrics only) or `admin`
        /// (unrestricted)
        #[arg(long, value_parser = PossibleValuesParser::new(TokenScope::NAMES))]
        scope: String,
        /// Its owner; required for scope `user`
        #[arg(long, value_name = "NAME")]
        user: Option<String>,
    },
    /// List the tokens, without their secrets
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Revoke a token: it is refused from now on, and its live connections are closed
    Revoke {
        /// Its id, as `token list` shows it
        id: i64,
    },
}

impl TokenCommand {
    pub async fn run(self, global: &GlobalArgs) -> CommandResult {
        let access = if matches!(self, Self::List { .. }) { StoreAccess::Read } else { StoreAccess::Change };
        with_store(&global.settings(Vec::new())?, access, async |store| self.apply(store).await).await
    }

    async fn apply(self, store: &Store) -> CommandResult {
        match self {
            Self::Create { name, scope, user } => create(store, &name, &scope, user).await,
            Self::List { json } => list(store, json).await,
            Self::Revoke { id } => {
                if !store.tokens().revoke(TokenId::from(id), None).await? {
                    return Err(anyhow::anyhow!("there is no token {id}").into());
                }
                say(&format!("revoked {id}"));
                Ok(())
            }
        }
    }
}

async fn create(store: &Store, name: &str, scope: &str, user: Option<String>) -> CommandResult {
    let scope: TokenScope = scope.parse().map_err(|_| CommandError::Usage(format!("--scope is {scope:?}")))?;
    let owner = match (user, scope) {
        (Some(user), _) => {
            let found = store.users().find_by_name(&user).await?;
            let (found, _) = found.ok_or_else(|| anyhow::anyhow!("there is no user {user:?}"))?;
            Some(found.id)
        }
        (None, TokenScope::User) => {
            let why = "a token of scope user requires an owner: --user NAME";
            return Err(CommandError::Usage(why.to_owned()));
        }
        (None, TokenScope::Publish | TokenScope::Metrics | TokenScope::Admin) => None,
    };
    // Only the hash is stored, so the token cannot be shown again later.
    let secret = RandomSecret::generate(SecretKind::ApiToken);
    store.tokens().create(name.trim(), scope, owner, secret.hash(), secret.hint()).await?;
    say(secret.reveal());
    note("This is the only time the token is shown.");
    Ok(())
}

async fn list(store: &Store, json: bool) -> CommandResult {
    let mut tokens = Vec::new();
    let mut cursor = None;
    loop {
        let page = store.tokens().page(None, cursor.as_deref(), 500).await?;
        tokens.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    let users = store.users().list().await?;
    let mut shown = Vec::new();
    let mut rows = Vec::new();
    for token in &tokens {
        let owner = users.iter().find(|user| Some(user.id) == token.owner);
        let owner = owner.map(|user| user.username.as_str());
        let id = token.id.get();
        let scope = token.scope.to_string();
        if json {
            shown.push(json!({
                "id": id, "name": token.name, "scope": scope, "user": owner, "hint": token.prefix,
                "created_at": rfc3339(token.created_at), "last_used_at": token.last_used_at.map(rfc3339),
            }));
        } else {
            let last_used = token.last_used_at.map_or_else(|| "never".to_owned(), to_the_second);
            let owner = owner.unwrap_or("-").to_owned();
            let hint = format!("{}...", token.prefix);
            rows.push([
                id.to_string(),
                scope,
                owner,
                hint,
                to_the_second(token.created_at),
                last_used,
                token.name.clone(),
            ]);
        }
    }
    if json {
        say_json(&Value::Array(shown))?;
    } else {
        say_table(["ID", "SCOPE", "USER", "TOKEN", "CREATED", "LAST USED", "NAME"], &rows);
    }
    Ok(())
}
