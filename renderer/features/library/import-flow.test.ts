import { beforeEach, expect, test, vi } from "vitest";
import type { Api } from "../../../preload/contract/channels.ts";
import { installApi } from "../../bridge/client.ts";
import { beginImport, chooseAnnotationsFor, fileName, leaveTables, useImportFlow } from "./import-flow.ts";

const asked = vi.fn<(name: string, params: { path?: string }) => Promise<unknown>>();
const rowsOf = (path: string) =>
  path.includes("events") ? ["recording", "label", "onset_s", "duration_s"] : ["t", "fhr"];
beforeEach(() => {
  asked.mockReset().mockImplementation((name, { path = "" }) => {
    if (name === "import.choose") return Promise.resolve({ ok: true, value: ["/a/scores.edf"] });
    if (name !== "import.preview") return Promise.resolve({ ok: true, value: { jobId: "j" } });
    if (path.includes("broken"))
      return Promise.resolve({ ok: false, error: { code: "data/empty", message: "Empty", detail: {} } });
    return Promise.resolve({ ok: true, value: { options: {}, rows: [rowsOf(path)], problems: [] } });
  });
  leaveTables();
  installApi({ request: asked, on: () => () => undefined, pathOf: () => "" } as unknown as Api);
});
const started = () =>
  asked.mock.calls.filter(([name]) => name === "import.start").map(([, params]) => params);

test("files with a header of their own start at once, text tables wait for a person", async () => {
  await beginImport(["/a/1.edf", "/a/t.csv", "/a/packed.tsv.gz", "/a/2.hea"]);
  expect(started()).toEqual([{ paths: ["/a/1.edf", "/a/2.hea"], options: {} }]);
  expect(useImportFlow.getState().tables).toEqual(["/a/t.csv", "/a/packed.tsv.gz"]);
});

test("a table of annotations has nothing to ask and starts at once", async () => {
  await beginImport(["/a/events.csv", "/a/1.edf"]);
  expect(started()).toEqual([{ paths: ["/a/1.edf", "/a/events.csv"], options: {} }]);
  expect(useImportFlow.getState().tables).toEqual([]);
});

test("annotations wait for the tables they came with", async () => {
  await beginImport(["/a/t.csv"]);
  await beginImport(["/a/events.csv"]);
  expect(started()).toEqual([]);
  expect(useImportFlow.getState()).toEqual({ tables: ["/a/t.csv"], events: ["/a/events.csv"] });
});

test("a table that cannot be previewed is shown, not dropped", async () => {
  await beginImport(["/a/broken.csv"]);
  expect(useImportFlow.getState().tables).toEqual(["/a/broken.csv"]);
});

test("the same table dropped twice is asked about once", async () => {
  await beginImport(["/a/t.CSV"]);
  await beginImport(["/a/t.CSV", "/a/u.tsv"]);
  expect(useImportFlow.getState().tables).toEqual(["/a/t.CSV", "/a/u.tsv"]);
});

test("a file is called by its name on every system", () => {
  expect(fileName("C:\\data\\ward.csv")).toBe("ward.csv");
  expect(fileName("/data/ward.csv")).toBe("ward.csv");
});

test("annotations chosen for a recording go to it, whatever they call it", async () => {
  await chooseAnnotationsFor("r1");
  expect(started()).toEqual([{ paths: ["/a/scores.edf"], options: { attachTo: "r1" } }]);
});
