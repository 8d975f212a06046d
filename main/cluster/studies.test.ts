import { mkdtempSync, rmSync } from "node:fs";
import { serialize } from "node:v8";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Content, findingOf, type FindingOrigin } from "../../preload/contract/finding.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import { spawnLibrary } from "../storage/client.ts";
import { block, channelHeader, newPrediction, newRun, newWhole, ramp } from "../storage/testing.ts";
import { basisOf } from "./archive-rows.ts";
import type { ClusterDatabase } from "./database.ts";
import type { Queue } from "./queue.ts";
import { type Judgement, studiesOf } from "./studies.ts";

const origin: FindingOrigin = { kind: "run", runId: "run", adaptation: "none" };
const events = (notAssessable: number): Content => ({
  ...{ kind: "events", labelSet: "ctg-events", events: [] },
  notAssessable: Array.from({ length: notAssessable }, (_, i) => ({ onsetS: i, durationS: 1, codes: [] })),
});

async function withRecording(work: (library: AsyncLibrary, id: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "kodo-fetch-"));
  const storage = spawnLibrary(
    join(folder, "library.kodo"),
    new URL("../storage/worker.ts", import.meta.url),
  );
  try {
    const whole = newWhole([channelHeader()], [block(0, 0, ramp(40))]);
    await storage.library.addRecordings([whole]);
    await storage.library.saveRun(newRun("run"));
    await work(storage.library, whole.id);
  } finally {
    await storage.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What workers said of the recording as it is now, as the cluster keeps it. */
async function saidThere(library: AsyncLibrary, id: string, isWhole = true) {
  const basis = basisOf(await library.papersOf(id));
  const recording = { archived: id, sha256: (await library.checksum(id)).sha256, basis };
  const predicted = findingOf(newPrediction("run", id));
  const findings = [
    { origin: predicted.origin, content: predicted.content },
    { origin, content: events(1) },
  ];
  const judged: Judgement[] = [{ recording, findings }];
  const rows = (sql: string): unknown => {
    if (sql.includes("kodo.known_as")) return [];
    if (sql.includes("kodo.result"))
      return [{ value: studies.result(judged, []) }, ...(isWhole ? [] : [{ value: null }])];
    return findings.map((one) => ({ origin: one.origin, content: serialize(one.content) }));
  };
  const database = { rows: (sql: string) => Promise.resolve(rows(sql)) } as unknown as ClusterDatabase;
  const studies = studiesOf(database, {} as Queue);
  const { signal } = new AbortController();
  return (again = false) => studies.fetch(library, "w", { signal, again });
}

test("a study of which the cluster lacks a part that it had called done is not taken for the whole", () =>
  withRecording(async (library, id) => {
    const fetched = await saidThere(library, id, false);
    await expect(fetched()).rejects.toMatchObject({ code: "storage/cluster-forgot" });
    expect(await library.listFindings(id)).toEqual([]);
  }));

test("what a run said here stays, until masks came since or it was asked for again: then what workers say takes its place", () =>
  withRecording(async (library, id) => {
    await library.savePrediction({ ...newPrediction("run", id), createdAt: new Date().toISOString() });
    await library.saveFindings([{ recordingId: id, origin, content: events(0) }]);
    const gaps = async (): Promise<unknown[]> =>
      (await library.listFindings(id)).flatMap(({ content }) =>
        content.kind === "events" ? content.notAssessable : [],
      );
    expect(await (await saidThere(library, id))()).toMatchObject({ taken: 0, known: 2, differ: [] });
    expect(await gaps()).toEqual([0]);

    const mask = { recordingId: id, layer: "person", reason: 7, onsetS: 0, durationS: 1 } as const;
    const { createdAt, id: laid } = await library.addMask({ ...mask, author: "Ito" });
    await expect.poll(() => new Date().toISOString() > createdAt).toBe(true);
    const fetched = await saidThere(library, id);
    expect(await fetched()).toMatchObject({ taken: 2, known: 0, differ: [] });
    expect([await gaps(), await library.listFindings(id)]).toMatchObject([[1], [{}, {}]]);
    expect(await fetched()).toMatchObject({ taken: 0, known: 2 });
    expect(await fetched(true)).toMatchObject({ taken: 2, known: 0 });
    await library.removeMask(laid);
    const gone = new Date().toISOString();
    await expect.poll(() => new Date().toISOString() > gone).toBe(true);
    const unmasked = await saidThere(library, id);
    expect(await unmasked()).toMatchObject({ taken: 2, known: 0, differ: [] });
    expect(await library.listFindings(id)).toHaveLength(2);
  }));
