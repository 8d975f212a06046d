import { HeatmapChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use as register, type EChartsCoreOption, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useRef, type ReactNode } from "react";
import { holdIdle } from "./idle.ts";
import { useScheme } from "./scheme.ts";
import { fontFamily, tokensOf, type Scheme } from "./tokens.ts";
import css from "./widgets.module.css";

register([HeatmapChart, LineChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

export type ChartOption = EChartsCoreOption;

/** Parts every plot shares: type, hairlines, quiet axes. Tooltips are drawn, not HTML: the page forbids inline styles. */
export function chartBase(scheme: Scheme) {
  const t = tokensOf(scheme);
  const axis = {
    axisLine: { lineStyle: { color: t.lineStrong } },
    axisTick: { show: false },
    axisLabel: { color: t.dim, fontSize: 11, fontFamily },
    nameTextStyle: { color: t.dim, fontSize: 11, fontFamily },
    splitLine: { lineStyle: { color: t.line } },
  };
  return {
    tokens: t,
    axis,
    common: {
      animation: false,
      textStyle: { fontFamily, color: t.ink, fontSize: 12 },
      tooltip: {
        renderMode: "richText" as const,
        confine: true,
        backgroundColor: t.panel,
        borderColor: t.lineStrong,
        borderWidth: 1,
        padding: [6, 10],
        shadowBlur: 0,
        shadowColor: "transparent",
        transitionDuration: 0,
        textStyle: { color: t.ink, fontSize: 12, fontFamily },
      },
    },
  };
}

interface ChartProps {
  readonly option: ChartOption;
  readonly label: string; // what the plot shows, for screen readers
  readonly height?: number | string;
}

/** Drawn once the browser has laid the place out: asking for its size before would have all of the page laid out twice. */
export function Chart({ option, label, height = "100%" }: ChartProps): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>(undefined);
  const wanted = useRef(option);
  const scheme = useScheme();
  useEffect(() => {
    wanted.current = option;
    if (chart.current) draw(chart.current, option);
  }, [option]);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const release = holdIdle();
    const observer = new ResizeObserver(([entry]) => {
      if (!entry) return;
      const { width, height } = entry.contentRect;
      if (chart.current) {
        chart.current.resize({ width, height });
        return;
      }
      chart.current = init(element, undefined, { renderer: "canvas", width, height });
      draw(chart.current, wanted.current);
    });
    observer.observe(element);
    // The observer answers within the next frame, or not at all where the place has no size yet.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(release);
    });
    return () => {
      cancelAnimationFrame(frame);
      release();
      observer.disconnect();
      chart.current?.dispose();
      chart.current = undefined;
    };
  }, [scheme]);
  return <div ref={place} className={css["chart"]} style={{ height }} role="img" aria-label={label} />;
}

function draw(chart: EChartsType, option: ChartOption): void {
  chart.setOption(option, { notMerge: true });
  chart.getZr().flush();
}
