import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";
import Feed from "./pages/feed";
import { focusSearch } from "./pages/feed/filters";
import { Banners } from "./parts/banners";
import { EmptyState } from "./parts/empty-state";
import { Help, showHelp } from "./parts/help";
import { BottomBar, Rail, TopBar } from "./parts/navigation";
import { ProblemNote } from "./parts/problem";
import { Skeleton } from "./parts/skeleton";
import { Toasts } from "./parts/toasts";
import { navigate, type PageName, type PageProps, type Route, route } from "./router";
import { PAGES } from "./routes";
import { addKeys, onKeyDown } from "./state/keys";

/** The pages whose modules are here already. */
const loaded = signal<ReadonlyMap<PageName, ComponentType<PageProps>>>(new Map([["feed", Feed]]));
const failed = signal<PageName | undefined>(undefined);

// Known before any page, whose own keys come before these.
addKeys([
  { key: "?", words: "This help", run: showHelp },
  { key: "n", words: "A new price alert", run: () => navigate("/alerts/new") },
  { key: "/", words: "Search the listings", run: focusSearch },
  { key: "1", words: "Listings", run: () => navigate("/") },
  { key: "2", words: "Notifications", run: () => navigate("/notifications") },
  { key: "3", words: "Price alerts", run: () => navigate("/alerts") },
  { key: "Escape", run: leaveField },
]);

/** The whole app: the frame, and in it the page of the address. */
export function App() {
  useEffect(() => {
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
  return (
    <>
      <a class="skip" href="#page">Skip to the page</a>
      <div class="frame">
        <Rail />
        <TopBar />
        <main class="page" id="page" tabIndex={-1}>
          <Banners />
          <Outlet />
        </main>
        <BottomBar />
      </div>
      <Toasts />
      <Help />
    </>
  );
}

function leaveField(): void {
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}

function Outlet() {
  const current = route.value;
  useFocusOnChange(current);
  if (current === undefined) {
    return (
      <EmptyState title="There is no such page">
        <p>The address may have been mistyped. <a href="/">Go to the listings</a></p>
      </EmptyState>
    );
  }
  const Page = loaded.value.get(current.page);
  if (Page !== undefined) return <Page key={`${current.page}/${current.id}`} id={current.id} />;
  if (failed.value === current.page) {
    return <ProblemNote message="This part of the page could not be loaded." retry={() => void load(current.page)} />;
  }
  void load(current.page);
  return <Skeleton rows={8} />;
}

/** Whoever uses a screen reader or the keyboard goes on in the new page, not where the link was. */
function useFocusOnChange(current: Route | undefined): void {
  const first = useRef(true);
  useEffect(() => {
    const page = document.getElementById("page");
    // A page may have chosen a field of its own to begin in.
    const hasChosen = page?.contains(document.activeElement) === true && document.activeElement !== page;
    if (!first.current && !hasChosen) page?.focus({ preventScroll: true });
    first.current = false;
  }, [current?.page, current?.id]);
}

async function load(page: PageName): Promise<void> {
  if (page === "feed") return;
  failed.value = undefined;
  try {
    const module = await PAGES[page]();
    loaded.value = new Map([...loaded.peek(), [page, module.default]]);
  } catch {
    failed.value = page;
  }
}
