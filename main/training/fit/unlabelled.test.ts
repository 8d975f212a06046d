import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { LabelSet } from "../../../preload/contract/label-set.ts";
import { changed, type RunChange } from "../../../preload/contract/run.fixtures.ts";
import { Run, RunConfig } from "../../../preload/contract/run.ts";
import ctgEvents from "../../../resources/label-sets/ctg-events.json" with { type: "json" };
import { registered } from "../../models/registry.ts";
import type { Library } from "../../storage/api.ts";
import { memoryLibrary } from "../data/memory-library.ts";
import { previewRun } from "../data/preview.ts";
import { pack, unpack } from "../../compute/packed.ts";
import { readSequences } from "../data/sequences.ts";
import { findInRecording } from "../predict/find.ts";
import { runOf, toolsFor } from "./fit.fixtures.ts";
import { fitRun } from "./fit-run.ts";
import { walk, walkJudge, WALK_S, WALK_SD, walkRecording } from "../data/walk.fixtures.ts";

/** Twelve people whom nobody marked anything of; the last was never observed. */
const people = "abcdefghijkl".split("");
const recordings = people.map((subject, i) =>
  walkRecording(subject, i + 1, (s) => subject === "l" || (s >= 200 && s < 230)),
);
const library = memoryLibrary(recordings, [LabelSet.parse(ctgEvents)]) as Library;
const config = RunConfig.parse({
  name: "walks",
  data: {
    recordingIds: recordings.map(({ id }) => id),
    labelSet: "",
    labels: [],
    channels: ["FHR"],
    windows: { windowS: 120, strideS: 10 },
  },
  split: { testSubjects: ["f", "g", "h", "i", "j", "k", "l"], validationSubjects: [] },
  model: { kind: "walk" },
});

let takeOut: () => void = () => undefined;
const put = (change: Partial<typeof walk> = {}): void => void (takeOut = registered({ ...walk, ...change }));
beforeEach(() => put());
afterEach(() => takeOut());

test("what nobody marked is previewed in recordings and hours, and a split by person", async () => {
  const { problems, advice, unit, classes, windows, subjects } = await previewRun(config, library);
  expect(problems).toEqual([]);
  expect(advice.map(({ code, values }) => [code, values["channel"], values["count"]])).toEqual([
    ["CHANNEL_EMPTY", "FHR", 1],
  ]);
  expect({ unit, classes, windows }).toEqual({
    ...{ unit: "recordings", classes: [] },
    windows: { labelled: 0, unlabelled: 12, unassessable: 0 },
  });
  expect(subjects.filter(({ part }) => part === "validation")).toHaveLength(1); // one of five calibrates
  expect(subjects.reduce((sum, { hours }) => sum + (hours ?? 0), 0)).toBeCloseTo((12 * WALK_S) / 3600, 9);
});

test("a run without a label trains, says how what it looked ahead came true, and judges a recording", async () => {
  const { run, model } = await fitRun(runOf(config), toolsFor(library));
  expect(Run.parse(run)).toEqual(run);
  expect(run).toMatchObject({ phase: "done", classes: [] });
  expect(run).not.toHaveProperty("events");
  const { forecast } = run;
  expect(forecast).toMatchObject({ recordings: 7, horizonsS: [1, 15, 30, 60], branches: [] });
  expect(forecast?.validation).toHaveLength(1);
  // What a walk of this step can be foretold at best.
  const best = (h: number): number => 0.5 + Math.log(WALK_SD * Math.sqrt(2 * Math.PI * h));
  for (const [h, aheadS] of [1, 15, 30, 60].entries())
    expect(Math.abs((forecast?.own.nll[h] ?? 9) - best(aheadS))).toBeLessThan(0.2);
  expect(forecast?.floors.map(({ name, nll }) => [name, nll[0]?.verdict, nll[0]?.groups])).toEqual([
    ["too-wide", "better", 6], // one of the seven was never observed
  ]);
  const said = await findInRecording({ run, model, recordingId: "walk-k" }, toolsFor(library));
  expect(said).toMatchObject([{ kind: "curves", series: [{ name: "level" }] }]);
});

test("old runs are read as before, and what needs labels does not start without", async () => {
  const { labels, ...data } = config.data;
  expect(RunConfig.safeParse({ ...config, data }).success).toBe(false);
  expect(labels).toEqual([]);
  const codes = async (change: RunChange, kind = "walk"): Promise<string[]> =>
    (await previewRun({ ...changed(config, change), model: { kind } }, library)).problems.map(
      ({ code }) => code,
    );
  expect(await codes({}, "event-net")).toEqual(["LABELS_NEEDED"]);
  expect(await codes({}, "lda")).toContain("ONE_CLASS");
  expect(await codes({ testSubjects: people.slice(1) })).toEqual(["NO_ONE_TO_CALIBRATE"]);
  expect(await codes({ testSubjects: people })).toEqual(["NO_TRAINING_SUBJECT", "NO_ONE_TO_CALIBRATE"]);
  expect(await codes({ channels: ["FHR", "UC"] })).toEqual(["CHANNEL_MISSING"]);
});

