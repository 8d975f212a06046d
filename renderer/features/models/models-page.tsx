import { useMemo, type ReactNode } from "react";
import { BASELINE } from "../../../preload/contract/paired.ts";
import { metricsIn, type Run, type RunMetrics } from "../../../preload/contract/run.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { runInUse } from "../../state/runs.ts";
import { Chart } from "../../ui/chart.tsx";
import { fixed, percent } from "../../ui/format.ts";
import { riskPlot } from "../../ui/risk-plot.ts";
import { useScheme } from "../../ui/scheme.ts";
import { TopBar } from "../../ui/slots.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { tokensOf } from "../../ui/tokens.ts";
import { Bar, Failure, Scroll } from "../../ui/widgets.tsx";
import { useWords } from "../../ui/words.ts";
import { formulas } from "./formulas.tsx";
import css from "./models.module.css";
import { modelsWords } from "./words.ts";

/** One card a method. A new method is one entry here and its words. */
const methods = ["identity", "coupled", "lda", "temperature", "ensemble"] as const;
type Method = (typeof methods)[number];

export function ModelsPage(): ReactNode {
  const t = useWords(modelsWords);
  const runs = useRequest("runs.list", {});
  const run = runInUse(runs.data ?? [], undefined);
  return (
    <Scroll label={t("title")} className={css["page"]} data-testid={testIds.modelsPage}>
      <TopBar>
        <h1>{t("title")}</h1>
      </TopBar>
      <div className={css["intro"]}>
        <p>{t("intro")}</p>
        {runs.data && <p>{run ? t("newest", { name: run.config.name }) : t("noRun")}</p>}
      </div>
      {runs.isError && <Failure error={runs.error} onRetry={() => void runs.refetch()} />}
      <div className={css["cards"]}>
        {methods.map((method) => (
          <Card key={method} method={method} metrics={run && learnedOf(method, run)} />
        ))}
      </div>
    </Scroll>
  );
}

/** The results a method's card shows; none where the run did not use it. */
function learnedOf(method: Method, run: Run): RunMetrics | undefined {
  const metrics = metricsIn(run);
  const isShown = {
    identity: metrics !== undefined && metrics.distanceFromIdentity.length > 0,
    coupled: metrics?.supervisedOnly !== undefined,
    lda: run.config.model.kind !== BASELINE,
    temperature: true,
    ensemble: true,
  }[method];
  return isShown ? metrics : undefined;
}

function Card({
  method,
  metrics,
}: {
  readonly method: Method;
  readonly metrics: RunMetrics | undefined;
}): ReactNode {
  const t = useWords(modelsWords);
  return (
    <article className={css["card"]} data-testid={testIds.modelCard} data-model={method}>
      <h2>{t(`${method}.name`)}</h2>
      <p className={css["idea"]}>{t(`${method}.idea`)}</p>
      <div className={css["formula"]} role="group" aria-label={t("formula")}>
        {formulas[method].map((formula, i) => (
          <div key={i}>{formula}</div>
        ))}
        <small>{t(`${method}.formula`)}</small>
      </div>
      <div className={css["part"]}>
        <h3>{t("assumes")}</h3>
        <p>{t(`${method}.assumes`)}</p>
      </div>
      <div className={css["part"]}>
        <h3>{t("where")}</h3>
        <p>{t(`${method}.where`)}</p>
      </div>
      <div className={css["part"]}>
        <h3>{t("reference")}</h3>
        <div>
          <p>{t(`${method}.reference`)}</p>
          <p className={`${css["dim"] ?? ""} ${css["evidence"] ?? ""}`} title={t("evidence")}>
            {t(`${method}.evidence`)}
          </p>
        </div>
      </div>
      {metrics && (
        <div className={css["picture"]}>
          <p className={css["caption"]}>
            {t(`${method}.learned`, { temperature: fixed(metrics.calibration.temperature, 2) })}
          </p>
          <Picture method={method} metrics={metrics} />
        </div>
      )}
    </article>
  );
}

function Picture({ method, metrics }: { readonly method: Method; readonly metrics: RunMetrics }): ReactNode {
  const t = useWords(modelsWords);
  const { test, lda, supervisedOnly, calibration } = metrics;
  switch (method) {
    case "identity":
      return (
        <>
          <Columns
            values={metrics.distanceFromIdentity}
            most={Math.max(1e-9, ...metrics.distanceFromIdentity)}
          />
          {metrics.layerAccuracy && (
            <>
              <p className={css["caption"]}>{t("identity.accuracy")}</p>
              <Columns values={metrics.layerAccuracy} most={1} />
            </>
          )}
        </>
      );
    case "coupled":
      return (
        <Shares
          rows={[
            [t("together"), test.balancedAccuracy],
            ...(supervisedOnly ? [[t("supervised"), supervisedOnly.balancedAccuracy] as const] : []),
          ]}
        />
      );
    case "lda":
      return (
        <Shares
          rows={[
            [t("network"), test.balancedAccuracy],
            ["LDA", lda.balancedAccuracy],
          ]}
        />
      );
    case "temperature":
      return (
        <Before
          values={[
            [t("before"), calibration.eceBefore],
            [t("after"), calibration.eceAfter],
          ]}
        />
      );
    case "ensemble":
      return <Risk metrics={metrics} />;
  }
}

/** A column a layer. */
function Columns({ values, most }: { readonly values: readonly number[]; readonly most: number }): ReactNode {
  const t = useWords(modelsWords);
  return (
    <>
      <div className={css["columns"]} role="img" aria-label={values.map((one) => fixed(one, 3)).join(", ")}>
        {values.map((one, i) => (
          <span
            key={i}
            style={{ height: `${(100 * one) / most}%` }}
            title={`${t("layerN", { n: i + 1 })}: ${fixed(one, 3)}`}
          />
        ))}
      </div>
      <div className={css["ends"]}>
        <span>
          {t("layerN", { n: 1 })}: {fixed(values[0] ?? Number.NaN, 3)}
        </span>
        <span>
          {t("layerN", { n: values.length })}: {fixed(values.at(-1) ?? Number.NaN, 3)}
        </span>
      </div>
    </>
  );
}

type Row = readonly [name: string, value: number];

/** Shares on one scale from 0 to 1, so that a small gain looks small. */
function Shares({ rows }: { readonly rows: readonly Row[] }): ReactNode {
  return (
    <div className={css["bars"]}>
      {rows.map(([name, value], i) => (
        <div key={name} style={{ display: "contents" }}>
          <span>{name}</span>
          <Bar share={value} colour={i === 0 ? "var(--kodo-accent)" : "var(--kodo-line-strong)"} />
          <span className={css["number"]}>{percent(value)}</span>
        </div>
      ))}
    </div>
  );
}

function Before({ values }: { readonly values: readonly Row[] }): ReactNode {
  const most = Math.max(1e-9, ...values.map(([, value]) => value));
  return (
    <div className={css["bars"]}>
      {values.map(([name, value], i) => (
        <div key={name} style={{ display: "contents" }}>
          <span>{name}</span>
          <Bar share={value / most} colour={i === 1 ? "var(--kodo-accent)" : "var(--kodo-line-strong)"} />
          <span className={css["number"]}>{fixed(value, 3)}</span>
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
  return <Chart option={option} label={t("ensemble.learned")} height={150} />;
}
