// @vitest-environment happy-dom
import { act, fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import type { FileOutcome, JobProgress } from "../../../preload/contract/exchange.ts";
import { createFakeApi } from "../../fake/fake.ts";
import { announced, holding, onPage, pageText, press, says, settled } from "../../fake/on-page.tsx";
import { noJobs, useJobs } from "../../state/jobs.ts";
import { JobsTray } from "./jobs-tray.tsx";

beforeEach(() => useJobs.setState(noJobs, true));

const job = (change: Partial<JobProgress> = {}): JobProgress => ({
  ...{ jobId: "job", kind: "import", state: "running", file: "/data/a.edf", done: 0.25, bytesPerSecond: 2e6 },
  ...{ files: [], secondsLeft: 12 },
  ...change,
});
const failed: FileOutcome = {
  ...{ file: "/data/b.edf", state: "failed", recordingIds: [], annotations: 0, repairs: [] },
  error: { code: "data/not-edf", message: "/data/b.edf is not EDF", detail: {} },
};
const stands = (...jobs: readonly JobProgress[]): void =>
  act(() => useJobs.setState({ jobs, dismissed: new Set() }));

test("what a job comes to is read aloud, not each step to it, also while another one goes on", async () => {
  onPage(<JobsTray isQuiet={false} />, createFakeApi());
  stands(job());
  await says("12 s left");
  const silence = announced();
  expect(silence).not.toContain("12 s left");
  stands(job({ done: 0.5, secondsLeft: 7, file: "/data/b.edf" }));
  await says("7 s left");
  expect(announced()).toBe(silence);
  stands(job({ state: "failed", done: 1, files: [failed] }), job({ jobId: "other", secondsLeft: 90 }));
  await says("90 s left");
  expect(announced()).toContain("data/not-edf");
  expect(announced(), "the other one").not.toContain("90 s left");
  expect(screen.getByRole("status").getAttribute("aria-atomic"), "what ended alone is read").toBe("false");
});

test("the newest job under way is stopped by key from every page, and one that cannot be stopped says why", async () => {
  const { api, held } = holding(createFakeApi(), "jobs.cancel");
  onPage(<JobsTray isQuiet />, api);
  stands(job({ jobId: "first" }), job({ jobId: "second" }));
  await settled();
  press("Mod+Shift+X");
  await settled();
  expect(held.map(({ params }) => params)).toEqual([{ jobId: "second" }]);
  await held[0]?.refuse({ code: "storage/disk-full", message: "No space left", detail: {} });
  await says("storage/disk-full");
  stands(job({ jobId: "first", state: "done", done: 1 }));
  await settled();
  press("Mod+Shift+X"); // nothing is under way any more
  await settled();
  expect(held).toEqual([]);
});

test("a job that failed stays until it is put away", async () => {
  onPage(<JobsTray isQuiet />, createFakeApi());
  stands(job({ state: "failed", done: 1, files: [failed] }));
  await says("data/not-edf");
  fireEvent.click(screen.getByRole("button", { name: "Hide" }));
  await settled();
  expect(pageText()).not.toContain("data/not-edf");
});
