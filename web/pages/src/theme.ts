/** The colours that were chosen in the dashboard hold on the pages beside it too. */
try {
  const kept: unknown = JSON.parse(localStorage.getItem("superbot:preferences") ?? "{}");
  const theme = typeof kept === "object" && kept !== null && "theme" in kept ? kept.theme : undefined;
  if (theme === "light" || theme === "dark") document.documentElement.dataset["theme"] = theme;
} catch {
  // Nothing was chosen, or storage is forbidden: the system's colours it is.
}
