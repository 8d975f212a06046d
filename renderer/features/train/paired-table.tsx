import type { ReactNode } from "react";
import { Opponent, type PairedComparison, type PairedComparisons } from "../../../preload/contract/paired.ts";
import type { EventReport } from "../../../preload/contract/run.ts";
import { useWords } from "../../ui/words.ts";
import { pairRange, pointsOf } from "./summary.ts";
import css from "./train.module.css";
import { trainWords } from "./words.ts";

/** The model against each that it is compared with, person by person. */
export function PairedTable({ paired }: { readonly paired: PairedComparisons }): ReactNode {
  const t = useWords(trainWords);
  return (
    <Pairs
      title={t("pair.title")}
      first={t("pair.against")}
      better={t("pair.better")}
      tooFew={t("verdict.too-few")}
      hint={t("pair.hint", { score: t(`pair.score.${paired.score}`) })}
      rows={Opponent.options.flatMap((opponent) => {
        const pair = paired.against[opponent];
        return pair ? [{ name: t(`model.${opponent}`), pair }] : [];
      })}
    />
  );
}

/** The model against the simplest method that says the same, recording by recording. */
export function BesideFloor({
  report,
  nameOf,
}: {
  readonly report: EventReport;
  readonly nameOf: (code: string) => string;
}): ReactNode {
  const t = useWords(trainWords);
  const rows = report.labels.flatMap(({ code, floor }) =>
    floor ? [{ name: nameOf(code), pair: floor.auroc }] : [],
  );
  return rows.length === 0 ? null : (
    <Pairs
      title={t("floorTitle")}
      first={t("label")}
      better={t("floorBetter")}
      tooFew={t("floorTooFew")}
      hint={t("floorHint")}
      rows={rows}
      testId="beside-floor"
    />
  );
}

interface PairsProps {
  readonly title: string;
  readonly first: string; // what the rows are
  readonly better: string;
  readonly tooFew: string;
  readonly hint: string;
  readonly rows: readonly { readonly name: string; readonly pair: PairedComparison }[];
  readonly testId?: string;
}

function Pairs({ title, first, better, tooFew, hint, rows, testId }: PairsProps): ReactNode {
  const t = useWords(trainWords);
  return (
    <>
      <h3 style={{ marginTop: 16 }}>{title}</h3>
      <table className={css["table"]} data-testid={testId}>
        <thead>
          <tr>
            <th>{first}</th>
            <th>{t("pair.difference")}</th>
            <th>{t("pair.interval")}</th>
            <th>{better}</th>
            <th>{t("pair.worse")}</th>
            <th>{t("pair.equal")}</th>
            <th>{t("pair.shown")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, pair }) => (
            <tr key={name}>
              <td>{name}</td>
              <td>{pair.groups === 0 ? "–" : pointsOf(pair.difference)}</td>
              <td>{pair.interval ? pairRange(pair.interval, t) : "–"}</td>
              <td>{pair.better}</td>
              <td>{pair.worse}</td>
              <td>{pair.equal}</td>
              <td className={css["said"]}>
                {pair.verdict === "too-few" ? tooFew : t(`verdict.${pair.verdict}`)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={css["hint"]} style={{ marginTop: 8 }}>
        {hint}
      </p>
    </>
  );
}
