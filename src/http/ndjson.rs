//! Listings as lines: a body of any length, read and answered in constant memory.
//!
//! The body is read even while its sender reads no results: a client that sends everything
//! before it reads anything would otherwise wait for us while we wait for it. Results therefore
//! go through a file, which the response follows.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use axum::body::{Body, BodyDataStream};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use http::header;
use superbot_domain::{Invalid, NewListing};
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::watch;

use super::Api;
use crate::ingest::{ItemError, ItemResult};
use crate::problem::{Problem, Result};

/// The media types that mean lines of JSON.
pub const MEDIA_TYPES: [&str; 3] = ["application/x-ndjson", "application/ndjson", "application/jsonl"];

/// How many lines are committed together at most; what has arrived is never held back for more.
const BATCH: usize = 500;

/// Publishes every line and answers with one line for each, in order.
///
/// # Errors
/// When there is no place for the results.
pub fn publish(api: &Arc<Api>, body: Body) -> Result<Response> {
    let spool = tempfile::tempfile().map_err(|error| Problem::internal(&error))?;
    let reading = spool.try_clone().map_err(|error| Problem::internal(&error))?;
    let (progress, written) = watch::channel(Progress::default());
    let job = Job {
        api: Arc::clone(api),
        lines: Lines::new(api.config.limits.listing_line_bytes),
        spool: File::from_std(spool),
        progress,
    };
    tokio::spawn(async move {
        if let Err(error) = job.run(body.into_data_stream()).await {
            tracing::warn!(%error, "a stream of listings ended early");
        }
    });
    let results = follow(Follower { spool: Arc::new(reading), offset: 0, written });
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPES[0])], Body::from_stream(results)).into_response())
}

#[derive(Clone, Copy, Default)]
struct Progress {
    bytes: u64,
    done: bool,
}

/// Reads the body, publishes what it says, writes down what became of it.
struct Job {
    api: Arc<Api>,
    lines: Lines,
    spool: File,
    progress: watch::Sender<Progress>,
}

impl Job {
    async fn run(mut self, mut body: BodyDataStream) -> io::Result<()> {
        let mut broken = None;
        while let Some(chunk) = body.next().await {
            match chunk {
                Ok(chunk) => self.lines.feed(&chunk),
                Err(error) => {
                    broken = Some(error);
                    break;
                }
            }
            self.publish_waiting().await?;
        }
        match broken {
            None => {
                self.lines.finish();
                self.publish_waiting().await?;
            }
            // Half a line is no listing; the lines before it are kept.
            Some(error) => tracing::info!(%error, "the body of a stream of listings broke off"),
        }
        self.progress.send_modify(|progress| progress.done = true);
        Ok(())
    }

    async fn publish_waiting(&mut self) -> io::Result<()> {
        loop {
            let batch = self.lines.take(BATCH);
            if batch.is_empty() {
                return Ok(());
            }
            let results = self.publish_batch(batch).await;
            let mut text = Vec::new();
            for result in results {
                serde_json::to_writer(&mut text, &result)?;
                text.push(b'\n');
            }
            self.spool.write_all(&text).await?;
            self.spool.flush().await?;
            self.progress.send_modify(|progress| progress.bytes += text.len() as u64);
        }
    }

    async fn publish_batch(&self, batch: Vec<Line>) -> Vec<ItemResult> {
        let numbers: Vec<u64> = batch.iter().map(|line| line.number).collect();
        let mut unreadable = Vec::with_capacity(batch.len());
        let mut parsed: Vec<std::result::Result<NewListing, Invalid>> = Vec::new();
        for line in batch {
            let value = line.text.and_then(|text| {
                serde_json::from_slice(&text).map_err(|error| format!("the line is not JSON: {error}"))
            });
            match value {
                Ok(value) => {
                    parsed.push(self.api.publisher.parse_listing(&value));
                    unreadable.push(None);
                }
                Err(message) => unreadable.push(Some(refused("bad_request", message))),
            }
        }
        let count = parsed.len();
        let published = match self.api.publisher.broadcast_new_listings(parsed).await {
            Ok(results) => results,
            Err(error) => {
                let problem = Problem::from(error);
                vec![refused(problem.code, problem.detail); count]
            }
        };
        let mut published = published.into_iter();
        let results = unreadable.into_iter().filter_map(|line| line.or_else(|| published.next()));
        results.zip(numbers).map(|(result, number)| result.on_line(number)).collect()
    }
}

fn refused(code: &str, message: String) -> ItemResult {
    ItemResult::refused(ItemError { code: code.to_owned(), message, errors: Vec::new() })
}

/// Follows the file of results as it grows.
struct Follower {
    spool: Arc<std::fs::File>,
    offset: u64,
    written: watch::Receiver<Progress>,
}

fn follow(follower: Follower) -> impl futures_util::Stream<Item = io::Result<Bytes>> {
    futures_util::stream::try_unfold(follower, |mut follower| async move {
        loop {
            let Progress { bytes, done } = *follower.written.borrow_and_update();
            if follower.offset < bytes {
                let wanted = (bytes - follower.offset).min(64 << 10);
                let (spool, offset) = (Arc::clone(&follower.spool), follower.offset);
                let read = tokio::task::spawn_blocking(move || read_at(&spool, offset, wanted));
                let chunk = read.await??;
                follower.offset += chunk.len() as u64;
                return Ok(Some((chunk, follower)));
            }
            if done {
                return Ok(None);
            }
            if follower.written.changed().await.is_err() {
                return Err(io::Error::other("the results could not be written down"));
            }
        }
    })
}

/// Reads without moving the writer's place: both handles are one open file.
fn read_at(spool: &std::fs::File, offset: u64, wanted: u64) -> io::Result<Bytes> {
    use std::os::unix::fs::FileExt as _;
    let mut chunk = vec![0; usize::try_from(wanted).unwrap_or(usize::MAX)];
    spool.read_exact_at(&mut chunk, offset)?;
    Ok(chunk.into())
}

/// A line, or why it cannot be one.
struct Line {
    number: u64,
    text: std::result::Result<Bytes, String>,
}

/// Cuts a stream of bytes into lines; one that is too long is skipped to its end.
struct Lines {
    longest: usize,
    number: u64,
    partial: BytesMut,
    overlong: bool,
    ready: VecDeque<Line>,
}

impl Lines {
    fn new(longest: usize) -> Self {
        Self { longest, number: 0, partial: BytesMut::new(), overlong: false, ready: VecDeque::new() }
    }

    fn feed(&mut self, mut chunk: &[u8]) {
        while let Some(end) = chunk.iter().position(|byte| *byte == b'\n') {
            self.extend(&chunk[..end]);
            self.end_line();
            chunk = &chunk[end + 1..];
        }
        self.extend(chunk);
    }

    /// The body ended: what is left without a line break is a line too.
    fn finish(&mut self) {
        if self.overlong || !self.partial.is_empty() {
            self.end_line();
        }
    }

    fn take(&mut self, most: usize) -> Vec<Line> {
        let count = most.min(self.ready.len());
        self.ready.drain(..count).collect()
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
        self.ready.push_back(Line { number: self.number, text });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(chunks: &[&[u8]]) -> Vec<(u64, Option<Vec<u8>>)> {
        let mut lines = Lines::new(10);
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
