import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { descriptionOf, models } from "../../models/registry.ts";
import { keptModels } from "./kept-models.ts";

const folder = mkdtempSync(join(tmpdir(), "kodo-kept-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const described = models().map(descriptionOf);
const asked = () => vi.fn(() => Promise.resolve(described));

test("what the models are is asked once a version, and kept for the next start", async () => {
  const path = join(folder, "models.json");
  const first = asked();
  const list = keptModels(first, { path, version: "1" });
  expect([await list(), await list()]).toEqual([described, described]);
  expect(first).toHaveBeenCalledTimes(1);
  expect(statSync(path).mode & 0o777).toBe(0o600);

  const next = asked();
  expect(await keptModels(next, { path, version: "1" })()).toEqual(described);
  expect(next).not.toHaveBeenCalled();

  const updated = asked();
  await keptModels(updated, { path, version: "2" })();
  expect(updated).toHaveBeenCalledTimes(1);
  expect(readFileSync(path, "utf8")).toContain('"version":"2"');
});

test.each([
  ["cut short", (whole: string) => whole.slice(0, 200)],
  ["of none", () => '{"version":"1","models":[]}'],
  [
    "with a model of another shape",
    (whole: string) => whole.replace('"learning":"descent"', '"learning":"x"'),
  ],
])("a kept list that is %s is asked for anew", async (_, damage) => {
  const path = join(folder, "damaged.json");
  await keptModels(asked(), { path, version: "1" })();
  const whole = readFileSync(path, "utf8");
  writeFileSync(path, damage(whole));
  const ask = asked();
  expect(await keptModels(ask, { path, version: "1" })()).toEqual(described);
  expect(ask).toHaveBeenCalledTimes(1);
  expect(readFileSync(path, "utf8")).toBe(whole);
});

test("a failure is not kept, and a folder that cannot be written costs nothing but asking again", async () => {
  const path = join(folder, "not there", "models.json");
  const ask = asked().mockRejectedValueOnce(new Error("it ended"));
  const list = keptModels(ask, { path, version: "1" });
  await expect(list()).rejects.toThrow("it ended");
  expect(await list()).toEqual(described);
  expect(existsSync(path)).toBe(false);
});
