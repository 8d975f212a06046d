import { sure } from "../../../preload/contract/sure.ts";

const ZERO = 48;
const DOT = 46;
const PLUS = 43;
const MINUS = 45;
/** Ten times this and a digit still fit 2^53. */
const LARGEST = 900_719_925_474_099;
const powers = Array.from({ length: 23 }, (_, i) => 10 ** i);
const latin = new TextDecoder("latin1");

/**
 * The number written in bytes [start, end): sign, digits, decimal mark, exponent. NaN for anything else, so text,
 * hexadecimal, "Infinity" and digit groups are not numbers. Correctly rounded: mantissas below 2^53 with an exponent
 * up to 22 are one exact operation (Clinger 1990), the rest goes through Number().
 */
export function parseNumber(bytes: Uint8Array, start: number, end: number, decimal: number): number {
  let i = start;
  const sign = bytes[i];
  if (sign === MINUS || sign === PLUS) i++;
  let mantissa = 0;
  let digits = 0;
  let exponent = 0;
  let isExact = true;
  let byte = 0;
  for (; i < end; i++) {
    byte = sure(bytes[i]) - ZERO;
    if (byte < 0 || byte > 9) break;
    digits++;
    if (mantissa < LARGEST) mantissa = mantissa * 10 + byte;
    else {
      exponent++;
      isExact = false;
    }
  }
  if (i < end && bytes[i] === decimal) {
    for (i++; i < end; i++) {
      byte = sure(bytes[i]) - ZERO;
      if (byte < 0 || byte > 9) break;
      digits++;
      if (mantissa < LARGEST) {
        mantissa = mantissa * 10 + byte;
        exponent--;
      } else isExact = false;
    }
  }
  if (digits === 0) return NaN;
  if (i < end) {
    const power = exponentAt(bytes, i, end);
    if (Number.isNaN(power)) return NaN;
    exponent += power;
  }
  if (!isExact || exponent > 22 || exponent < -22) {
    const text = latin.decode(bytes.subarray(start, end));
    return Number(decimal === DOT ? text : text.replace(",", "."));
  }
  const value = exponent >= 0 ? mantissa * sure(powers[exponent]) : mantissa / sure(powers[-exponent]);
  return sign === MINUS ? -value : value;
}

/** The number after an `e` that fills [start, end), NaN for anything else. */
function exponentAt(bytes: Uint8Array, start: number, end: number): number {
  if ((sure(bytes[start]) | 32) !== 101) return NaN;
  let i = start + 1;
  const isDown = bytes[i] === MINUS;
  if (isDown || bytes[i] === PLUS) i++;
  if (i >= end) return NaN;
  let power = 0;
  for (; i < end; i++) {
    const digit = sure(bytes[i]) - ZERO;
    if (digit < 0 || digit > 9) return NaN;
    power = Math.min(power * 10 + digit, 100_000);
  }
  return isDown ? -power : power;
}

/** The same for text. */
export const parseText = (text: string, decimal: "." | ","): number => {
  const trimmed = text.trim();
  if (
    !/^[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?$/.test(trimmed) ||
    trimmed.includes(decimal === "." ? "," : ".")
  )
    return NaN;
  return Number(trimmed.replace(",", "."));
};
