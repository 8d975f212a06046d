import { beforeEach, expect, test, vi } from "vitest";
import type { Api } from "../../../preload/contract/channels.ts";
import { installApi } from "../../bridge/client.ts";
import {
  askAgain,
  beginImport,
  canBeSet,
  chooseAnnotationsFor,
  fileName,
  importTables,
  leaveTables,
  likeTheFirst,
  sayReadComplete,
  useImportFlow,
} from "./import-flow.ts";

const outcome = { state: "failed" as const, recordingIds: [], annotations: 0, repairs: [] };

const asked = vi.fn<(name: string, params: { path?: string; paths?: string[] }) => Promise<unknown>>();
const rowsOf = (path: string) =>
  path.includes("events")
    ? ["recording", "label", "onset_s", "duration_s"]
    : ["t", path.includes("uc") ? "uc" : "fhr"];
beforeEach(() => {
  asked.mockReset().mockImplementation((name, { path = "" }) => {
    if (name === "import.choose") return Promise.resolve({ ok: true, value: ["/a/scores.edf"] });
    if (name !== "import.preview") return Promise.resolve({ ok: true, value: { jobId: "j" } });
    if (path.includes("broken"))
      return Promise.resolve({ ok: false, error: { code: "data/empty", message: "Empty", detail: {} } });
    const isOwn = path.includes("kodo");
    const options = { separator: ",", namesRow: 0 };
    return Promise.resolve({ ok: true, value: { isOwn, options, rows: [rowsOf(path)], problems: [] } });
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
  expect(useImportFlow.getState()).toMatchObject({ tables: ["/a/t.csv"], events: ["/a/events.csv"] });
});

test("a table that Kodo wrote has nothing to ask", async () => {
  await beginImport(["/a/kodo.csv", "/a/t.csv"]);
  expect(started()).toEqual([{ paths: ["/a/kodo.csv"], options: {} }]);
  expect(useImportFlow.getState().tables).toEqual(["/a/t.csv"]);
});

test("tables with the same columns are set once; the others are asked about next, and annotations go with the last", async () => {
  await beginImport(["/a/1.csv", "/a/uc.csv", "/a/2.csv", "/a/broken.csv", "/a/events.csv"]);
  expect(likeTheFirst(useImportFlow.getState())).toEqual({
    same: ["/a/1.csv", "/a/2.csv"],
    rest: ["/a/uc.csv", "/a/broken.csv"],
  });
  importTables(["/a/1.csv", "/a/2.csv"], { kind: "ctg" });
  importTables(["/a/uc.csv"], {});
  expect(useImportFlow.getState().tables).toEqual(["/a/broken.csv"]);
  importTables(["/a/broken.csv"], {});
  expect(started().map(({ paths }) => paths)).toEqual([
    ["/a/1.csv", "/a/2.csv"],
    ["/a/uc.csv"],
    ["/a/broken.csv", "/a/events.csv"],
  ]);
  expect(useImportFlow.getState().tables).toEqual([]);
});

test("tables that failed for want of a setting are asked about, the one that was chosen first", async () => {
  const failed = (file: string, code: string) => ({
    ...outcome,
    file,
    error: { code, message: "", detail: {} },
  });
  const job = [
    failed("/a/1.csv", "data/no-rate"),
    failed("/a/2.csv", "data/irregular-time"),
    failed("/a/3.edf", "data/no-rows"),
    failed("/a/4.csv", "data/already-imported"),
  ];
  const again = job.filter(canBeSet).map(({ file }) => file);
  await askAgain("/a/2.csv", again);
  expect(useImportFlow.getState().tables).toEqual(["/a/2.csv", "/a/1.csv"]);
  expect(likeTheFirst(useImportFlow.getState()).same).toEqual(["/a/2.csv", "/a/1.csv"]);
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

test("that they were read completely is said of one recording and one file", async () => {
  sayReadComplete("r1");
  await chooseAnnotationsFor("r2");
  sayReadComplete("r1");
  await chooseAnnotationsFor("r1");
  await chooseAnnotationsFor("r1");
  expect(started().map((one) => "options" in one && one.options)).toEqual([
    { attachTo: "r2" },
    { attachTo: "r1", readComplete: true },
    { attachTo: "r1" },
  ]);
});
