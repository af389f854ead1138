import "../../../styles/sources.scss";
import { useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Refusal } from "../../api/call";
import type { SourceView } from "../../api/schema";
import { editSource, getSource } from "../../api/sources";
import { sourceName } from "../../format";
import { Age } from "../../parts/age";
import { EmptyState } from "../../parts/empty-state";
import { Icon } from "../../parts/icon";
import { PageHead } from "../../parts/page-head";
import { ProblemNote } from "../../parts/problem";
import { Skeleton } from "../../parts/skeleton";
import { navigate, type PageProps } from "../../router";
import { onEvent } from "../../state/connection";
import { useLoaded } from "../../state/loaded";
import { me } from "../../state/session";
import { tell } from "../../state/toasts";
import { needsTerms, remove, removed, SourceActions, startRefusal } from "./actions";
import { changesOf } from "./draft";
import { EveryonesSources } from "./everyone";
import { reset, showRefusal, submit, useFormState } from "./form-state";
import { Health } from "./health";
import { kindOf, type SourceKind, useSourceKinds } from "./kinds";
import { REFRESH_MS } from "./list";
import { PageTester } from "./page-tester";
import { SettingsForm } from "./settings-form";
import { Terms, TermsText } from "./terms";

/** One source: how it fares, how it is set up, and a page to try it on. */
export default function SourceDetail({ id: name }: PageProps) {
  const user = me.value;
  if (user === undefined) return <Loading name={name} />;
  return user.is_admin ? <AdminsSource name={name} /> : <EveryonesSources />;
}

function Loading({ name }: { name: string }) {
  return (
    <>
      <PageHead title={sourceName(name)} />
      <Skeleton rows={3} class="source-skeleton" />
    </>
  );
}

function AdminsSource({ name }: { name: string }) {
  const loaded = useLoaded((options) => getSource(name, options), REFRESH_MS);
  const kinds = useSourceKinds();
  useEffect(() => onEvent("scraper_status", () => void loaded.load()), []);
  const source = loaded.value.value;
  const isGone = loaded.failure.value instanceof Refusal && loaded.failure.value.status === 404;
  if (isGone || removed.hidden.value.has(name)) return <NoSuchSource name={name} />;
  if (source === undefined) {
    return loaded.problem.value === undefined ? <Loading name={name} /> : (
      <>
        <PageHead title={sourceName(name)} />
        <ProblemNote message={loaded.problem.value} retry={() => void loaded.load()} />
      </>
    );
  }
  const kind = kindOf(kinds.value.value?.items, source.kind);
  const removeIt = (): void => {
    remove(source);
    navigate("/sources");
  };
  return (
    <>
      <a class="source-back" href="/sources"><Icon name="back" /> Sources</a>
      <PageHead title={sourceName(name)}>
        <SourceActions source={source} onChange={loaded.set} />
        <button type="button" class="btn btn-danger" onClick={removeIt}>Delete</button>
      </PageHead>
      <ProblemNote message={loaded.problem.value} retry={() => void loaded.load()} />
      <Health source={source} kind={kind} />
      {typeof source.terms === "string" && <TermsCard source={source} onChange={loaded.set} />}
      <ProblemNote message={kinds.problem.value} retry={() => void kinds.load()} />
      {kinds.value.value !== undefined && <SettingsCard source={source} kind={kind} onChange={loaded.set} />}
      <PageTester source={source} />
    </>
  );
}

function NoSuchSource({ name }: { name: string }) {
  return (
    <>
      <PageHead title={sourceName(name)} />
      <EmptyState title="There is no such source">
        <p>It may have been deleted. <a href="/sources">All sources</a></p>
      </EmptyState>
    </>
  );
}

function TermsCard({ source, onChange }: { source: SourceView; onChange: (source: SourceView) => void }) {
  const accept = async (): Promise<void> => onChange(await editSource(source.name, { accept_terms: true }));
  return (
    <section class="card-box source-section" aria-labelledby="terms">
      <h2 id="terms">The site’s terms</h2>
      {needsTerms(source) ? <Terms text={source.terms ?? ""} action="Acknowledge" accept={accept} /> : (
        <>
          <TermsText text={source.terms ?? ""} />
          <p class="quiet mb-0">Acknowledged <Age at={source.terms_accepted_at} />.</p>
        </>
      )}
    </section>
  );
}

interface SettingsCardProps {
  source: SourceView;
  kind: SourceKind;
  onChange: (source: SourceView) => void;
}

function SettingsCard({ source, kind, onChange }: SettingsCardProps) {
  const form = useFormState(kind, source.settings);
  const card = useRef<HTMLFormElement>(null);
  const undo = (): void => reset(form, source.settings);
  useSignalEffect(() => {
    const refusal = startRefusal.value;
    if (refusal?.name !== source.name) return;
    startRefusal.value = undefined;
    showRefusal(form, refusal.error);
  });
  useFocusOnProblem(form.problems.value, card);
  const save = (event: Event): void => {
    event.preventDefault();
    void submit(form, async (wanted) => {
      const changed = await editSource(source.name, { settings: changesOf(kind, source.settings, wanted) });
      reset(form, changed.settings);
      onChange(changed);
      tell("Saved.");
    });
  };
  return (
    <form class="card-box source-section source-form" aria-labelledby="settings" ref={card} onSubmit={save}>
      <h2 id="settings">Settings</h2>
      <SettingsForm form={form} />
      <div class="source-form-end">
        <button type="submit" class="btn btn-primary" disabled={form.isBusy.value || !form.isDirty.value}>Save</button>
        {form.isDirty.value && <button type="button" class="btn btn-plain" onClick={undo}>Discard changes</button>}
      </div>
    </form>
  );
}

/** Leads to the first field that something is wrong with. */
function useFocusOnProblem(problems: ReadonlyMap<string, string>, card: { current: HTMLElement | null }): void {
  useEffect(() => {
    if (problems.size > 0) card.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [problems]);
}
