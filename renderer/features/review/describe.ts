import { reasonNames } from "../../../preload/contract/mask.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { measure } from "../../trace/strip/caliper.ts";
import { bandsOf, stepAt } from "../../state/forecast.ts";
import type { ShownFan } from "../../trace/strip/fan-picture.ts";
import type { ShownPrediction } from "../../trace/strip/layout.ts";
import type { CaliperReading, ChannelReading } from "../../trace/strip/strip.tsx";
import type { Target } from "../../trace/strip/input.ts";
import { formatClock } from "../../../preload/strip/ticks.ts";
import { isUnsure, unlikeTraining, windowAt } from "../../trace/tracks/uncertain.ts";
import type { Reading, TraceChannel } from "../../trace/tracks/track.ts";
import { clock, fixed, length, number } from "../../ui/format.ts";
import { unitText } from "../../ui/unit.ts";
import { translate, type Language, type Translate } from "../../ui/words.ts";
import { forecastWords } from "./forecast/forecast-words.ts";
import type { ReviewKey } from "./words.ts";

export type ReviewTranslate = Translate<NonNullable<ReviewKey>>;
export interface Telling {
  readonly t: ReviewTranslate;
  readonly language: Language;
  readonly startOfDayS: number | undefined;
}

export function reasonText(t: ReviewTranslate, reason: number): string {
  const name = reasonNames[reason];
  return name === undefined || name === "observed"
    ? t("reason.other", { code: reason })
    : t(`reason.${name}`);
}

/** How long an event lasts: in seconds up to ten minutes, since that is how decelerations are timed. */
export function eventLength(t: ReviewTranslate, language: Language, seconds: number): string {
  if (seconds >= 600) return length(seconds, language);
  return t("eventLength", { seconds: number(seconds, language, seconds < 10 ? 2 : seconds < 100 ? 1 : 0) });
}

/** Decimals a channel's values are read with: heart rates to one, small units to as many as they need. */
export function valueDecimals(channel: Pick<TraceChannel, "role" | "unit">, value: number): number {
  if (channel.role === "fhr" || channel.role === "mhr" || channel.role === "uc") return 0;
  const size = Math.abs(value);
  return size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
}

const show = (channel: TraceChannel, value: number, language: Language): string =>
  number(value, language, valueDecimals(channel, value));

function spanText(
  channel: TraceChannel,
  { min, max }: { readonly min: number; readonly max: number },
  language: Language,
): string {
  const [low, high] = [show(channel, min, language), show(channel, max, language)];
  return low === high ? low : `${low} … ${high}`;
}

export function readingText(
  { t, language }: Telling,
  { channel, reading }: ChannelReading,
): string | undefined {
  switch (reading.kind) {
    case "value":
      return `${channel.label} ${spanText(channel, reading, language)} ${unitText(language, channel)}`;
    case "gap": {
      const gap = `${channel.label} ${t("gap")}: ${reasonText(t, reading.reason)}`;
      return reading.beneath
        ? `${gap} (${t("beneath", { value: spanText(channel, reading.beneath, language) })})`
        : gap;
    }
    case "loading":
      return `${channel.label} ${t("notLoaded")}`;
    case "outside":
      return undefined;
  }
}

/** Elapsed time, to the tenth where the zoom shows it, and the wall clock where the source gave one. */
export function timeText({ startOfDayS }: Telling, timeS: number, pxPerS = 1): string {
  const elapsed = clock(Math.max(0, timeS), pxPerS > 200 ? 3 : pxPerS > 5 ? 1 : 0);
  return startOfDayS === undefined ? elapsed : `${formatClock(startOfDayS, timeS, true)} (+${elapsed})`;
}

const MOST_READINGS = 9;

/** The lines beside the pointer. */
export function describeTarget(
  telling: Telling,
  target: Target,
  readings: readonly ChannelReading[],
  shown: (ShownPrediction & { readonly names: readonly string[] }) | undefined,
  pxPerS: number,
  fan?: ShownFan,
): readonly string[] {
  const { t } = telling;
  const lines = [timeText(telling, target.timeS, pxPerS)];
  const ahead = fan && fanLines(telling, target, fan);
  if (fan && ahead) {
    lines.push(...ahead);
    if (!fan.isCameShown) return lines; // what came is not told either
  }
  const found = target.found?.({ language: telling.language });
  if (found && !target.panel) return [...lines, ...found];
  if (target.prediction && shown) return [...lines, ...predictionLines(telling, shown, target.timeS)];
  const panelChannels = target.panel?.series.map((series) => series.channel.position);
  const isPaper = target.panel?.grid.kind === "fhr" || target.panel?.grid.kind === "uc";
  const hidden = hiddenAt(fan, target.timeS);
  for (const one of readings) {
    if (hidden.includes(one.channel.position)) continue;
    // On paper FHR and UC are read together; elsewhere only the channel under the pointer.
    const isMeant = isPaper
      ? one.channel.role !== "other" && one.channel.role !== "emg"
      : (panelChannels?.includes(one.channel.position) ?? false);
    const text = isMeant ? readingText(telling, one) : undefined;
    if (text !== undefined && lines.length <= MOST_READINGS) lines.push(text);
  }
  if (found) lines.push(...found);
  if (target.lane) lines.push(target.lane.title);
  return lines.filter((line) => line !== "" && line !== t("none"));
}

