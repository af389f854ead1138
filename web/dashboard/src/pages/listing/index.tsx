import { PageHead } from "../../parts/page-head";

export default function ListingPage() {
  return <PageHead title="Listing" />;
}
