import { afterEach, expect, test, vi } from "vitest";
import { installApi } from "../../bridge/client.ts";
import { createFakeApi } from "../../fake/fake.ts";
import { backUpLibrary, checkLibrary, findingsOf, noCare, stopChecking, useCare } from "./care.ts";

afterEach(() => {
  useCare.setState(noCare);
  vi.restoreAllMocks();
});

test("a check is followed while it runs, asked for once, and can be stopped", async () => {
  const api = createFakeApi(1, { tickMs: 5 });
  const asked = vi.spyOn(api, "request");
  installApi(api);
  const seen: string[] = [];
  const leave = useCare.subscribe(({ check }) => {
    if (check.state === "running") seen.push(check.progress.part);
  });
  const running = checkLibrary();
  await checkLibrary();
  await running;
  leave();
  expect(asked.mock.calls.filter(([name]) => name === "library.verify")).toHaveLength(1);
  expect([...new Set(seen)]).toEqual(["file", "rows", "blocks", "overviews", "log"]);
  expect(useCare.getState().check).toMatchObject({ state: "done", report: { count: 0 } });

  const stopped = checkLibrary();
  stopChecking();
  await stopped;
  expect(useCare.getState().check).toMatchObject({ state: "failed", error: { code: "cancelled/by-user" } });
});

test("what is damaged is told by recording, the most of it first, and the rest counted", async () => {
  const api = createFakeApi(1, { tickMs: 1, damaged: true });
  installApi(api);
  await checkLibrary();
  const { check } = useCare.getState();
  if (check.state !== "done") throw new Error(check.state);
  const { told, more } = findingsOf(check.report, 2);
  expect(told.map(({ recording, part, count }) => [recording, part, count])).toEqual([
    ["CTG 01", "blocks", 3],
    ["CTG 02", "blocks", 2],
  ]);
  expect(more).toBe(2);
  expect(findingsOf({ ...check.report, count: 900 }, 9).more).toBe(893); // more than are listed
});

test("closing the dialog of a backup leaves what was said before", async () => {
  const api = createFakeApi(1);
  installApi(api);
  await backUpLibrary();
  const made = useCare.getState().copying;
  expect(made).toMatchObject({ state: "done", report: { problems: 0 } });
  vi.spyOn(api, "request").mockResolvedValueOnce({ ok: true, value: null } as never);
  await backUpLibrary();
  expect(useCare.getState().copying).toEqual(made);
});
