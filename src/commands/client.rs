//! HTTP client for a running server.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use clap::Args;
use reqwest::{Method, RequestBuilder, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize as _;
use serde_json::Value;
use superbot_wire::FieldErrorView;
use url::Url;

use super::cli::CommandError;

/// Address and credential for a running server.
#[derive(Args)]
pub struct ClientArgs {
    /// Address of the server
    #[arg(long, global = true, env = "SUPERBOT_URL", default_value = "http://127.0.0.1:5000", value_name = "URL")]
    url: Url,
    /// An API token of scope `publish` or `admin`
    #[arg(long, global = true, env = "SUPERBOT_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    token: Option<SecretString>,
}

impl ClientArgs {
    /// Creates an authenticated request; `path` are the unescaped segments.
    pub fn request(&self, method: Method, path: &[&str]) -> Result<RequestBuilder, CommandError> {
        let Some(token) = self.token.as_ref().filter(|token| !token.expose_secret().trim().is_empty()) else {
            let how = "no token: give --token or set SUPERBOT_TOKEN (create one with `superbot token create --name N --scope publish`)";
            return Err(CommandError::Usage(how.to_owned()));
        };
        let mut url = self.url.clone();
        url.path_segments_mut()
            .map_err(|()| CommandError::Usage(format!("--url is {}; it must be http(s)://host", self.url)))?
            .pop_if_empty()
            .extend(path);
        Ok(http()?.request(method, url).bearer_auth(token.expose_secret()))
    }

    /// Sends a request; a problem response becomes an error with the server's explanation.
    pub async fn send(&self, request: RequestBuilder) -> Result<Response, CommandError> {
        let response = request.send().await.with_context(|| format!("sending a request to {}", self.url))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let problem: Value = response.json().await.unwrap_or_default();
        Err(anyhow!("{status}: {}", reason(&problem)).into())
    }
}

/// Creates a client with a connect timeout.
pub fn http() -> reqwest::Result<reqwest::Client> {
    // Fails if a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().connect_timeout(Duration::from_secs(10));
    client.user_agent(concat!("superbot/", env!("CARGO_PKG_VERSION"))).build()
}

/// Returns the text of a problem document (RFC 9457): its field errors, otherwise its detail.
fn reason(problem: &Value) -> String {
    let errors = Vec::<FieldErrorView>::deserialize(&problem["errors"]).unwrap_or_default();
    if errors.is_empty() {
        return problem["detail"].as_str().unwrap_or("the server gave no reason").to_owned();
    }
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
