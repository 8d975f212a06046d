/** Typed arrays as arrays, numbers JSON does not know (NaN, infinite) as null. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) => {
    if (ArrayBuffer.isView(one) && !(one instanceof DataView))
      return Array.from(one as Float32Array, finiteOrNull);
    return typeof one === "number" ? finiteOrNull(one) : one;
  });
}

export const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** A CSV cell, quoted where RFC 4180 asks for it. */
export const csvCell = (value: string | number | boolean | null): string => {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

export const csvLine = (cells: readonly (string | number | boolean | null)[]): string =>
  `${cells.map(csvCell).join(",")}\n`;
