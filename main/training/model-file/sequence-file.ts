import { z } from "zod";
import { AppError } from "../../../preload/contract/errors.ts";
import { AFTER_FIRST, pack, unpack } from "../../compute/packed.ts";
import { refusalOf } from "../../models/file-parts.ts";
import { sequenceModelOf } from "../../models/registry.ts";

const SequenceFile = z.object({ kind: z.string(), learned: z.unknown() });
export type SequenceFile = z.infer<typeof SequenceFile>;

/** Of a version that Kodos which found parameters by their place refuse by name. */
export const packSequenceModel = (model: SequenceFile): Uint8Array => pack(model, AFTER_FIRST);

/** Throws storage/corrupt for bytes that are damaged or do not fit their model, model/not-sequences for one of windows. */
export function unpackSequenceModel(bytes: Uint8Array): SequenceFile {
  const corrupt = (what: string): AppError =>
    new AppError("storage/corrupt", `This is not a trained model of whole recordings: ${what}`, {
      bytes: bytes.length,
    });
  const parsed = SequenceFile.safeParse(unpack(bytes));
  if (!parsed.success) throw corrupt(refusalOf(parsed.error));
  const { kind, learned } = parsed.data;
  const read = sequenceModelOf(kind).file.safeParse(learned);
  if (!read.success) throw corrupt(refusalOf(read.error));
  return { kind, learned: read.data };
}
