import { useEffect, useMemo, useRef, useState } from "react";
import { type AppError, asAppError } from "../../../../preload/contract/errors.ts";
import type { Branch, FindingSummary, Forecast } from "../../../../preload/contract/finding.ts";
import type { LabelSet } from "../../../../preload/contract/label-set.ts";
import type { MaskSpan } from "../../../../preload/contract/mask.ts";
import type { ModelDescription } from "../../../../preload/contract/model.ts";
import type { RunSummary } from "../../../../preload/contract/run.ts";
import { request } from "../../../bridge/client.ts";
import { useRequest, useSend, useSummary } from "../../../bridge/hooks.ts";
import { forkOf } from "../../../state/forecast.ts";
import { newest, type Newest } from "../../../state/newest.ts";
import { ableRuns, type Reads } from "../../../state/runs.ts";
import type { FanBranch, ShownFan } from "../../../trace/strip/fan-picture.ts";
import { paletteOf } from "../../../trace/tracks/palette.ts";
import type { TraceChannel } from "../../../trace/tracks/track.ts";
import { fixed, number } from "../../../ui/format.ts";
import type { Scheme } from "../../../ui/tokens.ts";
import { inLanguage, translate, type Language } from "../../../ui/words.ts";
import { labelInSets } from "../findings/findings.ts";
import { forecastWords, type ForecastTranslate } from "./forecast-words.ts";
import { useForecastView } from "./forecast-view.ts";

/** What a model answered about a moment; without a forecast where too little is known there. */
interface Answer {
  readonly runId: string;
  readonly atS: number;
  readonly forecast: Forecast | undefined;
  readonly error: AppError | undefined;
}

export interface ForecastInUse {
  readonly run: RunSummary | undefined; // that looks ahead
  readonly runs: readonly RunSummary[]; // that could, for this recording, newest first
  readonly isAnyElsewhere: boolean; // some run looks ahead, though not on recordings like this
  readonly model: ModelDescription | undefined;
  readonly teachable: readonly ModelDescription[]; // models that would look ahead once trained
  readonly answer: Answer | undefined; // the newest there is, of the run and recording on screen
  readonly isAsking: boolean; // for another moment than that of the answer
  readonly isKnown: boolean; // which runs there are
  readonly names: readonly string[]; // of the branches
  readonly fan: ShownFan | undefined;
  readonly filler: RunSummary | undefined;
  readonly fills: readonly FindingSummary[];
  readonly fill: () => void;
  readonly removeFills: () => void;
  readonly isFilling: boolean;
  readonly fillError: AppError | undefined; // of what was asked last
}

const noRuns: readonly RunSummary[] = [];
const noModels: readonly ModelDescription[] = [];
const noReads: Reads = {};
const noFindings: readonly FindingSummary[] = [];

/** What may come from the cursor on, by the run that looks ahead, and what fills the gaps. */
export function useForecast(
  recordingId: string,
  view: {
    readonly cursorS: number | undefined;
    readonly channels: readonly TraceChannel[];
    readonly masks: readonly MaskSpan[]; // what is masked is not known to the model either
    readonly sets: readonly LabelSet[];
    readonly scheme: Scheme;
    readonly language: Language;
    readonly say: (text: string) => void;
  },
): ForecastInUse {
  const { cursorS, channels, sets, scheme, language } = view;
  const { isOn, forks, came, runId } = useForecastView();
  const t = useMemo(() => translate(forecastWords, language), [language]);
  const models = useRequest("models.list", {});
  const allRuns = useRequest("runs.list", {});
  const reads = useRequest("runs.reads", {}).data;
  const recording = useSummary(recordingId);
  const able = useMemo(() => {
    const known = { models: models.data ?? noModels, reads: reads ?? noReads };
    const of = (can: "forecast" | "fill") => ableRuns(allRuns.data ?? noRuns, recording, known, can);
    return { forecast: of("forecast"), fill: of("fill") };
  }, [allRuns.data, models.data, reads, recording]);
  const { fitting } = able.forecast;
  const run = fitting.find(({ id }) => id === runId) ?? fitting[0];
  const { answer, isAsking } = useAnswer(recordingId, {
    ...{ runId: isOn ? run?.id : undefined, atS: cursorS, standing: view.masks },
  });
  const names = useMemo(
    () =>
      (answer?.forecast?.branches ?? []).map(
        (one, i) => lookOf(one, i, { t, sets, run, scheme, language }).name,
      ),
    [answer, t, sets, run, scheme, language],
  );
  const fan = useMemo(() => {
    const forecast = answer?.forecast;
    const channel = forecast && channels.find(({ label }) => label === forecast.over);
    if (!isOn || forecast === undefined || channel === undefined) return undefined;
    return fanOf(forecast, { channel, channels, forks, came, t, sets, run, scheme, language });
  }, [answer, isOn, channels, forks, came, t, sets, run, scheme, language]);
  const filling = useFilling(recordingId, able.fill.fitting[0], { t, say: view.say });
  return {
    ...{
      run,
      runs: fitting,
      isAnyElsewhere: able.forecast.all.length > fitting.length,
      answer,
      isAsking,
      names,
      fan,
    },
    model: models.data?.find(({ kind }) => kind === run?.config.model.kind),
    teachable: (models.data ?? noModels).filter(({ can }) => can.includes("forecast")),
    isKnown:
      models.data !== undefined &&
      allRuns.data !== undefined &&
      reads !== undefined &&
      recording !== undefined,
    ...filling,
  };
}

