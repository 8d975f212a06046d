import { describe, expect, test } from "vitest";
import type { Marked } from "../../../model.ts";
import { seededRandom } from "../../../random.ts";
import { ctgDynamics, type Dynamics } from "../filter.ts";
import { filterRegimes, logLikelihood, smoothRegimes, turnsOf, type Switching } from "../regimes.ts";
import { eventRegimes, ratesOf, startEvents, switchingWith } from "./events.ts";
import { expectedRates, learnEvents, type ReadSeconds } from "./learn.ts";
import { namedBy, saidBySecond, toldOf } from "./told.ts";

const codes = ["acceleration", "late-deceleration", "bradycardia"];
const named = namedBy(codes);
const [ACC, DEC] = [eventRegimes.indexOf("acceleration"), eventRegimes.indexOf("deceleration")];
const { signal } = new AbortController();

/** A heart rate that falls and rises now and then for three quarters of a minute, all of it read. */
function rate(seed: number, seconds = 900) {
  const random = seededRandom(seed);
  const y = new Float64Array(seconds);
  const observed = Uint8Array.from(y, () => Number(random.next() > 0.1));
  const events: Marked["events"][number][] = [];
  for (let t = 100; t + 100 < seconds; t += 150 + random.below(100))
    events.push({
      code: random.next() < 0.5 ? "acceleration" : "late-deceleration",
      onsetS: t,
      durationS: 45,
    });
  let [slow, away] = [0, 0];
  y.forEach((_, t) => {
    slow = 0.95 * slow + 0.5 * random.normal();
    const own = events.find(({ onsetS, durationS }) => t >= onsetS && t < onsetS + durationS);
    away += ((own === undefined ? 0 : own.code === "acceleration" ? 25 : -30) - away) / 12;
    y[t] = 140 + slow + away + 0.3 * random.normal();
  });
  const marks: Marked = { events, read: [{ onsetS: 0, durationS: seconds }], unclear: [] };
  return { y, observed, marks };
}

const readOf = (seed: number, isRead: boolean): ReadSeconds => {
  const { y, observed, marks } = rate(seed);
  return { y, observed, said: saidBySecond(y.length, isRead ? marks : undefined, codes) };
};

