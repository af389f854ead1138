//! Limits before a client has joined a namespace, and eviction.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use parking_lot::Mutex;
use superbot_socketio::{
    AdmissionBudget, AdmissionLimit, AdmissionLimits, ConnectRequest, GateRejection, Gatekeeper, GuestGate,
    SharedGatekeeper, SocketIo, SocketIoConfig,
};

use crate::support::{Polling, Server, Ws, eventually, frame, http, raw_ws, read_frame};

/// Identifies clients by a query parameter, and records rejections.
#[derive(Default)]
struct Register {
    rejected: Mutex<Vec<(GateRejection, Option<IpAddr>)>>,
}

/// Longer than any test runs.
const LONG: Duration = Duration::from_hours(1);
const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

impl Gatekeeper for Register {
    fn client(&self, request: &Parts) -> Option<IpAddr> {
        let known = request.uri.query().unwrap_or_default().contains("known");
        (!known).then_some(CLIENT)
    }

    fn rejected(&self, rejection: GateRejection, client: Option<IpAddr>) {
        self.rejected.lock().push((rejection, client));
    }
}

impl Register {
    fn count(&self, rejection: GateRejection) -> usize {
        self.rejected.lock().iter().filter(|rejected| **rejected == (rejection, Some(CLIENT))).count()
    }
}

struct Guarded {
    server: Server,
    register: Arc<Register>,
}

impl Guarded {
    async fn start(limits: AdmissionLimits, set_up: impl FnOnce(&SocketIo)) -> Guarded {
        let register = Arc::new(Register::default());
        let gate = GuestGate {
            guests: AdmissionBudget::new(limits, |_, _| {}),
            keeper: SharedGatekeeper(Arc::clone(&register) as Arc<dyn Gatekeeper>),
            ..GuestGate::default()
        };
        let server = Server::start(SocketIoConfig { gate, ..SocketIoConfig::default() }, set_up).await;
        Guarded { server, register }
    }

    async fn unlimited(set_up: impl FnOnce(&SocketIo)) -> Guarded {
        Guarded::start(AdmissionLimits::UNLIMITED, set_up).await
    }
}

fn pending(io: &SocketIo) {
    io.of("/").middleware(|_| std::future::pending());
}

#[tokio::test]
async fn what_a_guest_may_send_is_little() {
    let Guarded { server, register } = Guarded::unlimited(pending).await;
    let large = format!("40{{\"a\":\"{}\"}}", "x".repeat(16 * 1024));
    let mut rejected = 0;
    for (packets, code) in [
        (vec![large], Some(1009)),
        (vec!["451-[\"e\"]".to_owned()], Some(1002)),
        // The client has asked to join, but was not accepted yet.
        (vec!["40".to_owned(), "451-[\"e\"]".to_owned()], Some(1002)),
        (vec!["3".to_owned(); 51], Some(1002)),
    ] {
        let mut ws = Ws::open(server.addr).await;
        for packet in &packets {
            ws.send(packet).await;
        }
        assert_eq!(ws.end().await, code, "{}", &packets[0][..packets[0].len().min(20)]);
        rejected += 1;
        assert_eq!(register.count(GateRejection::Traffic), rejected);
    }
    // The header alone shows that the message is too large, and fragments are added up.
    let mut raw = raw_ws(server.addr, None).await;
    let huge = frame(0x01, &[b'x'; 12_000]);
    tokio::io::AsyncWriteExt::write_all(&mut raw, &[huge, frame(0x00, &[b'x'; 6_000])].concat()).await.unwrap();
    let mut first = read_frame(&mut raw).await;
    while first.0 != 0x88 {
        first = read_frame(&mut raw).await;
    }
    assert_eq!(first.1[..2], 1009_u16.to_be_bytes());
}

#[tokio::test]
async fn a_guest_on_long_polling_may_send_as_little() {
    let Guarded { server, register } = Guarded::unlimited(|_| {}).await;
    let client = Polling::open(server.addr).await;
    let reply = client.post(&format!("40{{\"a\":\"{}\"}}", "x".repeat(16 * 1024))).await;
    assert_eq!(reply.status, 413);
    let client = Polling::open(server.addr).await;
    assert_eq!(client.post(&["3"; 51].join("\x1e")).await.status, 400);
    assert_eq!(register.count(GateRejection::Traffic), 2);
    eventually(|| server.io.stats().connections == 0).await;
}

#[tokio::test]
async fn who_has_joined_may_send_as_much_as_the_settings_say() {
    let Guarded { server, register } = Guarded::unlimited(|io| {
        io.of("/").on_any(|socket, event| async move {
            drop(socket.emit("got", &event.args.attachments.first().map_or(0, bytes::Bytes::len)));
        });
    })
    .await;
    let mut ws = server.join().await;
    for _ in 0..60 {
        ws.send("3").await;
    }
    ws.send(&format!("42[\"e\",\"{}\"]", "x".repeat(100_000))).await;
    assert_eq!(ws.text().await, "42[\"got\",0]");
    ws.send("451-[\"e\",{\"_placeholder\":true,\"num\":0}]").await;
    ws.send_binary(&vec![0; 100_000]).await;
    assert_eq!(ws.text().await, "42[\"got\",100000]");
    let polling = Polling::open(server.addr).await;
    polling.join().await;
    assert_eq!(polling.post(&format!("42[\"e\",\"{}\"]", "x".repeat(100_000))).await.body, "ok");
    assert_eq!(register.rejected.lock().len(), 0);
}

