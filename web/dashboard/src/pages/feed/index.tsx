import { useSignalEffect } from "@preact/signals";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import { query } from "../../api/call";
import type { ListingFilter } from "../../api/listings";
import { EmptyState } from "../../parts/empty-state";
import { PageHead } from "../../parts/page-head";
import { ProblemNote } from "../../parts/problem";
import { Skeleton } from "../../parts/skeleton";
import { VirtualList } from "../../parts/virtual-list";
import { rememberedScroll, search } from "../../router";
import { loadFavorites } from "../../state/favorites";
import { feed } from "../../state/feed";
import { addKeys } from "../../state/keys";
import { filterOf, MOST_ROWS } from "../../state/listings";
import { Filters } from "./filters";
import { useReading } from "./reading";
import { FeedRow } from "./row";
import { feedKeys, selectedId, showNew } from "./selection";

/** The live feed. */
export default function Feed() {
  const rowHeight = useRowHeight();
  useFilterOfAddress();
  useReading();
  useEffect(() => addKeys(feedKeys(() => rowHeight)), [rowHeight]);
  useLayoutEffect(() => scrollTo(0, rememberedScroll()), []);
  return (
    <>
      <PageHead title="Listings"><SaveFilter /></PageHead>
      <Filters />
      <NewPill />
      <FeedBody rowHeight={rowHeight} />
    </>
  );
}

/** Loads what the address asks for, unless it is here already. */
function useFilterOfAddress(): void {
  useSignalEffect(() => {
    const filter = filterOf(search.value);
    const same = JSON.stringify(filter) === JSON.stringify(feed.filter);
    if (same && feed.state.peek() !== "failed" && feed.wasAsked) return;
    selectedId.value = undefined;
    void feed.load(filter).then(() => loadFavorites());
  });
}

/** The height of a row in pixels: it grows with the letters that the reader has chosen. */
function useRowHeight(): number {
  const [height, setHeight] = useState(rowHeightNow);
  useEffect(() => {
    const measure = (): void => setHeight(rowHeightNow());
    addEventListener("resize", measure);
    return () => removeEventListener("resize", measure);
  }, []);
  return height;
}

function rowHeightNow(): number {
  const styles = getComputedStyle(document.documentElement);
  return Number.parseFloat(styles.getPropertyValue("--feed-row-rem")) * Number.parseFloat(styles.fontSize);
}

/** "12 new": what arrived while one was reading. */
function NewPill() {
  const count = feed.newCount.value;
  const more = feed.overflowed.value ? "+" : "";
  return (
    <div class="feed-pill-place" role="status">
      {count > 0 && (
        <button type="button" class="btn btn-primary feed-pill" onClick={showNew}>
          {count}{more} new
        </button>
      )}
    </div>
  );
}

function FeedBody({ rowHeight }: { rowHeight: number }) {
  const rows = feed.rows.value;
  const retry = (): void => void feed.load();
  if (feed.fieldProblems.value.size > 0 && rows.length === 0) return null;
  if (rows.length === 0 && feed.state.value === "loading") return <Skeleton rows={8} class="feed-skeleton" />;
  return (
    <>
      {feed.state.value === "failed" && <ProblemNote message={feed.problem.value} retry={retry} />}
      {rows.length === 0 && feed.state.value === "ready" && <NothingHere />}
      {rows.length > 0 && (
        <VirtualList
          items={rows}
          rowHeight={rowHeight}
          label="Listings, newest first"
          onNearEnd={() => void feed.loadMore()}
          renderRow={(listing, index) => (
            <FeedRow key={listing.id} listing={listing} position={index + 1} isSelected={listing.id === selectedId.value} />
          )}
        />
      )}
      {rows.length > 0 && <FeedEnd />}
    </>
  );
}

/** What stands below the last row. */
function FeedEnd() {
  const count = feed.rows.value.length;
  if (feed.state.value === "ready" && feed.problem.value !== undefined) {
    return <ProblemNote message={feed.problem.value} retry={() => void feed.loadMore()} />;
  }
  const words =
    count >= MOST_ROWS ? `These are the newest ${MOST_ROWS.toLocaleString()}. Search to find older ones.`
    : feed.atEnd.value ? "These are all."
    : "Loading more…";
  return <p class="feed-end">{words}</p>;
}

function NothingHere() {
  if (Object.keys(feed.filter).length > 0) {
    return (
      <EmptyState title="Nothing matches yet">
        <p>Matching listings appear here the moment they are found.</p>
        <a class="btn btn-plain" href="/">Show all listings</a>
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No listings yet">
      <p>They appear here the moment a source finds one, or a program posts one. <a href="/sources">Look at the sources</a>, or post one:</p>
      <pre><code>{EXAMPLE}</code></pre>
    </EmptyState>
  );
}

const EXAMPLE = `export SUPERBOT_TOKEN=$(superbot token create --name scraper --scope publish)

curl -H "Authorization: Bearer $SUPERBOT_TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{"title": "Road bike", "price": "$250", "source": "ksl",
       "link": "https://example.org/bike/1"}' \\
  ${location.origin}/api/listings`;

/** Offers to be told of what the filter finds from now on. */
function SaveFilter() {
  const filter = filterOf(search.value);
  if (filter.q === undefined) return <a class="btn btn-primary" href="/alerts/new">New alert</a>;
  return (
    <>
      <a class="btn btn-quiet" href="/">Clear</a>
      <a class="btn btn-plain" href={`/searches/new${query(searchFields(filter))}`}>Save this search</a>
      <a class="btn btn-primary" href={`/alerts/new${query(alertFields(filter))}`}>Alert me</a>
    </>
  );
}

function searchFields({ q, source, min_price, max_price }: ListingFilter) {
  return { keywords: q, sources: source, min_price, max_price };
}

function alertFields({ q, source, max_price }: ListingFilter) {
  return { keywords: q, sources: source, threshold_price: max_price };
}
