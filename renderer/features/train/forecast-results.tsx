import { Fragment, type ReactNode } from "react";
import type { ForecastReport } from "../../../preload/contract/forecast-report.ts";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import type { PairedComparison } from "../../../preload/contract/paired.ts";
import { className } from "../../ui/class-names.ts";
import { fixed, number, percent, unbroken } from "../../ui/format.ts";
import { Panel, Scroll } from "../../ui/widgets.tsx";
import { useLanguage, useWords, type KeyOf, type Translate } from "../../ui/words.ts";
import { Bands, MissingBands, PitHistograms } from "./forecast-bands.tsx";
import { forecastWords } from "./forecast-words.ts";
import css from "./train.module.css";

type T = Translate<KeyOf<typeof forecastWords>>;

const score = (value: number | null | undefined, digits = 3): string =>
  value === null || value === undefined ? "–" : fixed(value, digits);
/** Two digits tell a score in beats or millivolts. */
const UNIT_DIGITS = 2;
/** Of the horizons the one that the words speak of: a minute, or the last. */
const WORDS_AT_S = 60;

/** How what a run looked ahead came true: words first, then scores beside simpler methods, bands and branches. */
export function ForecastResults({
  runId,
  report,
  labelSets,
}: {
  readonly runId: string;
  readonly report: ForecastReport;
  readonly labelSets: readonly LabelSet[];
}): ReactNode {
  const t = useWords(forecastWords);
  return (
    <div className={css["results"]} data-testid="forecast-result" data-run={runId}>
      <Panel title={t("inWords")} className={css["wide"] ?? ""}>
        <div className={css["words"]}>
          {sentencesOf(report, t).map((one, i) => (
            <p key={one} data-lead={i === 0}>
              {unbroken(one)}
            </p>
          ))}
        </div>
      </Panel>
      <Panel title={t("scores")} className={css["wide"] ?? ""}>
        <Scores report={report} />
      </Panel>
      <Panel title={t("hold")}>
        <Bands report={report} />
      </Panel>
      <Panel title={t("pit")}>
        <PitHistograms report={report} />
      </Panel>
      <MissingBands report={report} />
      {report.branches.length > 0 && (
        <Panel title={t("branches")} className={css["wide"] ?? ""}>
          <Branches report={report} labelSets={labelSets} />
        </Panel>
      )}
    </div>
  );
}

/** A floor by its word where it has one. */
const floorName = (name: string, t: T): string =>
  name === "local-level" || name === "ar5" ? t(`floor.${name}`) : name;

const TOLERANCE = 0.02 + 1e-9;

export function sentencesOf(report: ForecastReport, t: T): string[] {
  const { recordings, subjects, validation, horizonsS, floors } = report;
  const at = horizonsS.includes(WORDS_AT_S) ? horizonsS.indexOf(WORDS_AT_S) : horizonsS.length - 1;
  const ahead = horizonsS[at] ?? 0;
  return [
    bandSentence(report, t),
    ...(floors.length === 0 ? [t("noFloor")] : []),
    ...floors.flatMap(({ name, nll }) => {
      const pair = nll[at];
      return pair ? [pairSentence(pair, { floor: floorName(name, t), ahead }, t)] : [];
    }),
    t("of", {
      recordings: t("recordings", { count: recordings }),
      people: t("people", { count: subjects.length }),
      others: t("others", { count: validation.length }),
    }),
  ];
}

function bandSentence({ coverage, horizonsS }: ForecastReport, t: T): string {
  const judged = coverage.flatMap(({ share, reached }) =>
    reached.flatMap((value, h) =>
      value === null ? [] : [{ share, value, ahead: horizonsS[h] ?? 0, off: Math.abs(value - share) }],
    ),
  );
  const missed = judged.filter(({ off }) => off > TOLERANCE).sort((a, b) => b.off - a.off);
  const [worst] = missed;
  if (judged.length === 0) return t("notJudged");
  if (worst === undefined) return t("allHold");
  return t("someMiss", {
    count: missed.length,
    all: judged.length,
    share: Math.round(100 * worst.share),
    ahead: worst.ahead,
    reached: percent(worst.value),
  });
}