#[tokio::test]
async fn who_is_let_in_as_a_guest_keeps_the_limits_and_the_place() {
    let limits = AdmissionLimits { client_connections: 1, handshake_grace: LONG, ..AdmissionLimits::UNLIMITED };
    let Guarded { server, register } = Guarded::start(limits, |io| {
        io.of("/").middleware(|request: ConnectRequest| async move {
            request.restrict();
            Ok(())
        });
    })
    .await;
    let mut ws = server.join().await;
    // The client has joined, so it is not evicted.
    assert_eq!(http(server.addr, "GET", Polling::OPEN, "", "").await.status, 503);
    assert_eq!(register.count(GateRejection::Full(AdmissionLimit::ClientConnections)), 1);
    ws.send("451-[\"e\"]").await;
    assert_eq!(ws.end().await, Some(1002));
}

#[tokio::test]
async fn sessions_that_were_just_opened_are_left_alone() {
    let limits = AdmissionLimits { client_connections: 2, handshake_grace: LONG, ..AdmissionLimits::UNLIMITED };
    let Guarded { server, register } = Guarded::start(limits, |_| {}).await;
    let first = Polling::open(server.addr).await;
    let second = Polling::open(server.addr).await;
    assert_eq!(http(server.addr, "GET", Polling::OPEN, "", "").await.status, 503);
    assert_eq!(register.count(GateRejection::Full(AdmissionLimit::ClientConnections)), 1);
    // Sessions of another client are charged to another budget.
    drop(Ws::connect(server.addr, "&known").await);
    first.join().await;
    second.join().await;
}

#[tokio::test]
async fn sessions_of_one_client_make_room_for_each_other() {
    let limits =
        AdmissionLimits { client_connections: 2, handshake_grace: Duration::ZERO, ..AdmissionLimits::UNLIMITED };
    let Guarded { server, .. } = Guarded::start(limits, |_| {}).await;
    let joined = server.join().await;
    let first = Polling::open(server.addr).await;
    let second = Polling::open(server.addr).await;
    let other = Ws::connect(server.addr, "&known").await;
    // The oldest one is evicted.
    let third = http(server.addr, "GET", Polling::OPEN, "", "").await;
    assert!(third.body.contains("sid"));
    assert!(first.get().await.body.contains("Session ID unknown"));
    second.join().await;
    assert_eq!(server.io.stats().connections, 4);
    drop((joined, other));
}

#[tokio::test]
async fn the_bytes_that_guests_hold_are_bounded() {
    let limits = AdmissionLimits { bytes: 40_000, ..AdmissionLimits::UNLIMITED };
    let Guarded { server, .. } = Guarded::start(limits, |_| {}).await;
    let mut idle = Ws::open(server.addr).await;
    let mut hoarders = Vec::new();
    for _ in 0..6 {
        let mut raw = raw_ws(server.addr, None).await;
        let unfinished = frame(0x01, &[b'x'; 10_000]);
        tokio::io::AsyncWriteExt::write_all(&mut raw, &unfinished).await.unwrap();
        hoarders.push(raw);
    }
    // Four of them fit into the budget.
    eventually(|| server.io.stats().sessions_opened == 7 && server.io.stats().connections <= 5).await;
    idle.send("40").await;
    assert!(idle.text().await.starts_with("40{"));
}

#[tokio::test]
async fn a_full_server_sends_a_guest_away_and_nobody_who_has_joined() {
    let gate =
        GuestGate { guests: AdmissionBudget::new(AdmissionLimits::UNLIMITED, |_, _| {}), ..GuestGate::default() };
    let server = Server::start(SocketIoConfig { gate, max_connections: 2, ..SocketIoConfig::default() }, |_| {}).await;
    let mut joined = server.join().await;
    let guest = Polling::open(server.addr).await;
    let second = server.join().await;
    assert!(guest.get().await.body.contains("Session ID unknown"));
    assert_eq!(http(server.addr, "GET", Polling::OPEN, "", "").await.status, 503);
    server.io.of("/").broadcast().emit("still", &"here").unwrap();
    assert_eq!(joined.text().await, "42[\"still\",\"here\"]");
    drop(second);
}

#[tokio::test]
async fn rejections_are_reported_with_the_client() {
    let Guarded { server, register } = Guarded::unlimited(|_| {}).await;
    let foreign = "Origin: https://elsewhere.example\r\n";
    assert_eq!(http(server.addr, "GET", Polling::OPEN, foreign, "").await.status, 403);
    assert_eq!(register.count(GateRejection::Origin), 1);
    let gate =
        GuestGate { keeper: SharedGatekeeper(Arc::clone(&register) as Arc<dyn Gatekeeper>), ..GuestGate::default() };
    let config = SocketIoConfig { gate, connect_timeout: Duration::from_millis(50), ..SocketIoConfig::default() };
    let hasty = Server::start(config, |_| {}).await;
    assert_eq!(Ws::open(hasty.addr).await.end().await, Some(1000));
    assert_eq!(register.count(GateRejection::ConnectTimeout), 1);
}
