import { defineConfig } from "vitest/config";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** `npm run hunt`: as many times the inputs, of any seed, and as long as they take. */
const times = Number(process.env["KODO_PROPERTY_TIMES"] ?? 1);
const longer = {
  name: "longer-properties",
  transform: (code: string, id: string): string | undefined =>
    times > 1 && /\.test\.tsx?$/.test(id)
      ? code
          .replaceAll(/\bnumRuns: (\d+)(?:, seed: \d+)?/g, `numRuns: ${times} * $1`)
          .replaceAll(/\b\d{1,3}_000,?\n?\);/g, "86_400_000);")
      : undefined,
};

export default defineConfig({
  plugins: [longer],
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
    testTimeout: times > 1 ? 86_400_000 : 30_000,
    globalSetup: [resolve(import.meta.dirname, "threads-of-tests.ts")],
    execArgv: ["--import", pathToFileURL(resolve(import.meta.dirname, "plain-sources.mjs")).href],
    setupFiles: [resolve(import.meta.dirname, "property-seed.ts")],
    server: { deps: { inline: [/@tensorflow\/tfjs-core/, /@tensorflow\/tfjs-backend-cpu/] } },
  },
});
