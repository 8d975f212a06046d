import type { CurvePoint, RunMetrics, TestReport } from "../../../preload/contract/run.ts";
import type { z } from "zod";
import { chartBase, type ChartOption } from "../../ui/chart.tsx";
import { fixed, number, percent } from "../../ui/format.ts";
import { riskPlot, type RiskLine } from "../../ui/risk-plot.ts";
import { mix, type Scheme } from "../../ui/tokens.ts";
import type { KeyOf, Language, Translate } from "../../ui/words.ts";
import type { trainWords } from "./words.ts";

type Key = KeyOf<typeof trainWords>;
type T = Translate<Key>;
type Curve = readonly z.infer<typeof CurvePoint>[];

const legend = (scheme: Scheme) => {
  const { tokens, common } = chartBase(scheme);
  return {
    top: 0,
    left: 0,
    itemWidth: 22, // long enough to tell dashed from dotted
    itemHeight: 6,
    itemGap: 14,
    textStyle: { ...common.textStyle, fontSize: 11, color: tokens.dim },
  };
};

/** A mark at each of the first epochs, when a line alone would show nothing. */
const symbolOf = (curve: Curve) => (curve.length < 4 ? "circle" : "none");

const measures = {
  validationNll: { isFromZero: false, type: "solid", colour: "accent" },
  validationEce: { isFromZero: true, type: "solid", colour: "contraction" },
  loss: { isFromZero: false, type: "dashed", colour: "dim" }, // its density term has a size of its own
} as const;
export type CurveMeasure = keyof typeof measures;
/** Each on its own axis: a loss of 8 would press an NLL of 1 flat. */
export const curveMeasures = Object.keys(measures) as readonly CurveMeasure[];

/** One measure of the training over epochs. */
export function curvePlot(
  measure: CurveMeasure,
  { curve, epochs }: { readonly curve: Curve; readonly epochs: number },
  t: T,
  scheme: Scheme,
): ChartOption {
  const { tokens, axis, common } = chartBase(scheme);
  const { isFromZero, type, colour } = measures[measure];
  const color = tokens[colour];
  return {
    ...common,
    legend: legend(scheme),
    grid: { left: 44, right: 12, top: 30, bottom: 38 },
    tooltip: {
      ...common.tooltip,
      trigger: "axis",
      valueFormatter: (value: unknown) => fixed(Number(value), 3),
    },
    xAxis: {
      ...axis,
      type: "value",
      min: 1,
      max: Math.max(2, epochs),
      minInterval: 1,
      splitLine: { show: false },
      name: t("epoch"),
      nameLocation: "middle",
      nameGap: 22,
    },
    yAxis: {
      ...axis,
      type: "value",
      splitNumber: 3,
      ...(isFromZero ? { min: 0 } : { scale: true }),
      axisLabel: { ...axis.axisLabel, formatter: (value: number) => number(value, "en", 3) },
    },
    series: [
      {
        name: t(measure),
        type: "line",
        symbol: symbolOf(curve),
        symbolSize: 5,
        lineStyle: { width: 1.8, color, type },
        itemStyle: { color },
        data: curve.map((point) => [point.epoch, point[measure]]),
      },
    ],
  };
}

/** Rows: how windows were marked; columns: what was predicted. Tint is the share of the row, so rare classes count too. */
export function confusionPlot(
  { confusion }: TestReport,
  names: readonly string[],
  t: T,
  scheme: Scheme,
  language: Language,
): ChartOption {
  const { tokens, axis, common } = chartBase(scheme);
  const sums = confusion.map((row) => row.reduce((sum, one) => sum + one, 0));
  const cells = confusion.flatMap((row, truth) =>
    row.map((count, said) => {
      const share = count / Math.max(1, sums[truth] ?? 0);
      const tint = mix(
        tokens.panel,
        truth === said ? tokens.accent : tokens.deceleration,
        Math.sqrt(share) * 0.85,
      );
      return {
        value: [said, truth, share],
        count,
        itemStyle: { color: count === 0 ? tokens.raised : tint },
        label: { color: Math.sqrt(share) * 0.85 > 0.55 ? tokens.accentInk : tokens.ink },
      };
    }),
  );
  const short = (name: string) => (name.length > 18 ? `${name.slice(0, 17)}…` : name);
  const category = { ...axis, type: "category", splitLine: { show: false }, axisLine: { show: false } };
  return {
    ...common,
    grid: { left: 112, right: 8, top: 8, bottom: 92 },
    tooltip: {
      ...common.tooltip,
      formatter: (item: { data: { value: number[]; count: number } }) => {
        const [said = 0, truth = 0, share = 0] = item.data.value;
        return t("confusionCell", {
          truth: names[truth] ?? "",
          said: names[said] ?? "",
          windows: number(item.data.count, language, 0),
          share: percent(share),
        });
      },
    },
    xAxis: {
      ...category,
      data: names.map(short),
      name: t("confusionSaid"),
      nameLocation: "middle",
      nameGap: 74,
      axisLabel: { ...axis.axisLabel, rotate: 38, interval: 0 },
    },
    yAxis: {
      ...category,
      data: names.map(short),
      inverse: true,
      axisLabel: { ...axis.axisLabel, interval: 0 },
    },
    series: [
      {
        type: "heatmap",
        data: cells,
        itemStyle: { borderColor: tokens.panel, borderWidth: 2, borderRadius: 4 },
        label: {
          show: names.length <= 12,
          fontSize: 11,
          formatter: (item: { data: { value: number[]; count: number } }) =>
            item.data.count === 0 ? "" : fixed((item.data.value[2] ?? 0) * 100, 0),
        },
        emphasis: { itemStyle: { borderColor: tokens.ink, borderWidth: 1 } },
      },
    ],
  };
}

