import { PageHead } from "../../parts/page-head";

export default function AlertsPage() {
  return <PageHead title="Price alerts" />;
}
