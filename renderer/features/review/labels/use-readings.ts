import { useMemo, useRef } from "react";
import type { LabelSet } from "../../../../preload/contract/label-set.ts";
import type { Reading } from "../../../../preload/contract/reading.ts";
import { request } from "../../../bridge/client.ts";
import { useRequest, useSend } from "../../../bridge/hooks.ts";
import { askedOfOthers, named } from "../../../state/questions.ts";
import type { TimeRange } from "../../../state/selection.ts";
import { notifyFailure } from "../../../ui/notify.tsx";

const noReadings: readonly Reading[] = [];

export interface Readings {
  readonly own: readonly Reading[]; // of the label set in use
  /** Declares a stretch read completely for the label set, or for one group of its labels; "already" where this reader has declared it before. */
  readonly declare: (stretch: TimeRange, group?: string) => Promise<"declared" | "already" | "no-set">;
  readonly takeBack: (reading: Reading) => void;
}

/** What of a recording was read completely: where no label lies there, there was none to give. */
export function useReadings(
  recordingId: string,
  set: LabelSet | undefined,
  { author, isBlind }: { readonly author: string; readonly isBlind: boolean },
): Readings {
  const all = useRequest("readings.list", { recordingId }).data ?? noReadings;
  const add = useSend("readings.add");
  const remove = useSend("readings.remove");
  const turn = useRef<Promise<unknown>>(Promise.resolve()); // of declaring: the second press knows of the first
  const own = useMemo(
    () => all.filter((one) => one.labelSet === set?.id && (!isBlind || one.author === author)),
    [all, set?.id, isBlind, author],
  );
  return {
    own,
    declare: async ({ fromS, toS }, group) => {
      if (set === undefined) return "no-set";
      const reader = await named(author);
      const covers = (one: Reading): boolean =>
        one.author === reader &&
        (one.group === undefined || one.group === group) &&
        one.labelSetVersion === set.version &&
        one.onsetS <= fromS &&
        one.onsetS + one.durationS >= toS;
      const declared = turn.current.then(async () => {
        // As the library has it now: the list on screen follows a little later.
        const there = await request("readings.list", { recordingId });
        if (there.some((one) => one.labelSet === set.id && covers(one))) return "already";
        await add.mutateAsync({
          ...{ recordingId, labelSet: set.id, labelSetVersion: set.version, author: reader },
          ...(group === undefined ? {} : { group }),
          ...{ onsetS: fromS, durationS: toS - fromS },
        });
        return "declared";
      });
      turn.current = declared.catch(() => undefined);
      return declared;
    },
    takeBack: ({ id }) => {
      askedOfOthers((evenOfOthers) => remove.mutateAsync({ id, evenOfOthers })).catch(notifyFailure);
    },
  };
}
