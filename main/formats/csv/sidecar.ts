import { z } from "zod";
import { parseJson } from "./preamble.ts";

/** What `<name>.meta.json` beside a table holds. */
export const Sidecar = z.object({
  schema: z.literal("kodo-table/1"),
  table: z.string(),
  annotations: z.array(
    z.object({
      onsetS: z.number(),
      durationS: z.number().nonnegative(),
      label: z.string(), // the text; before Kodo 0.2 the code
      code: z.string().optional(),
      author: z.string().optional(),
      channel: z.number().int().nonnegative().optional(),
      note: z.string(),
    }),
  ),
  readings: z.array(z.unknown()).optional(), // what was read completely: as in declared.ts, each looked at by itself
});
export type Sidecar = z.infer<typeof Sidecar>;

export const sidecarName = (table: string): string => `${table.replace(/(\.csv)?(\.gz)?$/i, "")}.meta.json`;

export const parseSidecar = (text: string): Sidecar | undefined => parseJson(Sidecar, text);
