import { join } from "node:path";
import { expect, test } from "vitest";
import { maskReasons } from "../../../preload/contract/mask.ts";
import { openLibrary, type OpenLibrary } from "../open-library.ts";
import { block, channelHeader, inFolder, newRecording, ramp } from "../testing.ts";

const uc = channelHeader({ label: "UC", role: "uc", unit: "" });
const MINUTES = 20;
const N = MINUTES * 60 * 4;

/** FHR and UC of 20 min: UC stays at `value` from 5 min on for `seconds`, and is nought for 50 s before that. */
function complete(library: OpenLibrary, seconds: number, value: number): string {
  const id = library.createRecording(newRecording([channelHeader(), uc]));
  const samples = ramp(N);
  samples.fill(0, 240, 240 + 50 * 4);
  samples.fill(value, 1200, 1200 + seconds * 4);
  const flat = ramp(N);
  flat.fill(500, 400, 2000); // a heart rate that does not move is nobody's belt
  library.appendBlocks(id, [block(0, 0, flat), block(1, 0, samples)]);
  library.closeRecording(id, { state: "complete", repairs: [] });
  return id;
}
const observed = (library: OpenLibrary, id: string): number[] =>
  library.getRecording(id).channels.map(({ observedCount }) => observedCount);

test.each([0, 24, 400])(
  "UC that stays at %i for a minute is unobserved, with its reason, above what was recorded",
  (value) =>
    inFolder((folder) => {
      const library = openLibrary(join(folder, "rules.kodo"));
      const id = complete(library, 60, value);
      expect(library.listMasks(id)).toMatchObject([
        { channel: 1, layer: "rule", reason: maskReasons.flatSignal, onsetS: 300, durationS: 60 },
      ]);
      const { values, reasons } = library.samples(id, 1, 1199, 242);
      expect([...new Set(reasons.subarray(1, 241))]).toEqual([maskReasons.flatSignal]);
      expect([reasons[0], reasons[241], values[100]]).toEqual([0, 0, value / 4]);
      expect(observed(library, id)).toEqual([N, N - 240]);
      expect(library.history(id)).toEqual({ undo: 0, redo: 0 });
      expect(library.readLog(10).map(({ action }) => action)).toContain("mask.rule");
      library.close();
    }),
);

test("UC that stays for less than a minute is a value like any other, nought too", () =>
  inFolder((folder) => {
    const library = openLibrary(join(folder, "rules.kodo"));
    const id = complete(library, 59, 0);
    expect(library.listMasks(id)).toEqual([]);
    expect(observed(library, id)).toEqual([N, N]);
    library.close();
  }));

test("a person takes the rule away and lays it again, each in one step that can be undone, also after a restart", () =>
  inFolder((folder) => {
    const path = join(folder, "rules.kodo");
    let library = openLibrary(path);
    const id = complete(library, 90, 12);
    const other = library.createRecording(newRecording([uc]));
    library.appendBlocks(other, [block(0, 0, ramp(4000).fill(8, 0, 300).fill(9, 1000, 1300))]);
    library.closeRecording(other, { state: "interrupted", repairs: [] });
    const spans = library.listMasks(other);
    expect(spans.map(({ onsetS, durationS }) => [onsetS, durationS])).toEqual([
      [0, 75],
      [250, 75],
    ]);
    expect(library.layRules(other)).toEqual([]);
    expect(library.liftRules(other)).toBe(2);
    expect(observed(library, other)).toEqual([4000]);
    library.close();
    library = openLibrary(path);
    library.undo(other);
    expect(library.listMasks(other)).toEqual(spans);
    expect(observed(library, other)).toEqual([3400]);
    library.redo(other);
    expect(library.listMasks(other)).toEqual([]);
    expect(library.layRules(other)).toHaveLength(2);
    library.removeMask(library.listMasks(other)[0]?.id ?? "");
    expect(observed(library, other)).toEqual([3700]);
    expect(library.layRules(other)).toHaveLength(1);
    expect(library.history(other)).toEqual({ undo: 4, redo: 0 });
    expect(library.liftRules(id)).toBe(1);
    expect(library.liftRules(id)).toBe(0);
    expect(library.history(id)).toEqual({ undo: 1, redo: 0 });
    library.close();
  }));
