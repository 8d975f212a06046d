import { useMemo, type ReactNode, type RefObject } from "react";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import type { Candidate } from "./candidates.ts";
import { metricsIn, runReport, settingsSeen, type Run } from "../../../preload/contract/run.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { chooseRun } from "../../state/session.ts";
import { className } from "../../ui/class-names.ts";
import { clock, fixed, moment, number, percent } from "../../ui/format.ts";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Facts, Failure, Keys, Scroll, Skeleton, type Fact } from "../../ui/widgets.tsx";
import { inLanguage, useLanguage, useWords } from "../../ui/words.ts";
import { EngineChoice } from "./engine-choice.tsx";
import { nextOf, openNext, useNextWindows } from "./label-next.ts";
import { RunAbout } from "./run-about.tsx";
import type { RunActions } from "./run-actions.ts";
import { peopleOf, variationText } from "./summary.ts";
import css from "./train.module.css";
import { whereWords } from "./where-words.ts";
import { trainWords } from "./words.ts";

export interface RunSideProps {
  readonly run: Run;
  readonly labelSets: readonly LabelSet[];
  readonly recordings: readonly Candidate[];
  readonly isInUse: boolean;
  readonly actions: RunActions;
  readonly nameRef: RefObject<HTMLInputElement | null>;
}

/** Right of the results: what to label next, and the record that makes the run repeatable. */
export function RunSide(props: RunSideProps): ReactNode {
  const { run, isInUse } = props;
  const t = useWords(trainWords);
  return (
    <div className={css["side"]}>
      {isInUse ? (
        <p className={css["hint"]}>{t("inUse")}</p>
      ) : (
        <ActionButton keys="U" onClick={() => chooseRun(run.id)}>
          {t("openIn")}
        </ActionButton>
      )}
      {metricsIn(run) && <LabelNext {...props} />}
      <RunAbout {...props} />
      <RunRecord {...props} />
    </div>
  );
}

const SHOWN = 40;

/** Two digits that say something, however small the disagreement is. */
const nats = (value: number): string => fixed(value, value >= 0.1 ? 2 : value >= 0.01 ? 3 : 4);

function LabelNext({ run, labelSets }: RunSideProps): ReactNode {
  const t = useWords(trainWords);
  const language = useLanguage();
  const windows = useRequest("windows.next", { runId: run.id, limit: SHOWN });
  const opened = useNextWindows((one) => one.opened);
  const next = nextOf(windows.data ?? [], opened);
  return (
    <div>
      <div className={css["row"]}>
        <h2>{t("next")}</h2>
        <Keys keys="J" />
      </div>
      <p className={css["hint"]}>{t("nextHint")}</p>
      {windows.isError && <Failure error={windows.error} />}
      {windows.isPending && <Skeleton height={120} />}
      {windows.data?.length === 0 && <p className={css["hint"]}>{t("nextNone")}</p>}
      <ol className={css["next"]}>
        {(windows.data ?? []).map((one) => (
          <li key={`${one.recordingId} ${one.onsetS}`}>
            <button
              type="button"
              className={css["nextRow"]}
              data-testid={testIds.nextWindow}
              data-recording={one.recordingId}
              data-onset={one.onsetS}
              data-next={one === next}
              onClick={() => openNext(run.id, one)}
            >
              <span>
                {one.recording}{" "}
                <span className={css["dim"]}>{clock(one.onsetS, one.windowS < 2 ? 1 : 0)}</span>
              </span>
              <span className={css["unsure"]}>{t("nextEpistemic", { value: nats(one.epistemic) })}</span>
              <small>
                {t("nextLeading", {
                  name: className(one.leading, labelSets, language),
                  share: percent(one.probability, 0),
                })}
              </small>
            </button>
          </li>
        ))}
      </ol>
    </div>
  );
}

const list = (names: readonly string[]): string => names.join(", ");

