import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { butterworth, CausalFilter, notch, type Section } from "./iir.ts";

// References: /work/shared/anchors/emg.md section 2, computed with SciPy 1.17 (butter, output="sos"; iirnotch).

const rows = (sections: readonly Section[]): number[][] =>
  sections.map(({ b0, b1, b2, a1, a2 }) => [b0, b1, b2, a1, a2]);

function expectRows(
  sections: readonly Section[],
  wanted: readonly (readonly number[])[],
  within = 1e-8,
): void {
  expect(sections).toHaveLength(wanted.length);
  rows(sections).forEach((row, i) =>
    row.forEach((value, j) => expect(Math.abs(value - (wanted[i]?.[j] ?? NaN))).toBeLessThanOrEqual(within)),
  );
}

function gainDb(sections: readonly Section[], hz: number, sampleRate: number): number {
  const angle = (2 * Math.PI * hz) / sampleRate;
  const size = (c0: number, c1: number, c2: number): number =>
    Math.hypot(
      c0 + c1 * Math.cos(angle) + c2 * Math.cos(2 * angle),
      c1 * Math.sin(angle) + c2 * Math.sin(2 * angle),
    );
  return sections.reduce(
    (sum, { b0, b1, b2, a1, a2 }) => sum + 20 * Math.log10(size(b0, b1, b2) / size(1, a1, a2)),
    0,
  );
}

const band = (sampleRate: number): Section[] =>
  butterworth({ kind: "band-pass", order: 4, lowHz: 20, highHz: 450 }, sampleRate);

describe("Butterworth", () => {
  test("20-450 Hz of order 4 at 1 kHz has the reference's sections, gains and impulse response", () => {
    const sections = band(1000);
    expectRows(sections, [
      [0.55979398, 1.11958795, 0.55979398, 1.4727073, 0.55121942],
      [1, -2, 1, -1.77522571, 0.78983101],
      [1, 2, 1, 1.7030669, 0.79122057],
      [1, -2, 1, -1.89456611, 0.90970983],
    ]);
    const gains = [5, 10, 20, 50, 100, 200, 450, 480].map((hz) => gainDb(sections, hz, 1000));
    [-48.53, -24.39, -3.01, 0, 0, 0, -3.01, -32.37].forEach((db, i) => expect(gains[i]).toBeCloseTo(db, 2));
    const filter = new CausalFilter(sections, 1000);
    filter.next(0);
    const response = Array.from({ length: 8 }, (_, i) => filter.next(i === 0 ? 1 : 0));
    [
      0.55979398, 0.27654808, -0.56813421, -0.04901446, -0.18859891, -0.17390676, -0.00613923, -0.17258891,
    ].forEach((value, i) => expect(response[i]).toBeCloseTo(value, 7));
  });

  test("20-450 Hz of order 4 at 2 kHz has the reference's sections and gains", () => {
    const sections = band(2000);
    expectRows(sections, [
      [0.05851271, 0.11702542, 0.05851271, -0.23229445, 0.05846329],
      [1, 2, 1, -0.24489098, 0.47739693],
      [1, -2, 1, -1.8805833, 0.8848214],
      [1, -2, 1, -1.95160019, 0.95553351],
    ]);
    const gains = [5, 10, 20, 450, 600].map((hz) => gainDb(sections, hz, 2000));
    [-49.4, -25.09, -3.01, -3.01, -17.46].forEach((db, i) => expect(gains[i]).toBeCloseTo(db, 2));
  });

  test("high-pass 20 Hz of order 2 at 250 Hz has the reference's section and gains", () => {
    const sections = butterworth({ kind: "high-pass", order: 2, hz: 20 }, 250);
    expectRows(sections, [[0.69977432, -1.39954863, 0.69977432, -1.30728503, 0.49181224]]);
    const gains = [5, 10, 20, 50].map((hz) => gainDb(sections, hz, 250));
    [-24.45, -12.57, -3.01, -0.07].forEach((db, i) => expect(gains[i]).toBeCloseTo(db, 2));
  });

  test.each([
    [1, [9.8259e-6, 1.96518e-5, 9.8259e-6, -1.9911142922, 0.9911535959]],
    [5, [2.41359e-4, 4.827181e-4, 2.41359e-4, -1.9555782403, 0.9565436765]],
    [6, [3.460413e-4, 6.920827e-4, 3.460413e-4, -1.9466975408, 0.9480817061]],
  ])("low-pass %s Hz of order 2 at 1 kHz has the reference's section", (hz, row) => {
    expectRows(butterworth({ kind: "low-pass", order: 2, hz }, 1000), [row], 1e-10);
  });
});

describe("notch", () => {
  test.each([
    [1000, 50, [0.99066295, -1.8843529, 0.99066295, -1.8843529, 0.98132589]],
    [1000, 60, [0.99066295, -1.84219022, 0.99066295, -1.84219022, 0.98132589]],
    [250, 50, [0.96365388, -0.59557085, 0.96365388, -0.59557085, 0.92730777]],
    [250, 60, [0.96365388, -0.12101666, 0.96365388, -0.12101666, 0.92730777]],
  ])("at %s Hz of %s Hz has the reference's section, -3 dB beside it and nothing on it", (rate, hz, row) => {
    const section = notch(hz, 3, rate);
    expectRows([section], [row]);
    for (const beside of [hz - 1.5, hz + 1.5])
      expect(Math.abs(gainDb([section], beside, rate) + 3)).toBeLessThan(0.1);
    expect(gainDb([section], hz, rate)).toBeLessThan(-60);
  });
});

describe("causal filter", () => {
  const emg = [...band(1000), notch(50, 3, 1000)];

  test("holds its state over missing samples, and begins anew after more than 50 ms", () => {
    const run = (missing: number): number[] => {
      const filter = new CausalFilter(emg, 1000);
      for (let i = 0; i < 300; i += 1) filter.next(100 * Math.sin(i));
      filter.skip(missing);
      return Array.from({ length: 20 }, (_, i) => filter.next(5000 + Math.sin(i)));
    };
    expect(run(50)).toEqual(run(0));
    const anew = new CausalFilter(emg, 1000);
    expect(run(51)).toEqual(Array.from({ length: 20 }, (_, i) => anew.next(5000 + Math.sin(i))));
    expect(Math.abs(run(51)[0] ?? NaN)).toBeLessThan(1e-9);
  });

  test("an offset of the amplifier is taken out from the first sample on", () => {
    const filter = new CausalFilter(emg, 1000);
    for (let i = 0; i < 1000; i += 1) expect(Math.abs(filter.next(-187_500))).toBeLessThan(1e-6);
  });

  test("gaps told in one or in several parts are the same gap", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { maxLength: 6 }), (parts) => {
        const [one, several] = [new CausalFilter(emg, 1000), new CausalFilter(emg, 1000)];
        for (const filter of [one, several]) for (let i = 0; i < 50; i += 1) filter.next(Math.cos(i));
        one.skip(parts.reduce((sum, part) => sum + part, 0));
        for (const part of parts) several.skip(part);
        for (let i = 0; i < 20; i += 1) expect(several.next(i)).toBe(one.next(i));
      }),
    );
  });
});
