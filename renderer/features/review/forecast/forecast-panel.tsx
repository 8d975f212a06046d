import { Button, Select, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Content, Forecast } from "../../../../preload/contract/finding.ts";
import type { ForecastReport } from "../../../../preload/contract/forecast-report.ts";
import { useRequest } from "../../../bridge/hooks.ts";
import { bandsOf, stepAt } from "../../../state/forecast.ts";
import { goTo } from "../../../state/session.ts";
import { gapsOf } from "../../../trace/tracks/filled.ts";
import { clock, fixed, number, percent } from "../../../ui/format.ts";
import { unitText } from "../../../ui/unit.ts";
import { ActionButton, Empty, Failure, Keys } from "../../../ui/widgets.tsx";
import { inLanguage, useWords, type Language } from "../../../ui/words.ts";
import { heldBands, HELD_WITHIN, missedBands, type Held } from "./coverage.ts";
import { aheadOf, decimalsFor, sentenceOf, spokenAheadS } from "./forecast-sentence.ts";
import { chooseForecaster, turnForecast, turnPart, useForecastView, type ViewPart } from "./forecast-view.ts";
import { forecastWords } from "./forecast-words.ts";
import classes from "./forecast.module.css";
import { letterKeys } from "../review-keys.ts";
import { noForksText } from "./use-forks.ts";
import type { Review } from "../use-review.ts";

interface Props {
  readonly review: Review;
}

/** What may come from the cursor on: in words, then in numbers, then what they rest on and whether they hold. */
export function ForecastPanel({ review }: Props): ReactNode {
  const t = useWords(forecastWords);
  const { forecast, state } = review;
  const { isOn } = useForecastView();
  const { answer } = forecast;
  const timeS = answer?.atS ?? state.cursorS;
  const title = timeS === undefined ? t("titleNoCursor") : t("title", { time: clock(timeS) });
  return (
    <div
      className={classes["panel"]}
      data-testid="forecast-panel"
      data-on={isOn}
      data-at={answer?.atS}
      data-assessed={answer?.forecast !== undefined}
      aria-busy={forecast.isAsking}
    >
      <h2>{title}</h2>
      <Said review={review} />
      <Parts review={review} />
      <Rest review={review} />
      <States review={review} />
      <Gaps review={review} />
      <WhichRun review={review} />
    </div>
  );
}

/** What is said, or why nothing is. */
function Said({ review }: Props): ReactNode {
  const t = useWords(forecastWords);
  const { forecast, state, language } = review;
  const { isOn } = useForecastView();
  const { answer, run } = forecast;
  if (!forecast.isKnown) return null;
  if (run === undefined) {
    const names = anyOf(
      forecast.teachable.map(({ name }) => inLanguage(name, language)),
      language,
    );
    return (
      <Empty
        title={t(forecast.isAnyElsewhere ? "noneFits" : "noRun")}
        actions={
          <Button size="xs" variant="default" onClick={() => goTo("train")}>
            {t("train")}
          </Button>
        }
      >
        {forecast.isAnyElsewhere
          ? t("noneFitsText")
          : t("noRunText", { names: names === "" ? t("noRunNames") : names })}
      </Empty>
    );
  }
  if (!isOn) return <p className={classes["dim"]}>{t("off")}</p>;
  if (state.cursorS === undefined) return <p className={classes["dim"]}>{t("noCursor")}</p>;
  if (answer === undefined) return <p className={classes["dim"]}>{t("asking")} …</p>;
  if (answer.error) return <Failure error={answer.error} />;
  if (answer.forecast === undefined)
    return (
      <div role="status" data-testid="forecast-cannot">
        <Text size="sm" fw={500}>
          {t("cannot")}
        </Text>
        <p className={classes["dim"]}>{t("cannotText")}</p>
      </div>
    );
  const { forecast: said } = answer;
  const told = { t, language, unit: unitOf(review, said), channel: said.over ?? "", names: forecast.names };
  return (
    <div>
      <p className={classes["sentence"]} role="status" data-testid="forecast-sentence">
        {sentenceOf(said, told)}
      </p>
      <Beyond review={review} forecast={said} />
    </div>
  );
}

const anyOf = (names: readonly string[], language: Language): string =>
  new Intl.ListFormat(language === "ja" ? "ja" : "en-GB", { type: "disjunction" }).format(names);

