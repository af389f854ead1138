//! The limit server: the minimal cost of a broadcast, which consists of writes only.
//!
//! One thread, one epoll instance, one `send` per socket of a frame encoded once. It implements just enough of
//! WebSocket and Socket.IO for the load generator: no authentication, no pings, and clients whose buffers are full are
//! disconnected.

mod connection;

use std::collections::HashMap;
use std::io::Write as _;
use std::net::SocketAddr;

use anyhow::{Context as _, Result};
use rustix::event::epoll;
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::{self, AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, sockopt};

use crate::wire::frame::{self, TEXT};
use connection::{Connection, Wish};

const LISTENER: u64 = u64::MAX;
const INPUT: u64 = u64::MAX - 1;
const BACKLOG: i32 = 4096;
const EVENTS: usize = 1024;

/// Descriptors reserved for the server itself, so that `accept` never fails for lack of one.
const RESERVED: usize = 32;

struct Limit {
    epoll: OwnedFd,
    listener: OwnedFd,
    connections: Vec<Option<Connection>>,
    free: Vec<usize>,
    rooms: HashMap<Box<str>, Vec<usize>>,
    most: usize,
    buffer: Vec<u8>,
}

/// Serves until standard input closes, that is until the parent process ends.
pub fn serve(listen: SocketAddr) -> Result<()> {
    let descriptors = usize::try_from(crate::machine::limits::raise_descriptors()).unwrap_or(usize::MAX);
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let listener = net::socket_with(AddressFamily::INET, SocketType::STREAM, flags, None)?;
    sockopt::set_socket_reuseaddr(&listener, true)?;
    net::bind(&listener, &listen).with_context(|| format!("listening on {listen}"))?;
    net::listen(&listener, BACKLOG)?;
    let address = SocketAddr::try_from(net::getsockname(&listener)?)?;
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    epoll::add(&epoll, &listener, epoll::EventData::new_u64(LISTENER), epoll::EventFlags::IN)?;
    epoll::add(&epoll, rustix::stdio::stdin(), epoll::EventData::new_u64(INPUT), epoll::EventFlags::HUP)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "READY http://{address}")?;
    out.flush()?;
    drop(out);
    let mut limit = Limit {
        epoll,
        listener,
        connections: Vec::new(),
        free: Vec::new(),
        rooms: HashMap::new(),
        most: descriptors.saturating_sub(RESERVED),
        buffer: vec![0; 64 << 10],
    };
    let mut events = Vec::with_capacity(EVENTS);
    loop {
        events.clear();
        match epoll::wait(&limit.epoll, rustix::buffer::spare_capacity(&mut events), None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error).context("waiting for events"),
        }
        for event in &events {
            match event.data.u64() {
                LISTENER => limit.accept(),
                INPUT => return Ok(()),
                key => limit.read(usize::try_from(key)?),
            }
        }
    }
}

impl Limit {
    fn accept(&mut self) {
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        while let Ok(socket) = net::accept_with(&self.listener, flags) {
            if self.connections.len() - self.free.len() >= self.most {
                let answer = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n";
                let _ = net::send(&socket, answer, SendFlags::NOSIGNAL);
                continue;
            }
            let _ = sockopt::set_tcp_nodelay(&socket, true);
            let at = self.free.pop().unwrap_or(self.connections.len());
            let wanted = epoll::EventFlags::IN | epoll::EventFlags::RDHUP | epoll::EventFlags::ET;
            if epoll::add(&self.epoll, &socket, epoll::EventData::new_u64(at as u64), wanted).is_err() {
                continue;
            }
            if at == self.connections.len() {
                self.connections.push(None);
            }
            self.connections[at] = Some(Connection::new(socket));
        }
    }

    fn read(&mut self, at: usize) {
        loop {
            let Some(Some(connection)) = self.connections.get_mut(at) else { return };
            let count = match net::recv(connection.socket(), &mut *self.buffer, RecvFlags::empty()) {
                Ok((0, _)) => return self.hang_up(at),
                Ok((count, _)) => count,
                Err(Errno::AGAIN | Errno::INTR) => return,
                Err(_) => return self.hang_up(at),
            };
            let wishes = connection.take(&self.buffer[..count]);
            for wish in wishes {
                self.grant(at, wish);
            }
        }
    }

    fn grant(&mut self, at: usize, wish: Wish) {
        match wish {
            Wish::Answer(bytes) => self.send(at, &bytes),
            Wish::Join(room) => self.rooms.entry(room).or_default().push(at),
            Wish::Publish { room, payload } => {
                let name = if room.is_some() { "notification" } else { "new_listing" };
                let frame = frame::from_server(TEXT, format!("42[\"{name}\",{payload}]").as_bytes());
                let chosen = match &room {
                    Some(room) => self.rooms.get(&**room).cloned().unwrap_or_default(),
                    None => (0..self.connections.len()).collect(),
                };
                for member in chosen {
                    if self.connections[member].as_ref().is_some_and(Connection::is_connected) {
                        self.send(member, &frame);
                    }
                }
                self.send(at, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
            }
            Wish::HangUp => self.hang_up(at),
        }
    }

    fn send(&mut self, at: usize, bytes: &[u8]) {
        let Some(Some(connection)) = self.connections.get(at) else { return };
        if net::send(connection.socket(), bytes, SendFlags::NOSIGNAL) != Ok(bytes.len()) {
            self.hang_up(at);
        }
    }

    fn hang_up(&mut self, at: usize) {
        if self.connections[at].take().is_some_and(|gone| gone.is_connected()) {
            for members in self.rooms.values_mut() {
                members.retain(|member| *member != at);
            }
        }
        self.free.push(at);
    }
}
