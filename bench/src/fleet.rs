//! The clients of a run: load generator processes, each with its own descriptors and source addresses.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::Ipv4Addr;
use std::ops::Range;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::orders::{Answer, Connect, Connected, Order, Pace, Receipts, State, Transport};
use crate::peers::server::Server;
use crate::tally::Account;
use crate::wire::packet::Audience;

/// Clients per process: below the limit of 20,000 descriptors that many machines have.
const MOST_CLIENTS: usize = 17_000;

/// All clients of a run.
pub struct Fleet {
    workers: Vec<Worker>,
}

/// A load generator process.
struct Worker {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// Index of the server it connects to.
    server: usize,
    /// Index of its first client among those of that server.
    first: usize,
    clients: usize,
    /// Number of clients that failed to connect and therefore receive nothing.
    missing: usize,
}

impl Fleet {
    /// Starts load generators for a number of clients per server.
    pub fn start(servers: &[Server], clients_each: usize) -> Result<Self> {
        let processes = clients_each.div_ceil(MOST_CLIENTS).max(1);
        let mut workers = Vec::new();
        for server in 0..servers.len() {
            for process in 0..processes {
                let first = clients_each * process / processes;
                let clients = clients_each * (process + 1) / processes - first;
                workers.push(Worker::start(server, first, clients)?);
            }
        }
        Ok(Self { workers })
    }

    /// Returns the process ids of the load generators.
    pub fn pids(&self) -> Vec<u32> {
        self.workers.iter().map(|worker| worker.child.id()).collect()
    }

    /// Returns the total number of clients.
    pub fn clients(&self) -> usize {
        self.workers.iter().map(|worker| worker.clients).sum()
    }

    /// Connects all clients at a common rate.
    pub fn connect(
        &mut self,
        servers: &[Server],
        transport: Transport,
        small_buffers: usize,
        pace: Pace,
    ) -> Result<Connected> {
        let pace = self.share(pace);
        self.ask_connected(|index, worker| {
            Order::Connect(Connect {
                server: servers[worker.server].address,
                source: Ipv4Addr::new(127, 0, u8::try_from(index % 250).unwrap_or(0) + 1, 1),
                credentials: servers[worker.server].credentials.clone(),
                skip: worker.first,
                clients: worker.clients,
                transport,
                small_buffers: small_buffers.saturating_sub(worker.first).min(worker.clients),
                pace,
            })
        })
    }

    /// Reconnects all clients, resuming from their last events.
    pub fn reconnect(&mut self, pace: Pace) -> Result<Connected> {
        let pace = self.share(pace);
        self.ask_connected(|_, _| Order::Reconnect(pace))
    }

    /// Waits until connected clients have received `each` events since the start, in total; returns the number received
    /// by the deadline.
    pub fn wait_for(&mut self, audience: Audience, each: &dyn Fn(usize) -> u64, deadline_ms: u64) -> Result<u64> {
        let answers = self.ask(|_, worker| {
            let due: u64 = (worker.first..worker.first + worker.clients).map(each).sum();
            // Which clients failed to connect is unknown; the last one is representative.
            let missed = each((worker.first + worker.clients).saturating_sub(1)) * worker.missing as u64;
            let events = due.saturating_sub(missed);
            Order::Await { audience, events, deadline_ms }
        })?;
        let received = answers.into_iter().map(|answer| match answer {
            Answer::Received(events) => Ok(events),
            other => unexpected(&other),
        });
        received.sum()
    }

    /// Returns the latencies of events since the last call.
    pub fn receipts(&mut self) -> Result<Receipts> {
        let mut all = Receipts::default();
        for answer in self.ask(|_, _| Order::Receipts)? {
            let Answer::Receipts(receipts) = answer else { return unexpected(&answer) };
            for (number, took) in receipts.to_everyone {
                all.to_everyone.entry(number).or_default().extend(took);
            }
            for (number, took) in receipts.to_some {
                all.to_some.entry(number).or_default().extend(took);
            }
            all.bytes += receipts.bytes;
            all.left_out += receipts.left_out;
        }
        Ok(all)
    }

