import { PageHead } from "../../parts/page-head";

export default function FavoritesPage() {
  return <PageHead title="Favourites" />;
}
