import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AppError } from "../../../preload/contract/errors.ts";
import { RunConfig, type Run } from "../../../preload/contract/run.ts";
import type { SequenceJudge } from "../../models/model.ts";
import { registered } from "../../models/registry.ts";
import type { Library } from "../../storage/api.ts";
import { memoryLibrary } from "../data/memory-library.ts";
import { runOf, toolsFor } from "../fit/fit.fixtures.ts";
import { walk, WALK_SD, walkJudge, walkRecording } from "../data/walk.fixtures.ts";
import { packSequenceModel } from "../model-file/sequence-file.ts";
import { findInRecording } from "./find.ts";
import { fillRecording, openForecasting } from "./forecast.ts";

const recordings = ["a", "b"].map((subject, i) =>
  walkRecording(subject, i + 1, (s) => s < 10 || (s >= 400 && s < 460)),
);
/** As a monitor that was recorded calls it. */
const [source] = recordings;
const monitor = {
  ...walkRecording("m", 1),
  channels: (source?.channels ?? []).map((one) => ({ ...one, label: "FHR1" })),
};
const masks = vi.fn<Library["listMasks"]>(() => []);
const runs = vi.fn<Library["getRun"]>(() => run);
const library = Object.assign(memoryLibrary([...recordings, monitor]) as Library, {
  listMasks: masks,
  getRun: runs,
});
const tools = toolsFor(library);
const run: Run = runOf(
  RunConfig.parse({
    name: "walk",
    data: {
      recordingIds: ["walk-a"],
      labelSet: "ctg-events",
      labels: ["deceleration"],
      channels: ["FHR"],
      windows: { windowS: 120, strideS: 10 },
    },
    split: { testSubjects: [], validationSubjects: [] },
    model: { kind: "walk" },
  }),
);
const trained = { run, model: packSequenceModel({ kind: "walk", learned: { sd: WALK_SD } }) };
const opened: { count: number } = { count: 0 };
const disposed = vi.fn();
let change: { [K in keyof SequenceJudge]?: SequenceJudge[K] | undefined } = {};
let takeOut: () => void = () => undefined;
beforeEach(() => {
  opened.count = 0;
  change = {};
  disposed.mockClear();
  masks.mockReturnValue([]);
  takeOut = registered({
    ...walk,
    open: ({ sd }: { sd: number }) =>
      Promise.resolve({
        ...walkJudge(sd, opened),
        ...(change as Partial<SequenceJudge>),
        dispose: () => Promise.resolve(void disposed()),
      }),
  });
});
afterEach(() => takeOut());

test("a cursor that moves opens the recording once; another recording, run or mask opens it anew", async () => {
  const reading = vi.fn(() => trained);
  const forecasting = openForecasting();
  const at = (atS: number, recordingId = "walk-a", runId = "run") =>
    forecasting.at({ runId, recordingId, atS }, tools, reading);
  const first = await at(200);
  const { values } = library.samples("walk-a", 0, 199 * 4, 1);
  expect(first?.quantiles.find(({ share }) => share === 0.5)?.value[0]).toBeCloseTo(values[0] ?? 0, 3);
  expect(await Promise.all([at(201), at(202), at(200)])).toHaveLength(3);
  expect([opened.count, reading.mock.calls.length]).toEqual([1, 1]);
  expect([await at(5), await at(901)]).toEqual([null, null]); // nothing observed yet, and past the end
  await at(200, "walk-b");
  await at(200, "walk-b", "another");
  const span = {
    id: "m",
    recordingId: "walk-b",
    layer: "person",
    reason: 7,
    onsetS: 1,
    durationS: 2,
  } as const;
  masks.mockReturnValue([{ ...span, author: "", createdAt: "" }]);
  await at(200, "walk-b", "another");
  expect([opened.count, disposed.mock.calls.length]).toEqual([4, 3]);
  await forecasting.close();
  expect(disposed).toHaveBeenCalledTimes(4);
  expect(await at(200)).toEqual(first);
  await forecasting.close();
});

