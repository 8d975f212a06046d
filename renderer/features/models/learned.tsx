import { useMemo, type ReactNode } from "react";
import { BASELINE } from "../../../preload/contract/paired.ts";
import { metricsIn, type RunMetrics, type RunSummary } from "../../../preload/contract/run.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { RunPictures } from "../../trace/run-pictures.tsx";
import { Chart } from "../../ui/chart.tsx";
import { fixed, percent } from "../../ui/format.ts";
import { riskPlot } from "../../ui/risk-plot.ts";
import { useScheme } from "../../ui/scheme.ts";
import { tokensOf } from "../../ui/tokens.ts";
import { Bar, Failure } from "../../ui/widgets.tsx";
import { useWords } from "../../ui/words.ts";
import type { Method } from "./methods.ts";
import css from "./models.module.css";
import { modelsWords } from "./words.ts";

const isEverywhere = (kind: string): boolean => kind === "temperature" || kind === "ensemble";

/** The newest finished run of a model; of what every training has, the newest that classified windows. */
export function newestOf(kind: string, runs: readonly RunSummary[]): RunSummary | undefined {
  const own = runs.filter(
    (run) =>
      run.phase === "done" && (isEverywhere(kind) ? run.score !== undefined : run.config.model.kind === kind),
  );
  const endOf = ({ finishedAt, createdAt }: RunSummary): string => finishedAt ?? createdAt;
  return [...own].sort((a, b) => endOf(b).localeCompare(endOf(a)))[0];
}

/** What a method learned in its newest run, and how it did on people it never saw. */
export function Learned({
  method: { kind },
  run,
}: {
  readonly method: Method;
  readonly run: RunSummary | undefined;
}): ReactNode {
  const t = useWords(modelsWords);
  const told = useRequest("runs.get", run && { id: run.id });
  if (run === undefined) return <p className={css["none"]}>{t("noRun")}</p>;
  const metrics = told.data && metricsIn(told.data);
  return (
    <>
      <p className={css["caption"]}>
        {t("newest")} <strong>{run.config.name}</strong>
      </p>
      {told.isError && <Failure error={told.error} onRetry={() => void told.refetch()} />}
      {metrics && kind === "temperature" && <Temperature metrics={metrics} />}
      {metrics && kind === "ensemble" && <Risk metrics={metrics} />}
      {metrics && !isEverywhere(kind) && <Scores metrics={metrics} isFloor={kind === BASELINE} />}
      {!isEverywhere(kind) && <RunPictures run={run} />}
      {metrics?.layerAccuracy && !isEverywhere(kind) && <LayerScores values={metrics.layerAccuracy} />}
    </>
  );
}

function Block({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <section className={css["block"]}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

/** Shares on one scale from 0 to 1, so that a small gain looks small. */
function Scores({
  metrics: { test, lda, supervisedOnly },
  isFloor,
}: {
  readonly metrics: RunMetrics;
  readonly isFloor: boolean; // it is what others are compared with
}): ReactNode {
  const t = useWords(modelsWords);
  return (
    <Block title={t("scores")}>
      <Bars
        rows={[
          [t("this"), test.balancedAccuracy],
          ...(supervisedOnly ? [[t("supervised"), supervisedOnly.balancedAccuracy] as const] : []),
          ...(isFloor ? [] : [[t("floor"), lda.balancedAccuracy] as const]),
        ]}
        said={(value) => percent(value)}
        most={1}
      />
    </Block>
  );
}

function LayerScores({ values }: { readonly values: readonly number[] }): ReactNode {
  const t = useWords(modelsWords);
  return (
    <Block title={t("layerScores")}>
      <Bars
        rows={values.map((value, l) => [t("layerN", { n: l + 1 }), value])}
        said={(value) => percent(value)}
        most={1}
        isOneThing
      />
    </Block>
  );
}

function Temperature({ metrics: { calibration } }: { readonly metrics: RunMetrics }): ReactNode {
  const t = useWords(modelsWords);
  const rows = [[t("before"), calibration.eceBefore] as const, [t("after"), calibration.eceAfter] as const];
  return (
    <Block title={t("temperature", { temperature: fixed(calibration.temperature, 2) })}>
      <Bars
        rows={rows}
        said={(value) => fixed(value, 3)}
        most={Math.max(1e-9, ...rows.map(([, one]) => one))}
      />
    </Block>
  );
}

interface BarsProps {
  readonly rows: readonly (readonly [name: string, value: number])[];
  readonly said: (value: number) => string;
  readonly most: number; // the value of a full bar
  readonly isOneThing?: boolean; // all bars are of the method itself; else the first alone
}

function Bars({ rows, said, most, isOneThing = false }: BarsProps): ReactNode {
  return (
    <div className={css["bars"]}>
      {rows.map(([name, value], i) => (
        <div key={name} style={{ display: "contents" }}>
          <span>{name}</span>
          <Bar
            share={value / most}
            colour={isOneThing || i === 0 ? "var(--kodo-accent)" : "var(--kodo-line-strong)"}
          />
          <span className={css["number"]}>{said(value)}</span>
        </div>
      ))}
    </div>
  );
}

function Risk({ metrics }: { readonly metrics: RunMetrics }): ReactNode {
  const t = useWords(modelsWords);
  const scheme = useScheme();
  const option = useMemo(() => {
    const points = metrics.test.riskCoverage;
    const color = tokensOf(scheme).unsure;
    const grid = { left: 44, right: 12, top: 8, bottom: 36 };
    return riskPlot([{ name: t("wrong"), points, color, type: "solid" }], {
      coverage: t("coverage"),
      scheme,
      grid,
      nameGap: 22,
      splitNumber: 3,
    });
  }, [metrics, scheme, t]);
  return (
    <Block title={t("ensemble")}>
      <Chart option={option} label={t("ensemble")} height={170} />
    </Block>
  );
}
