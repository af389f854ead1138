/** What can be done about a notification: not to hear of that listing again, or to hear nothing of that query for now. */
import { messageOf } from "../api/call";
import type { Listing } from "../api/schema";
import { alerts } from "./alerts";
import type { Query } from "./notices";
import { searches } from "./searches";
import { tell, tellFailure, tellUndo } from "./toasts";

/** As much of a title fits a message. */
const TITLE_CHARS = 60;

/** "Not this one": the query never tells of that listing again. */
export async function ignore(query: Query, listing: Listing): Promise<boolean> {
  const title = listing.title.length > TITLE_CHARS ? `${listing.title.slice(0, TITLE_CHARS)}…` : listing.title;
  try {
    await queriesOf(query).kind.calls.setIgnored(query.id, listing.id, true);
  } catch (error) {
    tellFailure(`That could not be done. ${messageOf(error)}`);
    return false;
  }
  tellUndo(`Not told again: ${title}`, () => void unignore(query, listing, title));
  return true;
}

async function unignore(query: Query, listing: Listing, title: string): Promise<void> {
  try {
    await queriesOf(query).kind.calls.setIgnored(query.id, listing.id, false);
    tell(`Told again: ${title}`);
  } catch (error) {
    tellFailure(`That could not be undone. ${messageOf(error)}`);
  }
}

/** Pauses what a notification comes from. */
export function pause(query: Query): Promise<boolean> {
  return queriesOf(query).pause(query.id, query.name);
}

function queriesOf({ kind }: Query): typeof alerts | typeof searches {
  return kind === "alert" ? alerts : searches;
}
