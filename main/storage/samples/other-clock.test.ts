import { randomUUID } from "node:crypto";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import { maskReasons } from "../../../preload/contract/mask.ts";
import { openLibrary, type OpenLibrary } from "../open-library.ts";
import { block, channelHeader, inFolder, newRecording, withLibrary } from "../testing.ts";

const RATE = 4;
const GAIN = 0.25;
const byPerson = { layer: "person", reason: maskReasons.artefactByPerson, author: "A" } as const;
const counted = (count: number): Int16Array => Int16Array.from({ length: count }, (_, i) => i);

/**
 * A first device, and a second whose clock is slow (or fast) by a part in twenty and which begins a second later: its
 * sample i lies at 1 + i / (4 * pace).
 */
function recorded(
  library: OpenLibrary,
  pace: number,
  count: number,
  second = channelHeader({ label: "B" }),
): string {
  const id = library.createRecording(newRecording([channelHeader(), second], { state: "recording" }));
  const fit = { session: 0, first: 0, errorMs: 1 };
  const values = second.sampleType === "int16" ? counted(count) : Float32Array.from(counted(count));
  library.appendBlocks(id, [block(0, 0, counted(count)), block(1, 0, values)], {
    arrivals: [],
    fits: [
      { ...fit, channel: 0, atS: 0, rate: RATE },
      { ...fit, channel: 1, atS: 1, rate: RATE * pace },
    ],
  });
  library.closeRecording(id, { state: "complete", repairs: [] });
  return id;
}

test("samples of a slow device are read at their places in the recording's time, however they are asked for", () =>
  withLibrary((library) => {
    const id = recorded(library, 1 / 1.05, 40);
    expect(library.getRecording(id).clocks).toMatchObject([{ channels: [1] }]);
    const { first, values, reasons } = library.samples(id, 1, 0, 1000);
    expect([first, values.length]).toEqual([0, 46]); // sample 39 at 4 + 39 * 1.05
    expect([...reasons.slice(0, 4)]).toEqual(Array(4).fill(maskReasons.notRecorded));
    expect([values[4], values[4 + 9], values[45]]).toEqual([0, 9 * GAIN, 39 * GAIN]);
    expect([reasons[14], values[14], values[15]]).toEqual([maskReasons.notRecorded, NaN, 10 * GAIN]);
    const part = library.samples(id, 1, 10, 10);
    expect([part.first, [...part.values], [...part.reasons]]).toEqual([
      10,
      [...values.slice(10, 20)],
      [...reasons.slice(10, 20)],
    ]);
    const digital = library.digitalBlock(id, 1, 3, 12);
    expect([...digital.samples]).toEqual([0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0]);
    expect(digital.mask).toEqual([
      { first: 0, count: 1, reason: maskReasons.notRecorded },
      { first: 11, count: 1, reason: maskReasons.notRecorded },
    ]);
    expect([...library.samples(id, 0, 0, 9).values]).toEqual(Array.from({ length: 9 }, (_, i) => i * GAIN));
  }));

test("of a fast device two samples fall on one place, and the first has it; a place without a number is none", () =>
  withLibrary((library) => {
    const id = recorded(library, 1.05, 42, channelHeader({ label: "B", sampleType: "float32", gain: 1 }));
    const { values } = library.samples(id, 1, 0, 1000);
    expect(values).toHaveLength(4 + 40);
    expect([values[4], values[43]]).toEqual([0, 41]); // of 42 samples two are not there
    expect(library.digitalBlock(id, 1, 3, 1).samples[0]).toBeNaN();
    expect(library.tiles(id, 1, 1, 0, 1)[0]?.min).toHaveLength(42); // as they are stored
  }));

test("a recording lasts as long as it is drawn, wherever its length is told, also in a library of before", () =>
  inFolder((folder) => {
    const path = join(folder, "library.kodo");
    const library = openLibrary(path);
    const [id, of] = [recorded(library, 1 / 1.05, 40), recorded(library, 1, 40)];
    const slowS = 1 + 40 * (1.05 / RATE); // by nominal rates it would be 10
    const tells = (lib: OpenLibrary): (number | undefined)[] => {
      const lists = [lib.listRecordings(), lib.listPage({}).rows, lib.roster(0).rows, [lib.getRecording(id)]];
      return [
        ...lists.map((rows) => rows.find((one) => one.id === id)?.durationS),
        lib.libraryCounts().durationS - lib.getRecording(of).durationS,
      ];
    };
    for (const told of tells(library)) expect(told).toBeCloseTo(slowS, 9);
    library.close();
    const raw = new Sqlite(path); // as an earlier version left it
    raw.exec("UPDATE listing SET length_s = 10");
    raw.exec(
      "INSERT INTO damage (channel, first_sample, sample_count, found_at) SELECT key, 20 * position, 8, '' FROM channel WHERE recording = 1",
    );
    raw.pragma("user_version = 19");
    raw.close();
    const again = openLibrary(path);
    for (const told of tells(again)) expect(told).toBeCloseTo(slowS, 9);
    const { damaged } = again.getRecording(id);
    expect(damaged.map(({ channel }) => channel)).toEqual([0, 1]);
    expect(damaged.map(({ onsetS }) => onsetS)).toEqual([0, expect.closeTo(1 + 5 * 1.05, 9)]);
    expect(damaged.map(({ durationS }) => durationS)).toEqual([2, expect.closeTo(2 * 1.05, 9)]);
    again.close();
  }));

