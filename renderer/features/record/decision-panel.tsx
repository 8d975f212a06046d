import { useState, type ReactNode } from "react";
import type { LiveDecision } from "../../../preload/contract/acquisition.ts";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import { useEvent } from "../../bridge/hooks.ts";
import { className } from "../../ui/class-names.ts";
import { fixed } from "../../ui/format.ts";
import { testIds } from "../../ui/test-ids.ts";
import { useLanguage, useWords } from "../../ui/words.ts";
import { Ahead } from "./ahead.tsx";
import css from "./record.module.css";
import { recordWords } from "./words.ts";

const AT_MOST_EVERY_MS = 100; // what changes faster cannot be read

/** What the model said of the window that has just come, with the band of its members; "unknown" says why. */
export function DecisionPanel({
  sets,
  comeS,
}: {
  readonly sets: readonly LabelSet[];
  readonly comeS: number; // to which the recording has come
}): ReactNode {
  const t = useWords(recordWords);
  const [decided, setDecided] = useState<
    { readonly last: LiveDecision; readonly atMs: number } | undefined
  >();
  useEvent("recorder.decided", (last) => {
    const atMs = performance.now();
    setDecided((before) => (before && atMs - before.atMs < AT_MOST_EVERY_MS ? before : { last, atMs }));
  });
  return (
    <section className={css["sideBlock"]}>
      <h2>{t("predictionTitle")}</h2>
      {decided?.last.forecast && isFresh(decided.last, comeS) ? (
        <Ahead forecast={decided.last.forecast} sets={sets} />
      ) : decided && isFresh(decided.last, comeS) ? (
        <Decided decision={decided.last} sets={sets} />
      ) : (
        <p className={css["dim"]}>{t("predictionWaits")}</p>
      )}
    </section>
  );
}

const OLD_AFTER_S = 3;

/** Where nothing comes nothing is decided: what was said of a window before is no word about now. */
export const isFresh = ({ onsetS, durationS }: LiveDecision, comeS: number): boolean =>
  comeS - (onsetS + durationS) <= OLD_AFTER_S + durationS;

/** One decision. */
export function Decided({
  decision: { classes = [], decision, why, latencyMs },
  sets,
}: {
  readonly decision: LiveDecision;
  readonly sets: readonly LabelSet[];
}): ReactNode {
  const t = useWords(recordWords);
  const language = useLanguage();
  return (
    <div data-testid={testIds.recordDecision} data-decision={decision ?? "unknown"}>
      {decision === undefined ? (
        <p className={css["unknown"]}>
          <strong>{t("unknown")}</strong>
          {why && <span>{t(`why.${why}`)}</span>}
        </p>
      ) : (
        <p className={css["decided"]}>{className(decision, sets, language)}</p>
      )}
      <ul className={css["classes"]}>
        {classes.map(({ label, mean, low, high }) => (
          <li key={label} data-chosen={label === decision}>
            <span>{className(label, sets, language)}</span>
            <span className={css["classBar"]} aria-hidden>
              <span style={{ width: `${mean * 100}%` }} />
              <i style={{ left: `${low * 100}%`, width: `${Math.max(0, high - low) * 100}%` }} />
            </span>
            <strong data-digits>{fixed(mean, 2)}</strong>
            <span className={css["dim"]} data-digits>
              {fixed(low, 2)}–{fixed(high, 2)}
            </span>
          </li>
        ))}
      </ul>
      <p className={css["dim"]} data-digits>
        {t("latencyTitle")}: {t("latency", { p50: fixed(latencyMs.p50, 1), p95: fixed(latencyMs.p95, 1) })}
      </p>
    </div>
  );
}
