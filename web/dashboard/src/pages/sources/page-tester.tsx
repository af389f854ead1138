import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { messageOf, sentence } from "../../api/call";
import type { PageListing, PageView, SourceView } from "../../api/schema";
import { readPage } from "../../api/sources";
import { price, sourceName } from "../../format";
import { Field } from "../../parts/field";
import { OutwardLink } from "../../parts/outward-link";
import { ProblemNote } from "../../parts/problem";
import { tell } from "../../state/toasts";
import { StateBadge } from "./state-badge";

/** As many of a page's listings are shown. */
const SHOWN = 50;

/** Tries a source on a page that one has saved: nobody's site is asked. */
export function PageTester({ source }: { source: SourceView }) {
  const text = useRef<HTMLTextAreaElement>(null);
  const file = useRef<HTMLInputElement>(null);
  const url = useSignal(addressOf(source));
  const problem = useSignal<string | undefined>(undefined);
  const isBusy = useSignal(false);
  const read = useSignal<PageView | undefined>(undefined);
  const send = async (publish: boolean): Promise<void> => {
    const page = file.current?.files?.[0] ?? text.current?.value ?? "";
    problem.value = page === "" ? "Paste a page first, or choose a saved one." : undefined;
    if (page === "" || isBusy.peek()) return;
    isBusy.value = true;
    try {
      const params = { url: url.peek().trim(), ...(publish ? { publish } : {}) };
      read.value = await readPage(source.name, new Blob([page], { type: "text/html" }), params);
      if (publish) tell(takenIn(read.value));
    } catch (error) {
      problem.value = messageOf(error);
    } finally {
      isBusy.value = false;
    }
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    void send(false);
  };
  return (
    <section class="card-box source-section" aria-labelledby="tester">
      <h2 id="tester">Try it on a page</h2>
      <p class="quiet">
        Save a page of the site in your browser, or copy its source, and see what this source makes of it. No site is asked.
      </p>
      <form onSubmit={submit}>
        <ProblemNote message={problem.value} />
        <Field label="The page’s source">
          {(control) => <textarea {...control} ref={text} class="form-control source-code" rows={5} spellcheck={false} onInput={() => (read.value = undefined)} />}
        </Field>
        <div class="source-fields">
          <Field label="or a file">
            {(control) => <input {...control} ref={file} type="file" class="form-control" onChange={() => (read.value = undefined)} />}
          </Field>
          <Field label="Its address" hint="Links on the page are relative to it.">
            {(control) => (
              <input {...control} class="form-control" type="url" placeholder="https://…" value={url.value} onInput={(event) => (url.value = event.currentTarget.value)} />
            )}
          </Field>
        </div>
        <button type="submit" class="btn btn-plain" disabled={isBusy.value}>Read it</button>
      </form>
      {read.value !== undefined && <Reading view={read.value} source={source} isBusy={isBusy.value} takeIn={() => void send(true)} />}
    </section>
  );
}

/** Where a page of the source is most likely from; without an address, relative links lead nowhere. */
function addressOf({ settings }: SourceView): string {
  const [first] = Array.isArray(settings["urls"]) ? settings["urls"] : [];
  const address = first ?? settings["base_url"];
  return typeof address === "string" ? address.replaceAll(/\{\w+\}/g, "") : "";
}

function Reading({ view, source, isBusy, takeIn }: { view: PageView; source: SourceView; isBusy: boolean; takeIn: () => void }) {
  const count = view.listings.length;
  return (
    <div class="source-reading" role="status">
      <p class="mb-2"><StateBadge state={view.state} /> {sentence(view.reason)}</p>
      {count > 0 && (
        <ol class="source-found" tabIndex={0} aria-label="Listings found on the page">
          {view.listings.slice(0, SHOWN).map((listing, place) => <FoundListing key={place} listing={listing} />)}
        </ol>
      )}
      {count > SHOWN && <p class="quiet">and {count - SHOWN} more</p>}
      {view.items != null && <p class="mb-0">{takenIn(view)}</p>}
      {count > 0 && view.items == null && (
        <button type="button" class="btn btn-plain" disabled={isBusy} onClick={takeIn}>
          Take {count === 1 ? "it" : `all ${count}`} in, as listings of {sourceName(source.name)}
        </button>
      )}
    </div>
  );
}

function FoundListing({ listing: { title, price: amount, currency, location, link } }: { listing: PageListing }) {
  return (
    <li>
      <OutwardLink href={link}>{title === "" ? "(no title)" : title}</OutwardLink>
      <span class="quiet">
        {price(amount, currency ?? "USD")}
        {location != null && ` · ${location}`}
      </span>
    </li>
  );
}

/** The results for the listings that were taken in. */
function takenIn({ items }: PageView): string {
  const count = (status: string): number => (items ?? []).filter((item) => item.status === status).length;
  const parts = [["created", "new"], ["updated", "changed"], ["unchanged", "known already"], ["rejected", "refused"]] as const;
  const said = parts.map(([status, words]) => [count(status), words] as const).filter(([number]) => number > 0);
  return said.length === 0 ? "Nothing was taken in." : `Taken in: ${said.map(([number, words]) => `${number} ${words}`).join(", ")}.`;
}
