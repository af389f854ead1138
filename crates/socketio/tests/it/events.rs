//! Namespaces, events and acknowledgements, as specified by the Socket.IO protocol.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use superbot_socketio::{
    AckError, ClientEvent, ConnectRefusal, ConnectRequest, DisconnectReason, EventArgs, EventPacket, Socket,
    SocketIoConfig, placeholder,
};

use crate::support::{Log, Polling, Server, Ws, eventually};

#[tokio::test]
async fn a_client_joins_namespaces_and_leaves_them() {
    let log = Log::default();
    let server = Server::start(SocketIoConfig::default(), |io| {
        io.of("admin").on("who", |socket: Socket, event: ClientEvent| async move {
            event.ack.unwrap().send(&socket.namespace().name()).unwrap();
        });
        log.disconnects(io);
    })
    .await;
    let mut ws = server.join().await;
    ws.send("40/nowhere,{}").await;
    assert_eq!(ws.text().await, "44/nowhere,{\"message\":\"Invalid namespace\"}");
    ws.send("40/admin?token=x,{\"a\":1}").await;
    assert!(ws.text().await.starts_with("40/admin,{\"sid\":\""));
    ws.send("42/admin,7[\"who\"]").await;
    assert_eq!(ws.text().await, "43/admin,7[\"/admin\"]");
    // A repeated CONNECT is ignored.
    ws.send("40").await;
    ws.send("41").await;
    assert_eq!(log.wait_for(1).await, ["client namespace disconnect"]);
    ws.send("42/admin,8[\"who\"]").await;
    assert_eq!(ws.text().await, "43/admin,8[\"/admin\"]");
    server.io.of("/admin").broadcast().disconnect();
    assert_eq!(ws.text().await, "41/admin,");
    // The connection remains open and usable.
    ws.send("42/admin,9[\"who\"]").await;
    ws.send("40").await;
    assert!(ws.text().await.starts_with("40{"));
}

#[tokio::test]
async fn socket_ids_are_public_and_session_ids_are_not() {
    let server = Server::start(SocketIoConfig::default(), |_| {}).await;
    let client = Polling::open(server.addr).await;
    client.join().await;
    let socket = server.only_socket().await;
    assert_ne!(socket.id().as_str(), client.sid);
    assert_eq!(socket.id().as_str().len(), 20);
    let debug = format!("{socket:?} {:?} {:?}", socket.handshake(), server.io);
    assert!(!debug.contains(&client.sid));
    assert_eq!(server.io.of("/").socket(socket.id()).unwrap().id(), socket.id());
}

