import { AppError } from "../../../preload/contract/errors.ts";
import { isAnotherReader } from "../../../preload/contract/annotation.ts";
import type { EditOptions } from "../api.ts";
import type { Context } from "../context.ts";
import { authorNow } from "../settings.ts";

/** Refuses what belongs to another reader, unless whoever asks has been asked about it. It is said whose it is. */
export function refuseOfAnother(
  context: Context,
  {
    author,
    what,
    recordingId,
  }: { readonly author: string; readonly what: string; readonly recordingId: string },
  { isOwnOnly = false }: EditOptions,
): void {
  if (!isOwnOnly || !isAnotherReader(author, authorNow(context))) return;
  throw new AppError("data/other-reader", `The ${what} is by ${author}; say so to change it all the same`, {
    reader: author,
    recording: recordingId,
    what,
  });
}
