import { z } from "zod";
import { normalQuantile } from "../../../distributions/normal-quantile.ts";
import type { ScoredPredictive } from "../../../distributions/predictive.ts";
import type { Seen } from "./inputs.ts";

/** How fast widths follow what a recording did to earlier forecasts of it. */
export const Adapting = z.object({
  fadesS: z.number().min(60).max(1e5), // a forecast so much older counts 1/e
  prior: z.number().min(1).max(1e6), // forecasts that came true as widely as promised, counted beside its own
});
type Adapting = z.infer<typeof Adapting>;

/** By validation records of CTU-UHB: likeliest beyond 15 s, and nearest to what bands promise in each record. */
export const usualAdapting: Adapting = { fadesS: 1200, prior: 50 };

/** What is said of each second after a moment, spread out about its middle by e to `wider`. */
export type Said = (h: number, wider?: number) => ScoredPredictive;

const EVERY_S = 10; // from one forecast that is looked back at to the next
const FIRST = 119; // the first of them, a second
const LATER_S = [15, 30, 60] as const; // when they are looked back at; nothing was gained a second ahead
const BACK_S = 3600; // how far
const MOST = 5; // that a squared surprise counts
const USUAL = 0.955; // its mean where bands hold: ∫ min(z², 5) φ(z) dz
const NEAREST = 1e-4; // to 0 and 1 that a share counts

/** How far what came of a recording lay from what was said of it. Knows nothing later than it is asked about. */
export class Surprises {
  readonly #squares = LATER_S.map((): (number | undefined)[] => []); // a forecast; NaN: nothing came
  readonly #said = new Map<number, Said>(); // of those of which not all has come

  /** What `make` says of a second, made once where it will be looked back at. */
  said(t: number, make: (t: number) => Said): Said {
    const known = this.#said.get(t);
    if (known !== undefined) return known;
    const made = make(t);
    if ((t - FIRST) % EVERY_S === 0 && t >= FIRST) this.#said.set(t, made);
    return made;
  }

  /**
   * ln of the factor by which what is said at second t is spread out h seconds later: half that of the mean square of the
   * surprises of the last hour, the latest counting most. Between horizons in proportion to their logarithms, 0 a second ahead.
   */
  wideningAt(
    t: number,
    seen: Seen,
    make: (t: number) => Said,
    { fadesS, prior }: Adapting,
  ): (h: number) => number {
    const found = LATER_S.map((h, j) => {
      let [sum, count] = [USUAL * prior, prior];
      for (let moment = momentBefore(t - h); moment >= 0 && secondOf(moment) + h > t - BACK_S; moment -= 1) {
        const square = this.#squareOf(moment, j, seen, make);
        if (Number.isNaN(square)) continue;
        const weight = Math.exp((secondOf(moment) + h - t) / fadesS);
        sum += weight * square;
        count += weight;
      }
      return 0.5 * Math.log(sum / (USUAL * count));
    });
    for (const second of this.#said.keys()) if (second < t - Math.max(...LATER_S)) this.#said.delete(second);
    return (h) => between(found, h);
  }

  #squareOf(moment: number, j: number, { y, observed }: Seen, make: (t: number) => Said): number {
    const [known, t, h] = [this.#squares[j]?.[moment], secondOf(moment), LATER_S[j] ?? 0];
    if (known !== undefined) return known;
    const share = observed[t + h] === 1 ? this.said(t, make)(h).cdf(y[t + h] ?? 0) : Number.NaN;
    const square = Math.min(MOST, normalQuantile(Math.min(1 - NEAREST, Math.max(NEAREST, share))) ** 2);
    const own = this.#squares[j];
    if (own !== undefined) own[moment] = square;
    return square;
  }
}

/** Seconds of a recording whose forecasts are looked back at. */
export const momentsLookedBackAt = (seconds: number): number[] =>
  Array.from({ length: Math.max(0, momentBefore(seconds - 1) + 1) }, (_, moment) => secondOf(moment));

const secondOf = (moment: number): number => FIRST + moment * EVERY_S;
const momentBefore = (t: number): number => Math.floor((t - FIRST) / EVERY_S);

function between(found: readonly number[], h: number): number {
  const right = LATER_S.findIndex((one) => one >= h);
  if (right < 0) return found.at(-1) ?? 0;
  const [from, to] = [LATER_S[right - 1] ?? 1, LATER_S[right] ?? 1];
  const share = Math.log(h / from) / Math.log(to / from);
  return (1 - share) * (found[right - 1] ?? 0) + share * (found[right] ?? 0);
}
