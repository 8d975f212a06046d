import { expect, test } from "vitest";
import type { RecordingSummary } from "../../preload/contract/recording.ts";
import type { RunProgress, RunSummary } from "../../preload/contract/run.ts";
import type { Page } from "./session.ts";
import { fits, isRunOver, noRuns, runInUse, runOnPage, withProgress, withoutRun } from "./runs.ts";

const progress = (change: Partial<RunProgress> = {}): RunProgress => ({
  runId: "r",
  phase: "training",
  done: 0.5,
  epoch: 3,
  epochs: 12,
  stepsPerSecond: 40,
  curve: [],
  ...change,
});
const run = (id: string, change: Partial<RunSummary> = {}): RunSummary =>
  ({ id, phase: "done", createdAt: `2026-01-0${id}`, ...change }) as RunSummary;

test("a message that comes late does not take an epoch back", () => {
  const state = [progress({ epoch: 5 }), progress({ epoch: 4 })].reduce(withProgress, noRuns);
  expect(state.progress["r"]?.epoch).toBe(5);
});

test("the twin that is trained after the model starts its epochs again", () => {
  const state = [progress({ epoch: 12 }), progress({ epoch: 1, phase: "supervised-only" })].reduce(
    withProgress,
    noRuns,
  );
  expect(state.progress["r"]).toMatchObject({ epoch: 1, phase: "supervised-only" });
});

test("a run that is over leaves the list of live ones", () => {
  const live = withProgress(noRuns, progress());
  expect(withProgress(live, progress({ phase: "done" })).progress).toEqual({});
  expect(withoutRun(live, "other")).toBe(live);
});

test("the model in use is the one chosen while it has results, else the newest", () => {
  const runs = [run("1"), run("3", { phase: "failed" }), run("2")];
  expect(runInUse(runs, "1")?.id).toBe("1");
  expect(runInUse(runs, "3")?.id).toBe("2");
  expect(runInUse(runs, undefined)?.id).toBe("2");
  expect(runInUse([], undefined)).toBeUndefined();
});

test("only done, failed, cancelled and paused runs are at rest", () => {
  expect(
    ["done", "failed", "cancelled", "paused"].every((phase) => isRunOver(phase as RunSummary["phase"])),
  ).toBe(true);
  expect(
    ["waiting", "reading", "engine", "training", "supervised-only", "calibrating", "evaluating"].some(
      (phase) => isRunOver(phase as RunSummary["phase"]),
    ),
  ).toBe(false);
});

test("a model is offered and in use where its channels are, whatever they are called, and not on another signal", () => {
  const channels = (...of: readonly (readonly [string, string])[]) =>
    of.map(([label, role], position) => ({ label, role, position }));
  const recording = (id: string, of: ReturnType<typeof channels>, durationS = 600): RecordingSummary =>
    ({ id, durationS, channels: of }) as unknown as RecordingSummary;
  const trained = recording("a", channels(["FHR", "fhr"], ["UC", "uc"]));
  const renamed = recording("b", channels(["心拍数", "fhr"], ["TOCO", "uc"]));
  const brain = recording("c", channels(["Fp1", "other"], ["Fp2", "other"]));
  const short = recording("d", trained.channels, 60);
  const model = run("1", {
    config: {
      data: { recordingIds: ["a"], channels: ["FHR", "UC"], windows: { windowS: 120 } },
    } as RunSummary["config"],
  });
  const library = [trained, renamed, brain, short];
  const reads = {
    "1": {
      channels: [
        { label: "FHR", role: "fhr" as const },
        { label: "UC", role: "uc" as const },
      ],
      kinds: [],
    },
    "2": { channels: [{ label: "Fp1", role: "other" as const }], kinds: [] },
  };
  expect(library.filter((one) => fits(model, one, reads)).map(({ id }) => id)).toEqual(["a", "b"]);

  const newer = run("2", {
    config: {
      data: { recordingIds: ["c"], channels: ["Fp1"], windows: { windowS: 1 } },
    } as RunSummary["config"],
  });
  const onPage = (page: Page, recordingId: string | undefined, runId?: string) =>
    runOnPage(
      [model, newer],
      { page, recordingId, runId },
      { open: library.find(({ id }) => id === recordingId), reads },
    )?.id;
  expect(["review", "layers"].map((page) => onPage(page as Page, "b", "2"))).toEqual(["1", "1"]);
  expect([onPage("review", "c", "1"), onPage("review", "d", "1")]).toEqual(["2", undefined]);
  expect([onPage("train", "c", "1"), onPage("review", undefined, "1")]).toEqual(["1", "1"]);
});
