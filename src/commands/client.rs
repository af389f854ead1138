//! Talks to a running server.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use clap::Args;
use reqwest::{Method, RequestBuilder, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use super::Failure;

/// Which server, and as whom.
#[derive(Args)]
pub struct Client {
    /// Where the server is
    #[arg(long, global = true, env = "SUPERBOT_URL", default_value = "http://127.0.0.1:5000", value_name = "URL")]
    url: Url,
    /// An API token of scope `publish` or `admin`
    #[arg(long, global = true, env = "SUPERBOT_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    token: Option<SecretString>,
}

impl Client {
    /// A request to one of the server's endpoints.
    pub fn request(&self, method: Method, path: &[&str]) -> Result<RequestBuilder, Failure> {
        let Some(token) = &self.token else {
            let how = "no token: give --token or set SUPERBOT_TOKEN (make one with `superbot token create --name N --scope publish`)";
            return Err(Failure::Usage(how.to_owned()));
        };
        let mut url = self.url.clone();
        url.path_segments_mut()
            .map_err(|()| Failure::Usage(format!("--url is {}; it must be http(s)://host", self.url)))?
            .pop_if_empty()
            .extend(path);
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(10))
            .user_agent(concat!("superbot/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(http.request(method, url).bearer_auth(token.expose_secret()))
    }

    /// Sends a request; a refusal becomes an error in the server's words.
    pub async fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let response = request.send().await.with_context(|| format!("asking {}", self.url))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let problem: Value = response.json().await.unwrap_or_default();
        let detail = problem["detail"].as_str().unwrap_or("the server gave no reason");
        Err(anyhow!("{status}: {detail}").into())
    }
}
