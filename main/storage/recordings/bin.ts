import { z } from "zod";
import { AppError } from "../../../preload/contract/errors.ts";
import { type BinIds, type BinPage, BinRequest, IDS_MOST } from "../../../preload/contract/listing.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { checked } from "../checked.ts";
import type { Context } from "../context.ts";
import type { Row } from "../file/database.ts";
import { summaryOf } from "./recordings.ts";

const Place = z.tuple([z.string(), z.number().int()]); // moment, key

function placeOf(cursor: string): [string, number] {
  try {
    return Place.parse(JSON.parse(cursor));
  } catch {
    throw new AppError("contract/bad-params", "The place in the bin is none that the library gave", {
      field: "after",
    });
  }
}

const IS_BINNED = "binned_at IS NOT NULL AND purging = 0";

/** By the indexes alone: with every page no row of a large bin is read for it. */
const COUNT = `SELECT (SELECT count(*) FROM recording WHERE binned_at IS NOT NULL)
  - (SELECT count(*) FROM recording WHERE purging = 1 AND binned_at IS NOT NULL) AS n`;

/** Some of what is in the bin, last binned first, and where the next begin. */
function binned(
  { database }: Context,
  columns: string,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): { readonly rows: readonly Row[]; readonly next?: string } {
  const some = (most: number, which: string, ...values: readonly (string | number)[]): Row[] =>
    database.all(
      `SELECT ${columns} FROM recording WHERE ${IS_BINNED} ${which} ORDER BY binned_at DESC, key DESC LIMIT ?`,
      ...values,
      most,
    );
  const found: Row[] = [];
  if (after === undefined) found.push(...some(limit + 1, ""));
  else {
    const [at, key] = placeOf(after);
    found.push(...some(limit + 1, "AND binned_at = ? AND key < ?", at, key));
    found.push(...some(limit + 1 - found.length, "AND binned_at < ?", at));
  }
  const rows = found.slice(0, limit);
  if (rows.length === found.length) return { rows };
  const last = sure(rows.at(-1));
  return { rows, next: JSON.stringify([last["binned_at"], Number(last["key"])]) };
}

export function binPage(context: Context, request: z.input<typeof BinRequest>): BinPage {
  const { after, limit } = checked(BinRequest, request, "page");
  const { rows, ...next } = binned(context, "*", { after, limit });
  return {
    rows: rows.map((row) => ({ ...summaryOf(context, row), binnedAt: String(row["binned_at"]) })),
    count: Number(context.database.one(COUNT)["n"]),
    ...next,
  };
}

export function binIds(context: Context, after?: string, limit = IDS_MOST): BinIds {
  const { rows, ...next } = binned(context, "key, id, binned_at", { after, limit });
  return { ids: rows.map((row) => String(row["id"])), ...next };
}
