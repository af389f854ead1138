import { PageHead } from "../../parts/page-head";

export default function SourcesPage() {
  return <PageHead title="Sources" />;
}
