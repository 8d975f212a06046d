import { copyFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { expect, test, vi } from "vitest";
import { maskReasons } from "../../../preload/contract/mask.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { RuleAsk, RuleCursor, RuleLook, RuleTaken } from "../api.ts";
import { openLibrary, type OpenLibrary } from "../open-library.ts";
import { block, channelHeader, inFolder, newRecording, newWhole, ramp, withLibrary } from "../testing.ts";

const uc = channelHeader({ label: "UC", role: "uc", unit: "" });
const N = 4000;

/** Spans of UC that stay at one value, in samples: [first, count]. */
type Flat = readonly (readonly [number, number])[];
const TWICE: Flat = [
  [0, 300],
  [1000, 240],
];

/** A recording as it came before the rule was known: nothing lies on it, and nobody touched it. */
function old(library: OpenLibrary, flat: Flat = TWICE, channels = [channelHeader(), uc]): string {
  const id = library.createRecording(newRecording(channels));
  for (const [channel, { role }] of channels.entries()) {
    const samples = ramp(N);
    if (role === "uc") for (const [first, count] of flat) samples.fill(12, first, first + count);
    library.appendBlocks(id, [block(channel, 0, samples)]);
  }
  library.closeRecording(id, { state: "complete", repairs: [] });
  pass(library, "lift", [id], "as it was");
  return id;
}

function look(library: OpenLibrary, what: RuleAsk["what"], ids: readonly string[]): RuleLook[] {
  const looks: RuleLook[] = [];
  let from: RuleCursor | undefined;
  do {
    const step = library.ruleStep({ what, ids, from });
    looks.push(...step.looks);
    from = step.next;
  } while (from !== undefined);
  return looks;
}

function take(
  library: OpenLibrary,
  order: Omit<Parameters<OpenLibrary["takeRules"]>[0], "parts">,
  found: readonly Pick<RuleLook, "id" | "runs">[],
): RuleTaken[] {
  const taken: RuleTaken[] = [];
  while (taken.length < found.length)
    taken.push(...library.takeRules({ ...order, parts: found.slice(taken.length) }));
  return taken;
}

const fitting = (looks: readonly RuleLook[]): RuleLook[] => looks.filter(({ state }) => state === "fits");

const pass = (
  library: OpenLibrary,
  what: "lay" | "lift",
  ids: readonly string[],
  name = "one",
): RuleTaken[] => take(library, { pass: name, what }, fitting(look(library, what, ids)));

const undo = (library: OpenLibrary, undoes: string, ids: readonly string[], name = "undoing"): RuleTaken[] =>
  take(
    library,
    { pass: name, what: "undo", undoes },
    ids.map((id) => ({ id, runs: [] })),
  );

const places = (library: OpenLibrary, id: string): number[][] =>
  library.listMasks(id).map(({ onsetS, durationS }) => [onsetS, durationS]);
const observed = (library: OpenLibrary, id: string): (number | undefined)[] =>
  library.getRecording(id).channels.map(({ observedCount }) => observedCount);

const LAID = [
  [0, 75],
  [250, 60],
];

test("a pass lays the rule where it was not, says beforehand how much that is, and is taken back as one", () =>
  withLibrary((library) => {
    const ids = [old(library), old(library, [[500, 400]])];
    const none = old(library, []);
    const emg = old(library, [], [channelHeader({ label: "EMG", role: "emg", unit: "mV" })]);
    const looks = look(library, "lay", [...ids, none, emg, "gone"]);
    expect(looks.map(({ state, spans, seconds }) => [state, spans, seconds])).toEqual([
      ["fits", 2, 135],
      ["fits", 1, 100],
      ["unchanged", 0, 0],
      ["no-channel", 0, 0],
    ]);
    expect(places(library, sure(ids[0]))).toEqual([]);
    const taken = pass(library, "lay", ids);
    expect(taken).toEqual([
      { id: ids[0], state: "changed", spans: 2, seconds: 135 },
      { id: ids[1], state: "changed", spans: 1, seconds: 100 },
    ]);
    expect(ids.map((id) => places(library, id))).toEqual([LAID, [[125, 100]]]);
    expect(library.listMasks(sure(ids[0]))[0]).toMatchObject({
      layer: "rule",
      reason: maskReasons.flatSignal,
    });
    expect(observed(library, sure(ids[0]))).toEqual([N, N - 540]);
    expect(pass(library, "lay", ids)).toEqual([]);
    expect(undo(library, "one", ids).map(({ spans, seconds }) => [spans, seconds])).toEqual([
      [2, 135],
      [1, 100],
    ]);
    expect(ids.map((id) => places(library, id))).toEqual([[], []]);
    expect(undo(library, "one", ids).map(({ state }) => state)).toEqual(["unchanged", "unchanged"]);
    expect(undo(library, "undoing", ids, "again").map(({ spans }) => spans)).toEqual([2, 1]); // and done again
    expect(ids.map((id) => places(library, id))).toEqual([LAID, [[125, 100]]]);
    expect(undo(library, "one", ["gone"])).toMatchObject([{ state: "gone" }]);
  }));

test("a pass lifts all that the rule laid and leaves what a person took out; taken back, the same spans lie there again", () =>
  withLibrary((library) => {
    const id = old(library);
    library.addMask({ recordingId: id, layer: "person", reason: 7, onsetS: 900, durationS: 5, author: "a" });
    pass(library, "lay", [id]);
    library.addMask({
      recordingId: id,
      layer: "person",
      reason: 7,
      channel: 1,
      onsetS: 50,
      durationS: 50,
      author: "a",
    });
    const before = library.listMasks(id);
    expect(look(library, "lift", [id])).toMatchObject([{ state: "fits", spans: 2, seconds: 50 + 60 }]);
    expect(pass(library, "lift", [id], "lifting")).toMatchObject([{ spans: 2, seconds: 110 }]);
    expect(library.listMasks(id)).toHaveLength(2);
    expect(look(library, "lift", [id])).toMatchObject([{ state: "unchanged", spans: 0 }]);
    expect(undo(library, "lifting", [id])).toMatchObject([{ spans: 2, seconds: 110 }]);
    const ofId = (a: { id: string }, b: { id: string }): number => a.id.localeCompare(b.id);
    expect(library.listMasks(id).sort(ofId)).toEqual(before.sort(ofId));
  }));

test("where a reader lifted the rule by hand it stays lifted, also for what is taken back; where it was laid again, it is the rule's", () =>
  withLibrary((library) => {
    const [lifted, one, undone, relaid] = [old(library), old(library), old(library), old(library)] as const;
    const ids = [lifted, one, undone, relaid];
    pass(library, "lay", ids);
    library.liftRules(lifted);
    library.removeMask(sure(library.listMasks(one)[0]).id);
    library.undo(undone);
    expect(look(library, "lay", [undone])).toMatchObject([{ state: "kept" }]);
    library.addAnnotations([
      {
        ...{
          recordingId: undone,
          label: "deceleration",
          labelSet: "ctg-events",
          labelSetVersion: 1,
          onsetS: 5,
        },
        ...{ durationS: 9, author: "a", source: "person" as const, note: "" },
      },
    ]); // what was undone cannot be done again now
    library.liftRules(relaid);
    library.layRules(relaid);
    pass(library, "lift", [relaid]);
    const states = (): unknown[] => look(library, "lay", ids).map(({ state, isKept }) => [state, isKept]);
    const kept = ["kept", true];
    expect(states()).toEqual([kept, kept, kept, ["fits", false]]);
    expect(pass(library, "lay", ids, "two").map(({ id }) => id)).toEqual([relaid]);
    expect([lifted, one, undone].map((id) => places(library, id))).toEqual([[], [LAID[1]], []]);
    library.undo(undone); // the label
    library.undo(undone); // the rule as it was before it was taken back
    expect(places(library, undone)).toEqual(LAID);
    library.redo(undone);
    expect(states()).toEqual([kept, kept, kept, ["unchanged", false]]);

    pass(library, "lift", [one], "lifting");
    library.layRules(one);
    library.liftRules(one);
    expect(undo(library, "lifting", [one])).toMatchObject([{ state: "kept", spans: 0 }]);
    // What was found before a reader lifted it is not laid after.
    const found = fitting(look(library, "lay", [old(library)]));
    const id = sure(found[0]).id;
    library.layRules(id);
    library.liftRules(id);
    expect(take(library, { pass: "late", what: "lay" }, found)).toMatchObject([{ id, state: "kept" }]);
  }));

test("a reader who lifted one span of two: the other is laid, and that is said", () =>
  withLibrary((library) => {
    const id = old(library);
    pass(library, "lay", [id]);
    library.removeMask(sure(library.listMasks(id)[0]).id);
    pass(library, "lift", [id]);
    expect(look(library, "lay", [id])).toMatchObject([
      { state: "fits", spans: 1, seconds: 60, isKept: true },
    ]);
    expect(pass(library, "lay", [id])).toMatchObject([{ state: "changed", spans: 1 }]);
    expect(places(library, id)).toEqual([LAID[1]]);
  }));

test("a step changes one recording at least, and leaves the others for the next where its time is over", () =>
  withLibrary((library) => {
    const ids = [old(library), old(library), old(library)];
    const parts = look(library, "lay", ids);
    let nowMs = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => (nowMs += 60_000));
    try {
      const taken = library.takeRules({ pass: "slow", what: "lay", parts });
      expect(taken.map(({ id, state }) => [id, state])).toEqual([[ids[0], "changed"]]);
    } finally {
      clock.mockRestore();
    }
    expect(ids.map((id) => places(library, id))).toEqual([LAID, [], []]);
    expect(take(library, { pass: "slow", what: "lay" }, parts.slice(1))).toHaveLength(2);
    expect(ids.map((id) => places(library, id))).toEqual([LAID, LAID, LAID]);
  }));

