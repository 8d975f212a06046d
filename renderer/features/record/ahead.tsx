import type { ReactNode } from "react";
import type { Forecast } from "../../../preload/contract/finding.ts";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import { bandsOf, stepAt } from "../../state/forecast.ts";
import { BACKGROUND, className } from "../../ui/class-names.ts";
import { fixed } from "../../ui/format.ts";
import { useScheme } from "../../ui/scheme.ts";
import { useLanguage, useWords } from "../../ui/words.ts";
import css from "./record.module.css";
import { coloursOfWays } from "./way-colours.ts";
import { recordWords } from "./words.ts";

const AHEAD_S = [15, 30, 60, 120] as const;

/** Where the bands of a forecast end at some moments ahead: the middle half, and nine in ten. */
export function aheadRows({ horizonS, stepS, quantiles }: Forecast): readonly {
  readonly aheadS: number;
  readonly half: string;
  readonly ninety: string;
}[] {
  const usual = AHEAD_S.filter((one) => one >= stepS && one <= horizonS);
  return (usual.length > 0 ? usual : [horizonS]).map((aheadS) => {
    const step = stepAt({ stepS, horizonS }, aheadS);
    const ends = (share: number): string => {
      const [band] = bandsOf(quantiles, [share]);
      return [band?.low, band?.high]
        .map((end) => figure(step === undefined ? undefined : end?.[step]))
        .join("–");
    };
    return { aheadS, half: ends(0.5), ninety: ends(0.9) };
  });
}

const figure = (value = Number.NaN): string => fixed(value, Math.abs(value) < 10 ? 2 : 0);

/** What may come next of a recording under way, in figures and, where the way may part, in words. */
export function Ahead({
  forecast,
  sets,
}: {
  readonly forecast: Forecast;
  readonly sets: readonly LabelSet[];
}): ReactNode {
  const t = useWords(recordWords);
  const language = useLanguage();
  const { over = "", unit = "", branches, assumed } = forecast;
  const colours = coloursOfWays(branches, sets, useScheme());
  return (
    <div data-testid="record-ahead">
      <p className={css["dim"]}>{[over, unit].filter((one) => one !== "").join(", ")}</p>
      <table style={{ width: "100%" }} data-digits>
        <thead>
          <tr className={css["dim"]}>
            <th style={{ textAlign: "left", fontWeight: 400 }}>{t("ahead")}</th>
            <th style={{ textAlign: "right", fontWeight: 400 }}>50 %</th>
            <th style={{ textAlign: "right", fontWeight: 400 }}>90 %</th>
          </tr>
        </thead>
        <tbody>
          {aheadRows(forecast).map(({ aheadS, half, ninety }) => (
            <tr key={aheadS}>
              <td>{t("aheadSeconds", { seconds: aheadS })}</td>
              <td style={{ textAlign: "right" }}>{half}</td>
              <td style={{ textAlign: "right" }}>{ninety}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {branches.length > 1 && (
        <ul className={css["ways"]}>
          {branches.map(({ code, probability }, i) => (
            <li key={code ?? i}>
              <i style={{ background: colours[i] }} aria-hidden />
              {t("aheadBranch", {
                name:
                  code === BACKGROUND
                    ? t("aheadNone")
                    : code === undefined
                      ? t("aheadOther")
                      : className(code, sets, language),
                probability: fixed(probability, 2),
              })}
            </li>
          ))}
        </ul>
      )}
      {assumed.map(({ channel }) => (
        <p key={channel} className={css["dim"]}>
          {t("aheadAssumed", { channel })}
        </p>
      ))}
    </div>
  );
}