interface Asked {
  readonly atS: number;
  readonly runId: string;
}

/** Asks for the cursor's moment whenever it moves: one question at a time, and of those that came meanwhile the newest. */
function useAnswer(
  recordingId: string,
  {
    runId,
    atS,
    standing,
  }: { readonly runId: string | undefined; readonly atS: number | undefined; readonly standing: unknown },
): { readonly answer: Answer | undefined; readonly isAsking: boolean } {
  const [answer, setAnswer] = useState<Answer | undefined>(undefined);
  const asker = useRef<Newest<Asked>>(undefined);
  useEffect(() => {
    if (runId === undefined) return;
    const made = newest(
      ({ atS: askedS }: Asked) => request("forecasts.at", { runId, recordingId, atS: askedS }),
      (asked, forecast: Forecast | null) =>
        setAnswer({ ...asked, forecast: forecast ?? undefined, error: undefined }),
      (asked, error) => setAnswer({ ...asked, forecast: undefined, error: asAppError(error) }),
    );
    asker.current = made;
    return () => made.close();
  }, [recordingId, runId, standing]);
  useEffect(() => {
    if (runId !== undefined && atS !== undefined) asker.current?.ask({ atS, runId });
  }, [recordingId, runId, standing, atS]);
  const own = answer?.runId === runId && atS !== undefined ? answer : undefined;
  return { answer: own, isAsking: runId !== undefined && atS !== undefined && own?.atS !== atS };
}

function useFilling(
  recordingId: string,
  filler: RunSummary | undefined,
  { t, say }: { readonly t: ForecastTranslate; readonly say: (text: string) => void },
): Pick<ForecastInUse, "filler" | "fills" | "fill" | "removeFills" | "isFilling" | "fillError"> {
  const listed = useRequest("findings.list", { recordingId }).data ?? noFindings;
  const fills = useMemo(
    () =>
      listed.filter(
        ({ content }) => content.kind === "curves" && content.series.some(({ as }) => as === "filled"),
      ),
    [listed],
  );
  const fill = useSend("findings.fill");
  const remove = useSend("findings.remove");
  const isFilling = fill.isPending || remove.isPending;
  return {
    ...{ filler, fills, isFilling, fillError: fill.error ?? remove.error ?? undefined },
    fill: () => {
      if (isFilling || filler === undefined) return;
      useForecastView.setState({ fills: true });
      fill.mutate({ runId: filler.id, recordingId }, { onSuccess: () => say(t("said.filled")) });
    },
    removeFills: () => {
      if (isFilling || fills.length === 0) return;
      remove.mutate({ ids: fills.map(({ id }) => id) }, { onSuccess: () => say(t("said.removed")) });
    },
  };
}

interface Told {
  readonly t: ForecastTranslate;
  readonly sets: readonly LabelSet[];
  readonly run: RunSummary | undefined;
  readonly scheme: Scheme;
  readonly language: Language;
}

const NOTHING = "none";

/** How a branch is called and drawn: as its label, where it has one. */
function lookOf(
  { code }: Branch,
  i: number,
  { t, sets, run, scheme, language }: Told,
): Pick<FanBranch, "name" | "letter" | "colour"> {
  const palette = paletteOf(scheme);
  if (code === NOTHING) return { name: t("noEvent"), letter: "–", colour: palette.tokens.dim };
  const label = code === undefined ? undefined : labelInSets(code, sets, run?.config.data.labelSet);
  if (label !== undefined)
    return {
      name: inLanguage(label.name, language),
      letter: label.letter,
      colour: palette.ofLabel(label.colour),
    };
  return {
    name: code ?? t("way", { number: i + 1 }),
    letter: String(i + 1),
    colour: palette.categorical[i % palette.categorical.length] ?? palette.tokens.accent,
  };
}

function fanOf(
  forecast: Forecast,
  told: Told & {
    readonly channel: TraceChannel;
    readonly channels: readonly TraceChannel[];
    readonly forks: boolean;
    readonly came: boolean;
  },
): ShownFan {
  const { t, channels, language } = told;
  const isParted = told.forks && forecast.branches.length > 1;
  const fork = isParted ? forkOf(forecast) : undefined;
  return {
    forecast,
    channel: told.channel,
    branches: isParted ? forecast.branches.map((one, i) => branchOf(one, i, told)) : [],
    areNamed: true,
    forkText: fork && t("fork", { ahead: number(fork.aheadS, language, 1), index: fixed(fork.index, 2) }),
    assumed: forecast.assumed.flatMap(({ channel: label, untilS, value }) => {
      const channel = channels.find((one) => one.label === label);
      return channel ? [{ channel, untilS, value, text: t("assumedHere", { channel: label }) }] : [];
    }),
    isCameShown: told.came,
  };
}

function branchOf(branch: Branch, i: number, told: Told): FanBranch {
  const { probability, low, high, value, quantiles } = branch;
  const look = lookOf(branch, i, told);
  return {
    ...{ ...look, probability, value, quantiles },
    share: fixed(probability, 2),
    interval:
      low === undefined || high === undefined
        ? ""
        : told.t("chipInterval", { low: fixed(low, 2), high: fixed(high, 2) }),
  };
}
