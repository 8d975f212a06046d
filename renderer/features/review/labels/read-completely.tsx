import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import type { Reading } from "../../../../preload/contract/reading.ts";
import { openAgreement } from "../../../state/session.ts";
import { clock } from "../../../ui/format.ts";
import { ActionButton } from "../../../ui/widgets.tsx";
import { inLanguage } from "../../../ui/words.ts";
import { letterKeys } from "../review-keys.ts";
import classes from "../review.module.css";
import { turnBlind } from "../blind-chip.tsx";
import type { Review } from "../use-review.ts";

/** Declares the recording, or the stretch that is selected, read completely, for all labels or a group; and says who did already. */
export function ReadCompletely({ review }: { readonly review: Review }): ReactNode {
  const { t, set, state, readings, labelling, language, blind, detail } = review;
  if (!set) return null;
  const isRange = state.range !== undefined && state.range.toS > state.range.fromS;
  const keys = letterKeys(set.labels);
  return (
    <section className={classes["column"]} style={{ gap: 6 }} data-testid="read-completely">
      <ActionButton
        keys={keys.readCompletely}
        onClick={() => labelling.declareRead()}
        data-testid="declare-read"
      >
        {t(isRange ? "readRange" : "readWhole")}
      </ActionButton>
      {set.groups.length > 1 && (
        <div style={{ display: "flex", flexWrap: "wrap", gap: 4, alignItems: "center" }}>
          <span className={classes["dim"]}>{t("readForGroup")}</span>
          {set.groups.map((group) => (
            <Button
              key={group.code}
              size="compact-xs"
              variant="default"
              onClick={() => labelling.declareRead(group.code)}
              data-testid={`declare-read-${group.code}`}
            >
              {inLanguage(group.name, language)}
            </Button>
          ))}
        </div>
      )}
      {readings.own.length === 0 && <span className={classes["dim"]}>{t("readNobody")}</span>}
      {readings.own.map((one) => (
        <Declared key={one.id} review={review} one={one} />
      ))}
      {!blind.isBlind && (
        <ActionButton keys={keys.blind} onClick={() => turnBlind(review)} data-testid="blind-begin">
          {t("blindBegin")}
        </ActionButton>
      )}
      {!blind.isBlind && (
        <ActionButton
          keys={keys.agreement}
          onClick={() => openAgreement([detail.id])}
          data-testid="open-agreement"
        >
          {t("compareReaders")}
        </ActionButton>
      )}
    </section>
  );
}

function Declared({ review, one }: { readonly review: Review; readonly one: Reading }): ReactNode {
  const { t, set, readings, durationS, language } = review;
  const isWhole = one.onsetS <= 0 && one.onsetS + one.durationS >= durationS - 1e-6;
  const group = set?.groups.find(({ code }) => code === one.group);
  return (
    <div className={classes["readRow"]} data-testid="reading">
      <span className={classes["dim"]}>
        {t(isWhole ? "readByWhole" : "readByRange", {
          author: one.author === "" ? t("unnamed") : one.author,
          from: clock(one.onsetS),
          to: clock(one.onsetS + one.durationS),
        })}
        {group !== undefined && ` · ${inLanguage(group.name, language)}`}
        {one.labelSetVersion !== set?.version && ` · ${t("readVersion", { version: one.labelSetVersion })}`}
      </span>
      <Button size="compact-xs" variant="subtle" flex="none" onClick={() => readings.takeBack(one)}>
        {t("readTakeBack")}
      </Button>
    </div>
  );
}