test("what is said of a recording names its channels as it does, whatever the model learned them as", async () => {
  const of = { ...trained, recordingId: "walk-m" };
  const forecasting = openForecasting();
  const ask = (recordingId: string) =>
    forecasting.at({ runId: "run", recordingId, atS: 200 }, tools, () => trained);
  const learned = await ask("walk-a");
  expect(await ask("walk-m")).toEqual({ ...learned, over: "FHR1" });
  await forecasting.close();
  const filled = await fillRecording(of, tools);
  expect(filled.series.map(({ name, over }) => [name, over])).toEqual([["FHR1", "FHR1"]]);
  expect(await findInRecording(of, tools)).toMatchObject([{ series: [{ name: "level", over: "FHR1" }] }]);
  const event = { onsetS: 1, durationS: 2, code: "deceleration", facts: {} };
  const events = { kind: "events" as const, labelSet: "", notAssessable: [] };
  const said = { ...events, events: [{ ...event, channel: "FHR" }, event] };
  change = { judge: () => Promise.resolve([said]) };
  expect(await findInRecording(of, tools)).toEqual([
    { ...said, labelSet: "ctg-events", events: [{ ...event, channel: "FHR1" }, event] },
  ]);
});

test("a run that was deleted for good says nothing more, though its model is still open", async () => {
  const forecasting = openForecasting();
  const ask = () => forecasting.at({ runId: "run", recordingId: "walk-a", atS: 200 }, tools, () => trained);
  expect(await ask()).not.toBeNull();
  runs.mockImplementationOnce(() => {
    throw new AppError("storage/not-found", "There is no run");
  });
  await expect(ask()).rejects.toMatchObject({ code: "storage/not-found" });
  await forecasting.close();
});

test("what nobody asks any more is given back, and what is not wanted any longer ends", async () => {
  vi.useFakeTimers();
  try {
    const forecasting = openForecasting({ idleMs: 1000 });
    const ask = (recordingId: string) =>
      forecasting.at({ runId: "run", recordingId, atS: 200 }, tools, () => trained);
    await ask("walk-a");
    await vi.advanceTimersByTimeAsync(900);
    await ask("walk-a");
    await vi.advanceTimersByTimeAsync(900);
    expect(disposed).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(200);
    expect(disposed).toHaveBeenCalledTimes(1);
    change = {
      forecaster: (_, { signal }) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(new Error("no longer wanted"))),
        ),
    };
    const failed = expect(ask("walk-b")).rejects.toThrow("no longer wanted");
    await vi.advanceTimersByTimeAsync(10);
    await forecasting.close();
    await failed;
    expect(disposed).toHaveBeenCalledTimes(2);
  } finally {
    vi.useRealTimers();
  }
});

test("what is put into gaps is filled, whatever the model calls it; who cannot says so", async () => {
  const filled = await fillRecording({ ...trained, recordingId: "walk-a" }, tools);
  expect(filled.series.map(({ as, over }) => [as, over])).toEqual([["filled", "FHR"]]);
  expect([...(filled.series[0]?.observed ?? [])].slice(398, 402)).toEqual([0, 0, 1, 1]);
  expect(disposed).toHaveBeenCalledTimes(1);
  change = { fill: undefined, forecaster: undefined };
  await expect(fillRecording({ ...trained, recordingId: "walk-a" }, tools)).rejects.toMatchObject({
    code: "model/no-fill",
  });
  const forecasting = openForecasting();
  const ask = (of: Run) =>
    forecasting.at({ runId: "run", recordingId: "walk-a", atS: 200 }, tools, () => ({ ...trained, run: of }));
  await expect(ask(run)).rejects.toMatchObject({ code: "model/no-forecast" });
  const windows = { ...run, config: { ...run.config, model: { kind: "lda" } } };
  await expect(ask(windows)).rejects.toMatchObject({
    code: "model/no-forecast",
    message: expect.stringContaining("judges windows") as string,
  });
  expect(disposed).toHaveBeenCalledTimes(3);
});
