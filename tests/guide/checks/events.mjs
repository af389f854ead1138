// The samples of events, beside what the server really sends.
import assert from "node:assert/strict";
import { shape } from "../hearing.mjs";

const LISTING = {
  title: "2002 Corvette Z06", link: "https://example.org/z06", source: "craigslist", location: "Provo",
  image_url: "https://example.org/z06.jpg", external_id: "z06", condition: "good",
};

const NAMES = [
  "new_listing", "listing_updated", "price_alert", "saved_search", "custom", "notification_read", "scraper_status_update",
  "system_message", "connection_status", "going_away", "subscribed", "unsubscribed", "pong", "notification_read-acknowledged",
  "error",
];

export const events = Object.fromEntries(NAMES.map((name) => [`json ${name}`, (walk, sample) => check(walk, name, sample)]));

async function check(walk, name, sample) {
  walk.events ??= walk.hearing((heard) => causeAll(walk, heard));
  const real = (await walk.events)[name];
  assert.deepEqual(shape(JSON.parse(sample)), shape(real));
}

/** Makes the server send one of each, and gives them by the names of the samples. */
async function causeAll(walk, heard) {
  const asUser = { asUser: true };
  await walk.request("POST", "/api/price-alerts", { keywords: "corvette", threshold_price: 30_000 }, asUser);
  const search = { name: "Corvettes", keywords: "corvette", notify_new: true, cadence: "instant" };
  await walk.request("POST", "/api/saved-searches", search, asUser);
  await walk.publish({ ...LISTING, price: 28_000 });
  await walk.publish({ ...LISTING, price: 26_500 });
  await walk.request("POST", "/api/users/ann/notifications", { type: "custom", data: { message: "The backup is done" } });
  await walk.request("POST", "/api/system-messages", { message: "Scheduled maintenance in 10 minutes", level: "warning" });
  await walk.request("PUT", "/api/scraper-status", { facebook: true, craigslist: false, ksl: true });
  const notification = (kind) => heard.next("notification", ({ type }) => type === kind);
  const seen = {
    new_listing: await heard.next("new_listing"),
    listing_updated: await heard.next("listing_updated"),
    price_alert: await notification("price_alert"),
    saved_search: await notification("saved_search"),
    custom: await notification("custom"),
    system_message: await heard.next("system_message"),
    scraper_status_update: await heard.next("scraper_status_update", ({ seq }) => seq !== undefined),
    subscribed: await heard.next("subscribed"),
  };
  seen["notification_read-acknowledged"] = await heard.ask("notification_read", { ids: [seen.price_alert.id] });
  seen.notification_read = await heard.next("notification_read");
  await heard.ask("unsubscribe_scraper_status");
  seen.unsubscribed = await heard.next("unsubscribed");
  await heard.ask("ping");
  seen.pong = await heard.next("pong");
  await heard.ask("notification_read", "nonsense");
  seen.error = await heard.next("error");
  const back = await walk.hearing((again) => again.status, { since: seen.new_listing.seq });
  assert.deepEqual([back.recovered, back.replayed > 0], [true, true]);
  seen.connection_status = back;
  await walk.serve(walk.line);
  seen.going_away = await heard.next("going_away");
  return seen;
}
