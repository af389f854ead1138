import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import "../../../styles/inbox.css";
import { listNotifications } from "../../api/notifications";
import { EmptyState } from "../../parts/empty-state";
import { PageHead } from "../../parts/page-head";
import { ProblemNote } from "../../parts/problem";
import { focusedRow, useRowKeys } from "../../parts/row-keys";
import { Skeleton } from "../../parts/skeleton";
import { search, setSearch } from "../../router";
import { leaveAll } from "../../state/arrivals";
import { onEvent, reloads } from "../../state/connection";
import { Inbox, type InboxFilter, MOST_ROWS } from "../../state/inbox";
import { type Kind, KINDS } from "../../state/notices";
import { read, readAll } from "../../state/notifications";
import { InboxRow } from "./row";
import { Settings } from "./settings";

/** Further down than this, somebody is reading. */
const AT_TOP_PX = 40;

const inbox = new Inbox(listNotifications);

const KIND_WORDS: Readonly<Record<Kind, string>> = {
  price_alert: "Price alerts",
  saved_search: "Saved searches",
  source_status: "Sources",
  other: "Other",
};

/** The inbox. */
export default function NotificationsPage() {
  const isSetting = useSignal(false);
  useInbox();
  useRowKeys("notification", [{ key: "e", words: "Mark it as read", run: readFocused }]);
  return (
    <>
      <PageHead title="Notifications">
        <button type="button" class="btn btn-quiet" onClick={() => (isSetting.value = true)}>Settings</button>
        <button type="button" class="btn btn-plain" disabled={!inbox.hasUnread.value} onClick={() => void readEverything()}>
          Mark all as read
        </button>
      </PageHead>
      <Filters />
      <NewPill />
      <Rows />
      {isSetting.value && <Settings onClose={() => (isSetting.value = false)} />}
    </>
  );
}

function filterOf(params: URLSearchParams): InboxFilter {
  const kind = params.get("kind");
  return { unread: params.get("show") === "unread", kind: KINDS.find((known) => known === kind) ?? "" };
}

/** Loads what the address asks for, and keeps it true while the page is shown. */
function useInbox(): void {
  useSignalEffect(() => {
    void reloads.value;
    void inbox.load(filterOf(search.value));
  });
  useEffect(() => {
    leaveAll();
    const onScroll = (): void => inbox.setReading(scrollY > AT_TOP_PX);
    const offs = [
      onEvent("notification", (told) => inbox.receive({ ...told, data: told.data as object as Record<string, unknown>, seq: told.seq, read_at: null })),
      onEvent("notification_read", ({ ids }) => inbox.wereRead(ids, new Date().toISOString())),
    ];
    addEventListener("scroll", onScroll, { passive: true });
    return () => {
      removeEventListener("scroll", onScroll);
      inbox.setReading(false);
      for (const off of offs) off();
    };
  }, []);
}

async function markRead(id: number): Promise<void> {
  if (await read([id])) inbox.wereRead([id], new Date().toISOString());
}

function readFocused(): void {
  const id = Number(focusedRow()?.dataset["id"]);
  if (Number.isSafeInteger(id) && id > 0) void markRead(id);
}

async function readEverything(): Promise<void> {
  if (await readAll()) await inbox.load();
}

function Filters() {
  const { unread, kind } = filterOf(search.value);
  return (
    <div class="inbox-filters">
      <div class="btn-group" role="group" aria-label="Which notifications">
        <button type="button" class="btn btn-plain" aria-pressed={!unread} onClick={() => setSearch({ show: "" })}>All</button>
        <button type="button" class="btn btn-plain" aria-pressed={unread} onClick={() => setSearch({ show: "unread" })}>Unread</button>
      </div>
      <select class="form-select" aria-label="Kind" value={kind} onChange={(event) => setSearch({ kind: event.currentTarget.value })}>
        <option value="">All kinds</option>
        {KINDS.map((name) => <option key={name} value={name}>{KIND_WORDS[name]}</option>)}
      </select>
    </div>
  );
}

/** What arrived while somebody was reading further down. */
function NewPill() {
  const count = inbox.held.value.length;
  const show = (): void => {
    scrollTo(0, 0);
    inbox.setReading(false);
  };
  return (
    <div class="inbox-pill" role="status">
      {count > 0 && <button type="button" class="btn btn-primary" onClick={show}>{count} new</button>}
    </div>
  );
}

function Rows() {
  const rows = inbox.rows.value;
  const state = inbox.state.value;
  const isEmpty = rows.length === 0 && state === "ready" && inbox.atEnd.value;
  return (
    <>
      <ProblemNote message={inbox.problem.value} retry={() => void (state === "failed" ? inbox.load() : inbox.loadMore())} />
      {rows.length === 0 && state === "loading" && <Skeleton rows={8} class="inbox-skeleton" />}
      {isEmpty && <NothingHere />}
      {rows.length > 0 && (
        <ol class="inbox" aria-label="Notifications, newest first">
          {rows.map((row) => <InboxRow key={row.id} row={row} onRead={() => void markRead(row.id)} />)}
        </ol>
      )}
      {!isEmpty && state === "ready" && <End />}
    </>
  );
}

/** What stands below the last row; more is loaded when it comes into view. */
function End() {
  const ref = useRef<HTMLDivElement>(null);
  const isLoading = inbox.isLoadingMore.value;
  const atEnd = inbox.atEnd.value;
  const count = inbox.rows.value.length;
  useEffect(() => {
    const end = ref.current;
    if (end === null || atEnd) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting === true && void inbox.loadMore(), { rootMargin: "400px" });
    observer.observe(end);
    return () => observer.disconnect();
  }, [count, atEnd]);
  const words = count >= MOST_ROWS ? `These are the newest ${MOST_ROWS.toLocaleString()}.` : "These are all.";
  return (
    <div class="inbox-end" ref={ref}>
      {atEnd && words}
      {!atEnd && (
        <button type="button" class="btn btn-quiet" disabled={isLoading} onClick={() => void inbox.loadMore()}>
          {isLoading ? "Loading…" : "Load older ones"}
        </button>
      )}
    </div>
  );
}

function NothingHere() {
  const { unread, kind } = filterOf(search.value);
  if (unread) {
    return (
      <EmptyState title="All read">
        <p>What arrives next appears here by itself.</p>
        <a class="btn btn-plain" href="/notifications">Show all notifications</a>
      </EmptyState>
    );
  }
  if (kind !== "") {
    return (
      <EmptyState title="None of this kind">
        <a class="btn btn-plain" href="/notifications">Show all notifications</a>
      </EmptyState>
    );
  }
  return (
    <EmptyState title="Nothing has been told yet">
      <p>A price alert tells you here the moment an ad fits.</p>
      <a class="btn btn-primary" href="/alerts/new">New alert</a>
    </EmptyState>
  );
}