#[tokio::test]
async fn middleware_lets_in_with_data_or_refuses_with_reasons() {
    let server = Server::start(SocketIoConfig::default(), |io| {
        io.of("/")
            .middleware(|request: ConnectRequest| async move {
                match request.auth()["token"].as_str() {
                    Some("good") => {
                        let cookie = request.handshake().header("cookie").map(str::to_owned);
                        request.extensions().insert((cookie, request.handshake().query("from")));
                        Ok(())
                    }
                    Some("evil") => Err(ConnectRefusal::new("go away").and_close()),
                    Some("early") => Err(ConnectRefusal::for_now()),
                    Some("panic") => panic!("on purpose"),
                    _ => Err(ConnectRefusal::new("no token").with_data(json!({"code": "unauthenticated"}))),
                }
            })
            .on_connect(|socket: Socket| async move {
                let seen = socket.extensions().get::<(Option<String>, Option<String>)>().unwrap();
                socket.emit("seen", &*seen).unwrap();
            });
    })
    .await;
    let mut ws = Ws::connect(server.addr, "&from=a%20test").await;
    ws.text().await;
    ws.send("40").await;
    assert_eq!(ws.text().await, "44{\"message\":\"no token\",\"data\":{\"code\":\"unauthenticated\"}}");
    ws.send("40{\"token\":\"panic\"}").await;
    assert_eq!(ws.text().await, "44{\"message\":\"internal error\"}");
    ws.send("40{\"token\":\"good\"}").await;
    assert!(ws.text().await.starts_with("40{"));
    assert_eq!(ws.text().await, "42[\"seen\",null,\"a test\"]");
    let mut ws = Ws::open(server.addr).await;
    ws.send("40{\"token\":\"evil\"}").await;
    assert_eq!(ws.text().await, "44{\"message\":\"go away\"}");
    assert_eq!(ws.end().await, Some(1000));
    let mut ws = Ws::open(server.addr).await;
    ws.send("40{\"token\":\"early\"}").await;
    assert_eq!(ws.end().await, Some(1000), "without a word");
    assert_eq!(server.io.stats().sockets, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn handlers_of_a_socket_run_in_order_and_never_at_once() {
    let log = Log::default();
    let noted = log.clone();
    let server = Server::start(SocketIoConfig { max_inbound: 5, ..SocketIoConfig::default() }, |io| {
        let connect = noted.clone();
        let event = noted.clone();
        let end = noted.clone();
        io.of("/")
            .on_connect(move |_| step(connect.clone(), "connect".to_owned()))
            .on_any(move |_, event_: ClientEvent| {
                step(event.clone(), format!("{}{}", event_.name, event_.args.values[0]))
            })
            .on_disconnect(move |_, _| step(end.clone(), "disconnect".to_owned()));
    })
    .await;
    let mut ws = Ws::open(server.addr).await;
    ws.send("40").await;
    for number in 0..50 {
        ws.send(&format!("42[\"e\",{number}]")).await;
    }
    ws.send("41").await;
    let lines = log.wait_for(104).await;
    let mut expected = vec!["connect".to_owned()];
    expected.extend((0..50).map(|number| format!("e{number}")));
    expected.push("disconnect".to_owned());
    let expected: Vec<_> = expected.iter().flat_map(|name| [format!("begin {name}"), format!("end {name}")]).collect();
    assert_eq!(lines, expected);
}

async fn step(log: Log, name: String) {
    log.note(format!("begin {name}"));
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    log.note(format!("end {name}"));
}

#[tokio::test]
async fn clients_are_acknowledged_and_acknowledge() {
    let server = Server::start(SocketIoConfig::default(), |io| {
        io.of("/")
            .on("add", |_, event: ClientEvent| async move {
                let sum: i64 = event.args.values.iter().filter_map(Value::as_i64).sum();
                event.ack.unwrap().send(&json!([sum, "sum"])).unwrap();
            })
            .on("silent", |_, event: ClientEvent| async move { drop(event.ack) })
            .on("ask", |socket: Socket, _| async move {
                // The acknowledgement arrives while this handler is waiting for it.
                let answer = socket.emit_with_ack("question", &("life",), Duration::from_secs(20)).await.unwrap();
                socket.emit("told", &answer.values).unwrap();
            });
    })
    .await;
    let mut ws = server.join().await;
    ws.send("42[\"silent\"]").await;
    ws.send("4217[\"add\",1,2,3]").await;
    assert_eq!(ws.text().await, "4317[6,\"sum\"]");
    ws.send("42[\"ask\"]").await;
    assert_eq!(ws.text().await, "420[\"question\",\"life\"]");
    ws.send("4399[\"nobody asked\"]").await;
    ws.send("430[42,null]").await;
    assert_eq!(ws.text().await, "42[\"told\",42,null]");
    let socket = server.only_socket().await;
    let late = socket.emit_with_ack("late", &(), Duration::from_millis(20)).await;
    assert!(matches!(late, Err(AckError::Timeout)), "{late:?}");
    let (gone, ()) = tokio::join!(socket.emit_with_ack("gone", &(), Duration::from_secs(20)), async {
        socket.close_transport(DisconnectReason::Closed("test"));
    });
    assert!(matches!(gone, Err(AckError::Closed)), "{gone:?}");
}

#[tokio::test]
async fn binary_data_travels_both_ways_and_over_both_transports() {
    let server = Server::start(SocketIoConfig::default(), |io| {
        io.of("/").on("swap", |socket: Socket, event: ClientEvent| async move {
            let EventArgs { values, attachments } = event.args;
            assert_eq!(values, [placeholder(0), json!({"more": placeholder(1)})]);
            let swapped: Vec<Bytes> = attachments.iter().rev().cloned().collect();
            event.ack.unwrap().send_with_attachments(&values, &swapped).unwrap();
            let packet = EventPacket::with_attachments("/", "one", &placeholder(0), &swapped[..1]).unwrap();
            socket.send(&packet).unwrap();
        });
    })
    .await;
    let swap = "452-3[\"swap\",{\"_placeholder\":true,\"num\":0},{\"more\":{\"_placeholder\":true,\"num\":1}}]";
    let swapped = "462-3[{\"_placeholder\":true,\"num\":0},{\"more\":{\"_placeholder\":true,\"num\":1}}]";
    let one = "451-[\"one\",{\"_placeholder\":true,\"num\":0}]";
    let mut ws = server.join().await;
    ws.send(swap).await;
    ws.send_binary(&[1, 2, 3]).await;
    ws.send_binary(&[]).await;
    assert_eq!(ws.text().await, swapped);
    assert!(ws.binary().await.is_empty());
    assert_eq!(ws.binary().await, [1, 2, 3]);
    assert_eq!(ws.text().await, one);
    assert!(ws.binary().await.is_empty());
    let client = Polling::open(server.addr).await;
    client.join().await;
    assert_eq!(client.post(&format!("{swap}\x1ebAQID\x1ebBAU=")).await.body, "ok");
    let mut body = String::new();
    while body.matches('b').count() < 3 {
        body.push_str(&client.get().await.body);
        body.push('\x1e');
    }
    assert_eq!(body, format!("{swapped}\x1ebBAU=\x1ebAQID\x1e{one}\x1ebBAU=\x1e"));
}

#[tokio::test]
async fn a_panicking_handler_costs_its_own_socket_the_connection() {
    let log = Log::default();
    let server = Server::start(SocketIoConfig::default(), |io| {
        io.of("/").on("panic", |_: Socket, _: ClientEvent| async { panic!("on purpose") }).on(
            "early",
            |_: Socket, event: ClientEvent| {
                assert!(event.args.values.is_empty(), "on purpose");
                async {}
            },
        );
        io.of("/other").on("ask", |_, event: ClientEvent| async move { event.ack.unwrap().send(&()).unwrap() });
        log.disconnects(io);
    })
    .await;
    let mut bystander = server.join().await;
    for event in ["42[\"panic\"]", "42[\"early\",1]"] {
        let mut ws = server.join().await;
        ws.send("40/other,").await;
        ws.text().await;
        ws.send(event).await;
        assert_eq!(ws.text().await, "41");
        ws.send("42/other,1[\"ask\"]").await;
        assert_eq!(ws.text().await, "43/other,1[null]");
    }
    assert_eq!(log.wait_for(2).await, ["server namespace disconnect"; 2]);
    bystander.send("42[\"early\"]").await;
    server.io.of("/").broadcast().emit("still", &"here").unwrap();
    assert_eq!(bystander.text().await, "42[\"still\",\"here\"]");
}

#[tokio::test]
async fn closing_the_transport_sends_no_disconnect_packet() {
    let log = Log::default();
    let server = Server::start(SocketIoConfig::default(), |io| log.disconnects(io)).await;
    let mut ws = server.join().await;
    let socket = server.only_socket().await;
    socket.emit("last", &"words").unwrap();
    socket.close_transport(DisconnectReason::Closed("replaced"));
    assert!(socket.emit("too", &"late").is_err());
    assert_eq!(ws.text().await, "42[\"last\",\"words\"]");
    assert_eq!(ws.end().await, Some(1000));
    let client = Polling::open(server.addr).await;
    client.join().await;
    let socket = server.only_socket().await;
    socket.emit("last", &"words").unwrap();
    socket.close_transport(DisconnectReason::Closed("replaced"));
    assert_eq!(client.get().await.body, "42[\"last\",\"words\"]");
    assert_eq!(client.get().await.status, 400);
    assert_eq!(log.wait_for(2).await, ["replaced"; 2]);
    eventually(|| server.io.stats().connections == 0).await;
}
