//! Listings as NDJSON: a body of any length, read and answered in constant memory.
//!
//! The body is read even if the client does not read results: one that sends everything before reading anything would
//! otherwise wait for us while we wait for it. Results are therefore buffered in a file of bounded size; while it is full,
//! reading pauses.
//!
//! The response starts when the whole body has been read, or when the client pauses, as if it waited for results. Once a
//! response has started, nginx forwards the rest of the request only as long as it can do so without waiting, and then stops
//! permanently.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use http::{HeaderMap, header};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::api::ApiState;
use super::authority::RequestAuthority;
use super::ndjson_limits::{MAX_ACCOUNT_STREAMS, UNREAD_BYTES};
use super::request_body::BodyPace;
use super::spool::{SpoolWriter, spool};
use crate::auth::{ChargedAccount, Principal};
use crate::ingest::{ItemError, ItemResult};
use crate::problem::{Problem, Result};
use crate::refusal::RefusalReason;

/// Media types of NDJSON; the first is used for responses.
const MEDIA_TYPES: [&str; 3] = ["application/x-ndjson", "application/ndjson", "application/jsonl"];

/// Returns whether the request's Content-Type is NDJSON.
pub fn is_announced_by(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    MEDIA_TYPES.contains(&content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim())
}

/// Maximum lines per transaction; available lines are published without waiting for more.
const BATCH: usize = 500;
/// Maximum bytes of buffered lines before reading pauses.
const WAITING_BYTES: usize = 1 << 20;
/// Time without data after which the client is assumed to wait for results.
const PAUSE: Duration = Duration::from_secs(1);

/// Publishes every line, and responds with one result per line, in order.
///
/// # Errors
/// When no file for results can be created, or too many such bodies are being read, of the account or in total.
pub async fn publish(api: &Arc<ApiState>, principal: &Principal, request: Request) -> Result<Response> {
    let account = ChargedAccount::from(principal);
    let slot = api.account_streams.enter(account).ok_or_else(|| {
        api.refusals.note(RefusalReason::UserConnections, None, Some(&account.to_string()));
        Problem::too_many_connections(format!(
            "{MAX_ACCOUNT_STREAMS} of your streams of listings are in progress already"
        ))
    })?;
    let permit = Arc::clone(&api.streams).try_acquire_owned();
    let permit = permit.map_err(|_| Problem::unavailable("too many streams of listings are in progress; try again"))?;
    let spool = spool(UNREAD_BYTES, api.spools.clone(), (permit, slot));
    let (writer, reader) = spool.map_err(|error| Problem::internal(&error))?;
    let (begin, may_begin) = oneshot::channel();
    let lines = LineSplitter::new(api.config.limits.listing_line_bytes);
    let pace = request.extensions().get::<BodyPace>().cloned().unwrap_or_default();
    // The client has authenticated as a publisher, whose listings arrive at any rate.
    pace.let_pause();
    let authority = request.extensions().get::<RequestAuthority>().cloned();
    let job = NdjsonJob { api: Arc::clone(api), authority, pace, lines, results: writer, begin: Some(begin) };
    tokio::spawn(async move {
        if let Err(error) = job.run(request.into_body().into_data_stream()).await {
            tracing::warn!(%error, "a stream of listings was aborted");
        }
    });
    // An error means that the job has ended early; the response then ends early as well.
    let _ = may_begin.await;
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPES[0])], Body::from_stream(reader.into_stream())).into_response())
}

/// Reads the body, publishes its lines, and writes the results.
struct NdjsonJob {
    api: Arc<ApiState>,
    authority: Option<RequestAuthority>,
    pace: BodyPace,
    lines: LineSplitter,
    results: SpoolWriter,
    /// Allows the response to start; `None` once it has.
    begin: Option<oneshot::Sender<()>>,
}

