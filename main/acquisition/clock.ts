/**
 * Host time of a device's samples.
 *
 * A read tells when bytes were here, not when a sample was made: adapters collect for up to 16 ms, radio links for more, and
 * the host itself stalls. But nothing arrives early. So of all reads in about a second the one that was least late counts
 * (by its last sample, which waited least), and along the lower edge of these goes a line: time at an index, and host
 * seconds per nominal second, by least squares that forget with a half-time of 90 s, and in which one that lies behind the
 * line counts the less the later it is. A host that stands still for whole seconds does not bend it, and the first read in
 * time sets right what late ones began.
 * Indices are the device's, lost samples included: a line on the count of what was received is wrong by seconds.
 *
 * Until the rate is known it is the nominal one, within some 100 ppm; the line leaves it only as far as the arrivals show.
 * What is far from it looks late, more so with each block, and would be doubted as what a host holds up is: so blocks in a
 * row that lie on a line of their own are taken at their word.
 */

import { sortedQuantile } from "../signal/quantile.ts";

const HALF_TIME_S = 90;
const BLOCK_S = 1;
const BLOCK_READS = 4; // a monitor that sends once a second is judged every four
const RATE_PRIOR_PPM = 100; // a crystal is within 20 to 100 ppm of what it says
const NOISE_S = 1e-3; // of a block's least late read, as a first guess
const USUAL_S = 2e-3; // residuals below this are never doubted
const NEAR_S = 1e-6; // moved by less, a line stands
const FORGOTTEN = 0.01; // weight of a block that is worth nothing any more
const LEAST_KNOWN = 1; // of a pace: within some 1000 ppm
const ROUNDS = 8; // of weighing and fitting: three to four are usual
/** Later by as much in so many blocks in a row: all lies otherwise. A host that stands still is late by any amount. */
const SHIFTS = [
  { byS: 0.05, blocks: 6 },
  { byS: 0.01, blocks: 12 },
] as const;
const AGREED_S = 5e-3;
const JUMP_S = 0.05;
const LASTING_BLOCKS = 20; // on which they need not agree
const RATE_LIMIT_PPM = 500;
const FITTED_BLOCKS = 20;
/** Further from its line than this, a device that its blocks agree about is believed at once: the line would take minutes. */
const OTHER_PACE = 1000e-6;
const AGREED_SHARE = 0.8;

export interface Arrival {
  readonly index: number; // of the last sample that the read completed
  readonly arrivedS: number; // monotonic seconds of the read
}

export interface ClockState {
  /** How much faster the device runs than it says, against the host. */
  readonly ppm: number;
  /** Standard deviation of the least late reads about the line, by which a time may be wrong; without what all have in common. */
  readonly errorMs: number;
  readonly isFitted: boolean;
  /** More than 500 ppm off: another rate than it was set to, or samples lost that nothing told of. */
  readonly isRateWrong: boolean;
  /** The last time that all went on by more than 50 ms earlier or later than expected. */
  readonly jump?: { readonly atS: number; readonly byMs: number };
}

export interface Clock {
  /** Told for every read that completed samples, in order. */
  arrived(index: number, arrivedS: number): void;
  /** Monotonic host seconds at which a sample was made, but for the shortest delay of the link. Never falls with the index. */
  timeOf(index: number): number;
  /** The same by what is known now, whatever was told before: `indexAt` of it is the index. */
  lineAt(index: number): number;
  /** Index (with fraction) of the sample made at a time. */
  indexAt(timeS: number): number;
  /**
   * Which index sample 0 of a new session has, from its first reads: what was counted before, and what the time away comes
   * to at the fitted rate. One read will do; the reads of a second find the one that was least late. The clock still
   * belongs to the session before: `restart` comes after.
   */
  resumeIndex(firstReads: readonly Arrival[]): number;
  /** The device began anew or was away: where it stands is learnt again, its rate is kept. Indices go on. */
  restart(): void;
  readonly state: ClockState;
}

/** Time at an index, and host seconds a nominal second. */
interface Line {
  index: number;
  timeS: number;
  pace: number;
}

/** The least late read of about a second. */
interface Block extends Arrival {
  weight: number;
}

/** What is known of the pace besides the blocks: as if so much had been seen of it (1 / s², of the noise). */
interface Prior {
  readonly pace: number;
  readonly weight: number;
}

