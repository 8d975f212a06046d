import type { ReactNode } from "react";
import {
  pairBetween,
  type Comparison,
  type ComparedMethod,
  type HolmComparison,
} from "../../../preload/contract/comparison.ts";
import { fixed, number, percent } from "../../ui/format.ts";
import { scaleOver, type Scale } from "../../ui/pictures/scale.ts";
import { testIds } from "../../ui/test-ids.ts";
import { Panel, Scroll } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import { selectMethod } from "./compare-store.ts";
import { compareWords } from "./compare-words.ts";
import css from "./compare.module.css";
import { pointsOf } from "./summary.ts";

const [WIDTH, ROW] = [190, 30];
const inset = 10;

type Figure = "macroF1" | "nll" | "brier" | "ece";
const figures = ["macroF1", "nll", "brier", "ece"] as const satisfies readonly Figure[];
const isBestHigh = (figure: Figure): boolean => figure === "macroF1";

/** Differences to the reference with their intervals, and the scores in the same rows. */
export function CompareTable({
  comparison,
  nameOf,
  selected,
}: {
  readonly comparison: Comparison;
  readonly nameOf: (id: string) => string;
  readonly selected: string | undefined;
}): ReactNode {
  const t = useWords(compareWords);
  const { methods, reference, people, score } = comparison;
  const pairs = methods.map(({ id }) => pairBetween(comparison, id, reference));
  const scale = scaleOver(
    [
      0,
      ...pairs.flatMap((pair) =>
        pair ? [pair.difference, pair.interval?.low ?? 0, pair.interval?.high ?? 0] : [],
      ),
    ].map((value) => 100 * value),
    [inset, WIDTH - inset],
    { room: 0.06, count: 4 },
  );
  const levels = levelsOf(pairs);
  const best = (figure: Figure): number => {
    const values = methods.map((method) => method[figure]);
    return isBestHigh(figure) ? Math.max(...values) : Math.min(...values);
  };
  return (
    <Panel title={t("against", { reference: nameOf(reference) })}>
      <Scroll label={t("method")} className={css["scrollX"]}>
        <table className={css["table"]}>
          <thead>
            <tr>
              <th>{t("method")}</th>
              <th className={css["dots"]}>{t(score === "accuracy" ? "points" : "pointsBalanced")}</th>
              <th>{t("right")}</th>
              <th className={css["narrow"]}>{t("balanced")}</th>
              {figures.map((figure) => (
                <th key={figure}>{t(figure)}</th>
              ))}
              <th>{t("fit")}</th>
            </tr>
          </thead>
          <tbody>
            {methods.map((method, i) => (
              <tr
                key={method.id}
                data-testid={testIds.comparedRow}
                data-kind={method.kind}
                data-verdict={pairs[i]?.verdict ?? "reference"}
                aria-selected={method.id === selected}
                onClick={() => selectMethod(method.id)}
              >
                <th scope="row">
                  <button type="button" onClick={() => selectMethod(method.id)}>
                    {nameOf(method.id)}
                  </button>
                </th>
                <td className={css["dots"]}>
                  <Interval pair={pairs[i]} scale={scale} reference={t("reference")} />
                </td>
                <td>{percent(method.accuracy)}</td>
                <td className={css["narrow"]}>{percent(method.balancedAccuracy)}</td>
                {figures.map((figure) => (
                  <td key={figure} data-best={method[figure] === best(figure)}>
                    {fixed(method[figure], 3)}
                  </td>
                ))}
                <td>
                  <FitTime method={method} />
                </td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <td />
              <td className={css["dots"]}>
                <svg viewBox={`0 0 ${WIDTH} 16`} width={WIDTH} height={16} aria-hidden>
                  {scale.ticks.map((tick) => (
                    <text key={tick} x={scale.at(tick)} y={12} textAnchor="middle">
                      {tick === 0 ? "0" : pointsOf(tick / 100).replace(/\.0$/, "")}
                    </text>
                  ))}
                </svg>
              </td>
              <td colSpan={7} />
            </tr>
          </tfoot>
        </table>
      </Scroll>
      <p className={css["told"]}>
        {levels === undefined ? t("noIntervals", { people }) : t("intervals", { people, levels })}
      </p>
    </Panel>
  );
}

/** How wide the intervals are, in per cent: 95, or 95–98.3 where Holm's procedure widens some; undefined where none is drawn. */
function levelsOf(pairs: readonly (HolmComparison | undefined)[]): string | undefined {
  const levels = pairs.flatMap((pair) => (pair?.interval ? [100 * pair.level] : []));
  if (levels.length === 0) return undefined;
  const ends = [Math.min(...levels), Math.max(...levels)].map((level) => fixed(level, 1).replace(/\.0$/, ""));
  return [...new Set(ends)].join("–");
}

function FitTime({ method: { fitS } }: { readonly method: ComparedMethod }): ReactNode {
  const t = useWords(compareWords);
  const language = useLanguage();
  return fitS === undefined ? "–" : t("seconds", { seconds: number(fitS, language, fitS < 10 ? 1 : 0) });
}

/** A dot and its interval; open where the interval contains 0 or there is none. */
function Interval({
  pair,
  scale,
  reference,
}: {
  readonly pair: HolmComparison | undefined;
  readonly scale: Scale;
  readonly reference: string;
}): ReactNode {
  const y = ROW / 2;
  const at = (share: number): number => scale.at(100 * share);
  const isShown = pair?.verdict === "better" || pair?.verdict === "worse";
  const said = pair
    ? `${pointsOf(pair.difference)}${pair.interval ? ` (${pointsOf(pair.interval.low)} – ${pointsOf(pair.interval.high)})` : ""}`
    : reference;
  return (
    <svg viewBox={`0 0 ${WIDTH} ${ROW}`} width={WIDTH} height={ROW} role="img" aria-label={said}>
      <title>{said}</title>
      {scale.ticks.map((tick) => (
        <line key={tick} x1={scale.at(tick)} x2={scale.at(tick)} y1={0} y2={ROW} className={css["grid"]} />
      ))}
      <line x1={at(0)} x2={at(0)} y1={0} y2={ROW} className={css["zero"]} />
      {pair === undefined ? (
        <rect x={at(0) - 4.5} y={y - 4.5} width={9} height={9} className={css["referenceMark"]} />
      ) : (
        <g className={css["interval"]} data-shown={isShown}>
          {pair.interval && (
            <>
              <line x1={at(pair.interval.low)} x2={at(pair.interval.high)} y1={y} y2={y} />
              <line x1={at(pair.interval.low)} x2={at(pair.interval.low)} y1={y - 4} y2={y + 4} />
              <line x1={at(pair.interval.high)} x2={at(pair.interval.high)} y1={y - 4} y2={y + 4} />
            </>
          )}
          <circle cx={at(pair.difference)} cy={y} r={5} />
        </g>
      )}
    </svg>
  );
}
