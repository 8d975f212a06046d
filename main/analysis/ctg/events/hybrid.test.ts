import { describe, expect, test } from "vitest";
import { levelOf, traceOf } from "../ctg.fixtures.ts";
import { contractionAt } from "../engines/evidence.fixtures.ts";
import { acceptedEvents, type NetworkProbabilities, networkEvents, weighedContractions } from "./hybrid.ts";

const SECONDS = 900;
/** Falls of 30 bpm at 200 and 600 s, a minute each. */
const trace = traceOf(SECONDS, (s) =>
  [200, 600].some((from) => s > from && s < from + 60)
    ? 140 - 30 * Math.sin((Math.PI * ((s - 200) % 400)) / 60)
    : 140,
);
const baseline = levelOf(SECONDS, 140);
const says = (fromS: number, toS: number, p: number): NetworkProbabilities => ({
  acceleration: new Float32Array(SECONDS),
  deceleration: new Float32Array(SECONDS).fill(p, fromS, toS),
});

describe("the rule proposes, the network accepts", () => {
  test("only what the network sees is left, with the rule's ends", () => {
    const network = says(590, 640, 0.9);
    const { decelerations } = acceptedEvents(trace, baseline, { contractions: [], network });
    expect(decelerations).toHaveLength(1);
    expect(decelerations[0]?.by).toBe("both");
    expect(Math.abs((decelerations[0]?.onsetS ?? 0) - 602)).toBeLessThan(2);
    expect(decelerations[0]?.readerProbability).toBeGreaterThan(0.5);
  });

  test("where the network sees nothing, nothing is accepted", () => {
    const network = says(0, 0, 0);
    expect(acceptedEvents(trace, baseline, { contractions: [], network }).decelerations).toEqual([]);
  });
});

describe("contractions by rule and network", () => {
  const everywhere = new Uint8Array(SECONDS).fill(1);
  const chanceOf = (ruled: number, said: number, isKnown = everywhere): number => {
    const probability = new Float32Array(SECONDS).fill(said, 300, 360);
    return weighedContractions([contractionAt(300, ruled)], { probability, isKnown })[0]?.probability ?? NaN;
  };

  test("one that both see is likelier than by the rule, one that the network does not see is none", () => {
    expect(chanceOf(0.7, 0.9)).toBeGreaterThan(0.7);
    expect(chanceOf(0.7, 0.05)).toBeLessThan(0.1);
    expect(chanceOf(0.4, 0.8)).toBeGreaterThan(0.5);
  });

  test("where the network can say nothing it is as likely as by the rule", () => {
    expect(chanceOf(0.7, 0, new Uint8Array(SECONDS))).toBe(0.7);
    expect(chanceOf(0.7, 0, new Uint8Array(SECONDS).fill(1, 300, 325))).toBe(0.7);
    expect(chanceOf(0.7, 0, new Uint8Array(SECONDS).fill(1, 300, 335))).toBeLessThan(0.1);
  });

  test("what the network says beside it counts for nothing, and its place is the rule's", () => {
    const probability = new Float32Array(SECONDS).fill(0.9).fill(0, 300, 360);
    const [one] = weighedContractions([contractionAt(300, 0.9)], { probability, isKnown: everywhere });
    expect(one).toEqual({ ...contractionAt(300), probability: one?.probability });
    expect(one?.probability).toBeLessThan(0.05);
  });
});

describe("the network alone", () => {
  test("its events are measured and typed like the rule's", () => {
    const { decelerations } = networkEvents(trace, baseline, {
      contractions: [],
      network: says(195, 265, 0.8),
    });
    expect(decelerations).toHaveLength(1);
    expect(decelerations[0]).toMatchObject({ by: "network", onsetS: 195, endS: 265 });
    expect(decelerations[0]?.depthBpm).toBeCloseTo(30, 0);
    expect(decelerations[0]?.readerProbability).toBeCloseTo(0.8, 6);
    expect(decelerations[0]?.probability).toBeGreaterThan(0.99);
    expect(decelerations[0]?.types.nichd.early).toBe(0);
  });

  test("stretches 15 s apart are two, nearer ones are one, short ones are none", () => {
    const with2 = (apartS: number) => {
      const deceleration = new Float32Array(SECONDS)
        .fill(0.8, 200, 230)
        .fill(0.8, 230 + apartS, 260 + apartS);
      return networkEvents(trace, baseline, {
        contractions: [],
        network: { acceleration: new Float32Array(SECONDS), deceleration },
      }).decelerations.length;
    };
    expect(with2(14)).toBe(1);
    expect(with2(15)).toBe(2);
    expect(
      networkEvents(trace, baseline, { contractions: [], network: says(200, 214, 0.9) }).decelerations,
    ).toEqual([]);
  });
});
