import { expect, test } from "vitest";
import type { FileOutcome, JobProgress } from "../../../preload/contract/exchange.ts";
import { buttonsIn, drawn, standing, textIn } from "../../fake/drawn.tsx";
import { createFakeApi } from "../../fake/fake.ts";
import { useJobs } from "../../state/jobs.ts";
import { JobsTray } from "./jobs-tray.tsx";

const job = (change: Partial<JobProgress>): JobProgress => ({
  ...{ jobId: "job", kind: "import", state: "running", file: "/data/a.csv", done: 0.25, bytesPerSecond: 2e6 },
  files: [],
  ...change,
});

const failed = (file: string, code: string): FileOutcome => ({
  ...{ file, state: "failed", recordingIds: [], annotations: 0, repairs: [] },
  error: { code, message: `${file} is not taken`, detail: {} },
});

const tray = (jobs: readonly JobProgress[], dismissed: readonly string[] = [], isQuiet = false) =>
  drawn(
    <JobsTray isQuiet={isQuiet} />,
    createFakeApi(),
    [],
    [standing(useJobs, { jobs, dismissed: new Set(dismissed) })],
  );

test("a job under way can be stopped and says how far it is; one that is over can only be put away", async () => {
  const running = await tray([job({})]);
  expect(buttonsIn(running)).toEqual(["Cancel"]);
  expect(running).toContain('aria-valuenow="25"');
  const over = await tray([job({ state: "failed", files: [failed("/data/a.csv", "data/not-edf")] })]);
  expect(buttonsIn(over)).toEqual(["Hide"]);
  expect(over).not.toContain("progressbar");
  expect(textIn(over)).toContain("data/not-edf");
  expect(await tray([job({ state: "failed" })], ["job"])).not.toContain("data-kind");
});

test("a table without its rate is asked for it once the job is over, and never for an export", async () => {
  const files = [failed("/data/a.csv", "data/no-rate"), failed("/data/b.edf", "data/not-edf")];
  const asks = async (change: Partial<JobProgress>): Promise<number> =>
    (await tray([job({ files, ...change })])).split('data-testid="job-retry"').length - 1;
  expect(await asks({ state: "failed" })).toBe(1);
  expect(await asks({ state: "running" })).toBe(0);
  expect(await asks({ state: "failed", kind: "export" })).toBe(0);
});

test("what an earlier start of the program left without an end is told as that, and not as a broken file", async () => {
  const files = [failed("", "internal/interrupted")];
  const told = textIn(await tray([job({ state: "failed", files })]));
  const exported = textIn(await tray([job({ state: "failed", files, kind: "export" })]));
  expect(told).not.toContain("is not taken");
  expect(told).not.toBe(exported); // what to do now differs
});

test("over a trace that is being read only what went wrong is shown", async () => {
  const done = job({ jobId: "well", state: "done" });
  const bad = job({ jobId: "ill", state: "failed", files: [failed("/data/a.csv", "data/not-edf")] });
  const html = await tray([done, bad], [], true);
  expect(html.match(/<div hidden="">/g)).toHaveLength(1);
  expect(html.indexOf('hidden=""')).toBeLessThan(html.indexOf('data-state="done"'));
});