test("a mask that a person lays hides what lies in the recording's time under it, and is counted so", () =>
  withLibrary((library) => {
    const id = recorded(library, 1 / 1.05, 40);
    const { id: mask } = library.addMask({
      ...byPerson,
      recordingId: id,
      channel: 1,
      onsetS: 5,
      durationS: 2,
    });
    const { reasons } = library.samples(id, 1, 0, 1000);
    const hidden = [...reasons].flatMap((reason, i) => (reason === maskReasons.artefactByPerson ? [i] : []));
    expect(hidden).toEqual([21, 22, 23, 24, 25, 26, 27]); // samples 16 to 22, at 5.2 to 6.775 s
    expect(library.getRecording(id).channels.map(({ observedCount }) => observedCount)).toEqual([40, 33]);
    library.removeMask(mask);
    expect(library.getRecording(id).channels[1]?.observedCount).toBe(40);
    expect(library.checkIntegrity()).toEqual([]);
  }));

test("what the library takes for no signal of a second device is told and hidden where it is drawn", () =>
  withLibrary((library) => {
    const uc = channelHeader({ label: "UC", role: "uc", unit: "" });
    const id = library.createRecording(newRecording([channelHeader(), uc], { state: "recording" }));
    const fit = { session: 0, first: 0, errorMs: 1 };
    const flat = new Int16Array(400).map((_, i) => (i < 100 ? i : 7));
    library.appendBlocks(id, [block(0, 0, counted(400)), block(1, 0, flat)], {
      arrivals: [],
      fits: [
        { ...fit, channel: 0, atS: 0, rate: RATE },
        { ...fit, channel: 1, atS: 1, rate: RATE / 1.05 },
      ],
    });
    library.closeRecording(id, { state: "complete", repairs: [] });
    const [mask] = library.listMasks(id);
    expect(mask?.onsetS).toBeCloseTo(1 + (100 / RATE) * 1.05, 6);
    expect(mask?.durationS).toBeCloseTo((300 / RATE) * 1.05, 6);
    expect(library.getRecording(id).channels[1]?.observedCount).toBe(100);
  }));

test("clocks of very many recordings are told, those that were asked for first again too", () =>
  withLibrary((library) => {
    const ids = Array.from({ length: 70 }, (_, i) => recorded(library, 1 + i / 1000, 8));
    const rates = (): (number | undefined)[] =>
      ids.map((id) => library.getRecording(id).clocks?.[0]?.pieces[0]?.rate);
    const once = rates();
    expect(once[0]).toBeDefined();
    once.forEach((rate, i) => expect(rate).toBeCloseTo(RATE * (1 + i / 1000), 9));
    expect(rates()).toEqual(once);
  }));

test("a clock that is told anew while the recording grows counts from then on, also where it has as many lines as before", () =>
  withLibrary((library) => {
    const header = [channelHeader(), channelHeader({ label: "B" })];
    const id = library.createRecording(newRecording(header, { state: "recording" }));
    const told = (from: number, rate: number): number | undefined => {
      const fit = { session: 0, first: 0, errorMs: 1 };
      const fits = [
        { ...fit, channel: 0, atS: 0, rate: RATE },
        { ...fit, channel: 1, atS: 1, rate },
      ];
      library.appendBlocks(id, [block(0, from, counted(8)), block(1, from, counted(8))], {
        arrivals: [],
        fits,
      });
      return library.getRecording(id).clocks?.[0]?.pieces[0]?.rate;
    };
    expect(told(0, 3.9)).toBeCloseTo(3.9, 9);
    library.addMask({ ...byPerson, recordingId: id, channel: 1, onsetS: 2, durationS: 0.3 });
    const masked = (): number[] =>
      Array.from(library.samples(id, 1, 0, 30).reasons, (one, at) => (one === 7 ? at : -1)).filter(
        (at) => at >= 0,
      );
    expect(masked()).toEqual([8, 9]);
    expect(told(8, 4.4)).toBeCloseTo(4.4, 9); // sample 4, at 2.03 s until now, lies at 1.9 s
    expect(masked()).toEqual([9]);
    library.closeRecording(id, { state: "complete", repairs: [] });
    expect(library.getRecording(id).channels[1]).toMatchObject({ sampleCount: 16, observedCount: 15 }); // 5
    const other = library.createRecording(newRecording(header, { state: "importing" }));
    library.appendBlocks(other, [block(0, 0, counted(16)), block(1, 0, counted(16))]);
    const papers = library.papersOf(id);
    const masks = papers.masks.map((one) => ({ ...one, id: randomUUID(), recordingId: other }));
    library.closeWithPapers(other, { ...papers, masks, steps: [] });
    expect(library.getRecording(other).channels[1]).toMatchObject({ observedCount: 15 });
  }));

test.each([
  ["its first sample", "first_sample = 8"],
  ["its second", "at_s = 3"],
  ["its rate", "rate = 3.9"],
])("a clock of which only %s is told anew counts from then on", (_, change) =>
  inFolder((folder) => {
    const path = join(folder, "library.kodo");
    const library = openLibrary(path);
    const id = recorded(library, 1 / 1.05, 40);
    const before = library.getRecording(id).clocks;
    const raw = new Sqlite(path); // another process
    raw.exec(`UPDATE clock_fit SET ${change} WHERE channel = 1`);
    const after = library.getRecording(id).clocks;
    expect(after).not.toEqual(before);
    library.close();
    raw.close();
    const again = openLibrary(path);
    expect(again.getRecording(id).clocks).toEqual(after); // as who never knew the one before
    again.close();
  }),
);
