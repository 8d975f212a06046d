import type { ReactNode } from "react";
import type { Picture } from "../../../preload/contract/method.ts";
import { Axes } from "./axes.tsx";
import css from "./pictures.module.css";
import { scaleOver } from "./scale.ts";

type Curves = Extract<Picture, { readonly kind: "curves" }>;

const [WIDTH, HEIGHT] = [330, 170];
const frame = { left: 44, right: WIDTH - 8, top: 8, bottom: HEIGHT - 22 };

/** Told apart by dash before colour. */
const strokes = [
  { stroke: "var(--kodo-accent)", strokeDasharray: "none" },
  { stroke: "var(--kodo-dim)", strokeDasharray: "5 3" },
  { stroke: "var(--kodo-contraction)", strokeDasharray: "2 3" },
  { stroke: "var(--kodo-unsure)", strokeDasharray: "8 3 2 3" },
] as const;
const strokeOf = (i: number) => strokes[i % strokes.length] ?? strokes[0];

export function CurvesPicture({
  picture: { series },
  name,
  across,
  up,
}: {
  readonly picture: Curves;
  readonly name: string;
  readonly across: string;
  readonly up: string;
}): ReactNode {
  const x = scaleOver(
    series.flatMap(({ at }) => [...at]),
    [frame.left, frame.right],
    { room: 0 },
  );
  const y = scaleOver(
    series.flatMap(({ value }) => [...value]),
    [frame.bottom, frame.top],
    { count: 4 },
  );
  return (
    <div>
      <p className={css["hint"]}>{up}</p>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className={css["plot"]} role="img" aria-label={name}>
        <Axes x={x} y={y} frame={frame} />
        {series.map((one, i) => (
          <polyline
            key={one.name}
            points={Array.from(
              one.at,
              (at, n) => `${x.at(at).toFixed(1)},${y.at(one.value[n] ?? 0).toFixed(1)}`,
            ).join(" ")}
            fill="none"
            strokeWidth={1.6}
            {...strokeOf(i)}
          />
        ))}
      </svg>
      <p className={css["across"]}>{across}</p>
      {series.length > 1 && (
        <ul className={css["legend"]}>
          {series.map((one, i) => (
            <li key={one.name}>
              <svg width={22} height={8} aria-hidden>
                <line x1={0} x2={22} y1={4} y2={4} strokeWidth={1.6} {...strokeOf(i)} />
              </svg>
              {one.name}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