impl NdjsonJob {
    /// Continues to read while a batch is being published, so that batches grow as the store slows down.
    async fn run(mut self, mut body: BodyDataStream) -> io::Result<()> {
        let mut is_read = false;
        let mut under_way: Option<JoinHandle<BatchEnd>> = None;
        loop {
            if under_way.is_none() {
                let batch = self.lines.take(BATCH);
                if batch.is_empty() && is_read {
                    break;
                }
                let publishes = |batch| publish_if_allowed(Arc::clone(&self.api), self.authority.clone(), batch);
                under_way = (!batch.is_empty()).then(|| tokio::spawn(publishes(batch)));
            }
            tokio::select! {
                chunk = body.next(), if !is_read && !self.lines.are_enough() => match chunk {
                    Some(Ok(chunk)) => self.lines.feed(&chunk),
                    None => {
                        is_read = true;
                        self.lines.finish();
                    }
                    Some(Err(error)) => {
                        // An incomplete last line is discarded; complete lines are published.
                        is_read = true;
                        tracing::info!(%error, "the body of a stream of listings is incomplete");
                    }
                },
                Some(results) = finished(&mut under_way) => {
                    under_way = None;
                    match results? {
                        BatchEnd::Batch(results) => self.note(&results).await?,
                        BatchEnd::Revoked(result) => {
                            self.begin();
                            self.note(&[result]).await?;
                            break;
                        }
                    }
                }
                () = tokio::time::sleep(PAUSE), if self.begin.is_some() && under_way.is_none() => self.begin(),
            }
            if is_read {
                self.begin();
            }
        }
        self.results.finish();
        Ok(())
    }

    fn begin(&mut self) {
        // The receiver is gone if the client has disconnected; what it sent is published anyway.
        let _ = self.begin.take().map(|begin| begin.send(()));
    }

    /// Writes the results of a batch, waiting for room in the file.
    async fn note(&mut self, results: &[ItemResult]) -> io::Result<()> {
        let mut text = Vec::new();
        for result in results {
            serde_json::to_writer(&mut text, &result)?;
            text.push(b'\n');
        }
        if !self.results.has_room(text.len()) {
            // Starts the response, because only reading it makes room.
            self.begin();
        }
        self.results.write(text).await?;
        // While there was no room the client could not send, so that time does not count against it.
        self.pace.let_pause();
        Ok(())
    }
}

/// Outcome of a batch.
enum BatchEnd {
    /// One result per line.
    Batch(Vec<ItemResult>),
    /// Nothing was published, because the client has lost the right to.
    Revoked(ItemResult),
}

/// Publishes a batch if its sender is still permitted to: streams last for days, and credentials may be revoked at any time.
async fn publish_if_allowed(
    api: Arc<ApiState>,
    authority: Option<RequestAuthority>,
    batch: Vec<NdjsonLine>,
) -> BatchEnd {
    let confirmed = match authority {
        Some(authority) => authority.confirm(&api).await,
        None => Ok(()),
    };
    let Err(problem) = confirmed else { return BatchEnd::Batch(publish_batch(api, batch).await) };
    let refuse = |line: &NdjsonLine, message: String| refused(problem.code, message).on_line(line.number);
    match batch.first() {
        Some(first) if matches!(problem.status, 401 | 403) => {
            let message = format!("this line and those after it were not published: {}", problem.detail);
            BatchEnd::Revoked(refuse(first, message))
        }
        // Checking the credential failed, which says nothing about its validity; the client may retry.
        _ => BatchEnd::Batch(batch.iter().map(|line| refuse(line, problem.detail.clone())).collect()),
    }
}

async fn publish_batch(api: Arc<ApiState>, batch: Vec<NdjsonLine>) -> Vec<ItemResult> {
    let numbers: Vec<u64> = batch.iter().map(|line| line.number).collect();
    let mut unreadable = Vec::with_capacity(batch.len());
    let mut parsed = Vec::new();
    for line in batch {
        let read = |text: Bytes| api.publisher.parse_listing_text(&text);
        let listing = line.text.and_then(|text| read(text).map_err(|error| format!("the line is not JSON: {error}")));
        match listing {
            Ok(listing) => {
                parsed.push(listing);
                unreadable.push(None);
            }
            Err(message) => unreadable.push(Some(refused("bad_request", message))),
        }
    }
    let count = parsed.len();
    let published = match api.publisher.broadcast_new_listings(parsed).await {
        Ok(results) => results,
        Err(error) => {
            let problem = Problem::from(error);
            vec![refused(problem.code, problem.detail); count]
        }
    };
    // Results of valid lines are in the order of `parsed`; merging restores the order of lines.
    let mut published = published.into_iter();
    let results = unreadable.into_iter().filter_map(|line| line.or_else(|| published.next()));
    results.zip(numbers).map(|(result, number)| result.on_line(number)).collect()
}

