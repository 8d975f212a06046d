import type { ReactNode } from "react";
import { Opponent, type PairedComparisons } from "../../../preload/contract/paired.ts";
import { useWords } from "../../ui/words.ts";
import { pairRange, pointsOf } from "./summary.ts";
import css from "./train.module.css";
import { trainWords } from "./words.ts";

/** The model against each that it is compared with, person by person. */
export function PairedTable({ paired }: { readonly paired: PairedComparisons }): ReactNode {
  const t = useWords(trainWords);
  return (
    <>
      <h3 style={{ marginTop: 16 }}>{t("pair.title")}</h3>
      <table className={css["table"]}>
        <thead>
          <tr>
            <th>{t("pair.against")}</th>
            <th>{t("pair.difference")}</th>
            <th>{t("pair.interval")}</th>
            <th>{t("pair.better")}</th>
            <th>{t("pair.worse")}</th>
            <th>{t("pair.equal")}</th>
            <th>{t("pair.shown")}</th>
          </tr>
        </thead>
        <tbody>
          {Opponent.options.map((opponent) => {
            const pair = paired.against[opponent];
            if (!pair) return null;
            return (
              <tr key={opponent}>
                <td>{t(`model.${opponent}`)}</td>
                <td>{pointsOf(pair.difference)}</td>
                <td>{pair.interval ? pairRange(pair.interval, t) : "–"}</td>
                <td>{pair.better}</td>
                <td>{pair.worse}</td>
                <td>{pair.equal}</td>
                <td className={css["said"]}>{t(`verdict.${pair.verdict}`)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p className={css["hint"]} style={{ marginTop: 8 }}>
        {t("pair.hint", { score: t(`pair.score.${paired.score}`) })}
      </p>
    </>
  );
}
