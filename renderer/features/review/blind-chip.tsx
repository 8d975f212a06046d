import { Button } from "@mantine/core";
import { useEffect, useRef, type ReactNode } from "react";
import { isReadCompletely } from "../../state/blind.ts";
import { Chip, Keys } from "../../ui/widgets.tsx";
import { letterKeys } from "./review-keys.ts";
import { guarded } from "./reviewing.ts";
import type { Review } from "./use-review.ts";

/** Says that nothing but the reader's own is shown, and leads out; where it is not so, nothing. */
export function BlindChip({ review }: { readonly review: Review }): ReactNode {
  const { t, blind, set } = review;
  useEndWithReading(review);
  if (!blind.isBlind) return null;
  return (
    <span data-testid="blind" style={{ display: "inline-flex", alignItems: "center", gap: 6 }}>
      <span title={t("blindText")}>
        <Chip tone="good">{t("blindOn")}</Chip>
      </span>
      <Button size="compact-xs" variant="default" onClick={() => turnBlind(review)} data-testid="blind-leave">
        {t("blindLeave")}&ensp;
        <Keys keys={letterKeys(set?.labels ?? []).blind} />
      </Button>
    </span>
  );
}

export function turnBlind({ blind, say, t, selection }: Review): void {
  selection.setState({ selected: undefined }); // it may be another's
  guarded(
    (blind.isBlind ? blind.leave() : blind.begin()).then(() =>
      say(t(blind.isBlind ? "said.blindLeft" : "said.blindOn")),
    ),
  );
}

/** A reading that is declared complete needs no blindness any more. */
function useEndWithReading({ blind, readings, set, settings: { author }, durationS, say, t }: Review): void {
  const isDone =
    blind.isBlind && set !== undefined && isReadCompletely(readings.own, { author, set, durationS });
  const end = useRef<() => void>(undefined);
  useEffect(() => {
    end.current = () => guarded(blind.leave().then(() => say(t("said.blindDone"))));
  });
  useEffect(() => {
    if (isDone) end.current?.();
  }, [isDone]);
}
