import { describe, expect, test } from "vitest";
import { maskReasons } from "../../preload/contract/mask.ts";
import { CTG_RATE, FHR_GAIN, syntheticCtg } from "./ctg.ts";
import { EMG_RATE, gestures, syntheticEmg, type SyntheticEmg } from "./emg.ts";
import { oscillator, randomFrom } from "./random.ts";
import { sampleStudy } from "./sample-study.ts";

const WINDOW = 100; // 500 ms
const STEP = 50;

interface Labelled {
  readonly x: number[];
  readonly y: number;
  readonly cycle: number;
}

/** Log mean |x| and log mean |dx| of each electrode, over observed samples, of windows within one gesture. */
function windowsOf({ channels, reasons, events }: SyntheticEmg): Labelled[] {
  const windows: Labelled[] = [];
  events.forEach((event, part) => {
    const begin = event.onsetS * EMG_RATE;
    for (let at = begin; at + WINDOW <= begin + event.durationS * EMG_RATE; at += STEP) {
      const x: number[] = [];
      for (const [e, channel] of channels.entries()) {
        let [level, change, n] = [0, 0, 0];
        for (let i = at + 1; i < at + WINDOW; i++) {
          if (reasons[e]?.[i] !== 0) continue;
          level += Math.abs(channel[i] ?? 0);
          change += Math.abs((channel[i] ?? 0) - (channel[i - 1] ?? 0));
          n++;
        }
        if (n < WINDOW / 2) break;
        x.push(Math.log(level / n + 0.1), Math.log(change / n + 0.1));
      }
      if (x.length === 2 * channels.length)
        windows.push({
          x,
          y: gestures.indexOf(event.label as (typeof gestures)[number]),
          cycle: Math.floor(part / gestures.length),
        });
    }
  });
  return windows;
}

/** Accuracy of a linear discriminant (class means, pooled covariance) on windows it has not seen. */
function ldaAccuracy(train: readonly Labelled[], test: readonly Labelled[]): number {
  const d = train[0]?.x.length ?? 0;
  const means = gestures.map((_, k) => {
    const own = train.filter((w) => w.y === k);
    return Array.from({ length: d }, (_, j) => own.reduce((sum, w) => sum + (w.x[j] ?? 0), 0) / own.length);
  });
  const covariance = Array.from({ length: d }, (_, i) =>
    Array.from({ length: d }, (_, j) => (i === j ? 1e-3 : 0)),
  );
  for (const w of train) {
    const r = w.x.map((v, j) => v - (means[w.y]?.[j] ?? 0));
    for (let i = 0; i < d; i++)
      for (let j = 0; j < d; j++) covariance[i]![j]! += (r[i]! * r[j]!) / train.length;
  }
  const weights = means.map((m) => solve(covariance, m));
  const biases = weights.map((w, k) => -0.5 * w.reduce((sum, v, j) => sum + v * (means[k]?.[j] ?? 0), 0));
  const right = test.filter(({ x, y }) => {
    const scores = weights.map((w, k) => w.reduce((sum, v, j) => sum + v * x[j]!, biases[k]!));
    return scores.indexOf(Math.max(...scores)) === y;
  });
  return right.length / test.length;
}

function solve(a: readonly number[][], b: readonly number[]): number[] {
  const m = a.map((row, i) => [...row, b[i]!]);
  for (let c = 0; c < m.length; c++) {
    const pivot = m
      .slice(c)
      .reduce((best, row, i) => (Math.abs(row[c]!) > Math.abs(m[best]![c]!) ? c + i : best), c);
    [m[c], m[pivot]] = [m[pivot]!, m[c]!];
    for (let r = 0; r < m.length; r++) {
      if (r === c) continue;
      const f = m[r]![c]! / m[c]![c]!;
      for (let k = c; k <= m.length; k++) m[r]![k]! -= f * m[c]![k]!;
    }
  }
  return m.map((row, i) => row.at(-1)! / row[i]!);
}

describe("the synthetic bracelet", () => {
  const people = Array.from({ length: 8 }, (_, i) =>
    windowsOf(syntheticEmg({ seed: 2126 + i, subject: 2026 + i, turn: i === 4 ? 1 : 0 })),
  );
  test("a discriminant across people recognises most windows, a personal one nearly all", () => {
    const across = people.map((own, i) => ldaAccuracy(people.filter((_, j) => j !== i).flat(), own));
    const personal = people.map((own) =>
      ldaAccuracy(
        own.filter((w) => w.cycle < 3),
        own.filter((w) => w.cycle === 3),
      ),
    );
    const mean = (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length;
    expect(mean(across)).toBeGreaterThan(0.68);
    expect(mean(across)).toBeLessThan(0.88);
    expect(mean(personal)).toBeGreaterThan(0.9);
  });
  test("its amplitudes have heavier tails than a Gaussian's, and masked stretches say why", () => {
    const emg = syntheticEmg({ seed: 1, subject: 1 });
    const strong = Array.from(emg.channels[0]!.subarray(4 * 1000 + 200, 5 * 1000)); // extension on the radial electrode
    const square = strong.reduce((s, x) => s + x * x, 0) / strong.length;
    const fourth = strong.reduce((s, x) => s + x ** 4, 0) / strong.length;
    expect(fourth / square ** 2).toBeGreaterThan(3.5);
    const seen = new Set(emg.reasons.flatMap((r) => [...r]));
    expect(seen.has(maskReasons.droppedPacket)).toBe(true);
  });
  test("the same seeds give the same bytes, another person another signal", () => {
    const [a, b, c] = [
      syntheticEmg({ seed: 5, subject: 7 }),
      syntheticEmg({ seed: 5, subject: 7 }),
      syntheticEmg({ seed: 5, subject: 8 }),
    ];
    expect(a).toEqual(b);
    expect(a.channels[0]).not.toEqual(c.channels[0]);
  });
});

test("an oscillator swings with the standard deviation it was asked for", () => {
  const next = oscillator(randomFrom(1), 0.02, 0.9, 3);
  const values = Array.from({ length: 40_000 }, next);
  expect(Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length)).toBeCloseTo(3, 0);
});

