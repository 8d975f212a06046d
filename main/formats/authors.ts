import type { SourceAnnotation } from "../signal/block.ts";

/** The author that most annotations name, so that a file need not repeat it beside each. */
export function commonestAuthor(annotations: readonly SourceAnnotation[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { author } of annotations)
    if (author !== undefined) counts.set(author, (counts.get(author) ?? 0) + 1);
  let best: string | undefined;
  for (const [author, count] of counts)
    if (best === undefined || count > (counts.get(best) ?? 0)) best = author;
  return best;
}
