import { PageHead } from "../../parts/page-head";

export default function SearchesPage() {
  return <PageHead title="Saved searches" />;
}
