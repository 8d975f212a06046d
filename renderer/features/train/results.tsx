import { useMemo, type ReactNode } from "react";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import {
  type Run,
  type RunMetrics,
  type TestReport,
  settingsSeen,
  runSummary,
} from "../../../preload/contract/run.ts";
import { Chart } from "../../ui/chart.tsx";
import { className } from "../../ui/class-names.ts";
import { fixed, number, percent, unbroken } from "../../ui/format.ts";
import { useScheme } from "../../ui/scheme.ts";
import { testIds } from "../../ui/test-ids.ts";
import { Panel, Scroll } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import { Learned } from "./learned.tsx";
import { Curves } from "./curves.tsx";
import { PairedTable } from "./paired-table.tsx";
import { comparedRiskPlot, confusionPlot, reliabilityPlot } from "./plots.ts";
import {
  bestOf,
  comparedMetrics,
  comparedModels,
  isRanked,
  isShare,
  reportOf,
  sentencesOf,
  type ComparedMetric,
} from "./summary.ts";
import css from "./train.module.css";
import { trainWords } from "./words.ts";

export interface ResultsProps {
  readonly run: Run;
  readonly metrics: RunMetrics;
  readonly labelSets: readonly LabelSet[];
}

/** What came out: in words first, then the comparison, then the plots. */
export function Results({ run, metrics, labelSets }: ResultsProps): ReactNode {
  const t = useWords(trainWords);
  const language = useLanguage();
  const scheme = useScheme();
  const names = useMemo(
    () => run.classes.map((code) => className(code, labelSets, language)),
    [run.classes, labelSets, language],
  );
  const confusion = useMemo(
    () => confusionPlot(metrics.test, names, t, scheme, language),
    [metrics, names, t, scheme, language],
  );
  const reliability = useMemo(
    () => reliabilityPlot(metrics.test, t, scheme, language),
    [metrics, t, scheme, language],
  );
  const risk = useMemo(() => comparedRiskPlot(metrics, t, scheme), [metrics, t, scheme]);
  const learned = { unlabelled: run.windows?.unlabelled ?? 0, model: run.config.model.kind };
  return (
    <div
      className={css["results"]}
      data-testid={testIds.runResult}
      data-run={run.id}
      data-accuracy={metrics.test.accuracy}
      data-balanced={metrics.test.balancedAccuracy}
      data-nll={metrics.test.nll}
      data-ece={metrics.test.ece}
      data-lda={metrics.lda.accuracy}
      data-supervised={metrics.supervisedOnly?.accuracy}
    >
      <Panel title={t("inWords")} className={css["wide"] ?? ""}>
        <div className={css["words"]}>
          {sentencesOf(metrics, t, learned, names).map((sentence, i) => (
            <p key={sentence} data-lead={i === 0 && metrics.test.intervals !== undefined}>
              {unbroken(sentence)}
            </p>
          ))}
        </div>
      </Panel>
      <Panel title={t("comparison")} className={css["wide"] ?? ""}>
        <Comparison metrics={metrics} />
        {metrics.paired && <PairedTable paired={metrics.paired} />}
      </Panel>
      {metrics.causal && (
        <Panel title={t("heardTitle")} className={css["wide"] ?? ""}>
          <HeardTable causal={metrics.causal} />
        </Panel>
      )}
      {metrics.folds && (
        <Panel title={t("foldsTitle")} className={css["wide"] ?? ""}>
          <FoldTable folds={metrics.folds} spread={metrics.spread} />
        </Panel>
      )}
      <div className={css["column"]}>
        <Panel title={t("confusion")}>
          <p className={css["hint"]}>{t("confusionHint")}</p>
          <Chart option={confusion} label={t("confusion")} height={350} />
        </Panel>
        {metrics.test.perSubject.length > 0 && (
          <Panel title={t("perSubject")}>
            <PerSubject report={metrics.test} />
          </Panel>
        )}
      </div>
      <div className={css["column"]}>
        <Panel title={t("reliability")}>
          <Chart option={reliability} label={t("reliability")} height={230} />
        </Panel>
        <Panel title={t("risk")}>
          <Chart option={risk} label={t("risk")} height={228} />
        </Panel>
        <Panel title={t("perClassTable")}>
          <PerClass report={metrics.test} names={names} />
        </Panel>
      </div>
      <Learned run={runSummary(run)} />
      {run.curve.length > 0 && (
        <Panel title={t("curves")} className={css["wide"] ?? ""}>
          <Curves curve={run.curve} epochs={settingsSeen(run.config).epochs ?? 0} />
        </Panel>
      )}
    </div>
  );
}

