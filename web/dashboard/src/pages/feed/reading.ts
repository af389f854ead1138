/** When somebody reads the feed, nothing in it may move under their eyes, or under the pointer that is about to press. */
import { useEffect } from "preact/hooks";
import { feed } from "../../state/feed";
import { selectedId } from "./selection";

/** Further from the top than this, somebody is reading. */
const AT_TOP_PX = 8;

/** A pointer that moved over the list this long ago is about to press something. */
const POINTING_MS = 1_500;

/** Holds back what arrives while somebody reads. */
export function useReading(): void {
  useEffect(() => {
    let isPointing = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tell = (): void => feed.setReading(isPointing || scrollY > AT_TOP_PX || selectedId.peek() !== undefined || isFocused());
    // Between leaving one control and reaching the next the focus is nowhere, which is no reason to let rows move.
    const tellSoon = (): void => void setTimeout(tell);
    const onPointer = (event: PointerEvent): void => {
      if (event.pointerType !== "mouse" || !(event.target instanceof Element)) return;
      setPointing(event.target.closest(".virtual-list") !== null);
    };
    const setPointing = (pointing: boolean): void => {
      clearTimeout(timer);
      if (pointing) timer = setTimeout(() => setPointing(false), POINTING_MS);
      if (pointing === isPointing) return;
      isPointing = pointing;
      tell();
    };
    const stopFollowing = selectedId.subscribe(tell);
    addEventListener("scroll", tell, { passive: true });
    addEventListener("pointermove", onPointer, { passive: true });
    addEventListener("focusin", tellSoon);
    addEventListener("focusout", tellSoon);
    return () => {
      clearTimeout(timer);
      removeEventListener("scroll", tell);
      removeEventListener("pointermove", onPointer);
      removeEventListener("focusin", tellSoon);
      removeEventListener("focusout", tellSoon);
      stopFollowing();
      // What arrives while another page is shown waits, so that one comes back to where one was.
      feed.setReading(true);
    };
  }, []);
}

/** Whether the keyboard is somewhere in the list. */
function isFocused(): boolean {
  return document.querySelector(".virtual-list :focus-visible") !== null;
}
