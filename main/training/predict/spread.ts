/** A window that may be asked about. */
export interface OpenWindow {
  readonly n: number;
  readonly onsetS: number;
  readonly epistemic: number;
}

/** The windows of one recording. */
export interface Pool {
  readonly open: readonly OpenWindow[];
  readonly answered: readonly number[]; // onsets of windows that have their answer already
  readonly durationS: number;
  readonly windowS: number;
}

/** Windows of a recording lie at least this part of it apart, as long as there are such. */
const PARTS = 20;

/**
 * Up to `limit` windows: always of a recording that has been asked about least, of those the most uncertain one, and
 * at a distance from what has been chosen or answered there. Where none is left so far apart the distance is halved,
 * down to windows that do not overlap, at last beside an answer too. Every beginning of the list is spread, and the
 * same input gives the same list.
 */
export function spread<P extends Pool>(
  pools: readonly P[],
  limit: number,
): readonly { readonly pool: P; readonly n: number }[] {
  const asking = pools.map((pool) => new Asking(pool));
  const found: { readonly pool: P; readonly n: number }[] = [];
  const most = Math.max(1, ...asking.map(({ farthestS, pool }) => farthestS / pool.windowS));
  const levels = Math.ceil(Math.log2(most)) + 1;
  for (let level = 0; level <= levels; level += 1) {
    for (const one of asking) one.atDistance(2 ** -level, level === levels);
    while (found.length < limit) {
      const next = asking.reduce<Asking<P> | undefined>(
        (best, one) => (one.candidate !== undefined && (!best || one.comesBefore(best)) ? one : best),
        undefined,
      );
      if (next?.candidate === undefined) break;
      found.push({ pool: next.pool, n: next.candidate.n });
      next.choose(next.candidate);
    }
  }
  return found;
}

/** What is left to ask of one recording. */
class Asking<P extends Pool> {
  readonly pool: P;
  readonly farthestS: number;
  readonly #open: readonly OpenWindow[]; // the most uncertain first
  readonly #chosen: number[] = [];
  #left: readonly OpenWindow[] = [];
  #apartS = 0;

  constructor(pool: P) {
    this.pool = pool;
    this.farthestS = Math.max(2 * pool.windowS, pool.durationS / PARTS);
    this.#open = [...pool.open].sort((a, b) => b.epistemic - a.epistemic || a.onsetS - b.onsetS);
  }

  get candidate(): OpenWindow | undefined {
    return this.#left[0];
  }

  /** From now on windows lie this share of the farthest distance apart; never do they overlap. */
  atDistance(share: number, besideAnswers: boolean): void {
    this.#apartS = Math.max(this.pool.windowS, share * this.farthestS);
    const from = besideAnswers ? this.#chosen : [...this.#chosen, ...this.pool.answered];
    this.#left = this.#open.filter((one) => from.every((onsetS) => this.#isClear(one, onsetS)));
  }

  choose({ onsetS }: OpenWindow): void {
    this.#chosen.push(onsetS);
    this.#left = this.#left.filter((one) => this.#isClear(one, onsetS));
  }

  comesBefore(other: Asking<P>): boolean {
    const [times, others] = [this.#times, other.#times];
    return times === others
      ? (this.candidate?.epistemic ?? 0) > (other.candidate?.epistemic ?? 0)
      : times < others;
  }

  get #times(): number {
    return this.#chosen.length + this.pool.answered.length;
  }

  #isClear({ onsetS }: OpenWindow, other: number): boolean {
    return Math.abs(onsetS - other) >= this.#apartS - 1e-9;
  }
}
