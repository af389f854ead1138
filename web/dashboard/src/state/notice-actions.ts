/** What can be done about a notification: not to hear of that listing again, or to hear nothing of that query for now. */
import { ignoreForAlert, unignoreForAlert } from "../api/alerts";
import { messageOf } from "../api/call";
import type { Listing } from "../api/listings";
import { ignoreForSearch, unignoreForSearch } from "../api/searches";
import { pauseAlert } from "./alerts";
import type { Query } from "./notices";
import { pauseSearch } from "./searches";
import { tell, tellFailure, tellUndo } from "./toasts";

/** As much of a title fits a message. */
const TITLE_CHARS = 60;

/** "Not this one": the query never tells of that listing again. */
export async function ignore(query: Query, listing: Listing): Promise<boolean> {
  const title = listing.title.length > TITLE_CHARS ? `${listing.title.slice(0, TITLE_CHARS)}…` : listing.title;
  const call = query.kind === "alert" ? ignoreForAlert : ignoreForSearch;
  try {
    await call(query.id, listing.id);
  } catch (error) {
    tellFailure(`That could not be done. ${messageOf(error)}`);
    return false;
  }
  tellUndo(`Not told again: ${title}`, () => void unignore(query, listing, title));
  return true;
}

async function unignore(query: Query, listing: Listing, title: string): Promise<void> {
  const call = query.kind === "alert" ? unignoreForAlert : unignoreForSearch;
  try {
    await call(query.id, listing.id);
    tell(`Told again: ${title}`);
  } catch (error) {
    tellFailure(`That could not be undone. ${messageOf(error)}`);
  }
}

/** Pauses what a notification comes from. */
export function pause({ kind, id, name }: Query): Promise<boolean> {
  return kind === "alert" ? pauseAlert(id, name) : pauseSearch(id, name);
}