function RunRecord({ run, recordings }: RunSideProps): ReactNode {
  const t = useWords(trainWords);
  const w = useWords(whereWords);
  const language = useLanguage();
  const people = useMemo(() => peopleOf(run), [run]);
  const { engine, windows } = run;
  const report = runReport(run);
  const metrics = report?.kind === "classification" ? report.metrics : undefined;
  const events = report?.kind === "sequences" ? (report.events ?? report.forecast) : undefined;
  const isInTurn = report?.kind === "sequences" && report.events?.inTurn === true;
  const { variation } = settingsSeen(run.config);
  const models = useRequest("models.list", {});
  const model = models.data?.find(({ kind }) => kind === run.config.model.kind);
  const facts: Fact[] = [
    [t("recordModel"), model ? inLanguage(model.name, language) : run.config.model.kind],
    [t("recordStarted"), moment(run.createdAt, language)],
    ...(run.finishedAt === undefined
      ? []
      : [[t("recordFinished"), moment(run.finishedAt, language)] as const]),
    ...(run.imported
      ? [
          [
            t("recordImported"),
            t("importedFrom", { file: run.imported.file, at: moment(run.imported.importedAt, language) }),
          ] as const,
        ]
      : []),
    ...(run.place === undefined ? [] : [[w("recordPlace"), run.place] as const]),
    [t("recordSeed"), String(run.config.seed)],
    [t("recordCode"), run.codeVersion],
    ...(windows && !events
      ? [
          [
            t("recordWindows"),
            t("recordWindowsOf", {
              labelled: number(windows.labelled, language, 0),
              unlabelled: number(windows.unlabelled, language, 0),
              unassessable: number(windows.unassessable, language, 0),
            }),
          ] as const,
        ]
      : []),
    ...(run.config.data.labels.length > 0
      ? [[t("recordShare"), percent(run.config.data.labelledShare, 1)] as const]
      : []),
    ...(variation ? [[t("recordVariation"), variationText(variation, t, language)] as const] : []),
    [
      t("recordTrain"),
      list(people.train.filter((subject) => isInTurn || !events?.validation.includes(subject))),
    ],
    [
      t("recordValidation"),
      metrics
        ? [
            t("calibrationText", {
              subjects: list(metrics.calibration.subjects),
              windows: number(metrics.calibration.windows, language, 0),
              temperature: fixed(metrics.calibration.temperature, 2),
              before: fixed(metrics.calibration.eceBefore, 3),
              after: fixed(metrics.calibration.eceAfter, 3),
            }),
            ...(metrics.calibration.estimated > 0
              ? [t("calibrationEstimated", { windows: number(metrics.calibration.estimated, language, 0) })]
              : []),
          ].join(" · ")
        : isInTurn
          ? t("calibratedInTurn", { subjects: list(events?.validation ?? []) })
          : list(events?.validation ?? people.validation),
    ],
    [t("recordTest"), list(people.test)],
  ];
  const names = useMemo(() => new Map(recordings.map(({ id, name }) => [id, name])), [recordings]);
  const nameOf = (id: string) => names.get(id) ?? id;
  return (
    <div className={css["stack"]}>
      <h2>{t("record")}</h2>
      <Facts facts={facts} />
      {metrics && metrics.distanceFromIdentity.length > 0 && (
        <IdentityDistance distances={metrics.distanceFromIdentity} />
      )}
      {engine && <EngineChoice facts={engine} />}
      <h3>{t("recordData")}</h3>
      <Scroll label={t("recordData")} className={css["checksums"]}>
        {run.data.map((one) => (
          <div key={one.recordingId} title={one.checksum}>
            {nameOf(one.recordingId)}: {one.checksum.slice(0, 16)}…
          </div>
        ))}
      </Scroll>
    </div>
  );
}

/** How far each layer moved from where it started. */
function IdentityDistance({ distances }: { readonly distances: readonly number[] }): ReactNode {
  const t = useWords(trainWords);
  const most = Math.max(1e-9, ...distances);
  return (
    <div>
      <h3>{t("identity")}</h3>
      <div
        className={css["identity"]}
        role="img"
        aria-label={distances.map((one) => fixed(one, 3)).join(", ")}
      >
        {distances.map((one, i) => (
          <span key={i} style={{ height: `${(100 * one) / most}%` }} title={`${i + 1}: ${fixed(one, 3)}`} />
        ))}
      </div>
      <p className={css["hint"]}>
        {t("identityHint")}: {fixed(Math.min(...distances), 3)}–{fixed(most, 3)}
      </p>
    </div>
  );
}
