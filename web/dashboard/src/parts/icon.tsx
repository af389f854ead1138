/** The app's pictograms, as paths of 24 by 24. */
const PATHS = {
  feed: "M4 6h16M4 12h16M4 18h10",
  heart: "M12 20s-7.5-4.6-7.5-10A4.2 4.2 0 0 1 12 7.4 4.2 4.2 0 0 1 19.5 10C19.5 15.4 12 20 12 20z",
  bell: "M6 16.500V11a6 6 0 0 1 12 0v5.500l1.5 2h-15zM10 21h4",
  alert: "M12 3v3M12 18v3M3 12h3M18 12h3M12 8.500a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7z",
  search: "M11 4.500a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM20 20l-4.3-4.3",
  source: "M5 19a1 1 0 1 0 .01 0M4 12a8 8 0 0 1 8 8M4 5a15 15 0 0 1 15 15",
  admin: "M12 3l7.5 3v5.500c0 4.5-3.2 7.8-7.5 9.5-4.3-1.7-7.5-5-7.5-9.500V6z",
  account: "M12 4.500a3.7 3.7 0 1 1 0 7.4 3.7 3.7 0 0 1 0-7.400zM4.5 20c.8-3.7 3.7-5.5 7.5-5.500s6.7 1.8 7.5 5.5",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  close: "M6 6l12 12M18 6L6 18",
  help: "M9.5 9.200a2.6 2.6 0 1 1 3.7 2.400c-.8.4-1.2 1-1.2 1.900M12 17h.01M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18z",
  light: "M12 7.500a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.400M17.6 17.600L19 19M5 19l1.4-1.400M17.6 6.400L19 5",
  dark: "M20 14.500A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.500z",
  system: "M4 5h16v11H4zM9 20h6M12 16v4",
  plus: "M12 5v14M5 12h14",
  pause: "M8 5v14M16 5v14",
  play: "M7 5l11 7-11 7z",
  trash: "M5 7h14M9.5 7V4.500h5V7M7 7l.8 12.500h8.400L17 7M10 10.500v5.500M14 10.500v5.5",
  edit: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
  external: "M10 5H5v14h14v-5M14 4h6v6M20 4l-9 9",
  back: "M15 5l-7 7 7 7",
  check: "M5 12.500l4.5 4.500L19 7.5",
  up: "M12 19V5M6 11l6-6 6 6",
  signout: "M14 5H5v14h9M10 12h11M17 8l4 4-4 4",
} as const;

export type IconName = keyof typeof PATHS;

/** A pictogram, which stands beside words or in a button that has a name. */
export function Icon({ name, filled = false }: { name: IconName; filled?: boolean }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" data-filled={filled}>
      <path d={PATHS[name]} />
    </svg>
  );
}
