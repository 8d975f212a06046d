import { sure } from "../../preload/contract/sure.ts";
import type { FrontLayout } from "./fronts/front.ts";
import type { Random } from "./random.ts";

export type AugmentationStrength = "none" | "mild" | "strong";

/** Changes one row of inputs (standardised, 0 where unobserved) in place, as another person or day might have. */
export type Augment = (x: Float32Array, observed: Float32Array, at: number, random: Random) => void;

/**
 * What a front's inputs may go through without changing their label. `unit` is the input scale: standard deviations of
 * the inputs for fronts that standardise, 1 / scale of the row's own unit otherwise.
 */
export function augmentationFor(
  frontName: string,
  layout: FrontLayout,
  strength: AugmentationStrength,
  unit: number,
): Augment | undefined {
  if (strength === "none") return undefined;
  if (frontName === "ctg-deviation") return ctgAugmentation(layout, strength, unit);
  if (layout.ring)
    return braceletAugmentation(layout.ring.electrodes, layout.ring.blocks, braceletLevels[strength], unit);
  const level = strength === "strong" ? 0.2 : 0.1;
  return (x, observed, at, random) => {
    for (let i = at; i < at + layout.width; i += 1) {
      const noise = level * unit * random.normal();
      if (observed[i] === 1) x[i] = sure(x[i]) + noise;
    }
  };
}

interface BraceletLevels {
  readonly shift: number; // electrodes, uniform in +-
  readonly turn: number; // probability of a whole electrode more, either way
  readonly mirror: number; // probability of the other way up
  readonly gain: number; // of each electrode alone: sd of what is added, in sd of the inputs
  readonly level: number; // the same of all electrodes together
  readonly drop: number; // probability that a window loses one electrode
}

/**
 * Strong: measured on people never seen (three splits of 26 people in five folds). A turn of 0.7 electrodes was 1 point
 * better than 1, a gain of 0.25 or 0.6 was 1 point worse than 0.4, losing an electrode cost nothing where all are there.
 * Where training people are brought into line first, one window in five a whole electrode further and one in ten the
 * other way up about any axis stand for how new people come: about any axis 0.4 points better than about one.
 */
const braceletLevels: Readonly<Record<"mild" | "strong", BraceletLevels>> = {
  mild: { shift: 0.5, turn: 0, mirror: 0, gain: 0.15, level: 0.15, drop: 0.1 },
  strong: { shift: 0.7, turn: 0.2, mirror: 0.1, gain: 0.4, level: 0.4, drop: 0.3 },
};

/** A bracelet turned by a part of the distance between two electrodes, worn tighter or looser. */
function braceletAugmentation(
  electrodes: number,
  blocks: number,
  levels: BraceletLevels,
  unit: number,
): Augment {
  const before = new Float32Array(electrodes);
  const seen = new Float32Array(electrodes);
  const gains = new Float32Array(electrodes);
  return (x, observed, at, random) => {
    const turn = random.next() < levels.turn ? 2 * random.below(2) - 1 : 0;
    const isMirrored = random.next() < levels.mirror;
    const axis = isMirrored ? random.below(electrodes) : 0;
    const shift = (2 * random.next() - 1) * levels.shift + turn + axis;
    const whole = Math.floor(shift);
    const part = shift - whole;
    const common = levels.level * random.normal();
    for (let e = 0; e < electrodes; e += 1) gains[e] = unit * (common + levels.gain * random.normal());
    const dropped = random.next() < levels.drop ? random.below(electrodes) : -1;
    for (let block = 0; block < blocks; block += 1) {
      const from = at + block * electrodes;
      before.set(x.subarray(from, from + electrodes));
      seen.set(observed.subarray(from, from + electrodes));
      for (let e = 0; e < electrodes; e += 1) {
        const place = isMirrored ? -e : e;
        const left = (((place + whole) % electrodes) + electrodes) % electrodes;
        const right = (left + 1) % electrodes;
        const isSeen = seen[left] === 1 && seen[right] === 1 && e !== dropped;
        observed[from + e] = isSeen ? 1 : 0;
        x[from + e] = isSeen
          ? (1 - part) * sure(before[left]) + part * sure(before[right]) + sure(gains[e])
          : 0;
      }
    }
  };
}

/** Rows of the CTG front: three of the heart rate, its mask, two of the contractions, their mask. */
const FHR_ROWS = [0, 1, 2];
const FHR_MASK_ROW = 3;
const UC_ROWS = [4, 5];
const UC_MASK_ROW = 6;

/** Amplitude and level of the two signals a little changed, and stretches of them lost. */
function ctgAugmentation(layout: FrontLayout, strength: "mild" | "strong", unit: number): Augment {
  const { columns } = layout;
  const lossRate = strength === "strong" ? 0.2 : 0.1;
  const lose = (
    x: Float32Array,
    observed: Float32Array,
    at: number,
    rows: readonly number[],
    mask: number,
    random: Random,
  ): void => {
    const bursts = 1 + random.below(3);
    for (let burst = 0; burst < bursts; burst += 1) {
      const from = random.below(columns);
      const to = Math.min(columns, from + 1 + random.below(8));
      for (const row of rows) {
        x.fill(0, at + row * columns + from, at + row * columns + to);
        observed.fill(0, at + row * columns + from, at + row * columns + to);
      }
      x.fill(0, at + mask * columns + from, at + mask * columns + to);
    }
  };
  return (x, observed, at, random) => {
    const fhrGain = 0.95 + 0.1 * random.next();
    const ucGain = 0.95 + 0.1 * random.next();
    const level = unit * 0.1 * (2 * random.next() - 1); // +-4 bpm of 40
    for (let column = 0; column < columns; column += 1) {
      for (const row of FHR_ROWS) {
        const i = at + row * columns + column;
        if (observed[i] === 1) x[i] = row === 2 ? sure(x[i]) + level : sure(x[i]) * fhrGain;
      }
      for (const row of UC_ROWS) {
        const i = at + row * columns + column;
        if (observed[i] === 1) x[i] = sure(x[i]) * ucGain;
      }
    }
    if (random.next() < lossRate) lose(x, observed, at, FHR_ROWS, FHR_MASK_ROW, random);
    if (random.next() < lossRate) lose(x, observed, at, UC_ROWS, UC_MASK_ROW, random);
  };
}
