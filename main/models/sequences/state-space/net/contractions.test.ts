import { expect, test } from "vitest";
import { sortedQuantile } from "../../../../signal/quantile.ts";
import { seededRandom } from "../../../random.ts";
import { contractionLevel, contractionsHeard } from "./contractions.ts";

test("the level is by the quantiles of the last five minutes and the last half hour, as it comes and as a whole", () => {
  const random = seededRandom(5);
  const uc = Float32Array.from({ length: 4300 }, (_, t) =>
    Math.round(20 + 15 * Math.sin(t / 40) + 9 * random.next()),
  );
  const observed = Uint8Array.from(uc, (_, t) => Number(random.next() > 0.1 && !(t > 2000 && t < 2500)));
  const whole = contractionLevel(uc, observed);
  const heard = contractionsHeard();
  const last = (t: number, span: number): Float64Array =>
    Float64Array.from(
      uc
        .subarray(Math.max(0, t - span + 1), t + 1)
        .filter((_, i) => observed[Math.max(0, t - span + 1) + i] === 1),
    ).sort();
  for (const [t, value] of uc.entries()) {
    const level = heard(value, observed[t] === 1);
    expect([Math.fround(level ?? 0), Number(level !== undefined)]).toEqual([
      whole.level[t],
      whole.observed[t],
    ]);
    if (t % 97 !== 0 || level === undefined) continue;
    const [recent, longer] = [last(t, 300), last(t, 1800)];
    const at = (of: Float64Array, share: number): number => sortedQuantile(of, of.length, share);
    const span = Math.max(5, at(longer, 0.95) - at(longer, 0.1));
    expect(level).toBe(Math.min(3, Math.max(-1, (value - at(recent, 0.1)) / span)));
  }
  expect(whole.observed.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(3000);
});
