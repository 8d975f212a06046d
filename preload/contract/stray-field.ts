/**
 * Path of the first field that was given and that its schema does not know, which parsing has left out: a setting
 * spelled wrong would be taken for one that was not made. Undefined where all are known.
 */
export function strayField(given: unknown, parsed: unknown): string | undefined {
  if (!isFields(given) || !isFields(parsed)) return undefined;
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(parsed, name)) return name;
    const within = strayField(value, parsed[name]);
    if (within !== undefined) return `${name}.${within}`;
  }
  return undefined;
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
