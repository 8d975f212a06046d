import { expect, test } from "vitest";
import { seededRandom } from "../../random.ts";
import { type Around, fitAround, lackingAround, WIDTHS_S, withAround } from "./around.ts";
import { calibratedProbabilities, thinnedOut, type ThinnedOut } from "./calibrate.ts";

test("what lacks counts the seconds that the recording has, and nothing lacks where four fifths are observed", () => {
  const half = lackingAround(Uint8Array.from({ length: 4000 }, (_, second) => second % 2));
  for (const second of [0, 1, 2000, 3998, 3999])
    for (const own of half) expect(own[second]).toBeCloseTo(0.3, 2);
  const late = lackingAround(Uint8Array.from({ length: 2000 }, (_, second) => Number(second < 1000)));
  expect(late[0]?.[0]).toBe(0);
  expect(late[0]?.[1000]).toBeCloseTo(0.8 - 300 / 601, 5);
  expect(late[1]?.[1000]).toBeCloseTo(0.8 - 900 / 1801, 5);
  expect(late[0]?.[1999]).toBeCloseTo(0.8, 5);
});

test("where nothing lacks logits stay to the bit; where it does, to each code its own is added", () => {
  const logits = Float32Array.of(1, 2, 3, 4);
  const around = [
    [-4, 0],
    [2, -1],
  ];
  expect(withAround(logits, [new Float32Array(2), new Float32Array(2)], around)).toEqual(logits);
  const added = withAround(logits, [Float32Array.of(0.5, 0), Float32Array.of(0, 0.5)], around);
  expect([...added]).toEqual([-1, 3, 3, 3.5]);
});

/** Marks drawn from probabilities in which what lacks has a part. */
function drawn(recordings: number, around: Around, seed: number): ThinnedOut[] {
  const random = seededRandom(seed);
  const [seconds, codes] = [4500, around.length];
  return Array.from({ length: recordings }, () => {
    const logits = Float32Array.from({ length: seconds * codes }, () => 3 * random.normal() - 1);
    const lacking = WIDTHS_S.map(() => Float32Array.from({ length: seconds }, () => 0.8 * random.next()));
    const truth = calibratedProbabilities(withAround(logits, lacking, around), {
      temperature: 1.5,
      biases: around.map((_, c) => 0.4 - c),
    });
    const y = new Float32Array(seconds * codes);
    for (let i = 0; i < seconds; i += 1) {
      let left = random.next() - (truth[i * (codes + 1)] ?? 0);
      for (let c = 0; c < codes && left >= 0; c += 1) {
        const p = truth[i * (codes + 1) + c + 1] ?? 0;
        if (left < p) y[i * codes + c] = 1;
        left -= p;
      }
    }
    return thinnedOut([logits], y, new Uint8Array(seconds).fill(1), { codes, lacking });
  });
}

test("what lacking signal adds is found again, beside a slope and biases", async () => {
  const put = [
    [-6, 2],
    [1, -4],
  ];
  const found = await fitAround(drawn(40, put, 1), 2);
  put.flat().forEach((value, i) => expect(Math.abs((found?.flat()[i] ?? NaN) - value)).toBeLessThan(1));
});

test("a code that nobody marked gets nothing added; few recordings, or none with a mark, say nothing", async () => {
  const recordings = drawn(40, [[-6, 2]], 3).map((one) => ({
    ...one,
    logits: one.logits.map((own) =>
      Float32Array.from({ length: 2 * own.length }, (_, i) => own[i >> 1] ?? 0),
    ),
    truth: Float32Array.from({ length: 2 * one.truth.length }, (_, i) =>
      i % 2 ? 0 : (one.truth[i >> 1] ?? 0),
    ),
  }));
  const found = await fitAround(recordings, 2);
  expect(found?.[1]).toEqual([0, 0]);
  expect(found?.[0]?.[0]).toBeLessThan(-4);
  expect(await fitAround(recordings.slice(0, 29), 2)).toBeNull();
  const unmarked = recordings.map((one) => ({ ...one, truth: new Float32Array(one.truth.length) }));
  expect(await fitAround(unmarked, 2)).toBeNull();
});

test("logits that say the contrary of the marks are not turned round by it", async () => {
  const recordings = drawn(40, [[-6, 2]], 4).map((one) => ({
    ...one,
    logits: one.logits.map((own) => own.map((logit) => -logit)),
  }));
  expect(await fitAround(recordings, 1)).toBeNull();
});
