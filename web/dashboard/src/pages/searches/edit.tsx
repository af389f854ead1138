import { PageHead } from "../../parts/page-head";

export default function SearchesEdit() {
  return <PageHead title="Saved search" />;
}
