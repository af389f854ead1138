//! A non-blocking TCP socket that is closed with a reset.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

use rustix::event::epoll;
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::{self, AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, sockopt};

/// A connection, possibly still being established.
pub(super) struct Socket(OwnedFd);

/// Result of a read.
pub(super) enum Read {
    /// This many bytes; there may be more.
    More(usize),
    /// This many bytes, and no more for now.
    Last(usize),
    /// No data for now.
    Nothing,
    /// The connection has ended.
    End(&'static str),
}

impl Socket {
    /// Starts connecting from a source address, which has its own ports.
    pub(super) fn connect(
        epoll: &OwnedFd,
        key: u64,
        source: Ipv4Addr,
        server: SocketAddr,
        receive_buffer: Option<usize>,
    ) -> Result<Self, Errno> {
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let fd = net::socket_with(AddressFamily::INET, SocketType::STREAM, flags, None)?;
        // Closed with a reset: connections in TIME_WAIT would occupy ports needed by the next run.
        sockopt::set_socket_linger(&fd, Some(Duration::ZERO))?;
        sockopt::set_tcp_nodelay(&fd, true)?;
        if let Some(bytes) = receive_buffer {
            sockopt::set_socket_recv_buffer_size(&fd, bytes)?;
        }
        net::bind(&fd, &SocketAddrV4::new(source, 0))?;
        match net::connect(&fd, &server) {
            Ok(()) | Err(Errno::INPROGRESS) => {}
            Err(error) => return Err(error),
        }
        let wanted = epoll::EventFlags::IN | epoll::EventFlags::OUT | epoll::EventFlags::RDHUP | epoll::EventFlags::ET;
        epoll::add(epoll, &fd, epoll::EventData::new_u64(key), wanted)?;
        Ok(Self(fd))
    }

    /// Returns the error of a failed connection attempt.
    pub(super) fn error(&self) -> Option<Errno> {
        sockopt::socket_error(&self.0).ok()?.err()
    }

    /// Sends a message that is far smaller than the kernel's buffer.
    pub(super) fn send(&self, bytes: &[u8]) -> Result<(), &'static str> {
        match net::send(&self.0, bytes, SendFlags::NOSIGNAL) {
            Ok(count) if count == bytes.len() => Ok(()),
            Ok(_) | Err(Errno::AGAIN) => Err("the server does not read"),
            Err(_) => Err("the connection broke while sending"),
        }
    }

    pub(super) fn read(&self, buffer: &mut [u8]) -> Read {
        match net::recv(&self.0, &mut *buffer, RecvFlags::empty()) {
            Ok((0, _)) => Read::End("the server hung up"),
            // Edge-triggered: after a short read, new data causes another event.
            Ok((count, _)) if count < buffer.len() => Read::Last(count),
            Ok((count, _)) => Read::More(count),
            Err(Errno::AGAIN | Errno::INTR) => Read::Nothing,
            Err(Errno::CONNRESET) => Read::End("the server reset the connection"),
            Err(_) => Read::End("the connection broke while reading"),
        }
    }
}
