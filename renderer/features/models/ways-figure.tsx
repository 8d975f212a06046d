import type { ReactNode } from "react";
import type { WaysFigure as Figure } from "../../../preload/contract/method.ts";
import { categorical } from "../../../preload/strip/colours.ts";
import { percent } from "../../ui/format.ts";
import { useScheme } from "../../ui/scheme.ts";
import { inLanguage, useLanguage, useWords } from "../../ui/words.ts";
import css from "./models.module.css";
import { modelsWords } from "./words.ts";

type Moment = Figure["moments"][number];

const UNIT = 100; // of the picture, a unit of the lines
const MARGIN = 14;
const WIDEST = 9; // of a way that is certain
const NARROWEST = 0.8;
const NAMED = 0.1; // a way so probable is named at its end too, where names of all would lie upon each other

/** What was seen, and the ways in which it may go on: each part as wide as it is probable. */
export function WaysFigure({ figure: { says, moments } }: { readonly figure: Figure }): ReactNode {
  const language = useLanguage();
  const box = boxOf(moments);
  const names = [...new Set(moments.flatMap(({ ways }) => ways.map(({ name }) => name)))].sort();
  return (
    <figure className={css["ways"]}>
      <div>
        {moments.map((moment) => (
          <MomentPicture key={moment.says.en} moment={moment} box={box} names={names} />
        ))}
      </div>
      <figcaption>{inLanguage(says, language)}</figcaption>
    </figure>
  );
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** All moments are drawn alike, so that they can be laid over each other. */
function boxOf(moments: readonly Moment[]): Box {
  const points = moments.flatMap(({ seen, ways }) =>
    [seen, ...ways.flatMap(({ parts }) => parts.map(({ line }) => line))].flatMap(pointsOf),
  );
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, top] = [Math.min(...xs) - MARGIN, Math.min(...ys) - MARGIN];
  return { left, top, width: Math.max(...xs) + MARGIN - left, height: Math.max(...ys) + MARGIN - top };
}

/** In the picture's units, y downwards. */
const pointsOf = (line: readonly number[]): (readonly [x: number, y: number])[] =>
  Array.from({ length: line.length >> 1 }, (_, i) => [
    UNIT * (line[2 * i] ?? 0),
    -UNIT * (line[2 * i + 1] ?? 0),
  ]);

const pathOf = (line: readonly number[]): string =>
  pointsOf(line)
    .map(([x, y], i) => `${i === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`)
    .join("");

function MomentPicture({
  moment: { says, seen, ways },
  box: { left, top, width, height },
  names,
}: {
  readonly moment: Moment;
  readonly box: Box;
  readonly names: readonly string[];
}): ReactNode {
  const t = useWords(modelsWords);
  const language = useLanguage();
  const colours = categorical[useScheme()];
  const colourOf = (name: string): string => colours[names.indexOf(name) % colours.length] ?? "";
  const parts = ways
    .flatMap(({ name, parts: own }) => own.map((part) => ({ ...part, name })))
    .sort((a, b) => a.share - b.share); // the most probable on top
  const pen = pointsOf(seen).at(-1) ?? [0, 0];
  const rest = 1 - ways.reduce((sum, { probability }) => sum + probability, 0);
  return (
    <div>
      <h4>{inLanguage(says, language)}</h4>
      <svg viewBox={[left, top, width, height].join(" ")} aria-hidden>
        {parts.map(({ name, share, line }, i) => (
          <path
            key={i}
            d={pathOf(line)}
            stroke={colourOf(name)}
            strokeWidth={NARROWEST + (WIDEST - NARROWEST) * share}
          />
        ))}
        <path d={pathOf(seen)} className={css["seen"]} />
        <circle cx={pen[0]} cy={pen[1]} r={4} />
        {ways.map(({ name, probability, parts: own }) => {
          const end = pointsOf(own[0]?.line ?? []).at(-1);
          return (
            end &&
            probability >= NAMED && (
              <text key={name} x={end[0]} y={end[1]} fill={colourOf(name)}>
                {name}
              </text>
            )
          );
        })}
      </svg>
      <ul>
        {ways.map(({ name, probability }) => (
          <li key={name}>
            <i style={{ background: colourOf(name) }} aria-hidden />
            {t("way", { name, share: percent(probability, 0) })}
          </li>
        ))}
        <li>{t("otherWays", { share: percent(Math.max(0, rest), 0) })}</li>
      </ul>
    </div>
  );
}
