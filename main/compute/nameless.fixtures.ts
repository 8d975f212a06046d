/** What Kodos that found parameters by their order had kept of the same: their values in a row, and no names beside a state. */
export function withoutNames(kept: unknown): unknown {
  if (Array.isArray(kept)) return kept.map((one) => withoutNames(one));
  if (typeof kept !== "object" || kept === null || ArrayBuffer.isView(kept)) return kept;
  const fields = Object.entries(kept);
  const values = fields.flatMap(([, own]) => valuesIn(own));
  if (values.length > 0 && values.length === fields.length) return values;
  return Object.fromEntries(
    fields.filter(([key]) => key !== "parameters").map(([key, own]) => [key, withoutNames(own)]),
  );
}

const valuesIn = (own: unknown): Float32Array[] =>
  typeof own === "object" &&
  own !== null &&
  "shape" in own &&
  "values" in own &&
  own.values instanceof Float32Array
    ? [own.values]
    : [];