test("a recording under way is left out, also one that has begun to grow since it was looked at", () =>
  withLibrary((library) => {
    const live = library.createRecording(newRecording([uc], { state: "recording" }));
    library.appendBlocks(live, [block(0, 0, ramp(N).fill(3, 0, 400))]);
    expect(look(library, "lay", [live])).toMatchObject([{ name: "1001", state: "unfinished", spans: 0 }]);
    expect(look(library, "lift", [live])).toMatchObject([{ state: "unfinished" }]);
    const part = { id: live, runs: [{ channel: 0, first: 0, count: 400 }] };
    expect(take(library, { pass: "one", what: "lay" }, [part])).toMatchObject([{ state: "unfinished" }]);
    expect(library.listMasks(live)).toEqual([]);
  }));

test("a long signal, and many short ones, are looked at a bounded step at a time, with the same runs", () =>
  withLibrary((library) => {
    const long = 800_000;
    const id = library.createRecording(newRecording([uc, { ...uc, label: "UC 2" }]));
    const flat = ramp(long).fill(7, 500_000, 700_000).fill(8, 750_000, 750_500);
    library.appendBlocks(id, [block(0, 0, flat), block(1, 0, ramp(long).fill(9, long - 240, long))]);
    library.closeRecording(id, { state: "complete", repairs: [] });
    const laid = places(library, id);
    pass(library, "lift", [id]);
    const steps: number[] = [];
    let from: RuleCursor | undefined;
    const looks: RuleLook[] = [];
    do {
      const step = library.ruleStep({ what: "lay", ids: [id], from });
      steps.push(step.looks.length);
      looks.push(...step.looks);
      from = step.next;
    } while (from !== undefined);
    expect(steps.length).toBeGreaterThan(2);
    expect(looks).toMatchObject([
      {
        spans: 3,
        runs: [
          { channel: 0, first: 500_000, count: 200_000 },
          { channel: 0, first: 750_000, count: 500 },
          { channel: 1, first: long - 240, count: 240 },
        ],
      },
    ]);
    pass(library, "lay", [id]);
    expect(places(library, id)).toEqual(laid);

    const many = Array.from({ length: 70 }, () => newWhole([uc], [block(0, 0, ramp(100))]));
    library.addRecordings(many);
    const few = many.map((one) => one.id);
    const first = library.ruleStep({ what: "lay", ids: few });
    expect(first.next?.at).toBe(first.looks.length);
    expect(first.looks.length).toBeLessThan(few.length);
    expect(look(library, "lay", few).map((one) => one.id)).toEqual(few);
  }));