/** Less is better; a difference is told by its size, and which way by the sentence. */
function pairSentence(
  { difference, interval, better, groups, verdict }: PairedComparison,
  { floor, ahead }: { readonly floor: string; readonly ahead: number },
  t: T,
): string {
  const range = interval ? t("interval", { low: signed(interval.low), high: signed(interval.high) }) : "";
  const values = { floor, ahead, range, better, groups };
  switch (verdict) {
    case "better":
    case "worse":
      return t(verdict, { ...values, difference: fixed(Math.abs(difference), 3) });
    case "no-difference-shown":
      return t("noDifference", { ...values, difference: signed(difference) });
    case "too-few":
      return t("tooFew", { ...values, difference: signed(difference) });
  }
}

const signed = (value: number): string => `${value > 0 ? "+" : ""}${fixed(value, 3)}`;

/** Own scores, each floor's, and the difference recording by recording. */
function Scores({ report }: { readonly report: ForecastReport }): ReactNode {
  const t = useWords(forecastWords);
  const language = useLanguage();
  const { horizonsS, own, floors, samples, unit } = report;
  const columns = horizonsS.map((ahead) => t("ahead", { ahead }));
  const row = (name: string, cells: readonly ReactNode[]): ReactNode => (
    <tr>
      <td>{name}</td>
      {cells.map((cell, i) => (
        <td key={i}>{cell}</td>
      ))}
    </tr>
  );
  const scoresOf = ({ nll, crps }: ForecastReport["own"]): readonly ReactNode[] => [
    ...nll.map((one) => score(one)),
    ...crps.map((one) => score(one, UNIT_DIGITS)),
  ];
  return (
    <>
      <Scroll label={t("scores")} className={css["tableBox"]}>
        <table className={css["table"]} data-testid="forecast-scores">
          <thead>
            <tr>
              <th>{t("method")}</th>
              {["NLL", "CRPS"].flatMap((what) =>
                columns.map((one) => <th key={what + one}>{`${what} ${one}`}</th>),
              )}
            </tr>
          </thead>
          <tbody>
            {row(t("own"), scoresOf(own))}
            {floors.map(({ name, scores, nll, crps }) => (
              <Fragment key={name}>
                {row(floorName(name, t), scoresOf(scores))}
                {row(
                  t("less", { floor: floorName(name, t) }),
                  [...nll, ...crps].map((pair, i) => <Difference key={i} pair={pair} />),
                )}
              </Fragment>
            ))}
            {row(t("moments"), [...samples.map((one) => number(one, language, 0)), ...samples.map(() => "")])}
          </tbody>
        </table>
      </Scroll>
      <p className={css["hint"]} style={{ marginTop: 8 }}>
        {t("scoresHint", { unit: unit === "" ? "–" : unit })}
      </p>
    </>
  );
}

function Difference({ pair }: { readonly pair: PairedComparison | null }): ReactNode {
  if (pair === null) return "–";
  const { difference, interval, verdict } = pair;
  const isShown = verdict === "better" || verdict === "worse";
  return (
    <>
      {isShown ? <strong>{signed(difference)}</strong> : signed(difference)}
      {interval && (
        <small className={css["interval"]}>
          {signed(interval.low)} – {signed(interval.high)}
        </small>
      )}
    </>
  );
}

function Branches({
  report,
  labelSets,
}: {
  readonly report: ForecastReport;
  readonly labelSets: readonly LabelSet[];
}): ReactNode {
  const t = useWords(forecastWords);
  const language = useLanguage();
  return (
    <>
      <table className={css["table"]} data-testid="forecast-branches">
        <thead>
          <tr>
            <th>{t("branch")}</th>
            <th>{t("share")}</th>
            <th>AUROC</th>
            <th>ECE</th>
          </tr>
        </thead>
        <tbody>
          {report.branches.map(({ code, share, auroc, ece, aurocInterval }) => (
            <tr key={code}>
              <td>{className(code, labelSets, language)}</td>
              <td>{percent(share)}</td>
              <td>
                {score(auroc)}
                {aurocInterval && (
                  <small className={css["interval"]}>
                    {fixed(aurocInterval.low, 3)}–{fixed(aurocInterval.high, 3)}
                  </small>
                )}
              </td>
              <td>{score(ece)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={css["hint"]} style={{ marginTop: 8 }}>
        {t("branchesHint")}
      </p>
    </>
  );
}
