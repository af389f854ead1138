import { QueryPage } from "../../parts/query/query-page";
import type { PageProps } from "../../router";
import { alerts } from "../../state/alerts";
import { AlertForm } from "./form";

/** One price alert. */
export default function AlertPage({ id }: PageProps) {
  return <QueryPage id={id} queries={alerts} Form={AlertForm} hasSwitch />;
}
