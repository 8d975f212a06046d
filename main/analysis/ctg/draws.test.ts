import { describe, expect, test } from "vitest";
import { classProbabilities, drawEvidence, type ClassProbabilities, type DrawPlan } from "./draws.ts";
import { context, decelerationAt, evidenceOf, labour, settings } from "./engines/evidence.fixtures.ts";
import { judge } from "./engines/engine.ts";
import { engines } from "./engines/registry.ts";
import { CTG_HZ, type Baseline, type Evidence } from "./trace.ts";

function baselineOf({ minutes }: Evidence, halfWidth: number): Baseline {
  const value = new Float64Array(minutes.length * 60 * CTG_HZ);
  minutes.forEach(({ baselineBpm }, i) => value.fill(baselineBpm ?? 0, i * 240, (i + 1) * 240));
  const [low, high] = [value.map((bpm) => bpm - halfWidth), value.map((bpm) => bpm + halfWidth)];
  return { value, low, high, observed: new Uint8Array(value.length).fill(1) };
}

function planOf(middle: Evidence, halfWidth: number, draws: number, seed = 1): DrawPlan {
  const baseline = baselineOf(middle, halfWidth);
  return {
    evidenceOf: (uniform) => drawEvidence(middle, baseline, uniform),
    ...{ engines, context, settings: { ...settings, draws }, seed },
  };
}

function finish(plan: DrawPlan): { done: number[]; shares: ClassProbabilities } {
  const steps = classProbabilities(plan);
  const done: number[] = [];
  for (;;) {
    const step = steps.next();
    if (step.done === true) return { done, shares: step.value };
    done.push(step.value);
  }
}

describe("probabilities of the classes", () => {
  const certain = evidenceOf({ minutes: 40, ...labour(2400, 180, (i) => i % 2 === 0, "variable") });

  test("where nothing is uncertain every draw says what the rules say", () => {
    const { shares, done } = finish(planOf(certain, 0, 20));
    expect(done).toEqual([10, 20]);
    for (const engine of engines)
      judge(engine, certain, context, settings).forEach(({ code }, minute) => {
        expect(shares.get(engine.name)?.[minute] ?? {}).toEqual(code === null ? {} : { [code]: 1 });
      });
  });

  test("a baseline at the limit with its band divides the classes; what is missing to one cannot be assessed", () => {
    const near = evidenceOf({ minutes: 40, baselineBpm: 160 });
    const figo = finish(planOf(near, 6, 200)).shares.get("figo-2015");
    expect(figo?.at(-1)?.normal).toBeGreaterThan(0.3);
    expect(figo?.at(-1)?.suspicious).toBeGreaterThan(0.1);
    expect(figo?.[5]).toEqual({});
  });

  test("an event's probability and its type come into the class", () => {
    const unsure = { probability: 0.5, meets: { figo: 0.5, nichd: 0.5, jsog: 0.5 } };
    const half = { early: 0.5, late: 0.5, variable: 0, prolonged: 0, unknown: 0 };
    const types = { figo: half, nichd: half, jsog: half };
    const one = evidenceOf({
      minutes: 20,
      decelerations: [decelerationAt(900, "late", { ...unsure, types })],
    });
    const last = finish(planOf(one, 0, 400))
      .shares.get("nichd-2008")
      ?.at(-1);
    expect(last?.II).toBeGreaterThan(0.18); // there, and late: a quarter of the draws
    expect(last?.II).toBeLessThan(0.32);
    expect((last?.I ?? 0) + (last?.II ?? 0)).toBe(1);
  });

  test("the same seed gives the same shares, another seed others", () => {
    const near = evidenceOf({ minutes: 20, baselineBpm: 160 });
    const of = (seed: number): unknown => [...finish(planOf(near, 6, 50, seed)).shares];
    expect(of(3)).toEqual(of(3));
    expect(of(3)).not.toEqual(of(4));
  });
});
