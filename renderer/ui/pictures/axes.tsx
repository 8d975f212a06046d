import type { ReactNode } from "react";
import css from "./pictures.module.css";
import type { Scale } from "./scale.ts";

const MINUS = "\u2212";
export const tickText = (value: number): string => String(Number(value.toPrecision(6))).replace("-", MINUS);

interface AxesProps {
  readonly x: Scale;
  readonly y?: Scale;
  readonly frame: {
    readonly left: number;
    readonly right: number;
    readonly top: number;
    readonly bottom: number;
  };
}

/** Hairlines and numbers of a plot, quiet. */
export function Axes({ x, y, frame: { left, right, top, bottom } }: AxesProps): ReactNode {
  return (
    <g className={css["axes"]}>
      {x.ticks.map((tick) => (
        <g key={tick}>
          <line x1={x.at(tick)} x2={x.at(tick)} y1={top} y2={bottom} />
          <text x={x.at(tick)} y={bottom + 14} textAnchor="middle">
            {tickText(tick)}
          </text>
        </g>
      ))}
      {y?.ticks.map((tick) => (
        <g key={tick}>
          <line x1={left} x2={right} y1={y.at(tick)} y2={y.at(tick)} />
          <text x={left - 6} y={y.at(tick) + 4} textAnchor="end">
            {tickText(tick)}
          </text>
        </g>
      ))}
    </g>
  );
}