/** Whether residuals of blocks in a row say that all that follows lies otherwise. Of what is early one block says so. */
function isShift(late: readonly number[]): boolean {
  if ((late.at(-1) ?? 0) < -JUMP_S) return true;
  return SHIFTS.some(({ byS, blocks }) => {
    const last = late.slice(-blocks);
    const least = Math.min(...last);
    const isFar = last.length === blocks && least > byS;
    return (
      isFar && (Math.max(...last) - least < AGREED_S || (byS === JUMP_S && late.length >= LASTING_BLOCKS))
    );
  });
}

const medianOf = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sortedQuantile(sorted, sorted.length, 0.5);
};

/** The pace that so many blocks in a row show by themselves, whatever was known; undefined where they do not agree. */
function ownPace(blocks: readonly Arrival[], rate: number): number | undefined {
  if (blocks.length < FITTED_BLOCKS) return undefined;
  const half = FITTED_BLOCKS / 2;
  const paces = blocks.slice(half).flatMap(({ index, arrivedS }, i) => {
    const early = blocks[i];
    return early === undefined ? [] : [((arrivedS - early.arrivedS) / (index - early.index)) * rate];
  });
  const pace = medianOf(paces);
  const lates = blocks.map(({ index, arrivedS }) => arrivedS - (index / rate) * pace);
  const usual = medianOf(lates);
  const agreed = lates.filter((late) => Math.abs(late - usual) < AGREED_S).length;
  return agreed >= AGREED_SHARE * blocks.length ? pace : undefined;
}

/**
 * The line along the lower edge: least squares whose weights fall with the square of how far a block lies behind it. What
 * is early is never doubted, for nothing arrives early. Answers too what is known of its pace.
 */
function fitted(blocks: readonly Block[], rate: number, from: Line, prior: Prior): Line & { known: number } {
  const last = blocks.at(-1) ?? { index: from.index, arrivedS: from.timeS };
  let timeS = from.timeS + ((last.index - from.index) / rate) * from.pace;
  let [pace, known] = [from.pace, prior.weight];
  for (let round = 0; round < ROUNDS; round += 1) {
    let [s0, s1, s2, b0, b1] = [0, 0, prior.weight, 0, prior.weight * (prior.pace - pace)];
    for (const { index, arrivedS, weight } of blocks) {
      const x = (index - last.index) / rate;
      const late = arrivedS - timeS - x * pace;
      const share = late > USUAL_S ? weight * (USUAL_S / late) ** 2 : weight;
      s0 += share;
      s1 += share * x;
      s2 += share * x * x;
      b0 += share * late;
      b1 += share * x * late;
    }
    const determinant = s0 * s2 - s1 * s1;
    const turned = Math.min(2, Math.max(0.5, pace + (s0 * b1 - s1 * b0) / determinant)); // beyond it, what arrives is no stream of this rate
    const moved = (b0 - s1 * (turned - pace)) / s0;
    [pace, timeS, known] = [turned, timeS + moved, determinant / s0];
    if (Math.abs(moved) < NEAR_S) break;
  }
  return { index: last.index, timeS, pace, known };
}

