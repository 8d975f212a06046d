import { expect, test } from "vitest";
import { unwrap } from "../../../preload/contract/errors.ts";
import type { Params, RequestName, Result } from "../../../preload/contract/channels.ts";
import { createFakeApi } from "../../fake/fake.ts";
import { translate } from "../../ui/words.ts";
import {
  binRows,
  inTurn,
  meantRows,
  nameOf,
  missedOf,
  namesOf,
  partsOf,
  purgeTextOf,
  runsAmong,
} from "./bin.ts";
import { libraryWords } from "./words.ts";

function library() {
  const api = createFakeApi(1);
  return async <N extends RequestName>(name: N, params: Params<N>): Promise<Result<N>> =>
    unwrap(await api.request(name, params));
}

test("the bin lists recordings and trainings together, last binned first", async () => {
  const ask = library();
  const [recording] = (await ask("recordings.page", {})).rows;
  const [run] = await ask("runs.list", {});
  await ask("recordings.remove", { id: recording!.id });
  await ask("runs.remove", { id: run!.id });
  const recordings = (await ask("recordings.bin", {})).rows;
  const runs = await ask("runs.bin", {});
  const rows = binRows(
    recordings.map((one) => ({ ...one, binnedAt: "2026-11-24T10:00:00Z" })),
    runs.map((one) => ({ ...one, binnedAt: "2026-11-25T10:00:00Z" })),
  );
  expect(rows.map((row) => [row.kind, nameOf(row)])).toEqual([
    ["run", run!.config.name],
    ["recording", recording!.name],
  ]);
});

test("what a purge takes is said of what is purged", async () => {
  const ask = library();
  for (const { id } of (await ask("recordings.page", {})).rows.slice(0, 2))
    await ask("recordings.remove", { id });
  for (const { id } of (await ask("runs.list", {})).slice(0, 2)) await ask("runs.remove", { id });
  const recordings = binRows((await ask("recordings.bin", {})).rows, []);
  const runs = binRows([], await ask("runs.bin", {}));
  const said = (rows: typeof runs) => translate(libraryWords, "en")(purgeTextOf(meantRows(rows)));
  expect(said(recordings)).toContain("Samples, annotations, masks");
  expect(said(runs)).toMatch(/model, its results.*Recordings and annotations stay/);
  expect(said([...recordings, ...runs])).toMatch(/Of recordings.*of trainings/);
});

test("what is purged is listed nowhere, what is brought back is openable again", async () => {
  const ask = library();
  const [a, b] = (await ask("recordings.page", {})).rows;
  for (const one of [a!, b!]) await ask("recordings.remove", { id: one.id });
  await expect(ask("recordings.get", { id: a!.id })).rejects.toMatchObject({ code: "storage/in-bin" });
  await ask("recordings.restore", { id: a!.id });
  await ask("recordings.purge", { ids: [b!.id] });
  expect((await ask("recordings.get", { id: a!.id })).name).toBe(a!.name);
  expect(await ask("recordings.bin", {})).toEqual({ rows: [], count: 0 });
  expect((await ask("recordings.page", {})).rows.some((one) => one.id === b!.id)).toBe(false);
});

test("runs stand among the recordings that are shown: those that were binned before the last of them come with the rest", async () => {
  const ask = library();
  const [recording] = (await ask("recordings.page", {})).rows;
  const [run] = await ask("runs.list", {});
  await ask("recordings.remove", { id: recording!.id });
  await ask("runs.remove", { id: run!.id });
  const binned = (await ask("recordings.bin", {})).rows.map((one) => ({ ...one, binnedAt: "2026-02-01" }));
  const runs = (await ask("runs.bin", {}))
    .slice(0, 1)
    .flatMap((one) => ["2026-01-01", "2026-03-01"].map((binnedAt) => ({ ...one, binnedAt })));
  const shown = (isWhole: boolean) => runsAmong(binned, runs, isWhole).map(({ binnedAt }) => binnedAt);
  expect([shown(false), shown(true)]).toEqual([["2026-03-01"], ["2026-01-01", "2026-03-01"]]);
  expect(runsAmong([], runs, false)).toHaveLength(2);
});

test("many are asked for a hundred at a time, runs one by one", () => {
  const recordings = Array.from({ length: 250 }, (_, i) => `r${i}`);
  const meant = { recordings, runs: ["a"], known: [] };
  expect(partsOf(meant).map(({ kind, ids }) => [kind, ids.length])).toEqual([
    ["run", 1],
    ["recordings", 100],
    ["recordings", 100],
    ["recordings", 50],
  ]);
  expect(namesOf(meant, recordings)).toEqual([]); // none of their names is known
  expect(missedOf(partsOf(meant), recordings.slice(3))).toBe(4);
});

test("a failure among several stops there, and what was done before it is known", async () => {
  const steps: number[] = [];
  const act = (n: number) => (n === 3 ? Promise.reject(new Error("three")) : Promise.resolve(n * n));
  const { done, results, error } = await inTurn([1, 2, 3, 4], act, (n) => steps.push(n));
  expect({ done, results, steps }).toEqual({ done: [1, 2], results: [1, 4], steps: [1, 2] });
  expect(error).toBeInstanceOf(Error);
});
