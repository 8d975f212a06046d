import { expect, test } from "vitest";
import type { JobProgress } from "../../../preload/contract/exchange.ts";
import type { StudyProgress } from "../../../preload/contract/study.ts";
import { buttonsIn, drawn, textIn } from "../../fake/drawn.tsx";
import { createFakeApi } from "../../fake/fake.ts";
import { StudyCard } from "./study-card.tsx";

const usual: StudyProgress = { name: "First", place: null, of: 24, done: 4, failed: 0, known: 3 };

async function card(job: Partial<JobProgress>, change: Partial<StudyProgress> = {}): Promise<string> {
  const whole: JobProgress = {
    ...{
      jobId: "j",
      kind: "predict",
      state: "running",
      file: "CTG 05",
      done: 0.2,
      bytesPerSecond: 0,
      files: [],
    },
    ...job,
  };
  return drawn(
    <StudyCard job={whole} study={{ ...usual, ...change }} keys={undefined} />,
    createFakeApi(),
    [],
  );
}

const failed = (file: string, code: string): JobProgress["files"][number] => ({
  ...{ file, state: "failed", recordingIds: [], annotations: 0, repairs: [] },
  error: { code, message: "It cannot be said", detail: {} },
});

test("under way it says how far it is, and can be stopped", async () => {
  const html = await card({});
  expect(textIn(html)).toContain("Predicting, First");
  expect(textIn(html)).toContain("4 of 24: CTG 05");
  expect(buttonsIn(html)).toEqual(["Cancel"]);
  expect(textIn(await card({ state: "waiting" }))).toContain("waits for its turn");
});

test("at its end one summary: what was done, what was left out, and what failed by name", async () => {
  const html = await card(
    { state: "done", files: [failed("CTG 02", "model/too-short")] },
    { done: 24, failed: 3 },
  );
  for (const said of ["21 done", "3 could not be done", "3 left out, said already", "CTG 02: ", "and 2 more"])
    expect(textIn(html)).toContain(said);
  expect(buttonsIn(html)).toEqual(["Hide"]);
});

test("one that came to no end keeps what was said and can go on", async () => {
  const left = await card({ state: "failed", files: [failed("", "internal/interrupted")] });
  expect(textIn(left)).toContain("interrupted when Kodo ended");
  expect(textIn(left)).not.toContain("It cannot be said");
  const full = await card({ state: "failed", files: [failed("", "storage/disk-full")] });
  expect(textIn(full)).toContain("storage/disk-full");
  for (const html of [left, full]) expect(buttonsIn(html)).toEqual(["Go on", "Hide"]);
});

test("at a cluster it says how far its jobs are, and a lost one is a sentence, not an alarm", async () => {
  const place = "db.example.org/kodo";
  const there = { waiting: 1, active: 2 };
  const going = await card({}, { place, jobs: { done: 1, of: 4 }, there });
  for (const said of [`at ${place}`, "1 of 4 jobs done", "2 under way, 1 waiting", "Kodo may be closed"])
    expect(textIn(going)).toContain(said);
  const handing = await card({}, { place, there: { ...there, handing: { done: 2, of: 24 } } });
  expect(textIn(handing)).toContain("Handing recordings over: 2 of 24");
  expect(textIn(handing)).not.toContain("may be closed");
  const lost = { code: "device/cluster-lost", message: "db cannot be reached", detail: {} };
  const gone = await card({ state: "waiting" }, { place, there: { ...there, lost } });
  expect(textIn(gone)).toContain("Nothing is heard of the cluster");
  expect(gone).not.toContain('role="alert"');
});
