import { z } from "zod";
import { AppError } from "../../preload/contract/errors.ts";
import { RunFields, SplitConfig } from "../../preload/contract/run.ts";
import { MOST_SWEPT } from "../../preload/contract/sweep.ts";
import { type Fields, joinedFields } from "./train-config.ts";
import { problemsOf } from "./usage.ts";

const Values = z.record(z.string().min(1), z.unknown());

/** What a file of `kodo sweep` says: lists of values by field, every one with every other, or configurations one by one. */
export const SweepGrid = z
  .strictObject({
    name: RunFields.shape.name.optional(),
    base: Values.default({}), // fields that all of them share, as in a file of train --config
    grid: z.record(z.string().min(1), z.array(z.unknown()).min(1)).optional(),
    configurations: z.array(Values).min(1).optional(), // the first is what the others are told against
    seeds: z.array(z.number().int().nonnegative()).min(1).optional(),
    folds: SplitConfig.shape.folds,
  })
  .refine(({ grid, configurations }) => (grid === undefined) !== (configurations === undefined), {
    message: 'it needs "grid" or "configurations", one of them',
  })
  .refine(({ seeds = [] }) => new Set(seeds).size === seeds.length, {
    path: ["seeds"],
    message: "a seed stands there twice",
  });
export type SweepGrid = z.infer<typeof SweepGrid>;

/** One configuration: what it sets over the fields that all share, and all of its fields. */
export interface GridPoint {
  readonly label: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly fields: Fields;
}

/** Who is judged, by whose labels, how a window is labelled or taken, and what is told apart: the same in all, else there is nothing to compare. */
const SHARED: Readonly<Record<string, string>> = {
  name: '"name" beside the grid',
  comparison: '"name" beside the grid',
  seed: '"seeds" beside the grid',
  folds: '"folds" beside the grid',
  recordingIds: '"base"',
  labelSet: '"base"',
  labels: '"base"',
  readers: '"base"',
  labelledShare: '"base"', // from how many labels one learns is a question of its own, no setting to choose
  background: '"base"',
  centreS: '"base"',
  minOverlap: '"base"',
  minObserved: '"base"',
  testSubjects: '"base"',
  validationSubjects: '"base"',
};

const refused = (file: string, why: string, detail: Record<string, string | number>): AppError =>
  new AppError("data/bad-config", `${file}: ${why}`, { file, ...detail });

/** A file's grid, with other seeds where some are given, checked. Throws data/bad-config with the field, its value and what is allowed. */
export function parseGrid(given: Fields, file: string, seeds: readonly number[] | undefined): SweepGrid {
  const parsed = SweepGrid.safeParse({ ...given, ...(seeds === undefined ? {} : { seeds }) });
  if (!parsed.success)
    throw refused(file, problemsOf(parsed.error), { problems: parsed.error.issues.length });
  const grid = parsed.data;
  const lists = Object.values(grid.grid ?? {}).map(({ length }) => length);
  const configurations = grid.configurations?.length ?? lists.reduce((product, n) => product * n, 1);
  const count = configurations * (grid.seeds?.length ?? 1);
  if (count > MOST_SWEPT)
    throw refused(
      file,
      `${configurations} configurations × ${grid.seeds?.length ?? 1} seed(s) are ${count} runs; a sweep has at most ${MOST_SWEPT}`,
      { field: "grid", value: count, allowed: MOST_SWEPT },
    );
  const lone = Object.entries(grid.grid ?? {}).flatMap(([field, values]) =>
    values.map((value) => ({ [field]: value })),
  );
  for (const field of [...lone, ...(grid.configurations ?? [])].flatMap(fieldsIn)) {
    const where = SHARED[field.split(".").at(-1) ?? field];
    if (where !== undefined)
      throw refused(file, `${field} cannot differ between configurations; it stands in ${where}`, {
        field,
        allowed: where,
      });
  }
  return grid;
}

/** Fields that a configuration sets, by their places; of a field that holds others also these. */
const fieldsIn = (values: Fields): string[] =>
  Object.entries(values).flatMap(([field, value]) => {
    const inner = Values.safeParse(value);
    return [field, ...(inner.success ? fieldsIn(inner.data).map((one) => `${field}.${one}`) : [])];
  });

/** Every configuration, the first values first. Throws data/bad-config where two are the same. */
export function pointsOf({ grid, configurations }: SweepGrid, base: Fields, file: string): GridPoint[] {
  const all = configurations ?? crossed(Object.entries(grid ?? {}));
  const points = all.map((values): GridPoint => ({
    label: labelOf(values),
    values,
    fields: over(base, values),
  }));
  const seen = new Map<string, string>();
  for (const { label, fields } of points) {
    const text = JSON.stringify(fields);
    const twin = seen.get(text);
    if (twin !== undefined)
      throw refused(file, `two configurations are the same: ${label}`, { value: label });
    seen.set(text, label);
  }
  return points;
}

const crossed = (lists: readonly (readonly [string, readonly unknown[]])[]): Record<string, unknown>[] =>
  lists.reduce<Record<string, unknown>[]>(
    (made, [field, values]) => made.flatMap((one) => values.map((value) => ({ ...one, [field]: value }))),
    [{}],
  );

/** `layers 2, learningRate 0.01` */
const labelOf = (values: Readonly<Record<string, unknown>>): string =>
  Object.entries(values)
    .map(([field, value]) => {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      return `${field.split(".").at(-1) ?? field} ${text}`;
    })
    .join(", ") || "as it is";

/** A field by its name alone, as a file of train --config may have it, or by its place: model.components. */
function over(base: Fields, values: Readonly<Record<string, unknown>>): Fields {
  const named = Object.entries(values).filter(([field]) => !field.includes("."));
  let fields = joinedFields(base, Object.fromEntries(named));
  for (const [field, value] of Object.entries(values))
    if (field.includes(".")) fields = placed(fields, field.split("."), value);
  return fields;
}

function placed(fields: Fields, [first = "", ...rest]: readonly string[], value: unknown): Fields {
  if (rest.length === 0) return { ...fields, [first]: value };
  const inner = Values.catch({}).parse(fields[first]);
  return { ...fields, [first]: placed(inner, rest, value) };
}
