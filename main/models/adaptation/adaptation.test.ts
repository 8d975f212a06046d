import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../random.ts";
import {
  adaptMeans,
  adaptRecording,
  fitTemplate,
  symmetriesOf,
  wornAs,
  type LabelledRows,
} from "./adaptation.ts";

const ring = { electrodes: 6, blocks: 1, profiles: ["amplitude"] };
const symmetries = symmetriesOf(6, ring);
const centres = [
  [2, 1, 0, -1, 0, 0],
  [-1, 0, 2, 2, -1, 0],
  [0, -1, -2, 0, 1, 1],
] as const;
const ROUND = 60;

/** One person's windows: gestures in turn, worn `orientation`, with a level of their own. */
function person(
  subject: string,
  seed: number,
  orientation: number,
  isLabelled = true,
  habit = 0, // how far each of this person's gestures lies from everyone's
): LabelledRows {
  const random = seededRandom(seed);
  const count = 3 * ROUND;
  const order = symmetries[orientation] as Int32Array;
  const x = new Float32Array(count * 6);
  const level = Array.from({ length: 6 }, () => random.normal());
  const own = centres.map((centre) => centre.map((value) => value + habit * random.normal()));
  for (let n = 0; n < count; n += 1) {
    const centre = own[n % 3] as readonly number[];
    for (let i = 0; i < 6; i += 1) {
      const worn = order[i] as number; // the template's input i lies at `worn` of this person
      x[n * 6 + worn] = (centre[i] as number) + (level[worn] as number) + 0.3 * random.normal();
    }
  }
  const labels = Float64Array.from({ length: count * 3 }, (_, at) =>
    isLabelled && at % 3 === Math.floor(at / 3) % 3 ? 1 : 0,
  );
  return { subject, count, x, observed: new Uint8Array(count * 6).fill(1), labels };
}

const rightShare = (probabilities: Float64Array): number => {
  let right = 0;
  const count = probabilities.length / 3;
  for (let n = 0; n < count; n += 1) {
    const row = [...probabilities.subarray(3 * n, 3 * n + 3)];
    right += row.indexOf(Math.max(...row)) === n % 3 ? 1 : 0;
  }
  return right / count;
};

describe("the symmetries of a bracelet", () => {
  test("are all turns, either way up, each a different order and the first the one that changes nothing", () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 9 }), fc.integer({ min: 1, max: 3 }), (electrodes, blocks) => {
        const width = electrodes * blocks;
        const found = symmetriesOf(width, { ...ring, electrodes, blocks });
        expect(found).toHaveLength(2 * electrodes);
        expect(new Set(found.map(String)).size).toBe(2 * electrodes);
        expect([...(found[0] as Int32Array)]).toEqual(Array.from({ length: width }, (_, i) => i));
        for (const order of found) {
          expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: width }, (_, i) => i));
          order.forEach((from, i) => expect(Math.floor(from / electrodes)).toBe(Math.floor(i / electrodes)));
        }
      }),
    );
    expect(symmetriesOf(4, undefined).map((order) => [...order])).toEqual([[0, 1, 2, 3]]);
  });
});

