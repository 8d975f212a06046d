/**
 * Host time of a device's samples.
 *
 * A read tells when bytes were here, not when a sample was made: adapters collect for up to 16 ms, radio links for more, and
 * the host itself stalls. But nothing arrives early. So of all reads in about a second the one that was least late counts
 * (by its last sample, which waited least), and through these goes a line: time at an index, and host seconds per nominal
 * second, by least squares that forget with a half-time of 90 s (Kalman form, so that its numbers stay small over days).
 * Indices are the device's, lost samples included: a line on the count of what was received is wrong by seconds.
 *
 * Until the rate is known it is the nominal one, within some 100 ppm; the line leaves it only as far as the arrivals show.
 */

const HALF_TIME_S = 90;
const BLOCK_S = 1;
const BLOCK_READS = 4; // a monitor that sends once a second is judged every four
const RATE_PRIOR_PPM = 100; // a crystal is within 20 to 100 ppm of what it says
const NOISE_S = 1e-3; // of a block's least late read, as a first guess
const USUAL_S = 2e-3; // residuals below this are never doubted
const JUMP_S = 0.05;
const JUMP_BLOCKS = 3; // so many blocks in a row tell a jump from a stall of the host
const RATE_LIMIT_PPM = 500;
const FITTED_BLOCKS = 20;

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

/** Time at an index, and host seconds a nominal second; covariance in units of the noise. */
interface Line {
  index: number;
  timeS: number;
  pace: number;
  timeVar: number;
  cross: number;
  paceVar: number;
}

const UNKNOWN = 1e9; // variance of a time nothing is known of

export function createClock(rate: number): Clock {
  let line: Line | undefined;
  let pace = { value: 1, variance: ((RATE_PRIOR_PPM * 1e-6) / NOISE_S) ** 2 };
  let block: { beganS: number; reads: number; best: Arrival; late: number } | undefined;
  let blocks = 0;
  let spread = NOISE_S ** 2;
  let doubtful: number[] = [];
  let jump: ClockState["jump"];
  let last: Arrival | undefined; // the last read
  let told = { index: -Infinity, timeS: -Infinity };

  const on = (l: Line, index: number): number => l.timeS + ((index - l.index) / rate) * l.pace;
  const indexOn = (l: Line, timeS: number): number => l.index + ((timeS - l.timeS) / l.pace) * rate;

  const restart = (): void => {
    if (line !== undefined) pace = { value: line.pace, variance: line.paceVar };
    line = block = undefined;
    doubtful = [];
  };

  /** Least squares, one step: forget, go on to the index, take its time as measured. */
  const learn = (l: Line, { index, arrivedS }: Arrival, weight: number): void => {
    const ahead = (index - l.index) / rate;
    const keep = Math.max(0.25, 2 ** (-Math.max(0, ahead) / HALF_TIME_S)); // a gap teaches nothing, and takes little
    const paceVar = l.paceVar / keep;
    const cross = l.cross / keep + ahead * paceVar;
    const timeVar = l.timeVar / keep + ahead * (l.cross / keep + cross);
    const gain = 1 / (timeVar + 1 / weight);
    const late = arrivedS - on(l, index);
    l.index = index;
    l.timeS = arrivedS - late + timeVar * gain * late;
    l.pace = Math.min(2, Math.max(0.5, l.pace + cross * gain * late)); // beyond it, what arrives is no stream of this rate
    l.timeVar = timeVar - timeVar * timeVar * gain;
    l.paceVar = paceVar - cross * cross * gain;
    l.cross = cross - timeVar * cross * gain;
  };

  const close = (l: Line, best: Arrival): void => {
    const late = best.arrivedS - on(l, best.index);
    if (blocks >= FITTED_BLOCKS && Math.abs(late) > JUMP_S) {
      doubtful.push(late);
      if (doubtful.length < JUMP_BLOCKS) return; // a stall, or a jump: the next blocks tell
      jump = { atS: best.arrivedS, byMs: late * 1e3 };
      restart();
      return;
    }
    doubtful = [];
    const usual = Math.max(USUAL_S, 4 * Math.sqrt(spread));
    const weight = blocks < FITTED_BLOCKS ? 1 : Math.min(1, usual / Math.abs(late));
    const share = Math.max(1 / (blocks + 1), 1 - 2 ** (-BLOCK_S / HALF_TIME_S));
    if (blocks > 0) spread += share * (Math.min(late * late, usual * usual) - spread);
    learn(l, best, weight);
    blocks += 1;
  };

  return {
    arrived: (index, arrivedS) => {
      last = { index, arrivedS };
      // Before the first block is over the line goes through the least late read so far.
      line ??= {
        index,
        timeS: arrivedS,
        pace: pace.value,
        timeVar: UNKNOWN,
        cross: 0,
        paceVar: pace.variance,
      };
      const late = arrivedS - on(line, index);
      const isMoved = line.timeVar === UNKNOWN && late < 0;
      if (isMoved) [line.index, line.timeS] = [index, arrivedS];
      block ??= { beganS: arrivedS, reads: 0, best: last, late };
      block.reads += 1;
      if (isMoved || late <= block.late) [block.best, block.late] = [last, isMoved ? 0 : late];
      if (arrivedS - block.beganS < BLOCK_S || block.reads < BLOCK_READS) return;
      const { best } = block;
      block = undefined;
      close(line, best);
    },
    timeOf: (index) => {
      if (line === undefined)
        return last === undefined ? NaN : last.arrivedS + ((index - last.index) / rate) * pace.value;
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
      const ppm = (1 / (line?.pace ?? pace.value) - 1) * 1e6;
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
