import { beforeEach, expect, test, vi } from "vitest";
import type { Api } from "../../../preload/contract/channels.ts";
import { installApi } from "../../bridge/client.ts";
import { beginImport, fileName, leaveTables, useImportFlow } from "./import-flow.ts";

const asked = vi.fn<(name: string, params: unknown) => Promise<unknown>>();
beforeEach(() => {
  asked.mockReset().mockResolvedValue({ ok: true, value: { jobId: "j" } });
  leaveTables();
  installApi({ request: asked, on: () => () => undefined, pathOf: () => "" } as unknown as Api);
});

test("files with a header of their own start at once, text tables wait for a person", () => {
  beginImport(["/a/1.edf", "/a/t.csv", "/a/2.hea"]);
  expect(asked).toHaveBeenCalledExactlyOnceWith("import.start", {
    paths: ["/a/1.edf", "/a/2.hea"],
    options: {},
  });
  expect(useImportFlow.getState().tables).toEqual(["/a/t.csv"]);
});

test("the same table dropped twice is asked about once", () => {
  beginImport(["/a/t.CSV"]);
  beginImport(["/a/t.CSV", "/a/u.tsv"]);
  expect(useImportFlow.getState().tables).toEqual(["/a/t.CSV", "/a/u.tsv"]);
  expect(asked).not.toHaveBeenCalled();
});

test("a file is called by its name on every system", () => {
  expect(fileName("C:\\data\\ward.csv")).toBe("ward.csv");
  expect(fileName("/data/ward.csv")).toBe("ward.csv");
});
