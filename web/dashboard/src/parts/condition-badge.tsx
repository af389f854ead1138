import type { ItemCondition } from "../api/schema";

const CONDITION_WORDS: Record<ItemCondition, string> = {
  new: "New", like_new: "Like new", good: "Good", fair: "Fair", parts: "For parts",
};

/** An item's condition in words, or as the server says it where this page is older than the server. */
export function conditionWords(condition: ItemCondition): string {
  return CONDITION_WORDS[condition] ?? condition;
}

/** An item's condition as a badge. */
export function ConditionBadge({ condition }: { condition: ItemCondition }) {
  return <span class="badge">{conditionWords(condition)}</span>;
}
