// Two servers on one store, and what is known of them.
import { SuperBot, until } from "../program.mjs";
import { ask } from "./client.mjs";
import { freePorts } from "./proxy.mjs";

/** Failed sign-ins a minute that one server lets an address have. */
export const SIGN_INS = 3;

export class World {
  /** Starts both, and thinks of ports for a proxy. */
  static async start() {
    const world = new World();
    const [http, https, ...nodes] = await freePorts(4);
    world.ports = { http, https, nodes };
    const settings = {
      "web.public_url": `https://localhost:${https}`,
      "web.trusted_proxies": "127.0.0.1",
      "limits.login_attempts_per_minute": SIGN_INS,
    };
    const first = await SuperBot.start(settings, [], nodes[0]);
    world.nodes = [first, await first.startBeside(nodes[1])];
    await first.addUser("ann");
    world.token = await first.token("user", "ann");
    world.publish = await first.token("publish");
    await world.ready();
    return world;
  }

  /** Waits until both are as they should be. */
  async ready() {
    for (const node of this.nodes) {
      await until("a server to be ready", async () => (await ask(node, "GET", "/readyz")).status === 200);
    }
  }

  /** A figure of both servers, from each itself. */
  async figures(name) {
    return Promise.all(
      this.nodes.map(async (node) => {
        const { text } = await ask(node, "GET", "/metrics");
        return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)[1]);
      }),
    );
  }

  async remove() {
    for (const node of [...this.nodes].reverse()) await node.remove();
  }
}