/// Waits for the running batch; `None` if there is none.
async fn finished<T>(under_way: &mut Option<JoinHandle<T>>) -> Option<io::Result<T>> {
    Some(under_way.as_mut()?.await.map_err(io::Error::other))
}

fn refused(code: &str, message: String) -> ItemResult {
    ItemResult::refused(ItemError { code: code.to_owned(), message, errors: Vec::new() })
}

/// A line with its number, or the reason for which it is rejected.
struct NdjsonLine {
    number: u64,
    text: std::result::Result<Bytes, String>,
}

impl NdjsonLine {
    fn bytes(&self) -> usize {
        self.text.as_ref().map_or(0, Bytes::len)
    }
}

/// Splits a stream of bytes into lines; the content of an overlong line is discarded as it arrives.
struct LineSplitter {
    longest: usize,
    number: u64,
    partial: BytesMut,
    overlong: bool,
    ready: VecDeque<NdjsonLine>,
    ready_bytes: usize,
}

impl LineSplitter {
    fn new(longest: usize) -> Self {
        Self { longest, number: 0, partial: BytesMut::new(), overlong: false, ready: VecDeque::new(), ready_bytes: 0 }
    }

    fn feed(&mut self, mut chunk: &[u8]) {
        while let Some(end) = chunk.iter().position(|byte| *byte == b'\n') {
            self.extend(&chunk[..end]);
            self.end_line();
            chunk = &chunk[end + 1..];
        }
        self.extend(chunk);
    }

    /// Completes the last line, which need not end with a line break.
    fn finish(&mut self) {
        if self.overlong || !self.partial.is_empty() {
            self.end_line();
        }
    }

    fn take(&mut self, most: usize) -> Vec<NdjsonLine> {
        let count = most.min(self.ready.len());
        let taken: Vec<NdjsonLine> = self.ready.drain(..count).collect();
        self.ready_bytes -= taken.iter().map(NdjsonLine::bytes).sum::<usize>();
        taken
    }

    /// Returns whether enough is buffered to pause reading.
    fn are_enough(&self) -> bool {
        self.ready.len() >= BATCH || self.ready_bytes >= WAITING_BYTES
    }

    fn extend(&mut self, bytes: &[u8]) {
        if self.partial.len() + bytes.len() > self.longest {
            self.overlong = true;
            self.partial.clear();
        }
        if !self.overlong {
            self.partial.extend_from_slice(bytes);
        }
    }

    fn end_line(&mut self) {
        self.number += 1;
        let text = self.partial.split().freeze();
        let text = if std::mem::take(&mut self.overlong) {
            Err(format!("the line is longer than {} bytes", self.longest))
        } else if text.trim_ascii().is_empty() {
            return;
        } else {
            Ok(text)
        };
        let line = NdjsonLine { number: self.number, text };
        self.ready_bytes += line.bytes();
        self.ready.push_back(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(chunks: &[&[u8]]) -> Vec<(u64, Option<Vec<u8>>)> {
        let mut lines = LineSplitter::new(10);
        for chunk in chunks {
            lines.feed(chunk);
        }
        lines.finish();
        lines.take(usize::MAX).into_iter().map(|l| (l.number, l.text.ok().map(|t| t.to_vec()))).collect()
    }

    #[test]
    fn empty_lines_are_counted_and_long_ones_reported() {
        let got = cut(&[b"a\n\n  \r\n", b"0123456", b"78901234\nb\nlast"]);
        let text = |t: &str| Some(t.as_bytes().to_vec());
        assert_eq!(got, [(1, text("a")), (4, None), (5, text("b")), (6, text("last"))]);
    }

    proptest! {
        #[test]
        fn chunks_make_no_difference(body in prop::collection::vec(prop::sample::select(&b"ab \n"[..]), 0..80), cuts in prop::collection::vec(0usize..80, 0..6)) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(body.len())).collect();
            cuts.sort_unstable();
            let mut chunks = Vec::new();
            let mut from = 0;
            for at in cuts { chunks.push(&body[from..at]); from = at; }
            chunks.push(&body[from..]);
            prop_assert_eq!(cut(&chunks), cut(&[&body]));
        }
    }
}
