import { PageHead } from "../../parts/page-head";

export default function AlertsEdit() {
  return <PageHead title="Price alert" />;
}
