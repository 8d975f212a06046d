import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { logJoint, posteriors } from "../distributions/gaussian-classes.ts";
import { seededRandom } from "../random.ts";
import { fitTemplate, symmetriesOf, type LabelledRows } from "./adaptation.ts";
import { answerOf, untempered } from "./causal-answer.ts";
import { CausalAdaptation, type CausalSettings, type CausalView } from "./causal.ts";
import { Whitener } from "./whitening.ts";

const WIDTH = 6;
const CLASSES = 3;
const symmetries = symmetriesOf(WIDTH, { electrodes: WIDTH, blocks: 1, profiles: ["amplitude"] });
const centres = [
  [2, 1, 0, -1, 0, 0],
  [-1, 0, 2, 2, -1, 0],
  [0, -1, -2, 0, 1, 1],
] as const;

interface Habits {
  readonly seed: number;
  readonly orientation?: number;
  readonly level?: number; // how far this person's middle lies from everyone's
  readonly habit?: number; // how far each gesture lies from everyone's
  readonly gestures?: readonly number[];
  readonly windows?: number;
}

/** Somebody's windows: gestures in turn, ten windows each. */
function person({
  seed,
  orientation = 0,
  level = 0.5,
  habit = 0,
  gestures = [0, 1, 2],
  windows = 240,
}: Habits): LabelledRows {
  const random = seededRandom(seed);
  const order = symmetries[orientation] ?? new Int32Array(0);
  const middle = Array.from({ length: WIDTH }, () => level * random.normal());
  const own = centres.map((centre) => centre.map((value) => value + habit * random.normal()));
  const x = new Float32Array(windows * WIDTH);
  const labels = new Float64Array(windows * CLASSES);
  for (let n = 0; n < windows; n += 1) {
    const gesture = gestures[Math.floor(n / 10) % gestures.length] ?? 0;
    labels[n * CLASSES + gesture] = 1;
    order.forEach((worn, i) => {
      x[n * WIDTH + worn] = (own[gesture]?.[i] ?? 0) + (middle[worn] ?? 0) + 0.5 * random.normal();
    });
  }
  return {
    subject: String(seed),
    count: windows,
    x,
    observed: new Uint8Array(windows * WIDTH).fill(1),
    labels,
  };
}

const people = [0, 0, 3, 0, 0, 8].map((orientation, i) => person({ seed: i + 1, orientation }));
const { template } = fitTemplate(people, WIDTH, CLASSES, symmetries);
const settings: CausalSettings = {
  centreWindows: 20,
  evidenceWeight: 0.05,
  meansWindows: 10,
  meansSteps: 3,
  meansEvery: 4,
  pastWindows: 120,
  massWindows: 100,
  leastMass: 6,
  doubtAfter: 60,
};

type Fed = Pick<LabelledRows, "count" | "x" | "observed">;

function views(
  { count, x, observed }: Fed,
  guidedWindows = 0,
  own = settings,
  from = template,
): CausalView[] {
  const adaptation = new CausalAdaptation(from, own, guidedWindows);
  return Array.from({ length: count }, (_, n) =>
    adaptation.next(x.subarray(n * WIDTH, (n + 1) * WIDTH), observed.subarray(n * WIDTH, (n + 1) * WIDTH)),
  );
}

/** What the template alone, or its moved means, makes of a window. */
function gaussianAnswer({ ways, logMeans }: CausalView): number[] {
  if (logMeans) return [...logMeans];
  return Array.from({ length: CLASSES }, (_, c) =>
    ways.reduce((sum, { weight, logTemplate }) => sum + weight * Math.exp(logTemplate[c] ?? 0), 0),
  );
}

function accuracy(all: readonly CausalView[], { labels }: LabelledRows, from = 0): number {
  const right = all.slice(from).filter((view, i) => {
    const said = gaussianAnswer(view);
    return labels[(from + i) * CLASSES + said.indexOf(Math.max(...said))] === 1;
  });
  return right.length / (all.length - from);
}

