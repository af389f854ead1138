import { PageHead } from "../../parts/page-head";

export default function AccountPage() {
  return <PageHead title="Account" />;
}
