import type { ReactNode } from "react";
import type { Cue, RecorderState } from "../../../preload/contract/acquisition.ts";
import type { Label, LabelSet } from "../../../preload/contract/label-set.ts";
import { fixed } from "../../ui/format.ts";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton } from "../../ui/widgets.tsx";
import { inLanguage, useLanguage, useWords } from "../../ui/words.ts";
import { useTicking } from "./use-ticking.ts";
import css from "./record.module.css";
import { recordWords } from "./words.ts";

export interface GuideProps {
  readonly state: RecorderState;
  readonly cue: Cue;
  readonly set: LabelSet | undefined;
  readonly elapsedS: () => number;
  readonly keys: { readonly repeat: string };
  readonly onStep: (step: "pause" | "resume" | "skip" | "repeat") => void;
}

const NEUTRAL = "neutral"; // held by doing nothing
const texts = { rest: "cueRestText", mvc: "cueMvcText", hold: "cueHoldText", done: "cueDoneText" } as const;

/** The gesture after the one now under way, or the one that is being got ready for. */
function nextOf({ plan }: RecorderState, { step, what, next }: Cue): string | undefined {
  const holds = plan?.slice(step + 1).filter((one) => one.what === "hold");
  return holds ? holds[what === "change" ? 1 : 0]?.label : next;
}

/** What to do now, largest; for how long; what comes next; and how far the course is. */
export function GuidePanel({ state, cue, set, elapsedS, keys, onStep }: GuideProps): ReactNode {
  const t = useWords(recordWords);
  const language = useLanguage();
  const labelOf = (code: string | undefined): Label | undefined =>
    set?.labels.find((one) => one.code === code);
  const isAtRest = cue.what === "hold" && cue.label === NEUTRAL;
  const label = labelOf(cue.label);
  const name = label && inLanguage(label.name, language);
  const next = labelOf(nextOf(state, cue));
  return (
    <div className={css["guide"]}>
      <section
        className={css["cue"]}
        data-testid={testIds.recordCue}
        data-what={cue.what}
        data-label={cue.label}
        data-paused={cue.isPaused}
      >
        {label && <Letter label={label} isBig />}
        <div className={css["cueWords"]} aria-live="polite">
          {(cue.isPaused || name !== undefined) && (
            <span>{cue.isPaused ? t("cuePaused") : t(`cue.${cue.what}`)}</span>
          )}
          <strong>{name ?? t(`cue.${cue.what}`)}</strong>
          {cue.what !== "change" && <span>{t(texts[isAtRest ? "rest" : cue.what])}</span>}
        </div>
        {cue.what !== "done" && <Countdown cue={cue} elapsedS={elapsedS} />}
      </section>
      <section className={css["next"]}>
        <span className={css["dim"]}>{t("cueNext")}</span>
        <span className={css["nextName"]}>
          {next && <Letter label={next} />}
          {next ? inLanguage(next.name, language) : "–"}
        </span>
        <span className={css["row"]}>
          <ActionButton
            size="compact-sm"
            keys="Space"
            data-testid={testIds.recordCuePause}
            onClick={() => onStep(cue.isPaused ? "resume" : "pause")}
          >
            {t(cue.isPaused ? "resume" : "pause")}
          </ActionButton>
          <ActionButton
            size="compact-sm"
            keys={keys.repeat}
            data-testid={testIds.recordCueRepeat}
            onClick={() => onStep("repeat")}
          >
            {t("repeat")}
          </ActionButton>
          <ActionButton
            size="compact-sm"
            keys="ArrowRight"
            data-testid={testIds.recordCueSkip}
            onClick={() => onStep("skip")}
          >
            {t("skip")}
          </ActionButton>
        </span>
      </section>
      {state.plan && <Course plan={state.plan} step={cue.step} labelOf={labelOf} />}
    </div>
  );
}

const wash = (colour: string): string => `color-mix(in srgb, ${colour} 14%, var(--kodo-panel))`;

export const Letter = ({
  label,
  isBig = false,
}: {
  readonly label: Label;
  readonly isBig?: boolean;
}): ReactNode => (
  <span
    className={css["letter"]}
    data-big={isBig}
    style={{ borderColor: label.colour, background: wash(label.colour) }}
    aria-hidden
  >
    {label.letter}
  </span>
);

/** Seconds left, and how much of the cue has passed. */
function Countdown({ cue, elapsedS }: { readonly cue: Cue; readonly elapsedS: () => number }): ReactNode {
  const leftS = useTicking(() => (cue.isPaused ? cue.endsS - cue.beganS : cue.endsS - elapsedS()), 100);
  const t = useWords(recordWords);
  const lastsS = Math.max(1e-3, cue.endsS - cue.beganS);
  const left = Math.min(lastsS, Math.max(0, leftS));
  return (
    <>
      <output className={css["countdown"]} data-digits>
        {fixed(left, 1)}
        <span>{t("secondsUnit")}</span>
      </output>
      <span className={css["cueBar"]} aria-hidden>
        <span style={{ transform: `scaleX(${1 - left / lastsS})` }} />
      </span>
    </>
  );
}

/** Every gesture of every repetition: done, now, to come. */
function Course({
  plan,
  step,
  labelOf,
}: {
  readonly plan: NonNullable<RecorderState["plan"]>;
  readonly step: number;
  readonly labelOf: (code: string | undefined) => Label | undefined;
}): ReactNode {
  const t = useWords(recordWords);
  const language = useLanguage();
  const holds = plan.flatMap((one, at) => (one.what === "hold" ? [{ ...one, at }] : []));
  const rows = [...new Set(holds.map(({ repetition }) => repetition))];
  const nextAt = holds.find(({ at }) => at >= step)?.at;
  const done = holds.filter(({ at }) => at < step).length;
  return (
    <section className={css["course"]}>
      <header>
        <h2>{t("planTitle")}</h2>
        <span className={css["dim"]} data-digits>
          {t("planDone", { done, all: holds.length })}
        </span>
      </header>
      <ol>
        {rows.map((repetition) => (
          <li key={repetition}>
            <span className={css["dim"]}>{repetition + 1}</span>
            {holds
              .filter((one) => one.repetition === repetition)
              .map(({ at, label: code }) => {
                const label = labelOf(code);
                const state = at < step ? "done" : at === nextAt ? "now" : "to-come";
                const name = label ? inLanguage(label.name, language) : (code ?? "");
                return (
                  <span key={at} className={css["courseCell"]} data-state={state} title={name}>
                    {label?.letter ?? "·"}
                  </span>
                );
              })}
          </li>
        ))}
      </ol>
    </section>
  );
}
