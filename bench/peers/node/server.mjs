// Socket.IO's own server for Node.js: broadcasts payloads of POST /broadcast, and sends those of /to/ROOM to rooms.
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const http = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const payload = JSON.parse(Buffer.concat(chunks).toString());
    const room = request.url.startsWith('/to/') ? request.url.slice('/to/'.length) : null;
    if (room === null) {
      io.emit('new_listing', payload);
    } else {
      io.to(room).emit('notification', payload);
    }
    response.writeHead(200, { 'content-length': 2 }).end('{}');
  });
});

const io = new Server(http, { serveClient: false, perMessageDeflate: false, httpCompression: false });

io.on('connection', (socket) => {
  if (socket.handshake.auth.room) {
    socket.join(socket.handshake.auth.room);
  }
});

http.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  process.stdout.write(`READY http://127.0.0.1:${http.address().port}\n`);
});

// The parent process has ended when standard input closes.
process.stdin.on('end', () => process.exit(0)).resume();
