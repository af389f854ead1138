/** The tab's icon, with a dot or a number on it while something is not read. */
import { effect } from "@preact/signals";
import { unread } from "./notifications";

const PLAIN = "/favicon.svg";
const SIZE_PX = 64;

/** Keeps the icon true. */
export function startFavicon(): void {
  const picture = new Image(SIZE_PX, SIZE_PX);
  picture.src = PLAIN;
  let shown = "";
  effect(() => {
    const words = unread.value === 0 ? "" : unread.value > 99 ? "99+" : String(unread.value);
    if (words === shown) return;
    shown = words;
    if (words === "") setIcon(PLAIN, "image/svg+xml");
    // Where the picture does not load, the number in the title has to do.
    else void picture.decode().then(() => words === shown && setIcon(drawn(picture, words), "image/png"), () => undefined);
  });
}

function setIcon(href: string, type: string): void {
  const link = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  if (link === null) return;
  link.type = type;
  link.href = href;
}

function drawn(picture: HTMLImageElement, words: string): string {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE_PX;
  const pen = canvas.getContext("2d");
  if (pen === null) return PLAIN;
  pen.drawImage(picture, 0, 0, SIZE_PX, SIZE_PX);
  const height = 36;
  const width = Math.max(height, 14 + words.length * 18);
  pen.fillStyle = "#c62828";
  pen.beginPath();
  pen.roundRect(SIZE_PX - width, SIZE_PX - height, width, height, height / 2);
  pen.fill();
  pen.fillStyle = "#fff";
  pen.font = "700 30px system-ui, sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(words, SIZE_PX - width / 2, SIZE_PX - height / 2 + 2);
  return canvas.toDataURL("image/png");
}
