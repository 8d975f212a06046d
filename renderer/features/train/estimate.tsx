import type { ReactNode } from "react";
import type { RunCounted, RunEstimate } from "../../../preload/contract/estimate.ts";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import type { RunPreview } from "../../../preload/contract/run.ts";
import { className } from "../../ui/class-names.ts";
import { number } from "../../ui/format.ts";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import css from "./train.module.css";
import { trainWords } from "./words.ts";

/** Trainings of more recordings are counted when that is asked for: it takes milliseconds a recording. */
export const COUNTED_AT_ONCE = 1000;
/** Of fewer recordings the count itself is there as soon. */
export const ESTIMATED_FROM = 100;

/** About what is chosen, until it is counted; and how far that is. */
interface EstimateProps {
  readonly estimate: RunEstimate;
  readonly unit: RunPreview["unit"];
  readonly counted: RunCounted | undefined; // undefined: not begun
  readonly isCounting: boolean;
  readonly mayAsk: boolean; // it is not counted without being asked for
  readonly onCount: () => void;
  readonly onCancel: () => void;
  readonly labelSets: readonly LabelSet[];
}

export function Estimate(props: EstimateProps): ReactNode {
  const { estimate, unit, labelSets } = props;
  const t = useWords(trainWords);
  const language = useLanguage();
  const about = (count: number): string => t("about", { number: number(rounded(count), language, 0) });
  const { recordings, people, hours, lacking, marked, windows, perClass } = estimate;
  const usable = recordings - lacking;
  const ofEvents = { labelled: eventsIn(estimate), unlabelled: Math.max(0, usable - marked) };
  const rows =
    unit === "windows"
      ? (["labelled", "unlabelled", "unassessable"] as const).map((key) => [t(key), windows[key]] as const)
      : (["labelled", "unlabelled"] as const).map((key) => [t(`events.${key}`), ofEvents[key]] as const);
  return (
    <div className={css["stack"]} data-testid={testIds.trainEstimate} aria-busy={props.isCounting}>
      <h3>{t("estimated")}</h3>
      <p>
        {t("peopleAndRecordings", {
          people: number(people, language, 0),
          recordings: number(recordings, language, 0),
          hours: number(hours, language, hours < 100 ? 1 : 0),
        })}
      </p>
      {unit !== "recordings" && (
        <table className={css["table"]}>
          <tbody>
            {[
              ...rows,
              ...perClass.map(
                ({ code, windows: count, events }) =>
                  [className(code, labelSets, language), unit === "windows" ? count : events] as const,
              ),
            ].map(([name, count]) => (
              <tr key={name}>
                <td>{name}</td>
                <td>{about(count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {lacking > 0 && <p className={css["hint"]}>{t("estimateLacking", { count: lacking })}</p>}
      <p className={css["hint"]}>{t("estimateHint")}</p>
      <Counting {...props} />
    </div>
  );
}

const eventsIn = ({ perClass }: RunEstimate): number => perClass.reduce((sum, { events }) => sum + events, 0);

/** Two figures: more would look counted. */
const rounded = (count: number): number => (count < 100 ? count : Number(count.toPrecision(2)));

function Counting({ estimate, counted, isCounting, mayAsk, onCount, onCancel }: EstimateProps): ReactNode {
  const t = useWords(trainWords);
  const language = useLanguage();
  if (!isCounting)
    return mayAsk ? (
      <ActionButton data-testid={testIds.trainCount} onClick={onCount}>
        {t("countExactly")}
      </ActionButton>
    ) : null;
  return (
    <>
      <p role="status">
        {t("countedSoFar", {
          read: number(counted?.read ?? 0, language, 0),
          of: number(counted?.of ?? estimate.recordings, language, 0),
        })}
      </p>
      {mayAsk && (
        <ActionButton data-testid={testIds.trainStopCount} onClick={onCancel}>
          {t("stopCounting")}
        </ActionButton>
      )}
    </>
  );
}
