import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Reconnecting takes its real time, half a second and more.
    testTimeout: 20_000,
  },
});
