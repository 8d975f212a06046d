import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { clock } from "../../ui/format.ts";
import { ActionButton } from "../../ui/widgets.tsx";
import { letterKeys } from "./review-keys.ts";
import classes from "./review.module.css";
import type { Review } from "./use-review.ts";

/** Declares the recording, or the stretch that is selected, read completely; and says who did already. */
export function ReadCompletely({ review }: { readonly review: Review }): ReactNode {
  const { t, set, state, readings, durationS, labelling } = review;
  if (!set) return null;
  const isRange = state.range !== undefined && state.range.toS > state.range.fromS;
  return (
    <section className={classes["column"]} style={{ gap: 6 }} data-testid="read-completely">
      <ActionButton
        keys={letterKeys(set.labels).readCompletely}
        onClick={labelling.declareRead}
        data-testid="declare-read"
      >
        {t(isRange ? "readRange" : "readWhole")}
      </ActionButton>
      {readings.own.length === 0 && <span className={classes["dim"]}>{t("readNobody")}</span>}
      {readings.own.map((one) => (
        <div key={one.id} className={classes["readRow"]} data-testid="reading">
          <span className={classes["dim"]}>
            {t(
              one.onsetS <= 0 && one.onsetS + one.durationS >= durationS - 1e-6
                ? "readByWhole"
                : "readByRange",
              {
                author: one.author === "" ? t("unnamed") : one.author,
                from: clock(one.onsetS),
                to: clock(one.onsetS + one.durationS),
              },
            )}
            {one.labelSetVersion !== set.version &&
              ` · ${t("readVersion", { version: one.labelSetVersion })}`}
          </span>
          <Button size="compact-xs" variant="subtle" flex="none" onClick={() => readings.takeBack(one)}>
            {t("readTakeBack")}
          </Button>
        </div>
      ))}
    </section>
  );
}
