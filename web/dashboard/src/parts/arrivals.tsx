import "../../styles/arrivals.css";
import {
  type Arrival, arrivals, holdArrivals, leave, leaveAll, releaseArrivals, surplus,
} from "../state/arrivals";
import { ignore, pause } from "../state/notice-actions";
import { onlyListing, type Query } from "../state/notices";
import { read } from "../state/notifications";
import { Icon } from "./icon";
import { OutwardLink } from "./outward-link";
import { Picture } from "./picture";
import { Price } from "./price";

/** Notifications as they arrive, read out as they come. */
export function Arrivals() {
  const more = surplus.value;
  return (
    <section
      class="arrivals"
      aria-label="New notifications"
      aria-live="polite"
      onMouseEnter={holdArrivals}
      onMouseLeave={releaseArrivals}
      onFocusIn={holdArrivals}
      onFocusOut={releaseArrivals}
    >
      {more > 0 && (
        <p class="arrival arrival-more">
          <a href="/notifications" onClick={leaveAll}>and {more} more</a>
          <button type="button" class="btn btn-quiet" onClick={leaveAll}>Dismiss all</button>
        </p>
      )}
      {arrivals.value.map((arrival) => <ArrivalCard key={arrival.id} arrival={arrival} />)}
    </section>
  );
}

function ArrivalCard({ arrival }: { arrival: Arrival }) {
  const { id, notice } = arrival;
  const [listing] = notice.listings;
  return (
    <article class="arrival" data-id={id} data-tone={notice.tone}>
      {listing !== undefined && <Picture listing={listing} />}
      <div class="arrival-text">
        <p class="arrival-about">
          {notice.heading}
          {notice.about !== "" && <>: <span dir="auto">{notice.about}</span></>}
        </p>
        <p class="arrival-title" dir="auto"><Title arrival={arrival} /></p>
        {listing !== undefined && notice.kind === "price_alert" && <p class="arrival-price"><Price listing={listing} /></p>}
        {notice.query !== undefined && <Actions arrival={arrival} query={notice.query} />}
      </div>
      <button type="button" class="btn btn-icon" aria-label="Dismiss this notification" onClick={() => leave(id)}>
        <Icon name="close" />
      </button>
    </article>
  );
}

function Title({ arrival: { id, notice } }: { arrival: Arrival }) {
  const [listing] = notice.listings;
  const words = notice.kind === "price_alert" && listing !== undefined ? listing.title : notice.text || notice.heading;
  const onClick = (): void => {
    leave(id);
    void read([id]);
  };
  if (notice.href !== undefined) return <a href={notice.href} onClick={onClick}>{words}</a>;
  if (listing !== undefined) return <OutwardLink href={listing.link}>{words}</OutwardLink>;
  return <a href="/notifications" onClick={onClick}>{words}</a>;
}

function Actions({ arrival: { id, notice }, query }: { arrival: Arrival; query: Query }) {
  const listing = onlyListing(notice);
  const after = (done: boolean): void => {
    if (!done) return;
    leave(id);
    void read([id]);
  };
  return (
    <div class="arrival-actions">
      {listing !== undefined && (
        <button type="button" class="btn btn-quiet" onClick={() => void ignore(query, listing).then(after)}>Not this one</button>
      )}
      <button type="button" class="btn btn-quiet" onClick={() => void pause(query).then(after)}>
        Pause this {query.kind}
      </button>
    </div>
  );
}