export function createClock(rate: number): Clock {
  let line: Line | undefined;
  let prior: Prior = { pace: 1, weight: (NOISE_S / (RATE_PRIOR_PPM * 1e-6)) ** 2 };
  let known = prior.weight; // of the line's pace
  let learnt: Block[] = []; // since it was begun anew
  let block: { beganS: number; reads: number; best: Arrival; late: number } | undefined;
  let blocks = 0;
  let spread = NOISE_S ** 2;
  let doubtful: number[] = [];
  let recent: readonly Arrival[] = []; // blocks in a row, doubted or not
  let jump: ClockState["jump"];
  let last: Arrival | undefined; // the last read
  let told = { index: -Infinity, timeS: -Infinity };

  const on = (l: Line, index: number): number => l.timeS + ((index - l.index) / rate) * l.pace;
  const indexOn = (l: Line, timeS: number): number => l.index + ((timeS - l.timeS) / l.pace) * rate;

  const restart = (): void => {
    if (line !== undefined) prior = { pace: line.pace, weight: known };
    known = prior.weight;
    line = block = undefined;
    learnt = [];
    doubtful = [];
    recent = [];
  };

  const learn = (l: Line, best: Arrival): void => {
    const ahead = (best.index - (learnt.at(-1)?.index ?? best.index)) / rate;
    const keep = Math.max(0.25, 2 ** (-Math.max(0, ahead) / HALF_TIME_S)); // a gap teaches nothing, and takes little
    for (const one of learnt) one.weight *= keep;
    learnt = learnt.filter(({ weight }) => weight > FORGOTTEN);
    learnt.push({ ...best, weight: 1 });
    prior = { ...prior, weight: Math.max(LEAST_KNOWN, prior.weight * keep) };
    ({ known, ...line } = fitted(learnt, rate, l, prior));
  };

  /** All is learnt anew from blocks that agree on a pace of their own. */
  const takeAtItsWord = (pace: number): void => {
    const blocksOfIt = recent;
    const [first] = blocksOfIt;
    if (first === undefined) return;
    restart();
    recent = blocksOfIt;
    prior = { pace, weight: LEAST_KNOWN };
    spread = NOISE_S ** 2;
    line = { index: first.index, timeS: first.arrivedS, pace };
    for (const one of blocksOfIt) learn(line, one);
  };

  const close = (l: Line, best: Arrival): void => {
    recent = [...recent, best].slice(-FITTED_BLOCKS);
    const own = ownPace(recent, rate);
    if (own !== undefined && Math.abs(own - l.pace) > OTHER_PACE) {
      takeAtItsWord(own);
      blocks += 1;
      return;
    }
    const late = best.arrivedS - on(l, best.index);
    if (blocks >= FITTED_BLOCKS && Math.abs(late) > SHIFTS[1].byS) {
      doubtful.push(late);
      if (isShift(doubtful)) {
        if (Math.abs(late) > JUMP_S) jump = { atS: best.arrivedS, byMs: late * 1e3 };
        restart();
        learn({ index: best.index, timeS: best.arrivedS, pace: prior.pace }, best);
        return;
      }
      if (Math.abs(late) > JUMP_S) return; // a stall, or a jump: the next blocks tell
    } else doubtful = [];
    const usual = Math.max(USUAL_S, 4 * Math.sqrt(spread));
    const share = Math.max(1 / (blocks + 1), 1 - 2 ** (-BLOCK_S / HALF_TIME_S));
    if (blocks > 0) spread += share * (Math.min(late * late, usual * usual) - spread);
    learn(l, best);
    blocks += 1;
  };

  return {
    arrived: (index, arrivedS) => {
      last = { index, arrivedS };
      // Before the first block is over the line goes through the least late read so far.
      line ??= { index, timeS: arrivedS, pace: prior.pace };
      const late = arrivedS - on(line, index);
      const isMoved = learnt.length === 0 && late < 0;
      if (isMoved) [line.index, line.timeS] = [index, arrivedS];
      block ??= { beganS: arrivedS, reads: 0, best: last, late };
      block.reads += 1;
      if (isMoved || late <= block.late) [block.best, block.late] = [last, isMoved ? 0 : late];
      if (arrivedS - block.beganS < BLOCK_S || block.reads < BLOCK_READS) return;
      const { best } = block;
      block = undefined;
      close(line, best);
    },
    lineAt: (index) => (line === undefined ? NaN : on(line, index)),
    timeOf: (index) => {
      if (line === undefined)
        return last === undefined ? NaN : last.arrivedS + ((index - last.index) / rate) * prior.pace;
      const timeS = on(line, index);
      if (index <= told.index) return Math.min(timeS, told.timeS);
      const kept = Math.max(timeS, told.timeS);
      if (last !== undefined && index <= last.index) told = { index, timeS: kept }; // asking ahead binds nobody
      return kept;
    },
    indexAt: (timeS) => (line === undefined ? NaN : indexOn(line, timeS)),
    resumeIndex: (firstReads) => {
      const l = line;
      if (l === undefined || last === undefined) return 0;
      const at = firstReads.map((r) => indexOn(l, r.arrivedS) - r.index);
      return Math.max(last.index + 1, Math.round(Math.min(...at)));
    },
    restart,
    get state() {
      const ppm = (1 / (line?.pace ?? prior.pace) - 1) * 1e6;
      const isFitted = blocks >= FITTED_BLOCKS;
      return {
        ppm,
        errorMs: Math.sqrt(spread) * 1e3,
        isFitted,
        isRateWrong: isFitted && Math.abs(ppm) > RATE_LIMIT_PPM,
        ...(jump !== undefined && { jump }),
      };
    },
  };
}
