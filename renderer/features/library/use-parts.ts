import { useState } from "react";
import { notifyFailure } from "../../ui/notify.tsx";

interface Part<Row> {
  readonly rows: readonly Row[];
  readonly next?: string | undefined; // where those behind it begin; absent: there are none
}

/** A list a part at a time, one behind the other. `of` tells one first part from another: those behind another are others. */
export function useParts<Row>(
  first: Part<Row> | undefined,
  of: string,
  ask: (after: string) => Promise<Part<Row>>,
) {
  const [behind, setBehind] = useState<Part<Row> & { readonly of: string }>();
  const [isAsking, setAsking] = useState(false);
  const own = behind?.of === of ? behind : undefined;
  const after = (own ?? first)?.next;
  const showMore = (): void => {
    if (after === undefined || isAsking) return;
    setAsking(true);
    ask(after)
      .then(({ rows, next }) => setBehind({ of, rows: [...(own?.rows ?? []), ...rows], next }))
      .catch(notifyFailure)
      .finally(() => setAsking(false));
  };
  return {
    rows: [...(first?.rows ?? []), ...(own?.rows ?? [])],
    ...{ isWhole: after === undefined, isAsking, showMore },
  };
}
