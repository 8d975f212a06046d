const NUMBER = /^[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?$/;
const NAMED = /^[A-Za-z_][^:=]*[:=]/;

const separators = [";", "\t", ",", " "] as const;
export type Separator = (typeof separators)[number];

/** Fields of a line, trimmed; an empty one after a last separator is none. */
function split(line: string, separator: Separator): string[] {
  const fields = separator === " " ? line.trim().split(/ +/) : line.split(separator);
  const trimmed = fields.map((field) => field.trim());
  if (trimmed.length > 1 && trimmed.at(-1) === "") trimmed.pop();
  return trimmed;
}

/** A number; NaN for a sample that the device marks as missing; undefined: neither. `name:` and `name=` are left out. */
function numberOf(field: string, separator: Separator): number | undefined {
  const text = field.replace(NAMED, "").trim();
  if (text === "" || text === "-" || text.toLowerCase() === "nan") return NaN;
  if (!NUMBER.test(text) || (separator === "," && text.includes(","))) return undefined;
  const value = Number(text.replace(",", "."));
  return Number.isFinite(value) ? value : undefined;
}

/** Numbers of a line's fields, undefined for those that are none. */
export const numbersOf = (line: string, separator: Separator): (number | undefined)[] =>
  split(line, separator).map((field) => numberOf(field, separator));

/** The separator by which a line has so many numbers; undefined: none. */
export const separatorFor = (line: string, count: number): Separator | undefined =>
  separators.find((separator) => {
    const numbers = numbersOf(line, separator);
    return numbers.length === count && !numbers.includes(undefined);
  });

/** A line that says something: begins with #, % or a letter, and is not all names with values. */
export const isComment = (line: string): boolean => /^[#%A-Za-z]/.test(line);

/** Facts of a comment: names where it has as many fields as a line, `name=value` pairs, or its text. */
export function commentFacts(line: string, columns: number): Record<string, string> {
  const text = line
    .replace(/^[#%]+/, "")
    .trim()
    .slice(0, 200);
  const pairs = text.split(/\s+/).map((part) => part.split("="));
  if (text !== "" && pairs.every((pair) => pair.length === 2 && pair[0] !== ""))
    return Object.fromEntries(pairs.map(([name, value]) => [name ?? "", value ?? ""]));
  const names = separators
    .map((separator) => split(text, separator))
    .find(({ length }) => length === columns);
  return names !== undefined && columns > 1 ? { labels: names.join(", ") } : { comment: text };
}

/** Exclusive or of the characters. */
export const xorOf = (text: string): number => {
  let xor = 0;
  for (let i = 0; i < text.length; i++) xor ^= text.charCodeAt(i);
  return xor;
};

/** The strict form: `$` counter, device time in us, whole numbers, `*` and the exclusive or of what lies between. */
export function strictNumbers(line: string, count: number): number[] | undefined {
  const match = /^\$([-\d,]*)\*([\dA-F]{2})$/.exec(line);
  const [, body = "", told = ""] = match ?? [];
  if (match === null || xorOf(body) !== Number.parseInt(told, 16)) return undefined;
  const numbers = body.split(",").map((field) => (field === "" ? NaN : Number(field)));
  const [counter = NaN, timeUs = NaN] = numbers;
  const isWhole = counter >= 0 && counter < 0x10000 && timeUs >= 0 && timeUs < 2 ** 32;
  const isValid = numbers.slice(2).every((value) => Number.isNaN(value) || Math.abs(value) < 2 ** 31);
  const hasNumbers = body.split(",").every((field) => /^(?:-?\d+)?$/.test(field));
  return numbers.length === count && isWhole && isValid && hasNumbers ? numbers : undefined;
}
