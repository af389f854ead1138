/** The listings that the user keeps, with notes. */
import { computed, signal } from "@preact/signals";
import { deleteFavorite, type Favorite, listFavorites, putFavorite } from "../api/favorites";
import type { Listing } from "../api/schema";
import { messageOf } from "../api/call";
import { tellFailure, tellUndo } from "./toasts";

/** As many as a page of the list holds. */
const PAGE = 200;

export const favorites = signal<ReadonlyMap<number, Favorite>>(new Map());
export const favoritesState = signal<"unasked" | "loading" | "ready" | "failed">("unasked");
export const favoritesProblem = signal<string | undefined>(undefined);

/** Newest first. */
export const favoriteList = computed(() =>
  [...favorites.value.values()].sort((a, b) => b.created_at.localeCompare(a.created_at)),
);

/** Loads them all, of which there are at most a thousand, unless they are here. */
export async function loadFavorites(anew = false): Promise<void> {
  if (favoritesState.peek() === "loading" || (favoritesState.peek() === "ready" && !anew)) return;
  favoritesState.value = "loading";
  try {
    const found = new Map<number, Favorite>();
    let cursor: string | undefined;
    do {
      const page = await listFavorites({ cursor, limit: PAGE });
      for (const favorite of page.items) found.set(favorite.listing.id, favorite);
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    favorites.value = found;
    favoritesState.value = "ready";
  } catch (error) {
    favoritesProblem.value = messageOf(error);
    favoritesState.value = "failed";
  }
}

export function isFavorite(id: number): boolean {
  return favorites.value.has(id);
}

/** Keeps a listing, or no longer; the latter can be undone. */
export async function toggleFavorite(listing: Listing): Promise<void> {
  const kept = favorites.peek().get(listing.id);
  if (kept === undefined) return keep(listing);
  set(listing.id, undefined);
  try {
    await deleteFavorite(listing.id);
    tellUndo("No longer a favourite.", () => void keep(listing, kept.notes ?? undefined));
  } catch (error) {
    set(listing.id, kept);
    tellFailure(messageOf(error));
  }
}

/** Writes a favourite's notes. */
export async function saveNotes(id: number, notes: string): Promise<boolean> {
  try {
    set(id, await putFavorite(id, notes));
    return true;
  } catch (error) {
    tellFailure(messageOf(error));
    return false;
  }
}

async function keep(listing: Listing, notes?: string): Promise<void> {
  // Shown at once; what the answer adds is not seen in the heart.
  const unknown = { previous_price: null, description: null, first_seen_at: listing.created_at, updated_at: listing.created_at };
  const shown = { listing: { ...unknown, ...listing }, notes: notes ?? null };
  set(listing.id, { ...shown, created_at: new Date().toISOString() });
  try {
    set(listing.id, await putFavorite(listing.id, notes));
  } catch (error) {
    set(listing.id, undefined);
    tellFailure(messageOf(error));
  }
}

function set(id: number, favorite: Favorite | undefined): void {
  const changed = new Map(favorites.peek());
  if (favorite === undefined) changed.delete(id);
  else changed.set(id, favorite);
  favorites.value = changed;
}