test.each([
  ["UPDATE channel SET gain = 9e999 WHERE recording = 1", /Channel 0/],
  ["UPDATE edit_step SET author = 'x' WHERE recording = 1", /step of the history/],
])("one damaged recording says so and leaves the others alone: %s", (sql, message) =>
  inFolder((folder) => {
    const path = join(folder, "damaged.kodo");
    let library = openLibrary(path);
    const [first, second] = [old(library), old(library)] as const;
    const found = fitting(look(library, "lay", [first, second]));
    library.close();
    const raw = new Sqlite(path);
    raw.pragma("ignore_check_constraints = ON");
    raw.exec(sql);
    raw.close();
    library = openLibrary(path);
    const looks = look(library, "lay", [first, second]);
    expect(looks.map(({ state, name }) => [state, name])).toEqual([
      ["failed", "1001"],
      ["fits", "1001"],
    ]);
    expect(looks[0]?.error?.code).toBe("storage/corrupt");
    expect(looks[0]?.error?.message).toMatch(message);
    const taken = take(library, { pass: "one", what: "lay" }, found);
    expect(taken.map(({ id, state }) => [id, state])).toEqual([
      [first, "failed"],
      [second, "changed"],
    ]);
    expect(taken[0]?.error?.code).toBe("storage/corrupt");
    expect([first, second].map((id) => places(library, id))).toEqual([[], LAID]);
    library.close();
  }),
);

