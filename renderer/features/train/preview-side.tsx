import type { ReactNode } from "react";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import type { Problem, RunPreview } from "../../../preload/contract/run.ts";
import type { AppError } from "../../../preload/contract/errors.ts";
import { Estimate } from "./estimate.tsx";
import type { Counting } from "./use-counting.ts";
import { paletteOf } from "../../trace/tracks/palette.ts";
import { common } from "../../ui/common-words.ts";
import { className, classColours, withLabelNames } from "../../ui/class-names.ts";
import { number } from "../../ui/format.ts";
import { problemText } from "../../ui/said.ts";
import { useScheme } from "../../ui/scheme.ts";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Bar, Failure, Skeleton } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import { countsOfParts, parts } from "./draft.ts";
import css from "./train.module.css";
import { trainWords } from "./words.ts";

export interface PreviewSideProps {
  readonly counting: Counting;
  readonly isCounting: boolean;
  readonly isWholeRecordings: boolean; // the model follows them, instead of windows
  readonly readsLabels: boolean;
  readonly labelSets: readonly LabelSet[];
  readonly isTimed: boolean; // a measurement chooses the engine
  readonly canStart: boolean;
  readonly isStarting: boolean;
  readonly startError: AppError | null;
  readonly onStart: () => void;
}

/** Right: what the choices come to, and the start. */
export function PreviewSide(props: PreviewSideProps): ReactNode {
  const { counting, isCounting, isTimed, canStart, isStarting, startError, onStart } = props;
  const { preview, estimate, error } = counting;
  const unit = props.isWholeRecordings ? (props.readsLabels ? "events" : "recordings") : "windows";
  const t = useWords(trainWords);
  const language = useLanguage();
  const said = (one: Problem): string =>
    problemText(withLabelNames(one, props.labelSets, language), language);
  return (
    <div className={css["side"]}>
      <h2>{t("preview")}</h2>
      {error && <Failure error={error} />}
      {!preview && !error && estimate && (
        <Estimate
          {...{ estimate, unit, labelSets: props.labelSets }}
          {...{ counted: counting.counted, isCounting: counting.isCounting, mayAsk: counting.mayAsk }}
          {...{ onCount: counting.begin, onCancel: counting.cancel }}
        />
      )}
      {!preview &&
        !error &&
        !estimate &&
        (isCounting ? <Skeleton height={180} /> : <p className={css["hint"]}>{t("chooseFirst")}</p>)}
      {preview &&
        (preview.unit === "recordings" ? (
          <RecordingCounts preview={preview} isCounting={isCounting} />
        ) : (
          <Counts preview={preview} isCounting={isCounting} />
        ))}
      {preview && <Parts preview={preview} />}
      {preview && preview.classes.length > 0 && <Classes labelSets={props.labelSets} preview={preview} />}
      {preview && preview.problems.length > 0 && (
        <div>
          <h3 style={{ marginBottom: 6 }}>{t("problems")}</h3>
          <ul className={css["problems"]} data-testid={testIds.trainProblems}>
            {preview.problems.map((one) => (
              <li key={one.message}>{said(one)}</li>
            ))}
          </ul>
        </div>
      )}
      {preview && preview.advice.length > 0 && (
        <div>
          <h3 style={{ marginBottom: 6 }}>{t("advice")}</h3>
          <ul className={css["advice"]} data-testid={testIds.trainAdvice}>
            {preview.advice.map((one) => (
              <li key={one.message}>{said(one)}</li>
            ))}
          </ul>
        </div>
      )}
      {startError && <Failure error={startError} />}
      <ActionButton
        primary
        keys="Mod+Enter"
        data-testid={testIds.startTraining}
        disabled={!canStart}
        loading={isStarting}
        onClick={onStart}
      >
        {t("start")}
      </ActionButton>
      {isTimed && <p className={css["hint"]}>{t("engineLater")}</p>}
    </div>
  );
}

