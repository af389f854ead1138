// Measures the live feed: what the first load weighs, when the first listing is painted on a slow machine, and what a hundred
// events a second do to frames and memory. It prints figures and judges nothing: `node browser/measure-feed.mjs [SECONDS]`.
import { gzipSync } from "node:zlib";
import { SuperBot } from "../program.mjs";
import { launch, session } from "./chromium.mjs";

const SECONDS = Number(process.argv[2] ?? 60);
const PER_SECOND = 100;
const SLOWER = 4;

const superbot = await SuperBot.start();
const browser = await launch();
try {
  await superbot.addUser("ann");
  const cookie = await superbot.signIn("ann");
  const publish = await superbot.token("publish");
  await batch(publish, "shelf", 0, 500);
  await weighFirstLoad(cookie);
  await timeFirstListing(cookie);
  await flood(cookie, publish);
} finally {
  await browser.close();
  await superbot.remove();
}

async function batch(publish, name, start, count) {
  const listings = Array.from({ length: count }, (_, index) => ({
    title: `${name} ${start + index}, barely used`, price: 10 + index, source: "ksl", location: "Provo, UT",
    link: `https://example.org/${name}/${start + index}`, image_url: `${superbot.url}/favicon.svg?${start + index}`,
  }));
  await superbot.request("POST", "/api/listings", listings, publish);
}

async function weighFirstLoad(cookie) {
  const { context } = await session(browser, { url: superbot.url, cookie });
  const page = await context.newPage();
  const bodies = [];
  page.on("response", (response) => {
    const path = new URL(response.url()).pathname;
    if (/\.(js|css)$/.test(path)) bodies.push(response.body().then((body) => [path, gzipSync(body, { level: 9 }).length]));
  });
  await page.goto(superbot.url);
  await page.waitForSelector("[data-state=live]");
  await page.waitForTimeout(1_000);
  const sizes = await Promise.all(bodies);
  for (const kind of ["js", "css"]) {
    const ofKind = sizes.filter(([path]) => path.endsWith(`.${kind}`));
    const sum = ofKind.reduce((total, [, size]) => total + size, 0);
    console.log(`first load, ${kind}: ${(sum / 1_000).toFixed(1)} kB gzipped in ${ofKind.length} files`, ofKind);
  }
  await context.close();
}

async function timeFirstListing(cookie) {
  for (let run = 0; run < 3; run += 1) {
    const { context } = await session(browser, { url: superbot.url, cookie });
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
    await page.addInitScript(() => {
      new MutationObserver((_, observer) => {
        if (document.querySelector(".feed-row") === null) return;
        observer.disconnect();
        // The frame after the next one has been painted.
        requestAnimationFrame(() => requestAnimationFrame(() => (globalThis.firstListing_ms = performance.now())));
      }).observe(document, { childList: true, subtree: true });
    });
    await page.goto(superbot.url);
    await page.waitForFunction(() => globalThis.firstListing_ms !== undefined);
    const painted_ms = await page.evaluate(() => globalThis.firstListing_ms);
    const shift = await page.evaluate(() => new Promise((resolve) => {
      new PerformanceObserver((list) => resolve(list.getEntries().reduce((sum, { value }) => sum + value, 0)))
        .observe({ type: "layout-shift", buffered: true });
      setTimeout(() => resolve(0), 500);
    }));
    console.log(`first listing painted after ${Math.round(painted_ms)} ms at ${SLOWER}x slower; layout shift ${shift.toFixed(4)}`);
    await context.close();
  }
}

async function flood(cookie, publish) {
  const { context, errors } = await session(browser, { url: superbot.url, cookie });
  const page = await context.newPage();
  await page.goto(superbot.url);
  await page.waitForSelector(".feed-row");
  const devtools = await context.newCDPSession(page);
  await devtools.send("HeapProfiler.enable");
  const heap = async () => {
    await devtools.send("HeapProfiler.collectGarbage");
    const { usedSize } = await devtools.send("Runtime.getHeapUsage");
    return `${(usedSize / 1e6).toFixed(1)} MB`;
  };
  await page.evaluate(() => {
    globalThis.frames_ms = [];
    globalThis.isMeasured = true;
    let last = performance.now();
    const frame = (now) => {
      if (globalThis.isMeasured) globalThis.frames_ms.push(now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  const heaps = [await heap()];
  for (let second = 0; second < SECONDS; second += 1) {
    const next = performance.now() + 1_000;
    for (let tenth = 0; tenth < 10; tenth += 1) {
      await batch(publish, "flood", second * PER_SECOND + tenth * 10, PER_SECOND / 10);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - 1_000 + (tenth + 1) * 100 - performance.now())));
    }
    // Collecting garbage by order holds a frame up, so it is done seldom and that frame is not counted.
    if ((second + 1) % 20 === 0) {
      await page.evaluate(() => (globalThis.isMeasured = false));
      heaps.push(await heap());
      await page.evaluate(() => (globalThis.isMeasured = true));
    }
  }
  const frames = (await page.evaluate(() => globalThis.frames_ms)).sort((a, b) => a - b);
  const at = (share) => frames[Math.min(frames.length - 1, Math.floor(frames.length * share))].toFixed(1);
  const top = await page.locator(".feed-title").first().textContent();
  console.log(`${PER_SECOND} events/s for ${SECONDS} s: frames p50 ${at(0.5)}, p99 ${at(0.99)}, p99.9 ${at(0.999)}, longest ${at(1)} ms`);
  console.log(`frames over 50 ms: ${frames.filter((ms) => ms > 50).length} of ${frames.length}; heap every 20 s: ${heaps.join(", ")}`);
  console.log(`newest shown: ${top}; console errors: ${errors.length}`);
  await context.close();
}
