import { PageHead } from "../../parts/page-head";

export default function AdminPage() {
  return <PageHead title="Admin" />;
}
