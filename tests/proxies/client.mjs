// Clients that come through a proxy, from addresses of their own.
import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import { io } from "socket.io-client";
import { checkAnswer } from "../description.mjs";

/** Connections to a proxy, from an address of this machine. */
export function agent({ ca, url = "https:" }, from = "127.0.0.1") {
  const { Agent } = url.startsWith("https:") ? https : http;
  return new Agent({ ca, localAddress: from, family: 4 });
}

/** Begins a request, whose body the caller sends, and gives it with its answer to come. */
export function begin(proxy, method, path, { from, headers } = {}) {
  const { request } = proxy.url.startsWith("https:") ? https : http;
  const begun = request(proxy.url + path, { method, headers, agent: agent(proxy, from) });
  return { request: begun, answered: once(begun, "response").then(([response]) => response) };
}

/** Makes a request and gives its whole answer. */
export async function ask(proxy, method, path, { body, ...options } = {}) {
  const { request, answered } = begin(proxy, method, path, options);
  request.end(body);
  const response = await answered;
  let text = "";
  for await (const chunk of response) text += chunk;
  // A proxy's own answers are not JSON.
  const type = response.headers["content-type"] ?? "";
  if (type.includes("json")) checkAnswer(method, path.split("?")[0], response.statusCode, type, text);
  return { status: response.statusCode, headers: response.headers, text };
}

/** Makes a request with a JSON body. */
export function askJson(proxy, method, path, body, { headers, ...options } = {}) {
  return ask(proxy, method, path, {
    ...options,
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

/** A Socket.IO client that writes down the listings it is told of, and comes back from where it was. */
export class Listener {
  titles = [];
  greetings = [];
  errors = [];
  #since;

  constructor(proxy, token, transports, from) {
    this.socket = io(proxy.url, {
      transports,
      agent: agent(proxy, from),
      forceNew: true,
      reconnectionDelay: 100,
      reconnectionDelayMax: 500,
      auth: (give) => give({ token, since: this.#since }),
    });
    this.socket.on("connection_status", (greeting) => {
      this.greetings.push(greeting);
      this.#since ??= greeting.seq;
    });
    this.socket.on("new_listing", ({ title, seq }) => {
      this.titles.push(title);
      this.#since = seq;
    });
    this.socket.on("connect_error", (error) => this.errors.push(error));
    this.connected = once(this.socket, "connection_status");
  }

  get transport() {
    return this.socket.io.engine.transport.name;
  }

  close() {
    this.socket.disconnect();
  }
}
