import { signal, useSignal } from "@preact/signals";
import { messageOf, Refusal } from "../../api/call";
import type { SourceView } from "../../api/schema";
import { deleteSource, editSource, runSource, startSource, stopSource } from "../../api/sources";
import { sourceName } from "../../format";
import { Dialog } from "../../parts/dialog";
import { ProblemNote } from "../../parts/problem";
import { navigate } from "../../router";
import { removals } from "../../state/removals";
import { tell, tellFailure } from "../../state/toasts";
import { Terms } from "./terms";

/** Sources that were deleted here, though that can still be undone. */
export const removed = removals<string>();

/** Why a source could not be started: what is wrong with its settings, for the form that shows them. */
export const startRefusal = signal<{ name: string; error: Refusal } | undefined>(undefined);

export function addressOf(name: string): string {
  return `/sources/${encodeURIComponent(name)}`;
}

/** Starts, stops and runs a source. */
export function SourceActions({ source, onChange }: { source: SourceView; onChange: (source: SourceView) => void }) {
  const isBusy = useSignal(false);
  const asksTerms = useSignal(false);
  const act = async (what: () => Promise<SourceView>): Promise<void> => {
    if (isBusy.peek()) return;
    isBusy.value = true;
    try {
      onChange(await what());
      asksTerms.value = false;
    } catch (error) {
      sayRefusal(source.name, error);
    } finally {
      isBusy.value = false;
    }
  };
  const start = (): void => {
    if (needsTerms(source)) asksTerms.value = true;
    else void act(() => startSource(source.name));
  };
  const run = async (): Promise<SourceView> => {
    const ran = await runSource(source.name);
    tell(`${sourceName(source.name)} runs now.`);
    return ran;
  };
  return (
    <>
      {source.running
        ? <Action words="Run now" source={source} isBusy={isBusy.value} run={() => void act(run)} />
        : <Action words="Start" source={source} isBusy={isBusy.value} run={start} />}
      {source.running && <Action words="Stop" source={source} isBusy={isBusy.value} run={() => void act(() => stopSource(source.name))} />}
      {asksTerms.value && (
        <TermsDialog source={source} close={() => (asksTerms.value = false)} onChange={onChange} />
      )}
    </>
  );
}

function Action({ words, source, isBusy, run }: { words: string; source: SourceView; isBusy: boolean; run: () => void }) {
  return (
    <button type="button" class="btn btn-plain" aria-disabled={isBusy} onClick={run}>
      {words}<span class="visually-hidden"> {sourceName(source.name)}</span>
    </button>
  );
}

export function needsTerms(source: SourceView): boolean {
  return typeof source.terms === "string" && typeof source.terms_accepted_at !== "string";
}

/** What the site says of robots, before the source is started for the first time. */
function TermsDialog({ source, close, onChange }: { source: SourceView; close: () => void; onChange: (source: SourceView) => void }) {
  const problem = useSignal<string | undefined>(undefined);
  const start = async (): Promise<void> => {
    problem.value = undefined;
    try {
      onChange(await editSource(source.name, { accept_terms: true }));
      onChange(await startSource(source.name));
      close();
    } catch (error) {
      if (error instanceof Refusal && error.fields.size > 0) {
        close();
        sayRefusal(source.name, error);
      } else {
        problem.value = messageOf(error);
      }
    }
  };
  return (
    <Dialog title={`Before ${sourceName(source.name)} starts`} onClose={close}>
      <ProblemNote message={problem.value} />
      <Terms text={source.terms ?? ""} action="Start" accept={start} />
    </Dialog>
  );
}

/** Says why something was refused: settings that are not right are shown where they are. */
function sayRefusal(name: string, error: unknown): void {
  const isOfSettings = error instanceof Refusal && [...error.fields.keys()].some((field) => field.startsWith("settings"));
  if (!isOfSettings) {
    tellFailure(messageOf(error));
    return;
  }
  startRefusal.value = { name, error };
  tellFailure(`${sourceName(name)} cannot start yet: see its settings.`);
  navigate(addressOf(name));
}

/** Deletes a source as soon as that can no longer be undone. */
export function remove({ name }: SourceView): void {
  removed.remove(name, `${sourceName(name)} is deleted. Its listings stay.`, () => deleteSource(name));
}
