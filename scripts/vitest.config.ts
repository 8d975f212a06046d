import { defineConfig } from "vitest/config";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

export default defineConfig({
  root: resolve(import.meta.dirname, ".."),
  test: {
    include: [
      "main/**/*.test.ts",
      "preload/**/*.test.ts",
      "renderer/**/*.test.{ts,tsx}",
      "scripts/**/*.test.ts",
    ],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    globalSetup: [resolve(import.meta.dirname, "threads-of-tests.ts")],
    execArgv: ["--import", pathToFileURL(resolve(import.meta.dirname, "plain-sources.mjs")).href],
    setupFiles: [resolve(import.meta.dirname, "property-seed.ts")],
    server: { deps: { inline: [/@tensorflow\/tfjs-core/, /@tensorflow\/tfjs-backend-cpu/] } },
  },
});
