import type { z } from "zod";
import { pack } from "../compute/packed.ts";
import { refusalOf } from "./file-parts.ts";

/*
 * What is saved of a model, whatever it is: every array has a name, and is found by it alone. Networks keep theirs as
 * objects of arrays with their shapes, the others as fields.
 */

/** Reads what is saved, or throws with one sentence. */
export type Read = (saved: unknown) => unknown;

export const readBy =
  (file: z.ZodType): Read =>
  (saved) => {
    const { data, error } = file.safeParse(saved);
    if (error) throw new Error(refusalOf(error));
    return data;
  };

type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array;
const isNumbers = (value: unknown): value is Numbers =>
  value instanceof Float32Array ||
  value instanceof Float64Array ||
  value instanceof Int32Array ||
  value instanceof Uint8Array;

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !isNumbers(value);

/** Of a network: its shape beside it. */
interface Shaped {
  readonly shape: readonly number[];
  readonly values: Numbers;
}
const isShaped = (value: unknown): value is Shaped =>
  isFields(value) && isNumbers(value["values"]) && Array.isArray(value["shape"]);

/** The same with the fields of every object the other way round. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => turned(one));
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, own]) => [key, turned(own)]),
  );
}

interface Spoiled {
  readonly how: string;
  readonly names: string; // what a refusal has to name
  readonly saved: unknown;
}

const MOST_SPOILED = 8; // arrays of one object: every so many-th where it has more

/** What was saved, once for each way in which each array can be wrong; of objects in a row the first and the last. */
function spoiled(saved: unknown): Spoiled[] {
  if (Array.isArray(saved)) {
    const all: readonly unknown[] = saved;
    return [...new Set([0, all.length - 1])].flatMap((at) =>
      spoiled(all[at]).map((one) => ({
        ...one,
        how: `${at}.${one.how}`,
        saved: all.map((own, i) => (i === at ? one.saved : own)),
      })),
    );
  }
  if (!isFields(saved)) return [];
  const entries = Object.entries(saved);
  const step = Math.ceil(entries.length / MOST_SPOILED);
  return entries
    .filter((_, at) => at % step === 0)
    .flatMap(([key, own]) =>
      isNumbers(own) || isShaped(own)
        ? worse(saved, key, own)
        : spoiled(own).map((one) => ({
            ...one,
            how: `${key}.${one.how}`,
            saved: { ...saved, [key]: one.saved },
          })),
    );
}

function worse(saved: Fields, key: string, own: Numbers | Shaped): Spoiled[] {
  const others = Object.fromEntries(Object.entries(saved).filter(([name]) => name !== key));
  const values = isNumbers(own) ? own : own.values;
  const none = values.slice();
  none[0] = NaN;
  const as = (changed: Numbers): unknown => (isNumbers(own) ? changed : { ...own, values: changed });
  const instead = (how: string, value: unknown): Spoiled => ({
    ...{ how: `${key} ${how}`, names: key, saved: { ...saved, [key]: value } },
  });
  return [
    { how: `${key} left out`, names: key, saved: others },
    { how: `${key} under another name`, names: key, saved: { ...others, [`${key}2`]: own } },
    { how: `${key} and another`, names: "spare", saved: { ...saved, spare: own } },
    instead("as text", "numbers"),
    ...(values.length > 0 ? [instead("cut short", as(values.slice(1)))] : []),
    ...(values.length > 0 && Number.isNaN(none[0]) ? [instead("with NaN", as(none))] : []),
    ...(isNumbers(own) ? [] : [instead("of another shape", { ...own, shape: [...own.shape, 1] })]),
  ];
}

/** Where arrays lie in a row, to be told apart by their numbers alone. */
function nameless(saved: unknown, at = "it"): string[] {
  if (Array.isArray(saved)) {
    const all: readonly unknown[] = saved;
    return all.some(isNumbers) ? [at] : all.flatMap((one, i) => nameless(one, `${at}.${i}`));
  }
  return isFields(saved) ? Object.entries(saved).flatMap(([key, own]) => nameless(own, `${at}.${key}`)) : [];
}

function refusalBy(read: Read, saved: unknown): string | undefined {
  try {
    read(saved);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What is wrong with how arrays are named in what is saved, or undefined. */
export function wrongNames(saved: unknown, read: Read): string | undefined {
  const [first] = nameless(saved);
  if (first !== undefined) return `${first} holds arrays without names`;
  const same = Buffer.from(pack([read(saved)])).equals(pack([read(turned(saved))]));
  if (!same) return "with its arrays in another order it is another one";
  const all = spoiled(saved);
  const wrong = all.flatMap(({ how, names, saved: one }) => {
    const refusal = refusalBy(read, one);
    if (refusal === undefined) return [`${how}: taken`];
    return refusal.includes(names) ? [] : [`${how}: refused with “${refusal}”`];
  });
  return wrong.length === 0 ? undefined : wrong.slice(0, 12).join("; ");
}
