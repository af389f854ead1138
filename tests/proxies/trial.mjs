// What must hold behind every proxy.
import { after, before } from "node:test";
import { tryConnections } from "./connections.mjs";
import { tryOutside } from "./outside.mjs";
import { Site } from "./site.mjs";
import { tryStops } from "./stops.mjs";

/**
 * Makes the tests of one proxy; `start(ports)` starts it. One that cannot send a request's body again answers 502 where the
 * server that it chose first is gone.
 */
export function tryProxy(name, start, { repeatsBodies = true } = {}) {
  const site = new Site();
  before(() => site.open(start));
  after(() => site.close());
  tryOutside(name, site);
  tryConnections(name, site);
  tryStops(name, site, repeatsBodies);
}
