import { PageHead } from "../../parts/page-head";

export default function SourcesDetail() {
  return <PageHead title="Source" />;
}