/** Channels that the fan covers at a moment, while what came is not to be seen. */
function hiddenAt(fan: ShownFan | undefined, timeS: number): readonly number[] {
  if (!fan || fan.isCameShown || stepAt(fan.forecast, timeS - fan.forecast.fromS) === undefined) return [];
  return [fan.channel, ...fan.assumed.map(({ channel }) => channel)].map(({ position }) => position);
}

const TOLD_SHARES = [0.9, 0.5] as const;

/** What may come where the pointer is, over the channel that is looked ahead; undefined elsewhere. */
function fanLines(
  { language }: Telling,
  { panel, timeS }: Target,
  { forecast, channel }: ShownFan,
): readonly string[] | undefined {
  const isOver = panel?.series.some((series) => series.channel.position === channel.position) ?? false;
  const at = stepAt(forecast, timeS - forecast.fromS);
  if (!isOver || at === undefined) return undefined;
  const f = translate(forecastWords, language);
  return bandsOf(forecast.quantiles, TOLD_SHARES).map(({ share, low, high }) =>
    f("pointed", {
      ...{ ahead: number((at + 1) * forecast.stepS, language), share: number(share * 100, language) },
      ...{ low: show(channel, low[at] ?? 0, language), high: show(channel, high[at] ?? 0, language) },
      unit: unitText(language, channel),
    }),
  );
}

export function predictionLines(
  { t }: Telling,
  shown: ShownPrediction & { readonly names: readonly string[] },
  timeS: number,
): readonly string[] {
  const { prediction } = shown;
  const window = windowAt(prediction, timeS);
  if (window === undefined) return [t("outsidePrediction")];
  if (prediction.assessable[window] !== 1) return [t("unassessable")];
  const k = prediction.classes.length;
  const order = prediction.classes
    .map((_, c) => c)
    .sort(
      (a, b) =>
        sure(prediction.probabilities[window * k + b]) - sure(prediction.probabilities[window * k + a]),
    );
  const lines = order.slice(0, 3).map((c) => {
    const at = window * k + c;
    const share = (of: Float32Array): string => fixed(sure(of[at]), 2);
    return `${sure(shown.names[c])} ${share(prediction.probabilities)} (${share(prediction.low)}–${share(prediction.high)})`;
  });
  lines.push(`${t("inModel")} ${t("nat", { value: fixed(sure(prediction.epistemic[window]), 2) })}`);
  if (isUnsure(prediction, window)) lines.push(t("unsureHere"));
  if (unlikeTraining(prediction, window))
    lines.push(t("unlikeHere", { share: `${fixed(sure(prediction.typicality[window]) * 100, 1)} %` }));
  return lines;
}

/** Middle of what is drawn at a point; undefined in a gap. */
const middleOf = (reading: Reading | undefined): number | undefined =>
  reading?.kind === "value" ? (reading.min + reading.max) / 2 : undefined;

/** The caliper's label: time apart, difference and slope in the chosen channel, and the rate if it spans one period. */
export function caliperText(
  { t, language }: Telling,
  points: readonly CaliperReading[],
  channel: TraceChannel | undefined,
): string {
  const [a, b] = points;
  if (!a || !b) return "";
  const of = (point: CaliperReading): number | undefined =>
    middleOf(point.readings.find((one) => one.channel.position === channel?.position)?.reading);
  const measured = measure({ timeS: a.timeS, value: of(a) }, { timeS: b.timeS, value: of(b) });
  const seconds = number(measured.seconds, language, measured.seconds < 1 ? 3 : 1);
  const parts = [
    measured.difference === undefined || !channel
      ? t("caliper", { seconds })
      : t("caliperDifference", {
          seconds,
          difference: number(measured.difference, language, valueDecimals(channel, measured.difference)),
          unit: unitText(language, channel),
        }),
  ];
  if (measured.slope !== undefined && channel) {
    parts.push(
      t("caliperSlope", {
        slope: number(measured.slope, language, valueDecimals({ role: "other", unit: "" }, measured.slope)),
        unit: unitText(language, channel),
      }),
    );
  }
  if (measured.perMinute !== undefined)
    parts.push(
      t("caliperRate", { rate: number(measured.perMinute, language, measured.perMinute < 10 ? 2 : 0) }),
    );
  return parts.join("\n");
}

/** What a screen reader is told about a moment: each shown channel, briefly. */
export function sayReadings(telling: Telling, readings: readonly ChannelReading[]): string {
  return readings
    .slice(0, MOST_READINGS)
    .flatMap((one) => readingText(telling, one) ?? [])
    .join(", ");
}