test("labels are looked at only by who uses them; read by nobody they are said to teach nothing", async () => {
  const chosen = changed(config, { labelSet: "ctg-events", labels: ["deceleration"] });
  const advised = async () => (await previewRun(chosen, library)).advice.map(({ code }) => code);
  expect(await advised()).toEqual(["LABELS_NOT_LOOKED_AT", "CHANNEL_EMPTY"]);
  takeOut();
  put({ labels: "used" });
  expect(await advised()).toEqual(["SIGNALS_ALONE", "CHANNEL_EMPTY"]);
  const { run } = await fitRun(runOf(chosen), toolsFor(library));
  expect(run).toMatchObject({ classes: ["deceleration"], forecast: { recordings: 7 } });
  expect(run).not.toHaveProperty("events");
});

test("of labelled and unlabelled people some of each calibrate; where people read, events are judged as well, of a model that says any", async () => {
  takeOut();
  let asked = 0;
  const open: (typeof walk)["open"] = ({ sd }) =>
    Promise.resolve({
      ...walkJudge(sd),
      judge: () => {
        asked += 1;
        return Promise.resolve([{ kind: "events", labelSet: "", events: [], notAssessable: [] }]);
      },
    });
  put({ labels: "used", open });
  const marked = recordings.map((one, i) => ({
    ...one,
    ...(i % 2 === 0
      ? {
          readings: [{ onsetS: 0, durationS: WALK_S }],
          annotations: [{ label: "deceleration", onsetS: 300, durationS: 40 }],
        }
      : {}),
  }));
  const half = memoryLibrary(marked, [LabelSet.parse(ctgEvents)]) as Library;
  const chosen = changed(config, {
    ...{ labelSet: "ctg-events", labels: ["deceleration"] },
    testSubjects: ["k", "l"],
  });
  const { recordings: read } = readSequences(chosen, half);
  const validation = read.filter(({ part }) => part === "validation");
  expect(validation.map(({ marks }) => marks !== undefined).sort()).toEqual([false, true]);
  const { run: other } = await fitRun(runOf(chosen), toolsFor(half));
  expect(other).not.toHaveProperty("events");
  expect(asked).toBe(0); // nothing of it is judged for nothing
  takeOut();
  put({ labels: "used", can: [...walk.can, "events"], open });
  const { run } = await fitRun(runOf(chosen), toolsFor(half));
  expect(run.events?.labels).toMatchObject([{ code: "deceleration", events: { marked: 1, found: 0 } }]);
  expect(run.forecast?.recordings).toBe(2);
});

test("is heard when it is cancelled while forecasts are judged, and never goes back in its progress", async () => {
  const cancel = new AbortController();
  const told: number[] = [];
  const tools = toolsFor(library, {
    signal: cancel.signal,
    onProgress: ({ done }) => {
      told.push(done);
      if (done > 0.96) cancel.abort();
    },
  });
  await expect(fitRun(runOf(config), tools)).rejects.toMatchObject({ code: "cancelled/by-user" });
  expect(told).toEqual([...told].sort((a, b) => a - b));
});

test("a model that its own file would not take fails its run, before it is judged", async () => {
  takeOut();
  put({ file: z.object({ sd: z.number().max(1) }) });
  await expect(fitRun(runOf(config), toolsFor(library))).rejects.toMatchObject({
    code: "model/diverged",
    detail: { where: "sd" },
  });
});

test("a fit that stood where nobody was left out in turn begins again: its networks have seen who calibrates now", async () => {
  takeOut();
  const places: unknown[] = [];
  put({
    leavingOut: () => 2,
    learning: {
      kind: "descent",
      fit: async (_settings, _data, { resume, onCheckpoint }) => {
        places.push(resume);
        await onCheckpoint("half way");
        return { sd: WALK_SD };
      },
    },
  });
  let kept = new Uint8Array();
  const onCheckpoint = (_run: unknown, bytes: Uint8Array): Promise<void> => {
    kept = Uint8Array.from(bytes);
    return Promise.resolve();
  };
  await fitRun(runOf(config), toolsFor(library, { onCheckpoint }));
  await fitRun(runOf(config), toolsFor(library, { resume: kept }));
  const { groups, place } = z.object({ groups: z.unknown(), place: z.unknown() }).parse(unpack(kept));
  await fitRun(runOf(config), toolsFor(library, { resume: pack({ groups, place }) }));
  expect(places).toEqual([undefined, "half way", undefined]);
});
