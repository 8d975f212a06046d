import { NativeSelect } from "@mantine/core";
import { useState, type ReactNode } from "react";
import type { Picture } from "../../../preload/contract/method.ts";
import { percent } from "../format.ts";
import { useWords } from "../words.ts";
import { Axes } from "./axes.tsx";
import type { LookOf } from "./look.ts";
import css from "./pictures.module.css";
import { scaleOver } from "./scale.ts";
import { picturesWords } from "./words.ts";

type Components = Extract<Picture, { readonly kind: "components" }>;
type Component = Components["components"][number];

const [WIDTH, HEIGHT] = [330, 250];
const frame = { left: 34, right: WIDTH - 8, top: 8, bottom: HEIGHT - 22 };
const STEPS = 48;

type Point = readonly [x: number, y: number];

/** Points at so many standard deviations around a component, over inputs a and b. */
function ellipse({ mean, covariance }: Component, [a, b]: readonly [number, number], sd: number): Point[] {
  const d = mean.length;
  const [aa, ab, bb] = [covariance[a * d + a] ?? 0, covariance[a * d + b] ?? 0, covariance[b * d + b] ?? 0];
  const first = Math.sqrt(Math.max(0, aa));
  const across = first > 0 ? ab / first : 0;
  const rest = Math.sqrt(Math.max(0, bb - across * across));
  return Array.from({ length: STEPS }, (_, i) => {
    const turn = (2 * Math.PI * i) / STEPS;
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
    return [(mean[a] ?? 0) + sd * first * cos, (mean[b] ?? 0) + sd * (across * cos + rest * sin)];
  });
}

/** Normals of classes over any two inputs: one and two standard deviations, letter at the mean. */
export function ComponentsPicture({
  picture: { inputs, components },
  lookOf,
  name,
}: {
  readonly picture: Components;
  readonly lookOf: LookOf;
  readonly name: string;
}): ReactNode {
  const t = useWords(picturesWords);
  const [chosen, choose] = useState<readonly [number, number]>([0, Math.min(1, inputs.length - 1)]);
  const around = components.map((one) => ({
    one,
    near: ellipse(one, chosen, 1),
    far: ellipse(one, chosen, 2),
  }));
  const x = scaleOver(
    around.flatMap(({ far }) => far.map(([value]) => value)),
    [frame.left, frame.right],
  );
  const y = scaleOver(
    around.flatMap(({ far }) => far.map(([, value]) => value)),
    [frame.bottom, frame.top],
  );
  const path = (points: readonly Point[]): string =>
    `M${points.map(([a, b]) => `${x.at(a).toFixed(1)},${y.at(b).toFixed(1)}`).join("L")}Z`;
  const pick = (axis: 0 | 1): ReactNode => (
    <NativeSelect
      size="xs"
      label={t(axis === 0 ? "across" : "up")}
      value={String(chosen[axis])}
      onChange={({ currentTarget: { value } }) =>
        choose(axis === 0 ? [Number(value), chosen[1]] : [chosen[0], Number(value)])
      }
      data={inputs.map((input, i) => ({ value: String(i), label: input }))}
    />
  );
  return (
    <div>
      <div className={css["choices"]}>
        {pick(0)}
        {pick(1)}
      </div>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className={css["plot"]} role="img" aria-label={name}>
        <Axes x={x} y={y} frame={frame} />
        {around.map(({ one, near, far }, i) => {
          const { colour } = lookOf(one.className);
          return (
            <g key={i}>
              <path d={path(far)} fill={colour} fillOpacity={0.1} stroke="none" />
              <path d={path(near)} fill={colour} fillOpacity={0.16} stroke={colour} strokeWidth={1.4} />
            </g>
          );
        })}
        {around.map(({ one }, i) => (
          <Letter
            key={i}
            x={x.at(one.mean[chosen[0]] ?? 0)}
            y={y.at(one.mean[chosen[1]] ?? 0)}
            look={lookOf(one.className)}
            title={
              components.filter(({ className }) => className === one.className).length > 1
                ? `${lookOf(one.className).name}, ${percent(one.weight)}`
                : lookOf(one.className).name
            }
          />
        ))}
      </svg>
      <Legend classes={[...new Set(components.map(({ className }) => className))]} lookOf={lookOf} />
    </div>
  );
}

function Letter({
  x,
  y,
  look: { letter, colour },
  title,
}: {
  readonly x: number;
  readonly y: number;
  readonly look: ReturnType<LookOf>;
  readonly title: string;
}): ReactNode {
  return (
    <g className={css["letter"]}>
      <title>{title}</title>
      <rect x={x - 8} y={y - 8} width={16} height={16} rx={4} stroke={colour} />
      <text x={x} y={y + 4} textAnchor="middle">
        {letter}
      </text>
    </g>
  );
}

/** Which letter and colour stands for which class. */
export function Legend({
  classes,
  lookOf,
}: {
  readonly classes: readonly string[];
  readonly lookOf: LookOf;
}): ReactNode {
  return (
    <ul className={css["legend"]}>
      {classes.map((code) => {
        const { name, letter, colour } = lookOf(code);
        return (
          <li key={code}>
            <span className={css["chip"]} style={{ borderColor: colour }}>
              {letter}
            </span>
            {name}
          </li>
        );
      })}
    </ul>
  );
}
