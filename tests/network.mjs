// A network between a browser and the server, which can be cut.
import { once } from "node:events";
import { connect, createServer } from "node:net";

export class Network {
  #server;
  #sockets = new Set();
  #cut = false;

  /** Makes one to the port that a server listens on. */
  static async to(port) {
    const network = new Network();
    network.#server = createServer((near) => network.#join(near, port));
    network.#server.listen(0, "127.0.0.1");
    await once(network.#server, "listening");
    return network;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** Breaks all connections and lets none come about until `mend`. */
  cut() {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend() {
    this.#cut = false;
  }

  async remove() {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(near, port) {
    if (this.#cut) return near.destroy();
    const far = connect(port, "127.0.0.1");
    for (const [one, other] of [[near, far], [far, near]]) {
      this.#sockets.add(one);
      one.pipe(other);
      // A broken side breaks the other; that is no fault of the test.
      one.on("error", () => {});
      one.on("close", () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  }
}