/** There is no paper after the end. */
function Beyond({
  review: { durationS, language },
  forecast,
}: Props & { readonly forecast: Forecast }): ReactNode {
  const t = useWords(forecastWords);
  const beyondS = forecast.fromS + forecast.horizonS - durationS;
  if (beyondS < forecast.stepS) return null;
  return (
    <p className={classes["dim"]}>
      {t("beyondEnd", {
        seconds: number(Math.min(beyondS, forecast.horizonS), language, beyondS < 10 ? 1 : 0),
      })}
    </p>
  );
}

/** As it is written beside the channel that is looked ahead. */
function unitOf({ channels, language }: Review, forecast: Forecast): string {
  const channel = channels.find(({ label }) => label === forecast.over);
  return channel ? unitText(language, channel) : (forecast.unit ?? "");
}

/** The numbers behind the sentence. */
function Rest({ review }: Props): ReactNode {
  const { isOn } = useForecastView();
  const forecast = review.forecast.answer?.forecast;
  if (!isOn || forecast === undefined) return null;
  return (
    <>
      <Bands forecast={forecast} unit={unitOf(review, forecast)} review={review} />
      <Spread forecast={forecast} />
      <Hold review={review} />
      <Assumes review={review} forecast={forecast} />
    </>
  );
}

function Bands({
  forecast,
  unit,
  review: { language },
}: Props & { readonly forecast: Forecast; readonly unit: string }): ReactNode {
  const t = useWords(forecastWords);
  const bands = [...bandsOf(forecast.quantiles)].reverse();
  if (bands.length === 0) return null;
  return (
    <section>
      <h3>{t(forecast.branches.length > 1 ? "bandsAll" : "bands", { unit })}</h3>
      <table className={classes["bands"]} aria-label={t("bands", { unit })} data-testid="forecast-bands">
        <thead>
          <tr>
            <th scope="col">{t("ahead")}</th>
            {bands.map(({ share }) => (
              <th key={share} scope="col">
                {t("bandShare", { share: number(share * 100, language) })}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {aheadOf(forecast).map((aheadS) => {
            const at = stepAt(forecast, aheadS) ?? 0;
            return (
              <tr key={aheadS}>
                <th scope="row">{t("aheadS", { seconds: number(aheadS, language) })}</th>
                {bands.map(({ share, low, high }) => {
                  const [from, to] = [low[at] ?? Number.NaN, high[at] ?? Number.NaN];
                  const decimals = decimalsFor(to - from);
                  return (
                    <td key={share}>
                      {t("range", { low: fixed(from, decimals), high: fixed(to, decimals) })}
                    </td>
                  );
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

/** Parts of the variance, told apart by their names and places beside the tone. */
function Spread({ forecast }: { readonly forecast: Forecast }): ReactNode {
  const t = useWords(forecastWords);
  const aheadS = spokenAheadS(forecast);
  const at = stepAt(forecast, aheadS);
  if (forecast.spread === undefined || at === undefined) return null;
  const { noise, fork, model } = forecast.spread;
  const parts = (
    [
      ["noise", noise[at] ?? 0, "var(--kodo-dim)"],
      ["forkShare", fork[at] ?? 0, "var(--kodo-ink)"],
      ["modelUnsure", model[at] ?? 0, "var(--kodo-unsure)"],
    ] as const
  ).filter(([, share]) => share > 0);
  return (
    <section data-testid="forecast-spread">
      <h3>{t("spread", { seconds: aheadS })}</h3>
      <div className={classes["spread"]} aria-hidden>
        {parts.map(([key, share, colour]) => (
          <span key={key} style={{ flexGrow: share, background: colour }} />
        ))}
      </div>
      <div className={classes["spreadNames"]}>
        {parts.map(([key, share, colour]) => (
          <span key={key}>
            <i style={{ background: colour }} aria-hidden />
            {t(key)} <b>{percent(share, 0)}</b>
          </span>
        ))}
      </div>
    </section>
  );
}

const MOST_ASSUMED = 4;

function Assumes({ review, forecast }: Props & { readonly forecast: Forecast }): ReactNode {
  const t = useWords(forecastWords);
  const { language } = review;
  const about = review.forecast.model?.about;
  const said = [
    ...forecast.assumed.map(({ channel, untilS }) =>
      t("assumedUc", { channel, seconds: number(untilS, language) }),
    ),
    ...(about?.assumes ?? []).slice(0, MOST_ASSUMED).map((one) => inLanguage(one, language)),
    ...(about ? [inLanguage(about.missing, language)] : []),
  ];
  if (said.length === 0) return null;
  return (
    <section>
      <h3>{t("assumes")}</h3>
      <ul className={classes["list"]} data-testid="forecast-assumes">
        {said.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
    </section>
  );
}

function Hold({ review }: Props): ReactNode {
  const t = useWords(forecastWords);
  const { run } = review.forecast;
  const told = useRequest("runs.get", run && { id: run.id });
  const report = told.data?.forecast;
  return (
    <section data-testid="forecast-hold">
      <h3>{t("hold")}</h3>
      {report === undefined || missedBands(report).all === 0 ? (
        !told.isFetching && <p className={classes["dim"]}>{t("holdUnknown")}</p>
      ) : (
        <Held report={report} review={review} />
      )}
    </section>
  );
}

function Held({ report, review: { language } }: Props & { readonly report: ForecastReport }): ReactNode {
  const t = useWords(forecastWords);
  const { all, missed, most, sense } = missedBands(report);
  const rows = heldBands(report);
  return (
    <>
      <p>
        {missed === 0
          ? t("holdYes")
          : t(missed > all / 2 ? "holdNoMost" : "holdNo", {
              ...{ count: missed, all, most: number(most * 100, language, 1), sense: t(sense) },
            })}
      </p>
      <table className={classes["held"]} aria-label={t("hold")} data-missed={missed}>
        <thead>
          <tr>
            <th scope="col">{t("ahead")}</th>
            {rows[0]?.bands.map(({ share }) => (
              <th key={share} scope="col">
                {t("bandShare", { share: number(share * 100, language) })}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ aheadS, bands }) => (
            <tr key={aheadS}>
              <th scope="row">{t("aheadS", { seconds: number(aheadS, language) })}</th>
              {bands.map((band) => (
                <td key={band.share}>
                  <Reached band={band} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className={classes["dim"]}>
        {[
          t("holdTint"),
          t("holdWhom", {
            count: report.subjects.length,
            recordings: t("recordings", { count: report.recordings }),
          }),
          ...(report.validation.length > 0 ? [t("calibrated", { count: report.validation.length })] : []),
        ].join(language === "ja" ? "" : " ")}
      </p>
    </>
  );
}

const AROUND = 0.1; // of a share, on each side

/** A dot where the band came to, on a bar around its share. */
function Reached({ band: { share, reached, isWithin } }: { readonly band: Held }): ReactNode {
  if (reached === undefined) return <>–</>;
  const at = (value: number): string =>
    `${Math.min(1, Math.max(0, (value - share + AROUND) / (2 * AROUND))) * 100}%`;
  return (
    <>
      <span className={classes["reachedBar"]} aria-hidden>
        <span style={{ left: at(share - HELD_WITHIN), right: `calc(100% - ${at(share + HELD_WITHIN)})` }} />
        <i style={{ left: at(share) }} />
        <b style={{ left: at(reached) }} data-within={isWithin} />
      </span>
      {percent(reached, 0)}
    </>
  );
}

const parts: readonly ViewPart[] = ["forks", "came", "regimes", "baseline", "fills"];

/** What is on screen, each with its key. */
function Parts({ review }: Props): ReactNode {
  const t = useWords(forecastWords);
  const view = useForecastView();
  const keys = letterKeys(review.set?.labels ?? []);
  const keyOf = {
    ...{ forks: keys.forks, came: keys.came, regimes: keys.regimes },
    ...{ baseline: keys.baseline, fills: keys.fills },
  };
  return (
    <section>
      <h3>{t("show")}</h3>
      <div className={classes["parts"]} role="group" aria-label={t("show")}>
        <Turn keys={keys.forecast} isOn={view.isOn} onTurn={() => turnForecast()} testId="turn-forecast">
          {t("forecast")}
        </Turn>
        {parts.map((part) => (
          <Turn
            key={part}
            keys={keyOf[part]}
            isOn={view[part]}
            onTurn={() => turnPart(part)}
            testId={`turn-${part}`}
          >
            {t(part)}
          </Turn>
        ))}
      </div>
    </section>
  );
}

function Turn({
  keys,
  isOn,
  onTurn,
  testId,
  children,
}: {
  readonly keys: string;
  readonly isOn: boolean;
  readonly onTurn: () => void;
  readonly testId: string;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <button
      type="button"
      className={classes["turn"]}
      aria-pressed={isOn}
      aria-keyshortcuts={keys}
      onClick={onTurn}
      data-testid={testId}
    >
      <span>{children}</span>
      <Keys keys={keys} />
    </button>
  );
}

function WhichRun({ review }: Props): ReactNode {
  const t = useWords(forecastWords);
  const { run, runs } = review.forecast;
  if (run === undefined) return null;
  return (
    <Select
      size="xs"
      label={t("by")}
      allowDeselect={false}
      value={run.id}
      onChange={(value) => value !== null && chooseForecaster(value)}
      data={runs.map(({ id, config }) => ({ value: id, label: config.name }))}
      data-testid="forecast-run"
    />
  );
}

/** What the run says of the whole recording; asked for again it is said anew, of what is masked by then. */
function States({ review }: Props): ReactNode {
  const t = useWords(forecastWords);
  const { forecast, findings, prediction } = review;
  const { run } = forecast;
  if (run === undefined) return null;
  const isThere = findings.listed.some(
    ({ summary: { origin } }) =>
      origin.kind === "run" && origin.runId === run.id && origin.step === undefined,
  );
  return (
    <section>
      <h3>{t("regimesTitle")}</h3>
      {isThere && <p className={classes["dim"]}>{t("statesThere")}</p>}
      <Button
        size="compact-xs"
        variant="default"
        loading={prediction.isMaking}
        onClick={() => prediction.find(run)}
        data-testid="find-states"
      >
        {prediction.isMaking ? t("finding") : t(isThere ? "findAgain" : "findStates")}
      </Button>
      <Forks review={review} />
    </section>
  );
}

/** How many moments there are from which the futures part, and the way from one to the next. */
function Forks({ review }: Props): ReactNode {
  const t = useWords(forecastWords);
  const { moments, highest, otherRunId, step } = review.forks;
  const keys = letterKeys(review.set?.labels ?? []);
  if (moments === undefined) return null;
  const other = review.forecast.runs.find(({ id }) => id === otherRunId);
  const whose = otherRunId !== undefined && (
    <p className={classes["dim"]} data-testid="forks-of-other">
      {other ? t("forksOfOther", { name: other.config.name }) : t("forksOfGone")}
    </p>
  );
  if (moments.length === 0)
    return (
      <>
        <p className={classes["dim"]}>{noForksText(t, highest)}</p>
        {whose}
      </>
    );
  return (
    <>
      <p className={classes["dim"]} data-testid="forks-found" data-count={moments.length}>
        {t("forksFound", { count: moments.length })}
      </p>
      {whose}
      <ActionButton size="compact-xs" keys={keys.previousFork} onClick={() => step(-1)}>
        {t("previousFork")}
      </ActionButton>{" "}
      <ActionButton size="compact-xs" keys={keys.nextFork} onClick={() => step(1)} data-testid="next-fork">
        {t("nextFork")}
      </ActionButton>
    </>
  );
}

function Gaps({ review }: Props): ReactNode {
  const t = useWords(forecastWords);
  const { filler, fills, fill, removeFills, isFilling, fillError } = review.forecast;
  const isFilled = fills.length > 0;
  const { fillGaps } = letterKeys(review.set?.labels ?? []);
  return (
    <section data-testid="gaps" data-filled={isFilled}>
      <h3>{t("gaps")}</h3>
      <p className={classes["dim"]}>{isFilled ? <FilledText review={review} /> : t("gapsNone")}</p>
      {isFilled ? (
        <>
          <ActionButton
            size="compact-xs"
            keys={fillGaps}
            loading={isFilling}
            onClick={removeFills}
            data-testid="remove-fills"
          >
            {t("removeFills")}
          </ActionButton>
          <p className={classes["dim"]}>{t("removeHint")}</p>
        </>
      ) : filler === undefined ? (
        <p className={classes["dim"]}>{t("noFiller")}</p>
      ) : (
        <ActionButton
          size="compact-xs"
          keys={fillGaps}
          loading={isFilling}
          onClick={fill}
          data-testid="fill-gaps"
        >
          {isFilling ? t("filling") : t("fill")}
        </ActionButton>
      )}
      {fillError && <Failure error={fillError} />}
    </section>
  );
}

function FilledText({ review: { forecast, findings, language } }: Props): ReactNode {
  const t = useWords(forecastWords);
  const read = forecast.fills.flatMap(({ id }) => findings.contents.get(id) ?? []);
  const gaps = read.flatMap(filledIn);
  if (gaps.length === 0) return t(read.length < forecast.fills.length ? "gapsRead" : "gapsNothing");
  const longest = Math.max(...gaps.map(({ fromS, toS }) => toS - fromS));
  return t("gapsFilled", { count: gaps.length, longest: number(longest, language, 0) });
}

const filledIn = (content: Content): ReturnType<typeof gapsOf> =>
  content.kind === "curves"
    ? content.series
        .filter(({ as }) => as === "filled")
        .flatMap(({ observed, sampleRate, startS }) => gapsOf(observed, sampleRate, startS))
    : [];
