import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { NewAnnotation } from "../../../preload/contract/annotation.ts";
import { bucketSizes } from "../../../preload/contract/recording.ts";
import type { WholeRecording } from "../api.ts";
import { openLibrary, type OpenLibrary } from "../open-library.ts";
import { block, channelHeader, inFolder, newWhole, ramp } from "../testing.ts";

const uc = channelHeader({ label: "UC", role: "uc", unit: "", sampleType: "float32", gain: 1 });

/** Three channels at 4 Hz: pieces, a gap, lost samples, numbers that are none, and contractions that do not move. */
function whole(change: Partial<WholeRecording> = {}): WholeRecording {
  const moving = ramp(6000, "float32");
  moving.set([NaN, Infinity], 100);
  moving.fill(20, 1000, 1300);
  moving[1100] = NaN; // within what does not move
  const flat = ramp(6000).fill(3, 0, 2000).fill(-7, 4000, 4239).fill(8, 5000);
  const lost = [
    { first: 10, count: 5, reason: 1 },
    { first: 1500, count: 700, reason: 3 },
  ];
  const id = randomUUID();
  const blocks = [
    block(0, 0, ramp(3000), [{ first: 7, count: 90, reason: 1 }]),
    block(1, 0, moving),
    block(0, 3000, ramp(1000)),
    block(0, 9000, ramp(2000)), // 5000 were not recorded
    block(2, 0, flat, lost),
  ];
  const annotations = [5, 9].map((onsetS): NewAnnotation => ({
    ...{ recordingId: id, label: "acceleration", labelSet: "ctg-events", labelSetVersion: 1 },
    ...{ onsetS, durationS: 3, author: "file", source: "import", note: "" },
  }));
  const second = channelHeader({ label: "UC 2", role: "uc" });
  return newWhole([channelHeader(), uc, second], blocks, { id, annotations, ...change });
}

/** The same in the steps in which a long recording comes. */
function inSteps(
  library: OpenLibrary,
  { blocks, annotations, repairs, ...recording }: WholeRecording,
): string {
  const id = library.createRecording({ ...recording, id: randomUUID(), state: "importing" });
  for (const one of blocks) library.appendBlocks(id, [one]);
  library.addAnnotations(
    annotations.map((one) => ({ ...one, recordingId: id })),
    { isUndoable: false },
  );
  library.closeRecording(id, { state: "complete", repairs });
  return id;
}

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

function contentOf(library: OpenLibrary, id: string): unknown {
  const detail = library.getRecording(id);
  return {
    detail: { ...detail, id: "", importedAt: "" },
    checksum: library.checksum(id),
    samples: detail.channels.map(({ position }) => library.samples(id, position, 0, 20_000)),
    tiles: detail.channels.flatMap(({ position }) =>
      bucketSizes.map((size) => library.tiles(id, position, size, 0, 100)),
    ),
    masks: library
      .listMasks(id)
      .map(({ channel, layer, onsetS, durationS }) => [channel, layer, onsetS, durationS]),
    annotations: library
      .listAnnotations(id)
      .map(({ onsetS, durationS, label }) => [onsetS, durationS, label]),
    history: library.history(id),
    log: library
      .readLog(100)
      .filter(({ subject }) => subject === id)
      .map(({ actor, action, detail }) => [actor, action, detail.replaceAll(UUID, "")]),
  };
}

test("a recording that comes whole is the one that comes in steps", () =>
  inFolder((folder) => {
    const library = openLibrary(join(folder, "whole.kodo"));
    const one = whole();
    const stepwise = inSteps(library, one);
    expect(library.addRecordings([one])).toEqual([{ ok: true, value: null }]);
    expect(contentOf(library, one.id)).toEqual(contentOf(library, stepwise));
    expect(library.listMasks(one.id)).toHaveLength(3);
    expect(library.getRecording(one.id).state).toBe("complete");
    expect(library.checkIntegrity()).toEqual([]);
    expect(library.verifyLog().brokenAt).toBeUndefined();
    library.close();
  }));

test.each<[string, Partial<WholeRecording>, string]>([
  [
    "a block of a channel it lacks",
    { blocks: [block(0, 0, ramp(9)), block(3, 0, ramp(9))] },
    "data/bad-block",
  ],
  ["blocks that overlap", { blocks: [block(0, 0, ramp(9)), block(0, 8, ramp(9))] }, "data/block-overlap"],
  ["an id that is none", { id: "mine" }, "contract/bad-params"],
])("%s is refused alone: it leaves nothing, and the others are stored", (_what, change, code) =>
  inFolder((folder) => {
    const library = openLibrary(join(folder, "bad.kodo"));
    const [first, bad, last] = [whole(), whole(change), whole()];
    expect(library.addRecordings([first, bad, last])).toMatchObject([
      { ok: true },
      { ok: false, error: { code } },
      { ok: true },
    ]);
    expect(library.listRecordings().map(({ id }) => id)).toEqual([first.id, last.id]);
    expect(contentOf(library, last.id)).toEqual(contentOf(library, first.id));
    expect(library.readLog(100).filter(({ subject }) => subject === bad.id)).toEqual([]);
    expect(library.verifyLog()).toMatchObject({ brokenAt: undefined, cuts: [] });
    expect(library.checkIntegrity()).toEqual([]);
    library.close();
  }),
);

test("contractions that move, and no contractions at all, are laid under no rule", () =>
  inFolder((folder) => {
    const library = openLibrary(join(folder, "moving.kodo"));
    const moving = newWhole([channelHeader(), uc], [block(1, 0, ramp(2000, "float32"))]);
    library.addRecordings([moving]);
    expect(library.listMasks(moving.id)).toEqual([]);
    expect(library.readLog(9).map(({ action }) => action)).not.toContain("mask.rule");
    library.close();
  }));

test("where the library itself fails, none of them is there", () =>
  inFolder((folder) => {
    const library = openLibrary(join(folder, "full.kodo"), { maxPages: 93 });
    const many = Array.from({ length: 40 }, () => whole());
    expect(() => library.addRecordings(many)).toThrow(expect.objectContaining({ code: "storage/disk-full" }));
    expect(library.listRecordings()).toEqual([]);
    expect(library.addRecordings([whole()])).toMatchObject([{ ok: true }]);
    expect(library.verifyLog().brokenAt).toBeUndefined();
    library.close();
  }));
