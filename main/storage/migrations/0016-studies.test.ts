import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { openLibrary } from "../open-library.ts";
import { inFolder } from "../testing.ts";

test("0016 keeps the jobs there were, and takes studies beside them", () =>
  inFolder((folder) => {
    const path = join(folder, "old.kodo");
    const kept = new URL("./testdata/schema-13.kodo.gz", import.meta.url);
    writeFileSync(path, gunzipSync(readFileSync(kept)));
    const library = openLibrary(path);
    const runs = library.listRuns().map(({ id }) => id);
    expect(runs.length).toBeGreaterThan(0);
    expect(library.listJobs().map(({ id }) => id)).toEqual(expect.arrayContaining(runs));
    const job = { id: "s", kind: "predict", place: "here", idempotencyKey: "s" } as const;
    expect(library.queueJob(job)).toMatchObject({ isNew: true, job: { kind: "predict" } });
    expect(library.studyAsked("s")).toBeUndefined();
    expect(library.checkIntegrity()).toEqual([]);
    library.close();
  }));
