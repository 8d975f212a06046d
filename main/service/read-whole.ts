import { open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { AppError } from "../../preload/contract/errors.ts";
import { naming } from "../exchange/file-error.ts";

export interface WholeFile {
  readonly what: string; // "a model file": begins no sentence
  readonly most: number; // bytes
  /** Also what has no size before it is read, such as another program's output; it is read up to the limit. */
  readonly streams?: boolean;
}

const PIECE = 1 << 20;

/**
 * A file that is small enough to be held whole. What only looks like a file, and may never end or never begin, is not
 * opened at all, and no more is read than is allowed, whatever the size was said to be.
 */
export async function readWhole(
  path: string,
  { what, most, streams = false }: WholeFile,
): Promise<Uint8Array> {
  return naming(path, async () => {
    const at = await stat(path);
    const kind = at.isDirectory() ? "a folder" : at.isFile() ? undefined : "no ordinary file";
    if (kind !== undefined && !(streams && at.isFIFO()))
      throw new AppError("data/not-a-file", `${basename(path)} is ${kind}; expected ${what}`, { file: path });
    const tooLarge = (size: number): AppError =>
      new AppError(
        "data/file-too-large",
        `${basename(path)} has ${size > most && size === at.size ? size : `more than ${most}`} bytes; ${what} has at most ${most}`,
        { file: path, size, allowed: most },
      );
    if (at.size > most) throw tooLarge(at.size);
    const handle = await open(path, "r");
    try {
      const pieces: Uint8Array[] = [];
      let size = 0;
      for (;;) {
        const { bytesRead, buffer } = await handle.read(new Uint8Array(PIECE), 0, PIECE);
        if (bytesRead === 0) return new Uint8Array(Buffer.concat(pieces));
        size += bytesRead;
        if (size > most) throw tooLarge(size);
        pieces.push(buffer.subarray(0, bytesRead));
      }
    } finally {
      await handle.close();
    }
  });
}
