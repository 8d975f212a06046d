/** What bytes of an unknown device look like: a first help to find out what it speaks. */
export interface CaptureDescription {
  readonly bytes: number;
  readonly bytesPerS: number;
  /** The first bytes as rows of 16: offset, hexadecimal, and the printable ones as text. */
  readonly rows: readonly string[];
  readonly histogram: readonly number[]; // 256 counts
  readonly printableShare: number;
  /** After so many bytes more of them are the same than chance brings: a frame's length. Absent: no such length up to 512. */
  readonly repeatBytes?: number;
}

const ROWS = 16;
const LAG_MAX = 512;
const LOOKED_AT = 16 * 1024;
const SURE = 8; // standard deviations above chance

export function describeCapture(bytes: Uint8Array, seconds: number): CaptureDescription {
  const histogram = new Array<number>(256).fill(0);
  let printable = 0;
  for (const byte of bytes) {
    histogram[byte] = (histogram[byte] ?? 0) + 1;
    if (isPrintable(byte) || byte === 10 || byte === 13) printable += 1;
  }
  const repeatBytes = repeatOf(bytes.subarray(0, LOOKED_AT));
  return {
    bytes: bytes.length,
    bytesPerS: seconds > 0 ? bytes.length / seconds : 0,
    rows: Array.from({ length: Math.min(ROWS, Math.ceil(bytes.length / 16)) }, (_, row) =>
      rowOf(bytes.subarray(row * 16, row * 16 + 16), row * 16),
    ),
    histogram,
    printableShare: bytes.length > 0 ? printable / bytes.length : 0,
    ...(repeatBytes !== undefined && { repeatBytes }),
  };
}

const isPrintable = (byte: number): boolean => byte >= 32 && byte < 127;

function rowOf(bytes: Uint8Array, offset: number): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const text = Array.from(bytes, (byte) => (isPrintable(byte) ? String.fromCharCode(byte) : ".")).join("");
  return `${offset.toString(16).padStart(6, "0")}  ${hex.padEnd(47)}  ${text}`;
}

/**
 * Period of a stream of bytes: the lag at which most bytes equal those before them, against what the byte counts let expect
 * by chance. Of lags that are nearly as good the shortest, since twice a period is as good a period.
 */
export function repeatOf(bytes: Uint8Array): number | undefined {
  const counts = new Float64Array(256);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  const chance = counts.reduce((sum, n) => sum + (n / bytes.length) ** 2, 0);
  if (bytes.length < 64 || chance > 0.999) return undefined; // nothing but one value
  const lags = Math.min(LAG_MAX, bytes.length >> 2);
  const scores = Array.from({ length: lags }, (_, at) => {
    const lag = at + 1;
    const pairs = bytes.length - lag;
    let same = 0;
    for (let i = 0; i < pairs; i++) if (bytes[i] === bytes[i + lag]) same += 1;
    return (same - pairs * chance) / Math.sqrt(pairs * chance * (1 - chance));
  });
  const best = Math.max(...scores);
  const first = scores.findIndex((score) => score >= 0.8 * best);
  return best >= SURE ? first + 1 : undefined;
}
