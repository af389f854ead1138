import { PageHead } from "../../parts/page-head";

export default function FeedPage() {
  return <PageHead title="Listings" />;
}
