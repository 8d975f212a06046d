import { z } from "zod";
import { AppError } from "../../../preload/contract/errors.ts";
import { pack, unpack } from "../../compute/packed.ts";
import { sequenceModelOf } from "../../models/registry.ts";

const SequenceFile = z.object({ kind: z.string(), learned: z.unknown() });
export type SequenceFile = z.infer<typeof SequenceFile>;

export const packSequenceModel = (model: SequenceFile): Uint8Array => pack(model);

/** Throws storage/corrupt for bytes that are damaged or do not fit their model, model/not-sequences for one of windows. */
export function unpackSequenceModel(bytes: Uint8Array): SequenceFile {
  const corrupt = (what: string): AppError =>
    new AppError("storage/corrupt", `This is not a trained model of whole recordings: ${what}`, {
      bytes: bytes.length,
    });
  const parsed = SequenceFile.safeParse(unpack(bytes));
  if (!parsed.success) throw corrupt(parsed.error.issues[0]?.message ?? "");
  const { kind, learned } = parsed.data;
  const read = sequenceModelOf(kind).file.safeParse(learned);
  if (!read.success) throw corrupt(read.error.issues[0]?.message ?? "");
  return { kind, learned: read.data };
}