const shown = (metric: ComparedMetric, value: number): string =>
  isShare(metric) ? percent(value) : fixed(value, 3);

/** The ends of a 95 % interval, small, beneath its figure. */
function IntervalOf({
  metric,
  interval,
}: {
  readonly metric: ComparedMetric;
  readonly interval: { readonly low: number; readonly high: number } | null | undefined;
}): ReactNode {
  if (!interval) return null;
  const end = (value: number): string =>
    isShare(metric) ? fixed(value * 100, 1) : fixed(value, 3).replace(/^0/, "");
  return (
    <small className={css["interval"]}>
      {end(interval.low)}–{end(interval.high)}
    </small>
  );
}

function Comparison({ metrics }: { readonly metrics: RunMetrics }): ReactNode {
  const t = useWords(trainWords);
  const { intervals } = metrics.test;
  return (
    <>
      <table className={css["table"]}>
        <thead>
          <tr>
            <th>{t("modelColumn")}</th>
            {comparedMetrics.map((metric) => (
              <th key={metric}>{t(`metric.${metric}`)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {comparedModels.map((model) => {
            const report = reportOf(metrics, model);
            if (!report) return null;
            return (
              <tr key={model} data-apart={!isRanked(model)}>
                <td>{t(`model.${model}`)}</td>
                {comparedMetrics.map((metric) => (
                  <td
                    key={metric}
                    data-best={report.intervals !== undefined && bestOf(metrics, metric) === model}
                  >
                    {shown(metric, report[metric])}
                    <IntervalOf metric={metric} interval={report.intervals?.[metric]} />
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
      <p className={css["hint"]} style={{ marginTop: 8 }}>
        {intervals ? t("intervalNote", { people: intervals.people }) : t("noIntervals")}
      </p>
      {metrics.transductive && (
        <p className={css["hint"]} style={{ marginTop: 8 }}>
          {t("transductiveNote")}
        </p>
      )}
    </>
  );
}

/** Accuracy by how long a person had been heard. */
function HeardTable({ causal }: { readonly causal: NonNullable<RunMetrics["causal"]> }): ReactNode {
  const t = useWords(trainWords);
  return (
    <>
      <table className={css["table"]}>
        <thead>
          <tr>
            <th>{t("heardColumn")}</th>
            <th>{t("model.causal")}</th>
            <th>{t("model.guided")}</th>
          </tr>
        </thead>
        <tbody>
          {causal.after.map(({ fromS, toS, accuracy, guided }) => (
            <tr key={fromS}>
              <td>
                {toS === null ? t("heardFrom", { from: fromS }) : t("heardBetween", { from: fromS, to: toS })}
              </td>
              <td>{percent(accuracy)}</td>
              <td>{guided === null ? t("guidedNone") : percent(guided)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={css["hint"]} style={{ marginTop: 8 }}>
        {t("heardNote")}
      </p>
    </>
  );
}

/** As many as fit beside the people of a fold; the record that can be saved has all of them. */
const foldMetrics = ["accuracy", "balancedAccuracy", "nll", "ece"] as const;

/** Each fold, and how far they lie apart. */
function FoldTable({
  folds,
  spread,
}: {
  readonly folds: NonNullable<RunMetrics["folds"]>;
  readonly spread: RunMetrics["spread"];
}): ReactNode {
  const t = useWords(trainWords);
  const language = useLanguage();
  return (
    <>
      <table className={css["table"]} data-testid={testIds.foldTable}>
        <thead>
          <tr>
            <th>{t("foldColumn")}</th>
            <th className={css["people"] ?? ""}>{t("recordTest")}</th>
            <th>{t("windows")}</th>
            {foldMetrics.map((metric) => (
              <th key={metric}>{t(`metric.${metric}`)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {folds.map((fold, at) => (
            <tr key={at}>
              <td>{at + 1}</td>
              <td className={css["people"] ?? ""}>
                {fold.subjects.map((subject) => (
                  <span key={subject}>{subject}</span>
                ))}
              </td>
              <td>{number(fold.windows, language, 0)}</td>
              {foldMetrics.map((metric) => (
                <td key={metric}>{shown(metric, fold[metric])}</td>
              ))}
            </tr>
          ))}
          <tr data-apart>
            <td colSpan={3}>{t("foldSpread")}</td>
            {foldMetrics.map((metric) => {
              const one = spread?.[metric];
              return (
                <td key={metric}>{one ? `${shown(metric, one.mean)} ± ${shown(metric, one.sd)}` : "–"}</td>
              );
            })}
          </tr>
        </tbody>
      </table>
      <p className={css["hint"]} style={{ marginTop: 8 }}>
        {t("foldsNote")}
      </p>
    </>
  );
}

function PerSubject({ report }: { readonly report: TestReport }): ReactNode {
  const t = useWords(trainWords);
  const language = useLanguage();
  const rows = [...report.perSubject].sort((a, b) => a.accuracy - b.accuracy);
  return (
    <Scroll label={t("perSubject")} className={css["tableBox"]}>
      <table className={css["table"]}>
        <thead>
          <tr>
            <th>{t("subject")}</th>
            <th>{t("windows")}</th>
            <th>{t("metric.accuracy")}</th>
            <th>{t("metric.nll")}</th>
            <th>{t("metric.ece")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.subject}>
              <td>{row.subject}</td>
              <td>{number(row.windows, language, 0)}</td>
              <td>{percent(row.accuracy)}</td>
              <td>{fixed(row.nll, 3)}</td>
              <td>{fixed(row.ece, 3)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function PerClass({
  report,
  names,
}: {
  readonly report: TestReport;
  readonly names: readonly string[];
}): ReactNode {
  const t = useWords(trainWords);
  const language = useLanguage();
  return (
    <Scroll label={t("perClassTable")} className={css["tableBox"]}>
      <table className={css["table"]}>
        <thead>
          <tr>
            <th>{t("class")}</th>
            <th>{t("windows")}</th>
            <th>{t("recall")}</th>
            <th>{t("precision")}</th>
            <th>{t("auroc")}</th>
            <th>{t("classEce")}</th>
          </tr>
        </thead>
        <tbody>
          {names.map((name, i) => {
            const auroc = report.auroc[i] ?? null;
            return (
              <tr key={name}>
                <td>{name}</td>
                <td>
                  {number(
                    (report.confusion[i] ?? []).reduce((sum, one) => sum + one, 0),
                    language,
                    0,
                  )}
                </td>
                <td>
                  {percent(report.recall?.[i] ?? Number.NaN)}
                  <IntervalOf metric="accuracy" interval={report.intervals?.recall[i]} />
                </td>
                <td>
                  {percent(report.precision?.[i] ?? Number.NaN)}
                  <IntervalOf metric="accuracy" interval={report.intervals?.precision[i]} />
                </td>
                <td>{auroc === null ? "–" : fixed(auroc, 3)}</td>
                <td>{fixed(report.classEce[i] ?? Number.NaN, 3)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}
