import type { ChannelHeader } from "../../../preload/contract/recording.ts";

/** Digits after the point that write `x` exactly, up to 12; undefined where it has more. */
function decimalsOf(x: number): number | undefined {
  for (let digits = 0; digits <= 12; digits++) if (Number(x.toFixed(digits)) === x) return digits;
  return undefined;
}

function trimZeros(text: string): string {
  if (!text.includes(".")) return text;
  let end = text.length;
  while (text.charCodeAt(end - 1) === 48) end--;
  return text.slice(0, text.charCodeAt(end - 1) === 46 ? end - 1 : end);
}

/** The shortest text that reads back as the same single-precision value. */
function singleText(value: number): string {
  if (Object.is(value, -0)) return "-0";
  for (let digits = 6; digits <= 9; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (Math.fround(Number(text)) === value) return text;
  }
  return String(value);
}

/**
 * Physical values as text. Integers whose gain and offset are short decimals are written with just as many digits
 * (15050 at 0.01 is 150.5, not 150.50000000000003); everything else as the shortest text that reads back the same.
 */
export function physicalText(header: ChannelHeader): (digital: number) => string {
  const { gain, offset, sampleType } = header;
  if (sampleType === "float32" && gain === 1 && offset === 0) return singleText;
  if (sampleType === "float64" || sampleType === "float32")
    return (d) => (Object.is(d, -0) && gain === 1 && offset === 0 ? "-0" : String(d * gain + offset));
  const parts = [decimalsOf(gain), decimalsOf(offset)];
  const digits = parts.includes(undefined) ? undefined : Math.max(...(parts as number[]));
  const write =
    digits === undefined
      ? (d: number) => String(d * gain + offset)
      : (d: number) => unsignZero(trimZeros((d * gain + offset).toFixed(digits)));
  const known = new Map<number, string>();
  return (d) => {
    const text = known.get(d) ?? write(d);
    if (known.size < 65_536) known.set(d, text);
    return text;
  };
}

const unsignZero = (text: string): string => (text === "-0" ? "0" : text);
