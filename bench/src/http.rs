//! A minimal HTTP client with a persistent connection, for publishing and queries.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::wire::response::{Parsed, Response, parse};

/// Timeout of a request.
const DEADLINE: Duration = Duration::from_secs(20);

/// A client of one server.
pub struct Http {
    server: SocketAddr,
    bearer: Option<String>,
    stream: Option<TcpStream>,
}

impl Http {
    /// Creates a client that authenticates with a token, if there is one.
    pub fn new(server: SocketAddr, bearer: Option<String>) -> Self {
        Self { server, bearer, stream: None }
    }

    /// Sends a JSON POST request and returns the response if it succeeded.
    pub fn post(&mut self, path: &str, json: &str) -> Result<Response> {
        let response = self.send("POST", path, json)?;
        if !(200..300).contains(&response.status) {
            bail!("POST {path} was answered {}: {}", response.status, String::from_utf8_lossy(&response.body));
        }
        Ok(response)
    }

    pub fn get(&mut self, path: &str) -> Result<String> {
        let response = self.send("GET", path, "")?;
        if response.status != 200 {
            bail!("GET {path} was answered {}", response.status);
        }
        Ok(String::from_utf8(response.body)?)
    }

    fn send(&mut self, method: &str, path: &str, body: &str) -> Result<Response> {
        let bearer = self.bearer.as_deref().map(|token| format!("Authorization: Bearer {token}\r\n"));
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\n{}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.server,
            bearer.unwrap_or_default(),
            body.len(),
        );
        let kept = self.stream.is_some();
        match self.exchange(&request) {
            // The server may have closed an idle connection; then no part of a response has arrived, and a retry is
            // safe.
            Ok(None) | Err(_) if kept => {
                self.stream = None;
                self.exchange(&request)?.with_context(|| format!("{method} {path}: the server hung up"))
            }
            exchanged => exchanged?.with_context(|| format!("{method} {path}: the server hung up")),
        }
    }

    /// Sends a request and reads the response; `None` if the server closed the connection.
    fn exchange(&mut self, request: &str) -> Result<Option<Response>> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.connect()?,
        };
        stream.write_all(request.as_bytes())?;
        let mut bytes = Vec::new();
        let mut buffer = [0; 16 << 10];
        loop {
            let count = match stream.read(&mut buffer) {
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    bail!("no answer within {} s", DEADLINE.as_secs())
                }
                Err(error) => return Err(error).context("reading the answer"),
            };
            bytes.extend(&buffer[..count]);
            match parse(&bytes, count == 0) {
                Parsed::Whole(response, _) => {
                    if !response.closes && count > 0 {
                        self.stream = Some(stream);
                    }
                    return Ok(Some(response));
                }
                Parsed::Partial if count == 0 => return Ok(None),
                Parsed::Partial => {}
                Parsed::Broken => bail!("the answer is no HTTP: {}", String::from_utf8_lossy(&bytes)),
            }
        }
    }

    fn connect(&self) -> Result<TcpStream> {
        let stream = TcpStream::connect_timeout(&self.server, DEADLINE)
            .with_context(|| format!("connecting to {}", self.server))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(DEADLINE))?;
        stream.set_write_timeout(Some(DEADLINE))?;
        Ok(stream)
    }
}
