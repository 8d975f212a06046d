import { expect, test } from "vitest";
import { seededRandom } from "../../random.ts";
import { biasedByRate, calibratedProbabilities, fitCalibration, thinnedOut } from "./calibrate.ts";

test("probabilities add up to one, and one code is a sigmoid", () => {
  const p = calibratedProbabilities(Float32Array.of(2, -80), { temperature: 2, biases: [0.5] });
  expect(p[1]).toBeCloseTo(1 / (1 + Math.exp(-1.5)), 6);
  expect((p[2] ?? 0) + (p[3] ?? 0)).toBeCloseTo(1, 6);
});

test("a temperature and biases that were put in are found again", async () => {
  const random = seededRandom(4);
  const n = 60_000;
  const logits = Float32Array.from({ length: 2 * n }, () => 3 * random.normal() - 1);
  const truth = calibratedProbabilities(logits, { temperature: 2, biases: [-0.7, 0.4] });
  const y = new Float32Array(2 * n);
  for (let i = 0; i < n; i += 1) {
    const u = random.next();
    const none = truth[3 * i] ?? 0;
    const first = none + (truth[3 * i + 1] ?? 0);
    if (u >= none) y[2 * i + (u < first ? 0 : 1)] = 1;
  }
  const found = await fitCalibration(
    [thinnedOut([logits, logits], y, new Uint8Array(n).fill(1), { codes: 2 })],
    2,
  );
  expect(found.temperature).toBeCloseTo(2, 0);
  expect(found.biases[0]).toBeCloseTo(-0.7, 0);
  expect(found.biases[1]).toBeCloseTo(0.4, 0);
});

test("without anything known the probabilities stay as they are", async () => {
  expect(
    await fitCalibration(
      [thinnedOut([Float32Array.of(1)], Float32Array.of(1), Uint8Array.of(0), { codes: 1 })],
      1,
    ),
  ).toEqual({
    temperature: 1,
    biases: [0],
  });
});

test("a code that nobody marked keeps its bias, and where none is marked all stays as it is", async () => {
  const n = 5000;
  const random = seededRandom(5);
  const logits = Float32Array.from({ length: 2 * n }, () => 2 * random.normal() - 1);
  const y = Float32Array.from({ length: 2 * n }, (_, i) => Number(i % 2 === 0 && i % 20 === 0));
  const known = new Uint8Array(n).fill(1);
  const { temperature, biases } = await fitCalibration([thinnedOut([logits], y, known, { codes: 2 })], 2);
  expect(biases[1]).toBe(0);
  expect(temperature).toBeGreaterThan(0);
  expect(
    await fitCalibration([thinnedOut([logits], new Float32Array(2 * n), known, { codes: 2 })], 2),
  ).toEqual({
    temperature: 1,
    biases: [0, 0],
  });
});

test("a cancel is heard between two rounds", async () => {
  const cancelled = () => Promise.reject(new Error("cancelled"));
  await expect(
    fitCalibration(
      [thinnedOut([Float32Array.of(1)], Float32Array.of(1), Uint8Array.of(1), { codes: 1 })],
      1,
      cancelled,
    ),
  ).rejects.toThrow("cancelled");
});

test("biases say each code as often as it is marked over all recordings, one that never occurs keeps its own", async () => {
  const random = seededRandom(6);
  const [n, codes] = [20_000, 3];
  const recordings = [0.02, 0.3].map((rate) => {
    const members = [0, 1].map(() => Float32Array.from({ length: n * codes }, () => 2 * random.normal() - 1));
    const y = new Float32Array(n * codes);
    for (let i = 0; i < n; i += 1) if (random.next() < rate) y[i * codes + (i % 2)] = 1;
    return thinnedOut(members, y, new Uint8Array(n).fill(1), { codes });
  });
  const before = { temperature: 1.3, biases: [0.2, -0.4, 0.7] };
  const after = await biasedByRate(before, recordings);
  expect(after).toMatchObject({ temperature: 1.3, biases: [expect.anything(), expect.anything(), 0.7] });
  const seconds = recordings.reduce((total, one) => total + one.seconds, 0);
  for (const c of [0, 1]) {
    let [said, marked] = [0, 0];
    for (const { logits, truth } of recordings) {
      truth.forEach((is, i) => (marked += i % codes === c ? is : 0));
      for (const own of logits)
        calibratedProbabilities(own, after).forEach(
          (p, i) => (said += i % (codes + 1) === c + 1 ? p / 2 : 0),
        );
    }
    expect(said / seconds).toBeCloseTo(marked / seconds, 3);
  }
});

test("with no second known biases stay as they are", async () => {
  const nothing = thinnedOut([Float32Array.of(1)], Float32Array.of(1), Uint8Array.of(0), { codes: 1 });
  expect(await biasedByRate({ temperature: 2, biases: [0.5] }, [nothing])).toEqual({
    temperature: 2,
    biases: [0.5],
  });
});