describe("what the past of a stream says", () => {
  test("is the same where what the next window needs is computed before it comes", () => {
    const { count, x, observed } = person({ seed: 21, orientation: 5, windows: 150 });
    const adaptation = new CausalAdaptation(template, settings);
    const prepared = Array.from({ length: count }, (_, n) => {
      adaptation.prepare();
      if (n % 3 === 0) adaptation.prepare();
      return adaptation.next(
        x.subarray(n * WIDTH, (n + 1) * WIDTH),
        observed.subarray(n * WIDTH, (n + 1) * WIDTH),
      );
    });
    expect(prepared.some(({ part }) => part === "means")).toBe(true);
    expect(prepared).toEqual(views({ count, x, observed }));
  });

  test("never depends on what comes later", () => {
    const stream = person({ seed: 20, orientation: 3, windows: 150 });
    const whole = views(stream);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 149 }), fc.integer({ min: 1, max: 1000 }), (cut, seed) => {
        const other = person({ seed: 5000 + seed, windows: 150 - cut });
        const changed = { ...stream, x: stream.x.slice() };
        changed.x.set(other.x, cut * WIDTH);
        expect(views(changed).slice(0, cut)).toEqual(whole.slice(0, cut));
      }),
      { numRuns: 20 },
    );
  });

  test("is the same each time, and the same for a person whoever else there is", () => {
    const [one, another] = [person({ seed: 21 }), person({ seed: 22, orientation: 8 })];
    const before = views(one);
    views(another);
    expect(views(one)).toEqual(before);
  });

  test("does not depend on the order in which training people came", () => {
    const other = fitTemplate([...people].reverse(), WIDTH, CLASSES, symmetries).template;
    const stream = person({ seed: 23, orientation: 3, windows: 120 });
    const [one, another] = [views(stream, 60), views(stream, 60, settings, other)];
    one.forEach(({ part, ways, logMeans }, n) => {
      expect(another[n]).toMatchObject({ part, ways: ways.map(({ way }) => ({ way })) });
      logMeans?.forEach((value, c) => expect(another[n]?.logMeans?.[c]).toBeCloseTo(value, 6));
      ways[0]?.logTemplate.forEach((value, c) =>
        expect(another[n]?.ways[0]?.logTemplate[c]).toBeCloseTo(value, 6),
      );
    });
  });

  test.each([0, 3, 8])("finds out that the bracelet is worn in way %i", (orientation) => {
    const stream = person({ seed: 30 + orientation, orientation, level: 1 });
    const all = views(stream);
    expect(accuracy(all, stream, 60)).toBeGreaterThan(0.95);
    expect(all.at(-1)?.ways[0]?.way).toBe(orientation);
  });

  test("begins with what training people were like, and says so", () => {
    const [first, second] = views(person({ seed: 40 }));
    expect([first?.part, second?.part]).toEqual(["static", "causal"]);
    expect(first?.ways[0]?.way).toBe(0); // as most wore it
  });

  test("moves the class means once every class was heard, and is right more often then", () => {
    const habits = [50, 51, 52, 53].map((seed) => person({ seed, habit: 0.9, windows: 360 }));
    const without = { ...settings, leastMass: Infinity };
    const gain = habits.map(
      (one) => accuracy(views(one), one, 120) - accuracy(views(one, 0, without), one, 120),
    );
    expect(views(habits[0] ?? people[0] ?? person({ seed: 1 })).some(({ part }) => part === "means")).toBe(
      true,
    );
    expect(gain.reduce((a, b) => a + b, 0)).toBeGreaterThan(0);
  });

  test("leaves the means, and grows cautious, where a class never occurs", () => {
    const parts = views(person({ seed: 60, gestures: [0, 1] }), 0, { ...settings, leastMass: 15 }).map(
      ({ part }) => part,
    );
    expect(parts).not.toContain("means");
    expect(parts.slice(settings.doubtAfter)).toContain("cautious");
  });

  test("takes somebody's word that the beginning holds every class", () => {
    const deaf = { ...settings, leastMass: Infinity };
    const parts = views(person({ seed: 61 }), 80, deaf).map(({ part }) => part);
    expect(parts.slice(1, 80).every((part) => part === "causal")).toBe(true);
    expect(parts.slice(80).every((part) => part === "means")).toBe(true);
  });

  test("looks at nothing behind the mask, and at electrodes that are there", () => {
    const plain = person({ seed: 70, windows: 120 });
    const observed = plain.observed.map((_, at) => (at % WIDTH === 2 || at % 17 === 0 ? 0 : 1));
    const hidden = (value: number): Fed => ({
      ...plain,
      observed,
      x: plain.x.map((own, at) => (observed[at] === 1 ? own : value)),
    });
    expect(views(hidden(Number.NaN), 40)).toEqual(views(hidden(0), 40));
    expect(accuracy(views(hidden(Number.NaN), 40), plain, 20)).toBeGreaterThan(0.8);
  });

  test("holds on streams of one gesture, of nothing observed and of a single window", () => {
    const one = person({ seed: 80, gestures: [1], windows: 300 });
    const nothing = { ...one, observed: new Uint8Array(one.observed.length) };
    for (const stream of [one, nothing, { ...one, count: 1 }, { ...one, count: 0 }]) {
      for (const view of views(stream, 30)) {
        const said = gaussianAnswer(view);
        expect(said.every((value) => !Number.isNaN(value))).toBe(true);
        expect(view.ways.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9);
      }
    }
  });

  test("remembers no more than its settings allow: what is long gone no longer moves the means", () => {
    const stream = person({ seed: 90, windows: 400 });
    const other = { ...stream, x: stream.x.slice() };
    // Two windows change places: every sum is the same, and both are out of sight at the end.
    other.x.set(stream.x.subarray(0, WIDTH), WIDTH);
    other.x.set(stream.x.subarray(WIDTH, 2 * WIDTH), 0);
    const [a, b] = [views(stream, 50).at(-1), views(other, 50).at(-1)];
    a?.logMeans?.forEach((value, c) => expect(value).toBeCloseTo(b?.logMeans?.[c] ?? 0, 9));
  });
});

