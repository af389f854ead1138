import "../../../styles/sources.scss";
import { Skeleton } from "../../parts/skeleton";
import { PageHead } from "../../parts/page-head";
import { search } from "../../router";
import { me } from "../../state/session";
import { AddSource } from "./add";
import { EveryonesSources } from "./everyone";
import { SourceList } from "./list";

/** The sources: all there is to know of them for admins, whether they run for everybody else. */
export default function SourcesPage() {
  const user = me.value;
  if (user === undefined) {
    return (
      <>
        <PageHead title="Sources" />
        <Skeleton rows={3} class="source-skeleton" />
      </>
    );
  }
  if (!user.is_admin) return <EveryonesSources />;
  const adding = search.value.get("add");
  return adding === null ? <SourceList /> : <AddSource key={adding} kind={adding} />;
}