test("a damaged step that was undone gives way to the next edit and lifts nothing", () =>
  inFolder((folder) => {
    const path = join(folder, "undone.kodo");
    let library = openLibrary(path);
    const id = old(library);
    pass(library, "lay", [id]);
    library.undo(id);
    library.close();
    const raw = new Sqlite(path);
    raw.exec("UPDATE edit_step SET author = 'x' WHERE undone = 1");
    raw.close();
    library = openLibrary(path);
    library.addMask({ recordingId: id, layer: "person", reason: 7, onsetS: 1, durationS: 1, author: "a" });
    library.undo(id);
    library.addMask({ recordingId: id, layer: "person", reason: 7, onsetS: 2, durationS: 1, author: "a" });
    expect(library.history(id)).toEqual({ undo: 2, redo: 0 }); // lifted as it was, and the mask
    library.close();
  }));

test("whatever write fails, each recording has all of it or nothing, and a second pass does the rest", () =>
  inFolder((folder) => {
    const template = join(folder, "template.kodo");
    let library = openLibrary(template);
    const ids = [old(library), old(library, [[500, 400]])];
    const whole = [LAID, [[125, 100]]];
    library.close();
    for (let failing = 1, isDone = false; !isDone; failing++) {
      const path = join(folder, `fails-${failing}.kodo`);
      copyFileSync(template, path);
      let writes = -Infinity;
      library = openLibrary(path, {
        beforeWrite: () => {
          writes++;
          if (writes === failing) throw Object.assign(new Error("no room"), { code: "SQLITE_FULL" });
        },
      });
      writes = 0;
      try {
        pass(library, "lay", ids);
        isDone = writes < failing;
      } catch (error) {
        expect(error).toMatchObject({ code: "storage/disk-full" });
      }
      const there = ids.map((id) => places(library, id));
      there.forEach((found, i) => expect([[], whole[i]]).toContainEqual(found));
      writes = -Infinity;
      pass(library, "lay", ids);
      expect(ids.map((id) => places(library, id))).toEqual(whole);
      expect(ids.map((id) => observed(library, id)[1])).toEqual([N - 540, N - 400]);
      library.close();
    }
  }));

test("what rules and runs said of a recording is outdated by a pass, and by taking it back", () =>
  withLibrary((library) => {
    const id = old(library);
    const origin = { kind: "rule", rule: "ctg/baseline", version: "1", config: {} } as const;
    const said = (): string =>
      library.saveFinding({
        ...{ recordingId: id, origin },
        content: { kind: "events", labelSet: "ctg-events", events: [], notAssessable: [] },
      }).id;
    const isOutdated = (finding: string): boolean | undefined =>
      library.listFindings(id).find((one) => one.id === finding)?.isOutdated;
    const before = library.basisOf(id).samples;
    const first = said();
    expect(isOutdated(first)).toBe(false);
    pass(library, "lay", [id]);
    expect(isOutdated(first)).toBe(true);
    const second = said();
    undo(library, "one", [id]);
    expect(isOutdated(second)).toBe(true);
    expect(library.basisOf(id).samples).not.toBe(before);
  }));

test("a library that is only looked at says what a pass would change and refuses it", () =>
  inFolder((folder) => {
    const path = join(folder, "view.kodo");
    let library = openLibrary(path);
    const id = old(library);
    library.close();
    library = openLibrary(path, { readOnly: true });
    const found = look(library, "lay", [id]);
    expect(found).toMatchObject([{ state: "fits", seconds: 135 }]);
    expect(() => library.takeRules({ pass: "one", what: "lay", parts: found })).toThrow(/can only be read/);
    library.close();
  }));
