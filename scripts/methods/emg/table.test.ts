import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { emgAmplitude } from "../../../main/models/fronts/emg-amplitude.ts";
import { seededRandom } from "../../../main/models/random.ts";
import { KeptCells, type Sitting } from "../cells.ts";
import { table, type Split } from "./table.ts";
import { ofPeople, windowsOf, type EmgRecording } from "./windows.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kodo-table-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ROWS = 400;
const ELECTRODES = 2;

/** Rest, then a gesture ten times as strong on the first electrode. */
function recording(person: string, block: string, seed: number): EmgRecording {
  const random = seededRandom(seed);
  const samples = Int16Array.from({ length: ROWS * ELECTRODES }, (_, at) => {
    const isStrong = at >= (ROWS / 2) * ELECTRODES && at % ELECTRODES === 0;
    return Math.round((isStrong ? 50 : 5) * random.normal());
  });
  const segments = [0, 1].map((gesture) => ({ gesture, first: (gesture * ROWS) / 2, rows: ROWS / 2 }));
  return {
    ...{ id: `${person}-${block}`, person, block },
    ...{ sampleRate: 200, electrodes: 2, samples, segments },
  };
}

const CUT = { size: 40, step: 20 };
const made: string[] = [];

const splits = ["a", "b"].map((person, i): Split => ({
  people: [person],
  windows: () => {
    made.push(person);
    return {
      train: windowsOf([recording(person, "1", i)], emgAmplitude, CUT),
      tests: [windowsOf([recording(person, "2", 10 + i)], emgAmplitude, CUT)],
    };
  },
}));

const variants = ["lda", "qda"].map((kind) => ({ name: kind, settings: { kind } }));
const of = { about: "Made up", splits, classes: 2, variants, goals: { qda: 90 }, less: [], source: "here" };

const sitting: Sitting = {
  ...{ until: Number.POSITIVE_INFINITY, methods: [], parts: Number.POSITIVE_INFINITY },
  say: () => undefined,
};

function rows(how: Partial<Sitting> = {}) {
  made.length = 0;
  const cells = new KeptCells(folder, { ...sitting, ...how });
  return table(of, { data: () => "", say: () => undefined, cells });
}

test("nothing measured is told as that, and windows are not made for it", async () => {
  const found = await rows({ parts: 0 });
  expect(found.map(({ value }) => value)).toEqual(Array(2).fill("not measured (0 of 2 people)"));
  expect(found.map(({ pass }) => pass)).toEqual([null, null]);
  expect(made).toEqual([]);
});

test("of some of the people it is told of how many, and nothing is decided; of all of them it is", async () => {
  const [first, second] = await rows({ parts: 1 });
  expect(first?.value).toMatch(/^1 of 2 people: 100\.0 %/);
  expect([first?.pass, second?.pass]).toEqual([null, null]);
  expect(made).toEqual(["a"]);
  const [lda, qda] = await rows({ methods: ["qda"] });
  expect(lda?.value).toMatch(/^1 of 2 people/);
  expect(qda?.value).toMatch(/^100\.0 %.*− lda \+0\.0 points \(of 1, .*too few people/); // who both were measured on
  expect([qda?.pass, qda?.expected]).toEqual([true, "≥ 90 %"]);
});

test("windows lie at the segments of a recording, wherever those begin, and can be had of some people alone", () => {
  const both = windowsOf([recording("a", "1", 1), recording("b", "1", 2)], emgAmplitude, CUT);
  expect([...both.labels].join("")).toBe("000000000111111111".repeat(2)); // 9 windows in 200 rows
  expect([...new Set(both.segments)]).toEqual([0, 1, 2, 3]);
  const second = ofPeople(both, (person) => person === "b");
  const alone = windowsOf([recording("b", "1", 2)], emgAmplitude, CUT);
  expect([...second.x]).toEqual([...alone.x]);
  expect([second.count, second.people[0], second.recordings[0]]).toEqual([18, "b", "b-1"]);
});
