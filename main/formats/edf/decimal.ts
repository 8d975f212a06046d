/**
 * The 8-character decimal numbers of EDF headers, and the scaling they declare. Reader and writer both compute the
 * scaling here, from the written text, so that they agree bit for bit.
 */

/** A decimal as written: value = mantissa / 10^scale, both integers. */
export interface Decimal {
  readonly value: number;
  readonly mantissa: number;
  readonly scale: number;
}

/** physical = digital * gain + offset */
export interface Scaling {
  readonly gain: number;
  readonly offset: number;
}

export interface ParsedDecimal extends Decimal {
  readonly isOdd: boolean; // readable, but not the way the standard wants it: decimal comma, exponent, stray characters
}

/** `+1.5`, `-8191.75`, ` 12 `; also `1,5`, `1.5E-3`, `.5`, `5.` and NUL padding. Undefined where there is no number. */
export function parseDecimal(text: string): ParsedDecimal | undefined {
  const trimmed = text.replaceAll("\0", " ").trim();
  const match = /^([+-]?)(\d*)(?:([.,])(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(trimmed);
  if (match === null) return undefined;
  const [, sign, whole = "", mark, fraction = "", exponent] = match;
  if (whole === "" && fraction === "") return undefined;
  const scale = fraction.length - Number(exponent ?? 0);
  const mantissa = Number(`${sign === "-" ? "-" : ""}${whole}${fraction}`);
  const value = Number(`${sign ?? ""}${whole || "0"}.${fraction || "0"}e${exponent ?? "0"}`);
  if (!Number.isFinite(value)) return undefined;
  const isOdd = mark === "," || exponent !== undefined || text.includes("\0");
  return { value, mantissa, scale, isOdd };
}

/** An integer of at most 15 digits; a fraction is refused unless it is zero ("10.0"). */
export function parseInteger(text: string): number | undefined {
  const decimal = parseDecimal(text);
  return decimal !== undefined && Number.isSafeInteger(decimal.value) ? decimal.value : undefined;
}

/**
 * physical = physMin + (digital - digMin) * (physMax - physMin) / (digMax - digMin), as gain and offset.
 * The numbers are integers over a power of ten, so both are one correctly rounded division where they fit in 53 bits:
 * a channel declared -8191.75..8191.75 over -32767..32767 has a gain of exactly 0.25 and an offset of exactly 0.
 */
export function scalingOf(physMin: Decimal, physMax: Decimal, digMin: number, digMax: number): Scaling {
  const steps = digMax - digMin;
  const scale = Math.max(physMin.scale, physMax.scale, 0);
  const low = physMin.mantissa * 10 ** (scale - physMin.scale);
  const high = physMax.mantissa * 10 ** (scale - physMax.scale);
  const gainNumerator = high - low;
  const offsetNumerator = low * steps - digMin * gainNumerator;
  const denominator = steps * 10 ** scale;
  const parts = [low * steps, digMin * gainNumerator, offsetNumerator, denominator, low, high];
  if (parts.every(Number.isSafeInteger)) {
    return {
      gain: gainNumerator / denominator,
      offset: offsetNumerator === 0 ? 0 : offsetNumerator / denominator,
    };
  }
  const gain = (physMax.value - physMin.value) / steps;
  return { gain, offset: physMin.value - digMin * gain };
}

/** n / duration, correctly rounded where the decimals allow it. */
export function rateOf(samplesPerRecord: number, duration: Decimal): number {
  const scaled = duration.scale >= 0 ? samplesPerRecord * 10 ** duration.scale : samplesPerRecord;
  const divisor = duration.scale >= 0 ? duration.mantissa : duration.mantissa * 10 ** -duration.scale;
  return Number.isSafeInteger(scaled) && Number.isSafeInteger(divisor)
    ? scaled / divisor
    : samplesPerRecord / duration.value;
}

const WIDTH = 8;

/**
 * The decimal nearest to `value` from below or above that fits in 8 characters, or undefined from 99,999,999.5 on.
 * "nearest" keeps the shortest text where the value itself fits, such as -8191.75.
 */
export function formatDecimal(
  value: number,
  round: "down" | "up" | "nearest",
  width = WIDTH,
): string | undefined {
  if (!Number.isFinite(value)) return undefined;
  for (let decimals = width - 1; decimals >= 0; decimals--) {
    const power = 10 ** decimals;
    const scaled = value * power;
    if (Math.abs(scaled) > 2 ** 53) continue;
    const nearest = Math.round(scaled);
    const isExact = Math.abs(scaled - nearest) <= Math.abs(scaled) * 2 ** -51;
    const whole =
      isExact || round === "nearest" ? nearest : round === "down" ? Math.floor(scaled) : Math.ceil(scaled);
    const text = plain(whole, decimals);
    if (text.length <= width) return text;
  }
  return undefined;
}

/** whole / 10^decimals without trailing zeros and never in exponent form. */
function plain(whole: number, decimals: number): string {
  const digits = String(Math.abs(whole)).padStart(decimals + 1, "0");
  const point = digits.length - decimals;
  const fraction = digits.slice(point).replace(/(?<!0)0+$/, "");
  const text = fraction === "" ? digits.slice(0, point) : `${digits.slice(0, point)}.${fraction}`;
  return whole < 0 && text !== "0" ? `-${text}` : text;
}

/** Seconds as EDF+ wants them in a TAL: shortest decimal to the nanosecond, without an exponent. */
export function formatSeconds(value: number): string {
  const text = value.toFixed(9);
  return text.includes(".") ? text.replace(/\.?(?<!0)0+$/, "") : text;
}

/** Difference of two times, freed of binary noise below a nanosecond (0.3 of 1.3945312 - 1.0945312). */
export function subtractSeconds(a: number, b: number): number {
  const difference = a - b;
  const scaled = difference * 1e9;
  return Math.abs(scaled) < 2 ** 53 ? Math.round(scaled) / 1e9 : difference;
}
