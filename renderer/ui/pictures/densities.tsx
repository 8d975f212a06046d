import { NativeSelect } from "@mantine/core";
import { useState, type ReactNode } from "react";
import type { Picture } from "../../../preload/contract/method.ts";
import { number } from "../format.ts";
import { useLanguage, useWords } from "../words.ts";
import { Axes } from "./axes.tsx";
import type { LookOf } from "./look.ts";
import css from "./pictures.module.css";
import { scaleOver } from "./scale.ts";
import { picturesWords } from "./words.ts";

type Densities = Extract<Picture, { readonly kind: "densities" }>;

const WIDTH = 330;
const [ROW, LEFT] = [46, 130];

/** The density of one input in every class, a row each, every row to its own height. */
export function DensitiesPicture({
  picture: { inputs, densities },
  lookOf,
  name,
}: {
  readonly picture: Densities;
  readonly lookOf: LookOf;
  readonly name: string;
}): ReactNode {
  const t = useWords(picturesWords);
  const language = useLanguage();
  const known = inputs.filter((input) => densities.some((one) => one.input === input));
  const [chosen, choose] = useState(known[0]);
  const shown = densities.filter(({ input }) => input === chosen);
  const height = shown.length * ROW;
  const x = scaleOver(
    shown.flatMap(({ at }) => [at[0] ?? 0, at.at(-1) ?? 0]),
    [LEFT, WIDTH - 8],
    { room: 0 },
  );
  return (
    <div>
      <div className={css["choices"]}>
        <NativeSelect
          size="xs"
          label={t("input")}
          value={chosen ?? ""}
          onChange={({ currentTarget: { value } }) => choose(value)}
          data={[...known]}
        />
      </div>
      <svg viewBox={`0 0 ${WIDTH} ${height + 22}`} className={css["plot"]} role="img" aria-label={name}>
        <Axes x={x} frame={{ left: LEFT, right: WIDTH - 8, top: 0, bottom: height }} />
        {shown.map((one, row) => {
          const { letter, colour, name: className } = lookOf(one.className);
          const base = (row + 1) * ROW - 4;
          const most = one.density.reduce((a, b) => Math.max(a, b), 0) || 1;
          const points = Array.from(
            one.at,
            (at, i) =>
              `${x.at(at).toFixed(1)},${(base - ((one.density[i] ?? 0) / most) * (ROW - 10)).toFixed(1)}`,
          ).join("L");
          const ends = `${x.at(one.at[0] ?? 0).toFixed(1)},${base}`;
          return (
            <g key={one.className}>
              <path
                d={`M${ends}L${points}L${x.at(one.at.at(-1) ?? 0).toFixed(1)},${base}Z`}
                fill={colour}
                fillOpacity={0.18}
              />
              <path d={`M${points}`} fill="none" stroke={colour} strokeWidth={1.5} />
              <line
                x1={x.at(one.low)}
                x2={x.at(one.high)}
                y1={base}
                y2={base}
                stroke={colour}
                strokeWidth={2.5}
              />
              <text x={0} y={base - 14} className={css["rowName"]}>
                {letter} {className}
              </text>
              <text x={0} y={base + 1} className={css["rowHint"]}>
                {t("middle", { low: number(one.low, language), high: number(one.high, language) })}
              </text>
            </g>
          );
        })}
      </svg>
      <p className={css["hint"]}>{t("densitiesHint")}</p>
    </div>
  );
}
