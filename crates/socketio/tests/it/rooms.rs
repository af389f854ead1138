//! Rooms and broadcasts.

use std::collections::HashSet;

use superbot_socketio::{EventPacket, JoinError, SocketIoConfig};

use crate::support::{Polling, Server, Ws, eventually};

/// Reads events until one named `end`.
async fn until_end(ws: &mut Ws) -> Vec<String> {
    let mut seen = Vec::new();
    loop {
        let text = ws.text().await;
        if text == "42[\"end\",0]" {
            return seen;
        }
        seen.push(text);
    }
}

#[tokio::test]
async fn a_broadcast_reaches_whoever_was_chosen_once() {
    let server = Server::start(SocketIoConfig::default(), |_| {}).await;
    let main = server.io.of("/");
    let mut clients = Vec::new();
    let mut ids = Vec::new();
    for number in 0..4 {
        let ws = server.join().await;
        eventually(|| main.broadcast().sockets().len() == number + 1).await;
        let known: HashSet<_> = ids.iter().copied().collect();
        let socket = main.broadcast().sockets().into_iter().find(|s| !known.contains(&s.id())).unwrap();
        ids.push(socket.id());
        clients.push(ws);
    }
    for (room, members) in [("even", [0, 2]), ("low", [0, 1])] {
        for member in members {
            main.socket(ids[member]).unwrap().join(room).unwrap();
        }
    }
    assert_eq!(main.to("even").to("low").emit("a", &1).unwrap(), 3);
    assert_eq!(main.except("even").emit("b", &2).unwrap(), 2);
    assert_eq!(main.to("low").except("even").emit("c", &3).unwrap(), 1);
    assert_eq!(main.to(ids[3].as_str()).emit("d", &4).unwrap(), 1);
    assert_eq!(main.except(ids[0].as_str()).send(&EventPacket::event_raw("/", "e", "5")).sent, 3);
    assert_eq!(main.to("nobody").emit("f", &6).unwrap(), 0);
    assert_eq!(main.sockets_in("low").len(), 2);
    main.to("low").join("later");
    main.to("even").leave("later");
    assert_eq!(main.to("later").emit("g", &7).unwrap(), 1);
    main.broadcast().emit("end", &0).unwrap();
    let mut seen = Vec::new();
    for client in &mut clients {
        let names = until_end(client).await.iter().map(|text| text[4..5].to_owned()).collect::<String>();
        seen.push(names);
    }
    assert_eq!(seen, ["a", "abceg", "ae", "bde"]);
}

#[tokio::test]
async fn leaving_empties_rooms_whatever_the_order() {
    let server = Server::start(SocketIoConfig { max_rooms_per_socket: 2, ..SocketIoConfig::default() }, |_| {}).await;
    let main = server.io.of("/");
    let mut clients = Vec::new();
    for _ in 0..5 {
        clients.push(server.join().await);
    }
    eventually(|| main.broadcast().sockets().len() == 5).await;
    let sockets = main.broadcast().sockets();
    for socket in &sockets {
        socket.join("a").unwrap();
        socket.join("a").unwrap();
        socket.join("b").unwrap();
        assert_eq!(socket.join("c"), Err(JoinError::TooManyRooms));
        assert_eq!(socket.rooms().iter().map(|room| &**room).collect::<Vec<_>>(), ["a", "b"]);
    }
    sockets[1].leave("a");
    sockets[4].leave("a");
    assert!(!sockets[1].in_room("a") && sockets[1].in_room("b") && sockets[1].in_room(sockets[1].id().as_str()));
    drop(clients.remove(0));
    eventually(|| main.sockets_in("b").len() == 4).await;
    main.to("b").disconnect();
    eventually(|| server.io.stats().sockets == 0).await;
    assert!(main.sockets_in("a").is_empty());
    assert_eq!(sockets[2].join("a"), Err(JoinError::Closed));
}

#[tokio::test]
async fn both_transports_get_the_same_broadcast() {
    let server = Server::start(SocketIoConfig::default(), |_| {}).await;
    let mut ws = server.join().await;
    let client = Polling::open(server.addr).await;
    client.join().await;
    eventually(|| server.io.stats().sockets == 2).await;
    assert_eq!(server.io.of("/").broadcast().emit("news", &("tabs", "✓")).unwrap(), 2);
    assert_eq!(ws.text().await, "42[\"news\",\"tabs\",\"✓\"]");
    assert_eq!(client.get().await.body, "42[\"news\",\"tabs\",\"✓\"]");
}
