import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { sourceName } from "../../format";
import { Icon } from "../../parts/icon";
import { navigate, route, search, setSearch } from "../../router";
import { feed } from "../../state/feed";
import { filterOf } from "../../state/listings";
import { running } from "../../state/sources";

/** Typing has paused when no key was struck for so long. */
const PAUSE_MS = 250;
const SEARCH_ID = "feed-search";

/** Leads to the field that searches the listings, wherever one is. */
export function focusSearch(): void {
  if (route.peek()?.page !== "feed") navigate("/");
  // At once where it is there already: whoever types on must not lose a letter.
  if (!selectSearch()) requestAnimationFrame(selectSearch);
}

function selectSearch(): boolean {
  const field = document.getElementById(SEARCH_ID);
  if (!(field instanceof HTMLInputElement)) return false;
  scrollTo(0, 0);
  field.select();
  return true;
}

/** Words, source and price; all of it stands in the address. */
export function Filters() {
  const { q = "", source = "", min_price = "", max_price = "" } = filterOf(search.value);
  const problems = feed.fieldProblems.value;
  const sources = [...new Set([...running.value.keys(), ...(source === "" ? [] : [source])])];
  return (
    <form class="feed-filters" role="search" aria-label="Listings" onSubmit={(event) => event.preventDefault()}>
      <div class="feed-search">
        <Icon name="search" />
        <TypedField
          id={SEARCH_ID} name="q" label="Search the listings" placeholder="Search: bike, canoe -kids"
          value={q} problem={problems.get("q")}
        />
      </div>
      <select
        class="form-select"
        aria-label="Source"
        value={source}
        onChange={(event) => setSearch({ source: event.currentTarget.value })}
      >
        <option value="">All sources</option>
        {sources.map((name) => <option key={name} value={name}>{sourceName(name)}</option>)}
      </select>
      <TypedField
        id="feed-min" name="min_price" label="Lowest price" placeholder="Min"
        value={min_price} problem={problems.get("min_price")}
      />
      <TypedField
        id="feed-max" name="max_price" label="Highest price" placeholder="Max"
        value={max_price} problem={problems.get("max_price")}
      />
      {[...problems].map(([field, message]) => (
        <p key={field} class="field-error" id={`feed-${field}-problem`} role="alert">{message}</p>
      ))}
    </form>
  );
}

interface TypedFieldProps {
  id: string;
  name: "q" | "min_price" | "max_price";
  label: string;
  placeholder: string;
  value: string;
  problem: string | undefined;
}

/** A field whose value goes into the address when typing pauses. */
function TypedField({ id, name, label, placeholder, value, problem }: TypedFieldProps) {
  const typed = useSignal(value);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    // The address was changed from elsewhere: going back, or clearing the filter.
    if (timer.current === undefined) typed.value = value;
  }, [value]);
  useSignalEffect(() => {
    const wanted = typed.value.trim();
    clearTimeout(timer.current);
    timer.current = undefined;
    if (wanted === (search.peek().get(name) ?? "")) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      setSearch({ [name]: wanted });
    }, PAUSE_MS);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <input
      class="form-control"
      id={id}
      type="text"
      inputMode={name === "q" ? "search" : "decimal"}
      enterkeyhint="search"
      autocomplete="off"
      maxLength={1_000}
      aria-label={label}
      placeholder={placeholder}
      value={typed.value}
      onInput={(event) => (typed.value = event.currentTarget.value)}
      {...(problem === undefined ? {} : { "aria-invalid": true, "aria-describedby": `feed-${name}-problem` })}
    />
  );
}
