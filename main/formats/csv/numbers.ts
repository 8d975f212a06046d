const ZERO = 48;
const DOT = 46;
const PLUS = 43;
const MINUS = 45;
const powers = Array.from({ length: 23 }, (_, i) => 10 ** i);
const latin = new TextDecoder("latin1");

/**
 * The number written in bytes [start, end): sign, digits, decimal mark, exponent. NaN for anything else, so text,
 * hexadecimal, "Infinity" and digit groups are not numbers. Correctly rounded: mantissas below 2^53 with an exponent
 * up to 22 are one exact operation (Clinger 1990), the rest goes through Number().
 */
export function parseNumber(bytes: Uint8Array, start: number, end: number, decimal: number): number {
  let i = start;
  let negative = false;
  if (bytes[i] === MINUS || bytes[i] === PLUS) negative = bytes[i++] === MINUS;
  let mantissa = 0;
  let digits = 0;
  let exponent = 0;
  let isExact = true;
  for (; i < end; i++) {
    const digit = (bytes[i] as number) - ZERO;
    if (digit < 0 || digit > 9) break;
    digits++;
    if (mantissa < 900_719_925_474_099) mantissa = mantissa * 10 + digit;
    else [exponent, isExact] = [exponent + 1, false];
  }
  if (i < end && bytes[i] === decimal) {
    for (i++; i < end; i++) {
      const digit = (bytes[i] as number) - ZERO;
      if (digit < 0 || digit > 9) break;
      digits++;
      if (mantissa < 900_719_925_474_099) [mantissa, exponent] = [mantissa * 10 + digit, exponent - 1];
      else isExact = false;
    }
  }
  if (digits === 0) return NaN;
  if (i < end && ((bytes[i] as number) | 32) === 101) {
    i++;
    let isDown = false;
    if (bytes[i] === MINUS || bytes[i] === PLUS) isDown = bytes[i++] === MINUS;
    let written = 0;
    const first = i;
    for (; i < end; i++) {
      const digit = (bytes[i] as number) - ZERO;
      if (digit < 0 || digit > 9) break;
      written = Math.min(written * 10 + digit, 100_000);
    }
    if (i === first) return NaN;
    exponent += isDown ? -written : written;
  }
  if (i !== end) return NaN;
  if (!isExact || exponent > 22 || exponent < -22) {
    const text = latin.decode(bytes.subarray(start, end));
    return Number(decimal === DOT ? text : text.replace(",", "."));
  }
  const value =
    exponent >= 0 ? mantissa * (powers[exponent] as number) : mantissa / (powers[-exponent] as number);
  return negative ? -value : value;
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