    /// Compares received with expected events: a range of numbers for the entitled clients, none for the others.
    pub fn account(&mut self, audience: Audience, expected: (u32, u32), entitled: Range<usize>) -> Result<Account> {
        let parts = [(0..entitled.start, None), (entitled.clone(), Some(expected)), (entitled.end..usize::MAX, None)];
        let mut account = Account::default();
        for (clients, expected) in parts {
            let answers = self.ask(|_, worker| {
                let within = |at: usize| at.saturating_sub(worker.first).min(worker.clients);
                Order::Account { audience, expected, clients: (within(clients.start), within(clients.end)) }
            })?;
            for answer in answers {
                let Answer::Account(part) = answer else { return unexpected(&answer) };
                account += part;
            }
        }
        Ok(account)
    }

    /// Disconnects all clients at once.
    pub fn cut(&mut self) -> Result<State> {
        self.state(|_, _| Order::Cut)
    }

    /// Stops reading on the first clients of each server.
    pub fn stall(&mut self, clients: usize) -> Result<State> {
        self.state(|_, worker| Order::Stall { clients: clients.saturating_sub(worker.first).min(worker.clients) })
    }

    pub fn resume(&mut self) -> Result<State> {
        self.state(|_, _| Order::Resume)
    }

    /// Returns the clients' current state.
    pub fn look(&mut self) -> Result<State> {
        self.state(|_, _| Order::State)
    }

    fn state(&mut self, order: impl Fn(usize, &Worker) -> Order) -> Result<State> {
        let mut all = State::default();
        for answer in self.ask(order)? {
            let Answer::State(state) = answer else { return unexpected(&answer) };
            all.connected += state.connected;
            all.stalled += state.stalled;
            for (why, count) in state.ended {
                *all.ended.entry(why).or_default() += count;
            }
        }
        Ok(all)
    }

    /// Returns one process's share of a rate.
    fn share(&self, pace: Pace) -> Pace {
        let processes = self.workers.len().max(1);
        let per_second = pace.per_second / crate::figures::float(processes as u64);
        Pace { per_second, under_way: (pace.under_way / processes).max(1), ..pace }
    }

    fn ask_connected(&mut self, order: impl Fn(usize, &Worker) -> Order) -> Result<Connected> {
        let mut all = Connected { from_ns: u64::MAX, ..Connected::default() };
        let answers = self.ask(order)?;
        for (worker, answer) in self.workers.iter_mut().zip(answers) {
            let Answer::Connected(part) = answer else { return unexpected(&answer) };
            worker.missing = worker.clients.saturating_sub(part.took_us.len());
            all.took_us.extend(part.took_us);
            for (why, count) in part.failed {
                *all.failed.entry(why).or_default() += count;
            }
            all.from_ns = all.from_ns.min(part.from_ns);
            all.to_ns = all.to_ns.max(part.to_ns);
        }
        Ok(all)
    }

    /// Sends an order to all load generators, then collects their answers.
    fn ask(&mut self, order: impl Fn(usize, &Worker) -> Order) -> Result<Vec<Answer>> {
        for (index, worker) in self.workers.iter_mut().enumerate() {
            let mut line = serde_json::to_vec(&order(index, worker))?;
            line.push(b'\n');
            worker.orders.write_all(&line).context("a load generator has ended")?;
            worker.orders.flush()?;
        }
        self.workers.iter_mut().map(Worker::answer).collect()
    }
}

fn unexpected<T>(answer: &Answer) -> Result<T> {
    match answer {
        Answer::Failed(why) => bail!("a load generator failed: {why}"),
        other => bail!("a load generator answered something else: {other:?}"),
    }
}

impl Worker {
    fn start(server: usize, first: usize, clients: usize) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("worker").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("starting a load generator")?;
        let orders = child.stdin.take().context("it reads orders")?;
        let answers = BufReader::new(child.stdout.take().context("it answers")?);
        Ok(Self { child, orders, answers, server, first, clients, missing: 0 })
    }

    fn answer(&mut self) -> Result<Answer> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        serde_json::from_str(&line).context("a load generator gave no answer")
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // The process may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
