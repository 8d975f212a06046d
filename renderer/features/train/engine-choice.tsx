import type { ReactNode } from "react";
import type { EngineFacts, EngineTrial } from "../../../preload/contract/run.ts";
import { fixed } from "../../ui/format.ts";
import { errorLine } from "../../ui/said.ts";
import { testIds } from "../../ui/test-ids.ts";
import { Facts, type Fact } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import css from "./train.module.css";
import { trainWords } from "./words.ts";

/** Which engine trained a run, why, and how each did on the model before the start. */
export function EngineChoice({ facts }: { readonly facts: EngineFacts }): ReactNode {
  const t = useWords(trainWords);
  const { engine, reason, chosenBecause, trials = [], name, version } = facts;
  const why =
    engine === undefined || reason === undefined
      ? chosenBecause
      : t(`engineWhy.${reason}`, { engine: t(`engine.${engine}`) });
  return (
    <div className={css["stack"]} data-testid={testIds.engineChoice}>
      <h3>{t("engine")}</h3>
      <p className={css["hint"]}>{why}</p>
      {trials.length === 0 ? <p>{`${name} ${version}`}</p> : <Trials trials={trials} />}
    </div>
  );
}

function Trials({ trials }: { readonly trials: readonly EngineTrial[] }): ReactNode {
  const t = useWords(trainWords);
  const language = useLanguage();
  const facts = trials.map((trial): Fact => {
    const { engine, version, device, threads, stepsPerSecond, error } = trial;
    const what = `${t(`engine.${engine}`)} ${version ?? ""}`.trim();
    if (error !== undefined) return [what, errorLine(error, language)];
    const where = device === "cpu" || device === "cuda" ? t(`device.${device}`) : device;
    return [
      what,
      [
        ...(stepsPerSecond === undefined || stepsPerSecond === 0 // not timed
          ? []
          : [t("pace", { steps: fixed(stepsPerSecond, stepsPerSecond < 10 ? 1 : 0) })]),
        ...(where === undefined ? [] : [where]),
        ...(threads === undefined ? [] : [t("threads", { count: threads })]),
      ].join(" · "),
    ];
  });
  return <Facts facts={facts} />;
}