describe("the synthetic cardiotocogram", () => {
  const ctg = syntheticCtg({
    seed: 3,
    durationS: 2400,
    decelerations: { late: 0.3, variable: 0.3, early: 0.2 },
    stuckTocoAtS: 1200,
    prolongedAtS: 1900,
  });
  const observed = (from: number, to: number) =>
    Array.from(ctg.fhr.subarray(from * CTG_RATE, to * CTG_RATE))
      .filter((v) => v > 0)
      .map((v) => v * FHR_GAIN);
  test("has events that are there: the heart rate lies over 8 bpm above or below what is around for over 6 s", () => {
    const all = observed(0, 2400).sort((a, b) => a - b);
    const median = all[all.length >> 1]!;
    const checked = { acceleration: 0, deceleration: 0, contraction: 0 };
    for (const e of ctg.events) {
      checked[e.label as keyof typeof checked]++;
      if (e.label === "contraction") continue;
      const around = [
        ...observed(Math.max(0, e.onsetS - 45), e.onsetS),
        ...observed(e.onsetS + e.durationS, e.onsetS + e.durationS + 45),
      ].sort((a, b) => a - b);
      const level = around[around.length >> 1] ?? median;
      const sign = e.label === "acceleration" ? 1 : -1;
      const beyond =
        observed(e.onsetS, e.onsetS + e.durationS).filter((v) => sign * (v - level) > 8).length / CTG_RATE;
      expect(beyond, `${e.label} ${e.note} at ${e.onsetS}`).toBeGreaterThan(6);
    }
    expect(checked.acceleration).toBeGreaterThan(2);
    expect(checked.deceleration).toBeGreaterThan(3);
    expect(checked.contraction).toBeGreaterThan(8);
  });
  test("late decelerations begin over 20 s after a contraction's onset", () => {
    const onsets = ctg.events.filter((e) => e.label === "contraction").map((e) => e.onsetS);
    const lags = ctg.events
      .filter((e) => e.note === "late")
      .map((e) => Math.min(...onsets.map((o) => e.onsetS - o).filter((lag) => lag >= 0)));
    expect(lags.length).toBeGreaterThan(0);
    for (const lag of lags) expect(lag).toBeGreaterThan(20);
  });
  test("loses the heart rate more often within decelerations", () => {
    const dips = ctg.events.filter((e) => e.label === "deceleration");
    const isDip = (i: number) =>
      dips.some((e) => i / CTG_RATE >= e.onsetS && i / CTG_RATE < e.onsetS + e.durationS);
    let [lostIn, allIn, lostOut, allOut] = [0, 0, 0, 0];
    ctg.fhrReasons.forEach((r, i) => (isDip(i) ? (allIn++, (lostIn += r)) : (allOut++, (lostOut += r))));
    expect(lostIn / allIn).toBeGreaterThan(2 * (lostOut / allOut));
    expect(lostOut).toBeGreaterThan(0);
  });
  test("holds a stretch of 90 s in which the toco stands still, and stays within a monitor's range", () => {
    expect(new Set(ctg.uc.subarray(1200 * CTG_RATE, 1290 * CTG_RATE)).size).toBe(1);
    for (const v of observed(0, 2400)) expect(v >= 50 && v <= 220).toBe(true);
  });
  test("the same seed gives the same bytes", () => {
    expect(syntheticCtg({ seed: 9, durationS: 300 })).toEqual(syntheticCtg({ seed: 9, durationS: 300 }));
  });
});

describe("the sample study", () => {
  const { recordings } = sampleStudy();
  test("has three cardiotocograms and fourteen bracelets, all marked synthetic, subjects SYN-01 to SYN-17", () => {
    expect(recordings.map((r) => r.format)).toEqual([
      ...["wfdb", "wfdb", "wfdb"],
      ...Array.from({ length: 14 }, (_, i) => (i % 2 === 0 ? "edf" : "csv")),
    ]);
    expect(recordings.map((r) => r.subject)).toEqual(
      Array.from({ length: 17 }, (_, i) => `SYN-${String(i + 1).padStart(2, "0")}`),
    );
    for (const r of recordings) {
      expect(r.source.header.name).toContain("synthetic");
      expect(r.source.header.facts["synthetic"]).toMatch(/^yes/);
    }
  });
  test("labels twelve of the fourteen bracelets, with the codes of the label sets", () => {
    const counts = recordings.map((r) => r.source.annotations.length);
    expect(counts.slice(3)).toEqual([...new Array<number>(12).fill(28), 0, 0]);
    const labels = new Set(recordings.slice(0, 3).flatMap((r) => r.source.annotations.map((a) => a.label)));
    expect(labels).toEqual(new Set(["acceleration", "deceleration", "contraction"]));
  });
});