function Counts({
  preview,
  isCounting,
}: {
  readonly preview: RunPreview;
  readonly isCounting: boolean;
}): ReactNode {
  const t = useWords(trainWords);
  const language = useLanguage();
  const { labelled, unlabelled, unassessable } = preview.windows;
  const total = Math.max(1, labelled + unlabelled + unassessable);
  const isOfWindows = preview.unit === "windows";
  const shares = [
    { key: "labelled", count: labelled, look: { background: "var(--kodo-accent)" }, extra: "" },
    { key: "unlabelled", count: unlabelled, look: { background: "var(--kodo-line-strong)" }, extra: "" },
    ...(isOfWindows
      ? [{ key: "unassessable", count: unassessable, look: {}, extra: css["hatched"] ?? "" } as const]
      : []),
  ] as const;
  return (
    <div
      className={css["stack"]}
      data-testid={testIds.trainPreview}
      data-labelled={labelled}
      data-unlabelled={unlabelled}
      data-unassessable={unassessable}
      aria-busy={isCounting}
    >
      <h3>{isCounting ? t("previewing") : t(isOfWindows ? "windowsOf" : "eventsCounted")}</h3>
      <div className={css["counts"]} aria-hidden>
        {shares.map((one) => (
          <span
            key={one.key}
            className={one.extra}
            style={{ ...one.look, width: `${(100 * one.count) / total}%` }}
          />
        ))}
      </div>
      <div className={css["legend"]}>
        {shares.map((one) => (
          <div key={one.key} style={{ display: "contents" }}>
            <span className={`${css["swatch"] ?? ""} ${one.extra}`} style={one.look} />
            <span>{isOfWindows ? t(one.key) : t(`events.${one.key}`)}</span>
            <span className={css["number"]}>{number(one.count, language, 0)}</span>
          </div>
        ))}
      </div>
    </div>
  );
}

/** Where no labels are looked at: how many recordings, and how long. */
function RecordingCounts({
  preview,
  isCounting,
}: {
  readonly preview: RunPreview;
  readonly isCounting: boolean;
}): ReactNode {
  const t = useWords(trainWords);
  const language = useLanguage();
  const total = Object.values(countsOfParts(preview)).reduce(
    (sum, { recordings, hours }) => ({ recordings: sum.recordings + recordings, hours: sum.hours + hours }),
    { recordings: 0, hours: 0 },
  );
  return (
    <div className={css["stack"]} data-testid={testIds.trainPreview} aria-busy={isCounting}>
      <h3>{isCounting ? t("previewing") : t("recordingsCounted")}</h3>
      <p>
        {t("recordingsAndHours", {
          count: total.recordings,
          hours: number(total.hours, language, 1),
        })}
      </p>
    </div>
  );
}

type Column = "people" | "recordings" | "hours" | "labelled" | "unlabelled" | "unassessable";
const COLUMNS: Readonly<Record<RunPreview["unit"], readonly Column[]>> = {
  windows: ["people", "labelled", "unlabelled", "unassessable"],
  events: ["people", "labelled", "unlabelled"],
  recordings: ["people", "recordings", "hours"],
};
const isPlain = (column: Column): column is "people" | "recordings" | "hours" =>
  column === "people" || column === "recordings" || column === "hours";

/** What each part of the split comes to. */
function Parts({ preview }: { readonly preview: RunPreview }): ReactNode {
  const t = useWords(trainWords);
  const c = useWords(common);
  const language = useLanguage();
  const counts = countsOfParts(preview);
  const isOfWindows = preview.unit === "windows";
  const columns = COLUMNS[preview.unit];
  return (
    <table className={css["table"]} data-testid={testIds.trainParts}>
      <thead>
        <tr>
          <th>{t("part")}</th>
          {columns.map((column) => (
            <th key={column}>{isOfWindows || isPlain(column) ? t(column) : t(`events.${column}`)}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {parts
          .filter((part) => counts[part].people > 0)
          .map((part) => (
            <tr key={part} data-part={part}>
              <td>{c(`part.${part}`)}</td>
              {columns.map((column) => (
                <td key={column}>{number(counts[part][column], language, column === "hours" ? 1 : 0)}</td>
              ))}
            </tr>
          ))}
      </tbody>
    </table>
  );
}

function Classes({
  preview,
  labelSets,
}: Pick<PreviewSideProps, "labelSets"> & { readonly preview: RunPreview }): ReactNode {
  const t = useWords(trainWords);
  const language = useLanguage();
  const scheme = useScheme();
  const colours = classColours(preview.classes, labelSets, scheme, paletteOf(scheme).ofLabel);
  const most = Math.max(1, ...preview.perClass);
  return (
    <div>
      <h3 style={{ marginBottom: 6 }}>{t(preview.unit === "windows" ? "perClass" : "perEvent")}</h3>
      {preview.classes.map((code, i) => (
        <div key={code} className={css["classRow"]}>
          <span>{className(code, labelSets, language)}</span>
          <Bar share={(preview.perClass[i] ?? 0) / most} colour={colours[i] ?? "var(--kodo-accent)"} />
          <span className={css["number"]}>{number(preview.perClass[i] ?? 0, language, 0)}</span>
        </div>
      ))}
    </div>
  );
}
