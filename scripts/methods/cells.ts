import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";

/** Which cell of a long table it is, and all that makes its value: where that changes it is measured anew. */
export interface CellKey {
  readonly table: string;
  readonly method: string;
  readonly part: number;
  readonly made: unknown; // plain values
}

/** Cells of long tables, each kept in a file once it is measured: a table is measured in as many sittings as one likes. */
export interface Cells {
  /** What the cell held, or what is measured now. Undefined: it is not there, and the time to begin another one is over. */
  of<T>(key: CellKey, value: z.ZodType<T>, measure: () => Promise<T>): Promise<T | undefined>;
}

const fileOf = (folder: string, { table, method, part }: CellKey): string =>
  join(
    folder,
    ...[table, method].map((name) => name.toLowerCase().replace(/[^a-z0-9]+/g, "-")),
    `${part}.json`,
  );

function read<T>(path: string, made: string, value: z.ZodType<T>): T | undefined {
  try {
    const kept: unknown = JSON.parse(readFileSync(path, "utf8"));
    return z.object({ made: z.literal(made), value }).parse(kept).value;
  } catch {
    return undefined; // never measured, of something else, or stopped while it was written
  }
}

export interface Sitting {
  readonly until: number; // no cell is begun later, in the milliseconds of performance.now()
  readonly methods: readonly string[]; // of these alone cells are begun; empty: of all
}

/** Kept in `folder`. Values are plain ones. */
export function cellsIn(folder: string, { until, methods }: Sitting): Cells {
  return {
    async of(key, schema, measure) {
      const [path, made] = [fileOf(folder, key), JSON.stringify(key.made)];
      const kept = read(path, made, schema);
      if (kept !== undefined) return kept;
      const isWanted = methods.length === 0 || methods.includes(key.method);
      if (!isWanted || performance.now() > until) return undefined;
      const value = await measure();
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(`${path}.part`, JSON.stringify({ made, value }));
      renameSync(`${path}.part`, path);
      return value;
    },
  };
}
