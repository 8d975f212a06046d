import { chartBase, type ChartOption } from "./chart.tsx";
import { percent } from "./format.ts";
import type { Scheme } from "./tokens.ts";

export interface RiskLine {
  readonly name: string;
  readonly points: readonly { readonly coverage: number; readonly risk: number }[];
  readonly color: string;
  readonly type: "solid" | "dashed" | "dotted";
}

export interface RiskLook {
  readonly coverage: string; // names the axis
  readonly scheme: Scheme;
  readonly grid: {
    readonly left: number;
    readonly right: number;
    readonly top: number;
    readonly bottom: number;
  };
  readonly nameGap: number;
  readonly splitNumber: number;
}

/** Share wrong among the surest windows, as more and more are answered. Lower is better. */
export function riskPlot(lines: readonly RiskLine[], look: RiskLook): ChartOption {
  const { axis, common } = chartBase(look.scheme);
  const share = {
    ...axis,
    type: "value",
    min: 0,
    axisLabel: { ...axis.axisLabel, formatter: (value: number) => percent(value, 0) },
  };
  return {
    ...common,
    grid: look.grid,
    tooltip: {
      ...common.tooltip,
      trigger: "axis",
      valueFormatter: (value: unknown) => percent(Number(value)),
    },
    xAxis: {
      ...share,
      max: 1,
      interval: 0.25,
      name: look.coverage,
      nameLocation: "middle",
      nameGap: look.nameGap,
      splitLine: { show: false },
    },
    yAxis: { ...share, splitNumber: look.splitNumber },
    series: lines.map(({ name, points, color, type }) => ({
      name,
      type: "line",
      symbol: "none",
      lineStyle: { width: 1.8, color, type },
      itemStyle: { color },
      data: points.map((point) => [point.coverage, point.risk]),
    })),
  };
}
