import { expect, test } from "vitest";
import type { JobProgress } from "../../../preload/contract/exchange.ts";
import type { PassProgress } from "../../../preload/contract/pass.ts";
import { buttonsIn, drawn, textIn } from "../../fake/drawn.tsx";
import { createFakeApi } from "../../fake/fake.ts";
import { canBeUndone, leavesByItself, newestUndoable, noJobs, withJob } from "../../state/jobs.ts";
import { PassCard } from "./pass-card.tsx";

const usual: PassProgress = {
  ...{ what: "lay", rule: "flat-uc", of: 40, beganAt: "2026-11-29T10:00:00Z", isUndone: false },
  ...{ looked: 12, recordings: 3, spans: 5, seconds: 600, unchanged: 9, noChannel: 0, kept: 0 },
  ...{ unfinished: 0, unfinishedNames: [], failed: 0, failures: [] },
};

const jobOf = (
  state: JobProgress["state"],
  change: Partial<PassProgress> = {},
  jobId = "j",
): JobProgress => ({
  ...{ jobId, kind: "masks", state, file: "", done: 0.3, bytesPerSecond: 0, files: [] },
  pass: { ...usual, ...change },
});

const card = async (job: JobProgress): Promise<string> =>
  drawn(<PassCard job={job} pass={job.pass ?? usual} keys={undefined} isNewest />, createFakeApi(), []);

test("under way it says how far it is and can be stopped; over, it says what was changed and how it is taken back", async () => {
  const going = await card(jobOf("running"));
  expect(textIn(going)).toContain("12 of 40, 3 changed");
  expect(buttonsIn(going)).toEqual(["Cancel"]);
  expect(textIn(await card(jobOf("waiting")))).toContain("waits for its turn");
  const over = await card(jobOf("done"));
  expect(textIn(over)).toContain("3 recordings, 10 min");
  expect(buttonsIn(over)).toEqual(["Undo", "Hide"]);
  const stopped = await card(jobOf("cancelled"));
  expect(textIn(stopped)).toContain("3 recordings, 10 min");
  expect(buttonsIn(stopped)).toEqual(["Undo", "Hide"]);
});

test("one that an earlier process left without an end claims nothing of what it changed, and can be taken back", async () => {
  const error = { code: "internal/interrupted", message: "Kodo ended while it was under way", detail: {} };
  const file = { file: "", state: "failed", recordingIds: [], annotations: 0, repairs: [], error } as const;
  const left: JobProgress = {
    ...jobOf("failed", { looked: 12, recordings: 0, spans: 0, seconds: 0 }),
    files: [{ ...file, recordingIds: [], repairs: [] }],
  };
  const html = await card(left);
  expect(textIn(html)).toContain("Taking out UC without signal");
  expect(textIn(html)).toContain("interrupted when Kodo ended. What it changed until then stays");
  for (const no of ["Nothing was changed", "internal/"]) expect(textIn(html)).not.toContain(no);
  expect(buttonsIn(html)).toEqual(["Undo", "Hide"]);
  expect(leavesByItself(left)).toBe(false);
  const undone = await card({ ...left, pass: { ...usual, isUndone: true } });
  expect(textIn(undone)).toContain("interrupted when Kodo ended. It was then asked to be taken back.");
  expect(textIn(undone)).not.toContain("stays");
  expect(buttonsIn(undone)).toEqual(["Hide"]);
});

test("taken back, or where nothing was changed, there is nothing to take back", async () => {
  expect(buttonsIn(await card(jobOf("done", { isUndone: true })))).toEqual(["Hide"]);
  const none = await card(jobOf("done", { recordings: 0, spans: 0, seconds: 0 }));
  expect(textIn(none)).toContain("Nothing was changed");
  expect(buttonsIn(none)).toEqual(["Hide"]);
});

test("what was left out or is damaged is told with its names", async () => {
  const error = { code: "storage/corrupt", message: "A step of the history is damaged", detail: {} };
  const html = await card(
    jobOf("done", {
      ...{ kept: 2, unfinished: 1, unfinishedNames: ["CTG 07"], failed: 2 },
      failures: [{ recording: "CTG 09", error }],
    }),
  );
  for (const said of ["2 stay as they are", "recorded or imported (CTG 07)", "CTG 09: ", "and 1 more"])
    expect(textIn(html)).toContain(said);
});

test("a pass that can be taken back stays on screen; the newest of them is the one that the key is about", () => {
  const [first, second] = [jobOf("done", {}, "a"), jobOf("done", {}, "b")];
  expect([canBeUndone(first), leavesByItself(first)]).toEqual([true, false]);
  expect(leavesByItself(jobOf("done", { isUndone: true }))).toBe(true);
  expect(leavesByItself(jobOf("done", { recordings: 0 }))).toBe(true);
  expect(leavesByItself(jobOf("done", { recordings: 0, failed: 1 }))).toBe(false);
  const both = [first, second].reduce(withJob, noJobs);
  expect(newestUndoable(both)?.jobId).toBe("b");
  expect(newestUndoable(withJob(both, jobOf("done", { isUndone: true }, "b")))?.jobId).toBe("a");
  expect(newestUndoable(withJob(noJobs, jobOf("running")))).toBeUndefined();
});