describe("what readers say of the regimes of a heart rate", () => {
  test("is nothing where nobody declared to have read, whatever lies there", () => {
    const marks: Marked = {
      read: [{ onsetS: 10, durationS: 20 }],
      events: [
        { code: "acceleration", onsetS: 5, durationS: 10 },
        { code: "bradycardia", onsetS: 18, durationS: 8 },
        { code: "late-deceleration", onsetS: 20, durationS: 3 },
      ],
      unclear: [{ code: "acceleration", onsetS: 28, durationS: 10 }],
    };
    const said = saidBySecond(40, marks, codes);
    expect([...said].map((v) => v.toString()).join("")).toBe(
      "0000000000" + "3333311122" + "4442221100" + "0000000000",
    );
    const told = toldOf(said, named, 1);
    const row = (t: number) => told?.subarray(t * eventRegimes.length, (t + 1) * eventRegimes.length);
    expect(row(5)?.every((log) => log === 0)).toBe(true);
    expect(row(35)?.every((log) => log === 0)).toBe(true);
    expect([row(12)?.[ACC], row(12)?.[DEC], row(12)?.[0]]).toEqual([0, Math.log(0.02), Math.log(0.02)]);
    expect([row(15)?.[ACC], row(15)?.[DEC], row(15)?.[0]]).toEqual([Math.log(0.3), Math.log(0.3), 0]);
    expect([row(18)?.[ACC], row(18)?.[DEC], row(18)?.[0]]).toEqual([Math.log(0.02), Math.log(0.02), 0]);
  });

  test("is what it was where it is not clear when a contraction begins: that says nothing of the heart rate", () => {
    const marks: Marked = {
      read: [{ onsetS: 0, durationS: 10 }],
      events: [{ code: "acceleration", onsetS: 2, durationS: 6 }],
      unclear: [
        { code: "contraction", onsetS: 0, durationS: 10 },
        { code: "bradycardia", onsetS: 7, durationS: 2 },
      ],
    };
    const said = saidBySecond(10, marks, [...codes, "contraction"]);
    expect([...said].join("")).toBe("1133333001");
  });

  test("says nothing of an event that no label is for: nobody looked for it", () => {
    const marks: Marked = { read: [{ onsetS: 0, durationS: 10 }], events: [], unclear: [] };
    const told = toldOf(saidBySecond(10, marks, ["deceleration"]), namedBy(["deceleration"]), 1);
    expect([told?.[ACC], told?.[DEC]]).toEqual([0, Math.log(0.3)]);
    expect(saidBySecond(10, marks, ["contraction"])).toEqual(new Uint8Array(10));
  });

  test("counts nothing at strength 0, bit for bit as where nobody read", async () => {
    const { y, observed, marks } = rate(1);
    const said = saidBySecond(y.length, marks, codes);
    expect(toldOf(said, named, 0)).toBeUndefined();
    const switching = switchingWith(ctgDynamics, startEvents);
    const silent = filterRegimes(
      { y, observed },
      switching,
      new Float64Array(y.length * eventRegimes.length),
    );
    expect(silent).toEqual(filterRegimes({ y, observed }, switching));
    const learned = (isRead: boolean, strength: number) =>
      learnEvents([readOf(1, isRead)], ctgDynamics, { named, strength, signal, length: 0.1 });
    const [ignored, unread] = [await learned(true, 0), await learned(false, 1)];
    expect(ignored).toEqual(unread);
    expect(ignored).toBeDefined();
  }, 60_000);

  test("moves the likelihood as expected turns say: its slopes, by differences", () => {
    // All regimes move alike, so that values tell nothing of them and what is told is all there is: an exact chain.
    const random = seededRandom(3);
    const steps = 60;
    const still: Dynamics = { ...ctgDynamics, tails: Infinity, caution: 0, fastRise: 0, slowRise: 0 };
    const turns = Float64Array.of(0.9, 0.07, 0.03, 0.1, 0.85, 0.05, 0.02, 0.08, 0.9);
    const switching: Switching = { dwell: 60, dynamics: [still, still, still], turns };
    const y = Float64Array.from({ length: steps }, () => 140 + random.normal());
    const series = { y, observed: Uint8Array.from(y, () => Number(random.next() > 0.3)) };
    const told = Float64Array.from({ length: 3 * steps }, (_, i) =>
      Math.floor(i / 3) % 4 === 0 ? 0 : Math.log(0.05 + random.next()),
    );
    const nats = (own: Float64Array): number => logLikelihood(series, { ...switching, turns: own }, told);
    const kept = filterRegimes(series, switching, told);
    const expected = turnsOf(kept, smoothRegimes(kept, switching), switching);
    expect(expected.reduce((a, b) => a + b, 0)).toBeCloseTo(steps - 1, 9);
    const { logDensity, logTold } = kept;
    expect([...logDensity, ...logTold].reduce((a, b) => a + b, 0)).toBeCloseTo(nats(turns), 9);
    turns.forEach((own, at) => {
      const moved = (by: number): number => nats(turns.map((v, i) => (i === at ? v + by : v)));
      const slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
      expect((expected[at] ?? NaN) / own / slope).toBeCloseTo(1, 6);
    });
  });

  test("a round of expectation makes what was seen and said likelier, and rates stay where a file holds them", () => {
    const { y, observed, marks } = rate(4);
    const told = toldOf(saidBySecond(y.length, marks, codes), named, 1);
    const lessons = [{ series: { y, observed }, told, weight: 1 }];
    const nats = (events: typeof startEvents): number =>
      -logLikelihood({ y, observed }, switchingWith(ctgDynamics, events), told);
    const next = expectedRates(lessons, ctgDynamics, startEvents);
    expect(nats(next)).toBeLessThan(nats(startEvents));
    const most = ratesOf(new Float64Array(eventRegimes.length ** 2).fill(1e9), startEvents);
    expect(most.acceleration.begins).toBeLessThanOrEqual(0.1);
    expect(most.deceleration.ends).toBeLessThanOrEqual(0.5);
  });

  test("a few read recordings and others nobody read: events are found where they lie, and stay what readers mean", async () => {
    const rounds: number[] = [];
    const events = await learnEvents(
      [readOf(1, true), readOf(2, true), readOf(3, false), readOf(4, false)],
      ctgDynamics,
      { named, strength: 1, signal, length: 0.4, onRound: (_, __, nats) => rounds.push(nats) },
    );
    if (events === undefined) expect.fail("nothing was learned");
    expect(rounds.at(-1)).toBeLessThan(rounds[0] ?? 0);
    expect(events.acceleration.target).toBeGreaterThan(12);
    expect(events.deceleration.target).toBeLessThan(-15);
    const { y, observed, marks } = rate(9);
    const switching = switchingWith(ctgDynamics, events);
    const kept = filterRegimes({ y, observed }, switching);
    const shares = smoothRegimes(kept, switching);
    const said = saidBySecond(y.length, marks, codes);
    const mean = (regime: number, of: number): number => {
      const own = [...said.keys()].filter((t) => t > 60 && said[t] === of);
      return own.reduce((sum, t) => sum + (shares[t * eventRegimes.length + regime] ?? 0), 0) / own.length;
    };
    expect(mean(ACC, 3)).toBeGreaterThan(3 * mean(ACC, 1));
    expect(mean(DEC, 4)).toBeGreaterThan(3 * mean(DEC, 1));
  }, 60_000);

  test("nothing is learned of what was hardly observed", async () => {
    const { y, said } = readOf(1, true);
    const own = { y, observed: new Uint8Array(y.length), said };
    expect(await learnEvents([own], ctgDynamics, { named, strength: 1, signal })).toBeUndefined();
  });
});
