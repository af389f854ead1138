import { QueryPage } from "../../parts/query/query-page";
import type { PageProps } from "../../router";
import { searches } from "../../state/searches";
import { SearchForm } from "./form";

/** One saved search. */
export default function SearchPage({ id }: PageProps) {
  return <QueryPage id={id} queries={searches} Form={SearchForm} headingOf={({ name }) => name} />;
}