/** Stated probability against the share that was right, in bins of one width; a dot's area grows with its windows. */
export function reliabilityPlot(
  { reliability }: TestReport,
  t: T,
  scheme: Scheme,
  language: Language,
): ChartOption {
  const { tokens, axis, common } = chartBase(scheme);
  const filled = reliability.filter((bin) => bin.count > 0);
  const most = Math.max(1, ...filled.map((bin) => bin.count));
  const share = {
    ...axis,
    type: "value",
    min: 0,
    max: 1,
    interval: 0.25,
    axisLabel: { ...axis.axisLabel, formatter: (value: number) => fixed(value, 2) },
  };
  return {
    ...common,
    grid: { left: 46, right: 14, top: 28, bottom: 42 },
    legend: legend(scheme),
    tooltip: {
      ...common.tooltip,
      trigger: "item",
      formatter: (item: { dataIndex: number; seriesIndex: number }) => {
        const bin = filled[item.dataIndex];
        if (!bin || item.seriesIndex !== 1) return t("ideal");
        return t("reliabilityCell", {
          from: fixed(bin.from, 2),
          to: fixed(bin.to, 2),
          confidence: fixed(bin.confidence, 3),
          accuracy: fixed(bin.accuracy, 3),
          windows: number(bin.count, language, 0),
        });
      },
    },
    xAxis: { ...share, name: t("confidence"), nameLocation: "middle", nameGap: 26 },
    yAxis: {
      ...share,
      name: t("accuracyAxis"),
      nameLocation: "end",
      nameGap: 8,
      nameTextStyle: { ...axis.nameTextStyle, align: "left", opacity: 0 },
    },
    series: [
      {
        name: t("ideal"),
        type: "line",
        symbol: "none",
        silent: true,
        lineStyle: { color: tokens.lineStrong, type: "dashed", width: 1.2 },
        itemStyle: { color: tokens.lineStrong },
        data: [
          [0, 0],
          [1, 1],
        ],
      },
      {
        name: t("accuracyAxis"),
        type: "line",
        symbol: "circle",
        lineStyle: { color: tokens.accent, width: 1.6 },
        itemStyle: { color: tokens.accent },
        symbolSize: (_value: unknown, item: { dataIndex: number }) =>
          4 + 12 * Math.sqrt((filled[item.dataIndex]?.count ?? 0) / most),
        data: filled.map((bin) => [bin.confidence, bin.accuracy]),
      },
    ],
  };
}

/** The model, its supervised-only twin and the linear discriminant, answering more and more windows. */
export function comparedRiskPlot(metrics: RunMetrics, t: T, scheme: Scheme): ChartOption {
  const { tokens } = chartBase(scheme);
  const line = (name: string, report: TestReport, color: string, type: RiskLine["type"]): RiskLine => ({
    name,
    points: report.riskCoverage,
    color,
    type,
  });
  const lines = [
    line(t("model.test"), metrics.test, tokens.accent, "solid"),
    ...(metrics.supervisedOnly
      ? [line(t("model.supervisedOnly"), metrics.supervisedOnly, tokens.contraction, "dashed")]
      : []),
    line(t("model.lda"), metrics.lda, tokens.dim, "dotted"),
  ];
  const grid = { left: 46, right: 14, top: 46, bottom: 42 };
  return {
    ...riskPlot(lines, { coverage: t("coverage"), scheme, grid, nameGap: 26, splitNumber: 4 }),
    legend: legend(scheme),
  };
}
