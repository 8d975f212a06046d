import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const script = resolve(import.meta.dirname, "..", "methods.mjs");

/** What is said of options, before anything is run. */
function refusal(...options: readonly string[]): string {
  const { status, stderr, stdout } = spawnSync(process.execPath, [script, ...options], { encoding: "utf8" });
  expect([status, stdout]).toEqual([2, ""]);
  return stderr.trim();
}

test("options that ask for nothing, or for what is no number, are refused in one line", () => {
  expect(refusal("--only", " ,")).toBe("kodo: --only names nothing");
  expect(refusal("--methods=")).toBe("kodo: --methods names nothing");
  expect(refusal("--minutes", "")).toMatch(/^kodo: --minutes : a number of minutes is wanted/);
  expect(refusal("--parts=-1")).toMatch(/^kodo: --parts -1: a number of parts is wanted/);
  expect(refusal("--onyl", "x")).toMatch(/^kodo: Unknown option '--onyl'/);
});