describe("a template of labelled people", () => {
  const people = [person("a", 1, 0), person("b", 2, 0), person("c", 3, 4), person("d", 4, 0)];
  const fitted = fitTemplate(people, 6, 3, symmetries);

  test("brings who wore the bracelet otherwise into line", () => {
    const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => fitted.orientations.get(name));
    expect(new Set([a, b, d]).size).toBe(1);
    expect(c).not.toBe(a);
    expect(fitted.template.logOrientation.reduce((sum, v) => sum + Math.exp(v), 0)).toBeCloseTo(1, 12);
    fitted.softLabels.forEach((soft, p) => expect(soft).toEqual(people[p]?.labels));
  });

  test("names as it is what most of them wore, however that was", () => {
    const most = fitTemplate([person("a", 1, 0), person("b", 2, 5), person("c", 3, 5)], 6, 3, symmetries);
    expect([...most.orientations].filter(([, index]) => index === 0).map(([name]) => name)).toEqual([
      "b",
      "c",
    ]);
    expect(most.orientations.get("a")).toBe(1); // one electrode the other way than five
  });

  test("turns nobody of a few people who wore it alike, however differently they move", () => {
    for (let group = 1; group <= 60; group += 1) {
      const few = Array.from({ length: 4 }, (_, p) => person(String(p), 100 * group + p, 0, true, 0.7));
      expect([...fitTemplate(few, 6, 3, symmetries).orientations.values()]).toEqual([0, 0, 0, 0]);
    }
  });

  test("lies where its people's own means lie, turned alike", () => {
    const { x, count } = person("a", 1, 4);
    const order = symmetries[4] as Int32Array;
    const alone = fitTemplate([person("a", 1, 4), person("a", 1, 4)], 6, 3, symmetries);
    const means = Array.from({ length: 6 }, (_, i) =>
      Array.from({ length: count }, (_n, n) => x[n * 6 + i] as number).reduce((a, b) => a + b / count, 0),
    );
    alone.template.centre.forEach((value, i) => expect(value).toBeCloseTo(means[i] as number, 5));
    const turned = wornAs(person("a", 1, 4), order);
    expect(turned.x).toEqual(
      person("a", 1, 0).x.map((_, at) => x[at - (at % 6) + (order[at % 6] as number)] as number),
    );
  });

  test.each([0, 3, 8])("finds the gestures of a new person who wore it in orientation %i", (orientation) => {
    const { probabilities } = adaptRecording(
      fitted.template,
      person("new", 50 + orientation, orientation, false),
    );
    expect(rightShare(probabilities)).toBeGreaterThan(0.95);
  });

  test("does not look at unobserved inputs, and never answers NaN", () => {
    const plain = person("new", 77, 0, false);
    const observed = plain.observed.map((_, at) => (at % 5 === 0 ? 0 : 1));
    const hide = (value: number) => ({
      ...plain,
      observed,
      x: plain.x.map((v, at) => (observed[at] === 1 ? v : value)),
    });
    const found = adaptRecording(fitted.template, hide(0));
    expect(adaptRecording(fitted.template, hide(Number.NaN))).toEqual(found);
    expect(found.probabilities.every((p) => p >= 0 && p <= 1)).toBe(true);
    expect(rightShare(found.probabilities)).toBeGreaterThan(0.9);
  });

  test("gives a new person's windows back as the template's people would have made them", () => {
    const { canonical } = adaptRecording(fitted.template, person("new", 61, 3, false, 0.4));
    for (let c = 0; c < 3; c += 1) {
      for (let i = 0; i < 6; i += 1) {
        let sum = 0;
        for (let n = c; n < 3 * ROUND; n += 3) sum += canonical[n * 6 + i] as number;
        const wanted =
          (fitted.template.gaussian.means[c * 6 + i] as number) + (fitted.template.centre[i] as number);
        expect(Math.abs(sum / ROUND - wanted)).toBeLessThan(0.2); // own habits are 0.4 (sd), and up to 1, apart
      }
    }
  });

  test("gives people without labels posteriors in their place, and leaves known labels as they are", () => {
    const some = [person("a", 1, 0), person("b", 2, 0), person("c", 3, 0, false)];
    const { softLabels } = fitTemplate(some, 6, 3, symmetries);
    expect(softLabels[0]).toEqual(some[0]?.labels);
    expect(rightShare(softLabels[2] as Float64Array)).toBeGreaterThan(0.95);
  });
});

test("class means move towards a person by as many windows as speak for it", () => {
  const gaussian = {
    width: 1,
    classes: 2,
    means: Float64Array.of(-5, 5),
    covariance: Float64Array.of(1),
    logPrior: Float64Array.of(Math.log(0.5), Math.log(0.5)),
  };
  const rows = { count: 4, x: Float64Array.of(-4, -4, 6, 6), observed: undefined };
  const once = adaptMeans(gaussian, rows, undefined, { steps: 1, priorWindows: 2 });
  expect(once.means[0]).toBeCloseTo((2 * -5 + 2 * -4) / 4, 6);
  expect(once.means[1]).toBeCloseTo((2 * 5 + 2 * 6) / 4, 6);
  const none = adaptMeans(gaussian, rows, undefined, { steps: 0, priorWindows: 2 });
  expect(none.means).toEqual(gaussian.means);
});
