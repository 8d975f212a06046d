import { sure } from "../../../preload/contract/sure.ts";
import { formatDecimal, parseDecimal, scalingOf, type Scaling } from "./decimal.ts";

/** The five header texts of a signal that fix its scaling, and the scaling a reader will compute from them. */
export interface WrittenScale extends Scaling {
  readonly unit: string;
  readonly physMin: string;
  readonly physMax: string;
  readonly digMin: number;
  readonly digMax: number;
  readonly isUnitChanged: boolean;
}

export interface DigitalLimits {
  readonly lowest: number; // -32768 or -8388608: the code for "missing"
  readonly highest: number;
}

/**
 * Ranges for whole numbers between `low` and `high` that are to be kept as they are: among round digital limits that
 * contain them, the ones whose physical limits eight characters hold best.
 */
export function scaleOfIntegers(
  channel: { gain: number; offset: number; unit: string; low: number; high: number },
  limits: DigitalLimits,
): WrittenScale {
  const { gain, offset, low, high } = channel;
  const reach = Math.max(Math.abs(low), Math.abs(high), 1);
  const bounds = roundBounds(limits.highest)
    .filter((bound) => bound >= reach)
    .map((bound) => [-bound, bound] as const);
  const candidates = low === limits.lowest ? [[limits.lowest, limits.highest] as const] : bounds;
  const reachS = Math.max(Math.abs(gain) * reach, Math.abs(offset), Math.abs(gain));
  let best: { scale: WrittenScale; error: number } | undefined;
  for (const unit of unitsFor(channel.unit, reachS)) {
    for (const [digMin, digMax] of candidates) {
      const scale = tryScale(
        { gain: gain * unit.factor, offset: offset * unit.factor },
        [digMin, digMax],
        unit,
      );
      if (scale === undefined) continue;
      const error = deviation(scale, { gain: gain * unit.factor, offset: offset * unit.factor }, reach);
      if (best === undefined || error < best.error) best = { scale, error };
      if (error === 0) break;
    }
    if (best !== undefined && best.error <= GOOD_ENOUGH) break;
  }
  if (best === undefined)
    throw new RangeError(`no eight-character scaling for gain ${gain} and offset ${offset}`);
  return best.scale;
}

/** A range for values between `low` and `high` (physical) that are to be rounded to whole steps. */
export function scaleOfRange(
  channel: { unit: string; low: number; high: number },
  limits: DigitalLimits,
): WrittenScale {
  const { low, high } = channel;
  const digMin = limits.lowest + 1;
  let best: { scale: WrittenScale; share: number } | undefined;
  for (const unit of unitsFor(channel.unit, Math.max(Math.abs(low), Math.abs(high)))) {
    const [from, to] = [low * unit.factor, high * unit.factor];
    const size = Math.max(Math.abs(from), Math.abs(to));
    const physMin = formatDecimal(from, "down");
    let physMax = formatDecimal(to, "up");
    if (physMin !== undefined && physMin === physMax) physMax = formatDecimal(to + (size || 1), "up"); // a constant
    if (physMin === undefined || physMax === undefined || Number(physMin) >= Number(physMax)) continue;
    const share = (Number(physMax) - Number(physMin)) / (to - from || size || 1); // above 1: range lost to rounding
    if (best === undefined || share < best.share)
      best = { scale: written(physMin, physMax, [digMin, limits.highest], unit), share };
    if (best.share <= 1.05) break;
  }
  if (best === undefined) throw new RangeError(`no eight-character range for ${low} to ${high}`);
  return best.scale;
}

interface Unit {
  readonly text: string;
  readonly factor: number; // number in this unit = factor * number in the channel's
}

const GOOD_ENOUGH = 1e-5; // relative; below it another unit is not worth the surprise

const prefixes: readonly (readonly [string, number])[] = [
  ["f", -15],
  ["p", -12],
  ["n", -9],
  ["u", -6],
  ["m", -3],
  ["", 0],
  ["k", 3],
  ["M", 6],
  ["G", 9],
];

/**
 * The channel's unit, then others that hold the same quantity in handier numbers: other SI prefixes where the unit
 * takes them, nearest first, else a written power of ten ("1e-12 T").
 */
function* unitsFor(unit: string, magnitude: number): Generator<Unit> {
  yield { text: unit, factor: 1 };
  const match = /^([fpnumkMG]?)(V|A|Hz|g|N|Pa|W|T|Ohm|S|s)$/.exec(unit);
  if (match !== null) {
    const own = sure(prefixes.find(([prefix]) => prefix === match[1]))[1];
    const others = prefixes.filter(([, power]) => power !== own);
    const distance = ([, power]: readonly [string, number]): number =>
      Math.abs(Math.log10(magnitude || 1) + own - power - 2);
    for (const [prefix, power] of others.toSorted((a, b) => distance(a) - distance(b)).slice(0, 2)) {
      yield { text: `${prefix}${sure(match[2])}`, factor: powerOfTen(own - power) };
    }
  }
  const power = Math.floor(Math.log10(magnitude || 1)) - 2;
  yield { text: `1e${power} ${unit}`.slice(0, 8).trim(), factor: powerOfTen(-power) };
}

const powerOfTen = (power: number): number => Number(`1e${power}`);

function tryScale(
  { gain, offset }: Scaling,
  digital: readonly [number, number],
  unit: Unit,
): WrittenScale | undefined {
  const [from, to] = [gain * digital[0] + offset, gain * digital[1] + offset];
  const isRising = from < to;
  const physMin = formatDecimal(from, isRising ? "down" : "up");
  const physMax = formatDecimal(to, isRising ? "up" : "down");
  if (physMin === undefined || physMax === undefined || Number(physMin) === Number(physMax)) return undefined;
  return written(physMin, physMax, digital, unit);
}

function written(
  physMin: string,
  physMax: string,
  [digMin, digMax]: readonly [number, number],
  unit: Unit,
): WrittenScale {
  const scaling = scalingOf(sure(parseDecimal(physMin)), sure(parseDecimal(physMax)), digMin, digMax);
  return { ...scaling, physMin, physMax, digMin, digMax, unit: unit.text, isUnitChanged: unit.factor !== 1 };
}

/** Largest change of a value up to `reach` steps from 0, relative to the values' own size. */
function deviation(a: Scaling, b: Scaling, reach: number): number {
  const change = Math.abs(a.gain - b.gain) * reach + Math.abs(a.offset - b.offset);
  return change / (Math.abs(b.gain) * reach);
}

/** Digital limits at which common gains (decimal, binary, 1/200, ...) give short physical limits; widest first. */
function roundBounds(highest: number): number[] {
  const bounds = new Set([highest]);
  for (let power = 1; power <= highest; power *= 10) {
    for (const lead of [1, 1.25, 1.28, 1.5, 1.6, 2, 2.5, 3, 3.2, 4, 5, 6, 6.4, 7, 7.5, 8, 9])
      bounds.add(lead * power);
  }
  for (let power = 1; power <= highest; power *= 2) bounds.add(power).add(1.5 * power);
  return [...bounds].filter((bound) => Number.isInteger(bound) && bound <= highest).toSorted((a, b) => b - a);
}
