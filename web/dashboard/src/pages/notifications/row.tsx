import { useSignal } from "@preact/signals";
import type { NotificationView } from "../../api/schema";
import { Age } from "../../parts/age";
import { Icon, type IconName } from "../../parts/icon";
import { OutwardLink } from "../../parts/outward-link";
import { Picture } from "../../parts/picture";
import { Price } from "../../parts/price";
import { ListingLine } from "../../parts/query/listing-line";
import { rowTarget } from "../../parts/row-keys";
import { SourceBadge } from "../../parts/source-badge";
import { ignore, pause } from "../../state/notice-actions";
import { type Kind, type Notice, noticeOf, onlyListing, type Query } from "../../state/notices";

const ICONS: Readonly<Record<Kind, IconName>> = { price_alert: "alert", saved_search: "search", source_status: "source", other: "bell" };

interface RowProps {
  row: NotificationView;
  onRead: () => void;
}

/** One notification, with what can be done about it. */
export function InboxRow({ row, onRead }: RowProps) {
  const notice = noticeOf(row);
  const isUnread = row.read_at == null;
  const isOpen = useSignal(false);
  const [listing] = notice.listings;
  const isList = notice.listings.length > 1;
  const toggle = (): void => {
    isOpen.value = !isOpen.value;
    if (isUnread) onRead();
  };
  return (
    <li class="inbox-row" data-row data-id={row.id} data-unread={isUnread} data-tone={notice.tone}>
      <span class="inbox-dot">{isUnread && <span class="visually-hidden">Unread. </span>}</span>
      {listing !== undefined && !isList ? <Picture listing={listing} /> : <span class="inbox-icon"><Icon name={ICONS[notice.kind]} /></span>}
      <div class="inbox-text">
        <p class="inbox-about">
          <span>{notice.heading}</span>
          {notice.about !== "" && <QueryLink notice={notice} />}
          <Age at={row.timestamp} />
        </p>
        <h2 class="inbox-title" dir="auto">
          {isList
            ? <button type="button" class="inbox-expand" aria-expanded={isOpen.value} onClick={toggle} {...rowTarget}>{notice.text}</button>
            : <Title notice={notice} onRead={() => isUnread && onRead()} />}
        </h2>
        {listing !== undefined && !isList && (
          <p class="inbox-facts">
            <Price listing={listing} />
            <SourceBadge source={listing.source} />
            {listing.location && <span class="inbox-place" dir="auto">{listing.location}</span>}
          </p>
        )}
        {isOpen.value && <Listings notice={notice} />}
      </div>
      <RowActions notice={notice} isUnread={isUnread} onRead={onRead} />
    </li>
  );
}

/** What the user had asked for, which leads to where it can be changed. */
function QueryLink({ notice: { query, about } }: { notice: Notice }) {
  if (query === undefined) return <span dir="auto">{about}</span>;
  return <a href={`/${query.kind === "alert" ? "alerts" : "searches"}/${query.id}`} dir="auto">{about}</a>;
}

function Title({ notice, onRead }: { notice: Notice; onRead: () => void }) {
  const [listing] = notice.listings;
  const words = listing?.title ?? (notice.text || notice.heading);
  if (notice.href !== undefined) return <a href={notice.href} onClick={onRead} {...rowTarget}>{words}</a>;
  if (listing !== undefined) return <span onClick={onRead}><OutwardLink href={listing.link}>{words}</OutwardLink></span>;
  // It leads nowhere, but the keyboard has to get to it.
  return <span tabIndex={-1} {...rowTarget}>{words}</span>;
}

/** What several were found; each may be wanted or not. */
function Listings({ notice: { listings, more, query } }: { notice: Notice }) {
  return (
    <ul class="inbox-listings">
      {listings.map((listing) => (
        <ListingLine key={listing.id || listing.link} listing={listing}>
          {query !== undefined && listing.id > 0 && (
            <button type="button" class="btn btn-quiet" onClick={() => void ignore(query, listing)}>Not this one</button>
          )}
        </ListingLine>
      ))}
      {more > 0 && query !== undefined && (
        <li class="quiet">and {more} more: <a href={`/${query.kind === "alert" ? "alerts" : "searches"}/${query.id}`}>see what it finds</a></li>
      )}
    </ul>
  );
}

function RowActions({ notice, isUnread, onRead }: { notice: Notice; isUnread: boolean; onRead: () => void }) {
  const { query } = notice;
  const [listing] = notice.listings;
  const only = onlyListing(notice);
  const after = (done: boolean): void => {
    if (done && isUnread) onRead();
  };
  return (
    <div class="inbox-actions">
      {query !== undefined && only !== undefined && (
        <button type="button" class="btn btn-quiet" onClick={() => void ignore(query, only).then(after)}>Not this one</button>
      )}
      {query !== undefined && <PauseButton query={query} after={after} />}
      {listing !== undefined && notice.listings.length === 1 && (
        <span onClick={() => isUnread && onRead()}>
          <OutwardLink class="btn btn-icon" href={listing.link}>
            <Icon name="external" /><span class="visually-hidden">Open the ad</span>
          </OutwardLink>
        </span>
      )}
      <button
        type="button" class="btn btn-icon inbox-check" aria-label="Mark as read" title="Mark as read (e)"
        disabled={!isUnread} onClick={onRead}
      >
        <Icon name="check" />
      </button>
    </div>
  );
}

function PauseButton({ query, after }: { query: Query; after: (done: boolean) => void }) {
  return (
    <button type="button" class="btn btn-quiet" onClick={() => void pause(query).then(after)}>
      Pause this {query.kind}
    </button>
  );
}
