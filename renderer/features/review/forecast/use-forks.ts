import { useMemo } from "react";
import type { FindingSummary, Series } from "../../../../preload/contract/finding.ts";
import { useRequest } from "../../../bridge/hooks.ts";
import { FORK_INDEX, FORK_INDEX_LEAST, forkMoments, type ForkMoment } from "../../../state/forecast.ts";
import { clock, fixed } from "../../../ui/format.ts";
import { translate } from "../../../ui/words.ts";
import { chooseForecaster, turnForecast } from "./forecast-view.ts";
import { forecastWords, type ForecastTranslate } from "./forecast-words.ts";
import type { Reviewing } from "../reviewing.ts";

/** Where the futures part in the whole recording, as the run that looks ahead said when it followed it. */
export interface ForksInUse {
  readonly moments: readonly ForkMoment[] | undefined; // by time; undefined where no run told, or it is being read
  readonly highest: number; // of the index, 0 where nothing is known
  readonly otherRunId: string | undefined; // that told of them, where it is not the one that looks ahead
  readonly step: (direction: 1 | -1) => void;
}

/** Of what is listed, that which tells of forks: of the run that looks ahead, else of another; the newest. */
export function forksFinding(
  listed: readonly { readonly summary: FindingSummary }[],
  runId: string | undefined,
): FindingSummary | undefined {
  const telling = listed
    .map(({ summary }) => summary)
    .filter(
      ({ content, isOutdated }) =>
        !isOutdated && content.kind === "curves" && content.series.some(({ name }) => name === FORK_INDEX),
    )
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  return telling.find(({ origin }) => origin.kind === "run" && origin.runId === runId) ?? telling[0];
}

interface Going {
  readonly found: FindingSummary | undefined;
  readonly moments: readonly ForkMoment[] | undefined;
  readonly highest: number;
  readonly goToTime: (timeS: number) => void;
}

/** To the nearest fork on one side of the cursor, where the forecast of the run that told of it begins then. */
export function stepToFork(
  { place: { viewport, selection }, telling: { language }, say }: Reviewing,
  { found, moments, highest, goToTime }: Going,
  direction: 1 | -1,
): void {
  const t = translate(forecastWords, language);
  if (moments === undefined) {
    say(t(found === undefined ? "said.forksUnknown" : "said.forksAsked"));
    return;
  }
  const fromS = selection.getState().cursorS ?? viewport.getState().startS;
  const next =
    direction === 1
      ? moments.find(({ timeS }) => timeS > fromS + TREMBLE_S)
      : moments.findLast(({ timeS }) => timeS < fromS - TREMBLE_S);
  if (next === undefined) {
    const further = direction === 1 ? "said.noForkAfter" : "said.noForkBefore";
    say(moments.length === 0 ? noForksText(t, highest) : t(further));
    return;
  }
  if (found?.origin.kind === "run") chooseForecaster(found.origin.runId);
  turnForecast(true);
  goToTime(next.timeS);
  const facts = { number: moments.indexOf(next) + 1, all: moments.length, time: clock(next.timeS) };
  say(t("said.fork", { ...facts, index: fixed(next.index, 2) }));
}

const TREMBLE_S = 1e-3;

export const noForksText = (t: ForecastTranslate, highest: number): string =>
  t("noForks", { highest: fixed(highest, 2), least: fixed(FORK_INDEX_LEAST, 2) });

export function useForks(
  reviewing: Reviewing,
  {
    listed,
    runId,
    goToTime,
  }: {
    readonly listed: readonly { readonly summary: FindingSummary }[];
    readonly runId: string | undefined; // that looks ahead
    readonly goToTime: (timeS: number) => void;
  },
): ForksInUse {
  const found = forksFinding(listed, runId);
  const content = useRequest("findings.get", found && { id: found.id }).data?.content;
  const index =
    content?.kind === "curves" ? content.series.find(({ name }) => name === FORK_INDEX) : undefined;
  const known = useMemo(() => index && { moments: forkMoments(index), highest: highestOf(index) }, [index]);
  const { moments, highest } = known ?? { moments: undefined, highest: 0 };
  return {
    ...{ moments, highest, otherRunId: otherRunOf(found, runId) },
    step: (direction) => stepToFork(reviewing, { found, moments, highest, goToTime }, direction),
  };
}

/** The run that a finding is from, unless it is this one. */
export const otherRunOf = (
  found: Pick<FindingSummary, "origin"> | undefined,
  runId: string | undefined,
): string | undefined =>
  found?.origin.kind === "run" && found.origin.runId !== runId ? found.origin.runId : undefined;

const highestOf = ({ value, observed }: Series): number =>
  value.reduce((most, index, i) => (observed[i] === 1 ? Math.max(most, index) : most), 0);
