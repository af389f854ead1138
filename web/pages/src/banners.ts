import type { SystemMessage } from "../../client/websocket-client";
import { byId, element } from "./dom";
import { timeElement } from "./times";

/** As many system messages stand above the page at once. */
const MOST = 3;

/** Shows a system message until it is closed, or newer ones push it out. */
export function showBanner({ message, level, timestamp }: SystemMessage): void {
  const close = element("button", { class: "quiet close", type: "button", "aria-label": "Close this message" }, "×");
  const words = { info: "Note", success: "Good news", warning: "Warning", error: "Error" }[level] ?? "Note";
  const banner = element(
    "div",
    { class: "banner", "data-level": level },
    element("p", {}, element("strong", {}, `${words}: `), message),
    timeElement(timestamp),
    close,
  );
  close.addEventListener("click", () => banner.remove());
  const banners = byId("banners");
  banners.prepend(banner);
  while (banners.childElementCount > MOST) banners.lastElementChild?.remove();
}
