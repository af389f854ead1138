import { PageHead } from "../../parts/page-head";

export default function NotificationsPage() {
  return <PageHead title="Notifications" />;
}
