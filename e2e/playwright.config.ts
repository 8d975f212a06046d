import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "./flows",
  outputDir: "../test-results/e2e",
  timeout: 180_000,
  expect: { timeout: 20_000 },
  workers: 1, // one Electron at a time: the machines this runs on have two cores
  retries: 0,
  forbidOnly: Boolean(process.env["CI"]),
  reporter: [["list"], ["json", { outputFile: "../test-results/e2e.json" }]],
});
