import { beforeEach, expect, test } from "vitest";
import type { JobProgress } from "../../../preload/contract/exchange.ts";
import { unwrap } from "../../../preload/contract/errors.ts";
import { createFakeApi } from "../../fake/fake.ts";
import { pages } from "../../state/session.ts";
import { endTour, startTour, turnTour, useTour } from "../../state/tour.ts";
import { recordingFor, steps } from "./steps.ts";
import { studyOf } from "./study.ts";
import { tourWords } from "./words.ts";

beforeEach(endTour);
const at = () => useTour.getState().step;

test("the tour goes forth and back, ends after its last step, and can be begun again", () => {
  turnTour(1, steps.length);
  expect(at()).toBeUndefined(); // not under way
  startTour();
  turnTour(-1, steps.length);
  expect(at()).toBe(0);
  for (let i = 1; i < steps.length; i++) turnTour(1, steps.length);
  expect(at()).toBe(steps.length - 1);
  turnTour(1, steps.length);
  expect(at()).toBeUndefined();
  startTour();
  expect(at()).toBe(0);
});

test("each step stands on a page that is there and has its words in both languages", () => {
  for (const { id, page } of steps) {
    expect(pages).toContain(page);
    for (const table of [tourWords.en, tourWords.ja])
      expect(Object.keys(table)).toEqual(expect.arrayContaining([`${id}.title`, `${id}.text`]));
  }
});

test("a step opens a synthetic recording, never a patient's", async () => {
  const all = unwrap(await createFakeApi(1).request("recordings.page", {})).rows;
  const step = steps.find(({ opens }) => opens === "ctg")!;
  expect(recordingFor(step, all)).toMatchObject({ synthetic: true, kind: "ctg", name: "CTG 01" });
  expect(
    recordingFor(
      step,
      all.map((one) => ({ ...one, synthetic: false })),
    ),
  ).toBeUndefined();
  expect(recordingFor(steps[0]!, all)).toBeUndefined();
});

test("a library of a person's own is asked before the study is made in it, and a study that was not made is told", async () => {
  const all = unwrap(await createFakeApi(1).request("recordings.page", {})).rows;
  const own = all.map((one) => ({ ...one, synthetic: one.kind !== "ctg" })); // of the study only the EMG is left
  const job = (state: "running" | "cancelled" | "done"): JobProgress => ({
    jobId: "j",
    kind: "sample",
    state,
    file: "",
    done: 0,
    bytesPerSecond: 0,
    files: [],
  });
  const begun = { jobId: "j", hasFailed: false };
  expect(studyOf(all, undefined, [], false)).toBe("ready");
  expect(studyOf([], undefined, [], true)).toBe("absent");
  expect(studyOf(own, undefined, [], false)).toBe("asked");
  expect(studyOf(own, begun, [], false)).toBe("making");
  expect(studyOf(own, begun, [job("running")], false)).toBe("making");
  expect(studyOf(own, begun, [job("cancelled")], false)).toBe("failed");
  expect(studyOf([], begun, [job("done")], true)).toBe("asked"); // removed since
  expect(studyOf([], { jobId: undefined, hasFailed: true }, [], true)).toBe("failed");
  expect(studyOf(own, undefined, [job("running")], false)).toBe("making"); // begun in a tour before
});