test("a whitened row has the log joint of the Gaussian classes, masked or not, for any means", () => {
  const { gaussian } = template;
  const whitener = new Whitener(gaussian);
  const random = seededRandom(7);
  for (let draw = 0; draw < 20; draw += 1) {
    const x = Float64Array.from({ length: WIDTH }, () => random.normal());
    const observed = Uint8Array.from({ length: WIDTH }, () => (random.next() < 0.7 ? 1 : 0));
    const means = gaussian.means.map((value) => value + random.normal());
    const found = whitener.logJoint(whitener.row(x, observed), means, new Map());
    const wanted = logJoint({ ...gaussian, means }, x, observed, 1);
    found.forEach((value, c) => expect(value).toBeCloseTo(wanted[c] ?? 0, 9));
  }
});

describe("an answer", () => {
  const view = (part: CausalView["part"], logMeans?: Float64Array): CausalView => ({
    part,
    logMeans,
    ways: [0.75, 0.25].map((weight, way) => ({
      way,
      weight,
      inputs: new Float64Array(0),
      observed: new Uint8Array(0),
      logTemplate: Float64Array.of(Math.log(0.5), Math.log(0.5)),
    })),
  });
  const log = (p: number): Float64Array => Float64Array.of(Math.log(p), Math.log(1 - p));
  const voice = { asItIs: log(0.9), byWay: [log(0.2), log(0.6)] };

  test("is the plain network's where nothing was heard, whatever the ways say", () => {
    const said = answerOf(view("static"), voice, untempered);
    expect(said[0]).toBeCloseTo(0.9, 12);
  });

  test("averages log probabilities over parts, and probabilities over ways of wearing", () => {
    const network = 0.75 * 0.2 + 0.25 * 0.6;
    const joint = [0.9 ** 2 * network, 0.1 ** 2 * (1 - network)].map((value) => value ** (1 / 3));
    const said = answerOf(view("cautious"), voice, untempered);
    expect(said[0]).toBeCloseTo((joint[0] ?? 0) / ((joint[0] ?? 0) + (joint[1] ?? 0)), 12);
  });

  test("is flattened by its own part's temperature only", () => {
    const means = view("means", log(0.99));
    const sharp = answerOf(means, voice, { ...untempered, causal: 5 });
    const flat = answerOf(means, voice, { ...untempered, means: 5 });
    expect(sharp).toEqual(answerOf(means, voice, untempered));
    expect(Math.abs((flat[0] ?? 0) - 0.5)).toBeLessThan(Math.abs((sharp[0] ?? 0) - 0.5));
  });

  test("takes the plain network at its own temperature, alone and beside others", () => {
    const halved = { ...voice, asItIs: voice.asItIs.map((value) => value / 2) };
    for (const part of ["static", "causal", "cautious"] as const) {
      const said = answerOf(view(part), voice, { ...untempered, static: 2 });
      said.forEach((p, c) => expect(p).toBeCloseTo(answerOf(view(part), halved, untempered)[c] ?? 0, 12));
    }
  });

  test("has probabilities that sum to one, however sure a part is", () => {
    const sure = Float64Array.of(0, -Infinity);
    for (const part of ["static", "cautious", "causal", "means"] as const) {
      const said = answerOf(view(part, sure), { asItIs: sure, byWay: [sure, sure] }, untempered);
      expect((said[0] ?? 0) + (said[1] ?? 0)).toBeCloseTo(1, 12);
    }
  });
});

test("posteriors agree with the views' template", () => {
  const stream = person({ seed: 95, windows: 1 });
  const [first] = views(stream);
  const way = first?.ways[0];
  const joint = logJoint(template.gaussian, way?.inputs ?? [], way?.observed, 1);
  posteriors(joint, CLASSES).probabilities.forEach((p, c) =>
    expect(Math.exp(way?.logTemplate[c] ?? 0)).toBeCloseTo(p, 9),
  );
});
