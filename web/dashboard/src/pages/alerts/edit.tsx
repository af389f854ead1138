import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import "../../../styles/queries.scss";
import { getAlert } from "../../api/alerts";
import { messageOf, Refusal } from "../../api/call";
import type { PriceAlertView } from "../../api/schema";
import { EmptyState } from "../../parts/empty-state";
import { Icon } from "../../parts/icon";
import { PageHead } from "../../parts/page-head";
import { ProblemNote } from "../../parts/problem";
import { Skeleton } from "../../parts/skeleton";
import { navigate, type PageProps, search } from "../../router";
import {
  type AlertDraft, addressOfDraft, alertName, alerts, draftOfAlert, draftOfQuery, priceWords, setActive,
} from "../../state/alerts";
import { Switch } from "../../parts/switch";
import { AlertForm } from "./form";

/** One price alert: a new one, or one that is changed. */
export default function AlertPage({ id }: PageProps) {
  if (id === "new") return <NewAlert />;
  return <ChangeAlert id={id} />;
}

function NewAlert() {
  const start = useSignal(draftOfQuery(search.peek())).value;
  return (
    <>
      <PageHead title="New price alert" />
      <AlertForm start={start} />
    </>
  );
}

function ChangeAlert({ id }: { id: string }) {
  const alert = useSignal<PriceAlertView | undefined>(undefined);
  const problem = useSignal<unknown>(undefined);
  const load = async (): Promise<void> => {
    problem.value = undefined;
    try {
      alert.value = await getAlert(id);
    } catch (error) {
      problem.value = error;
    }
  };
  useEffect(() => void load(), [id]);
  if (problem.value instanceof Refusal && (problem.value.status === 404 || problem.value.status === 400)) {
    return (
      <>
        <PageHead title="Price alert" />
        <EmptyState title="There is no such alert">
          <p>It may have been deleted. <a href="/alerts">Your price alerts</a></p>
        </EmptyState>
      </>
    );
  }
  if (alert.value === undefined) {
    return (
      <>
        <PageHead title="Price alert" />
        {problem.value === undefined ? <Skeleton rows={8} /> : <ProblemNote message={messageOf(problem.value)} retry={() => void load()} />}
      </>
    );
  }
  const { value } = alert;
  const turn = (active: boolean): void => void setActive(value.id, active).then((done) => done && (alert.value = { ...value, active }));
  return (
    <>
      <PageHead title="Price alert"><Actions alert={value} onTurn={turn} /></PageHead>
      <AlertForm id={value.id} start={draftOfAlert(value)} />
    </>
  );
}

function Actions({ alert, onTurn }: { alert: PriceAlertView; onTurn: (active: boolean) => void }) {
  const copy: AlertDraft = draftOfAlert(alert);
  const remove = (): void => {
    alerts.remove(alert, `Deleted: ${alertName(alert)} ${priceWords(alert)}`);
    navigate("/alerts");
  };
  return (
    <>
      <Switch checked={alert.active} onChange={onTurn}>{alert.active ? "On" : "Paused"}</Switch>
      <a class="btn btn-quiet" href={addressOfDraft(copy)}>Duplicate</a>
      <button type="button" class="btn btn-icon" aria-label="Delete" title="Delete" onClick={remove}><Icon name="trash" /></button>
    </>
  );
}
