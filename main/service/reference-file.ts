import { open } from "node:fs/promises";
import { basename } from "node:path";
import type { AntepartumReference } from "../../preload/contract/ctg.ts";
import { AppError } from "../../preload/contract/errors.ts";
import { referenceFrom } from "../analysis/ctg/reference-table.ts";
import { naming } from "../exchange/file-error.ts";
import { decodeBytes, detectEncoding } from "../formats/csv/encoding.ts";

const MOST_BYTES = 1 << 20; // of some thirty short lines

/** The table of centiles in a file that a person names. Throws what is wrong with it. */
export async function referenceIn(path: string): Promise<AntepartumReference> {
  const file = basename(path);
  const bytes = await naming(path, async () => {
    const handle = await open(path);
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) throw new AppError("data/not-a-file", `${file} is not a file`, { file });
      const { size } = stat;
      if (size > MOST_BYTES)
        throw new AppError("data/bad-reference", `${file} has ${size} bytes; allowed: ${MOST_BYTES}`, {
          ...{ file, value: size, allowed: MOST_BYTES },
        });
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  });
  return referenceFrom(decodeBytes(bytes, detectEncoding(bytes)), file);
}
