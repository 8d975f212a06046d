import { sure } from "../../../preload/contract/sure.ts";

/**
 * Pixel columns of a min-max envelope, in runs. A run is what may be joined by a line: it ends at every bucket without
 * an observed sample, at every bucket that holds an unobserved one (where in the bucket it lies is not known), and,
 * where a step is given, between neighbours further apart than that.
 */
export class Envelope {
  count = 0;
  x = new Float32Array(4096);
  min = new Float32Array(4096);
  max = new Float32Array(4096);
  startsRun = new Uint8Array(4096);
  firstBucket = new Float64Array(4096); // for hit-testing and for the tests
  lastBucket = new Float64Array(4096);

  private breakStep = Number.POSITIVE_INFINITY;
  private isOpen = false; // a column is being filled
  private mustBreak = true;
  private column = 0;
  private previousMin = 0;
  private previousMax = 0;
  private mergedCount = 0;

  begin(breakStep = Number.POSITIVE_INFINITY): void {
    this.count = 0;
    this.breakStep = breakStep;
    this.isOpen = false;
    this.mustBreak = true;
  }

  /** The next bucket from left to right. `x` is its centre in pixels; NaN `min`: nothing observed in it. */
  add(bucket: number, x: number, min: number, max: number, isPartial: boolean): void {
    if (Number.isNaN(min)) {
      this.gap();
      return;
    }
    if (isPartial) this.mustBreak = true;
    const isJump =
      !this.mustBreak && (min - this.previousMax > this.breakStep || this.previousMin - max > this.breakStep);
    const column = Math.floor(x);
    if (this.isOpen && !this.mustBreak && !isJump && column === this.column) this.merge(bucket, min, max);
    else this.open(bucket, x, min, max, this.mustBreak || isJump);
    this.previousMin = min;
    this.previousMax = max;
    this.mustBreak = isPartial;
  }

  /** Nothing is known, or nothing was observed, from here to the next bucket. */
  gap(): void {
    this.mustBreak = true;
    this.isOpen = false;
  }

  private merge(bucket: number, min: number, max: number): void {
    const at = this.count - 1;
    if (min < sure(this.min[at])) this.min[at] = min;
    if (max > sure(this.max[at])) this.max[at] = max;
    this.lastBucket[at] = bucket;
    this.mergedCount++;
    if (this.mergedCount === 2) this.x[at] = this.column + 0.5;
  }

  private open(bucket: number, x: number, min: number, max: number, startsRun: boolean): void {
    if (this.count === this.x.length) this.grow();
    const at = this.count++;
    this.x[at] = x;
    this.min[at] = min;
    this.max[at] = max;
    this.startsRun[at] = startsRun ? 1 : 0;
    this.firstBucket[at] = bucket;
    this.lastBucket[at] = bucket;
    this.column = Math.floor(x);
    this.mergedCount = 1;
    this.isOpen = true;
  }

  private grow(): void {
    const longer = <A extends Float32Array | Float64Array | Uint8Array>(old: A, fresh: A): A => {
      fresh.set(old);
      return fresh;
    };
    const length = this.x.length * 2;
    this.x = longer(this.x, new Float32Array(length));
    this.min = longer(this.min, new Float32Array(length));
    this.max = longer(this.max, new Float32Array(length));
    this.startsRun = longer(this.startsRun, new Uint8Array(length));
    this.firstBucket = longer(this.firstBucket, new Float64Array(length));
    this.lastBucket = longer(this.lastBucket, new Float64Array(length));
  }
}

/** What of a 2-D context an envelope is drawn with; a test hands in a recorder. */
export interface PathSink {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
}

export interface ValueScale {
  readonly top: number; // pixel of `high`
  readonly height: number;
  readonly low: number;
  readonly high: number;
}

/** Values outside the range lie on its edge; the track marks them. */
export function toY(scale: ValueScale, value: number): number {
  const clipped = value < scale.low ? scale.low : value > scale.high ? scale.high : value;
  return scale.top + ((scale.high - clipped) / (scale.high - scale.low)) * scale.height;
}

/** The value that lies there; beyond an edge, that of the edge. */
export function toValue({ top, height, low, high }: ValueScale, y: number): number {
  return high - (Math.min(Math.max(y - top, 0), height) / height) * (high - low);
}

/**
 * Adds the envelope to the path: within a run one unbroken line through the extremes. Which extreme comes first depends
 * on the neighbour before alone, so that a part painted later joins what was painted earlier pixel by pixel.
 */
export function traceEnvelope(path: PathSink, envelope: Envelope, scale: ValueScale): void {
  let previousMiddle = 0;
  for (let i = 0; i < envelope.count; i++) {
    const x = sure(envelope.x[i]);
    const upper = toY(scale, sure(envelope.max[i]));
    const lower = toY(scale, sure(envelope.min[i]));
    const isAlone =
      envelope.startsRun[i] === 1 && (i + 1 === envelope.count || envelope.startsRun[i + 1] === 1);
    if (isAlone && lower - upper < 1) {
      path.moveTo(x - 0.5, upper); // a single value, which a line of no length would not show
      path.lineTo(x + 0.5, upper);
      continue;
    }
    const upperFirst =
      envelope.startsRun[i] === 1 || Math.abs(upper - previousMiddle) <= Math.abs(lower - previousMiddle);
    const firstY = upperFirst ? upper : lower;
    const secondY = upperFirst ? lower : upper;
    if (envelope.startsRun[i] === 1) path.moveTo(x, firstY);
    else path.lineTo(x, firstY);
    if (secondY !== firstY) path.lineTo(x, secondY);
    previousMiddle = (upper + lower) / 2;
  }
}
