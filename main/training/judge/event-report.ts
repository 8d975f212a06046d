import type { z } from "zod";
import type { Content, FoundEvent, Series } from "../../../preload/contract/finding.ts";
import type { EventCounts, EventReport, Interval, SecondReport } from "../../../preload/contract/run.ts";
import type { PairedComparison } from "../../../preload/contract/paired.ts";
import { seededRandom } from "../../models/random.ts";
import { countWhereRead } from "../../models/sequences/event-net/events.ts";
import { matchSeconds, scoreEvents, scoreSeconds } from "../../models/sequences/event-net/score.ts";
import type { Span } from "../../models/sequences/event-net/spans.ts";
import type { Marked, SequenceGroup } from "../../models/model.ts";
import { pairedOverGroups } from "./paired.ts";

type Counts = ReturnType<typeof countWhereRead>;

/** What a model said of a recording that people read. */
export interface JudgedRecording {
  readonly id: string;
  readonly subject: string;
  readonly durationS: number;
  readonly marks: Marked;
  readonly content: readonly Content[];
}

const FEWEST_RECORDINGS = 6;
const DRAWS = 2000;
const STREAM = 306;

/** Every label's scores, from what the model says alone: any model that says events or curves is judged alike. */
export function eventReport(
  groups: readonly SequenceGroup[],
  judged: readonly JudgedRecording[],
  validation: readonly string[],
  floor?: readonly JudgedRecording[], // the same recordings as a simpler method says them
): EventReport {
  const saysEvents =
    judged.length === 0 || judged.some(({ content }) => content.some(({ kind }) => kind === "events"));
  return {
    recordings: judged.length,
    subjects: [...new Set(judged.map(({ subject }) => subject))].sort(),
    validation: [...new Set(validation)].sort(),
    labels: groups.flatMap((group) =>
      group.codes.map((code) => {
        const counts = judged.map((one) => countsOf(one, code, matchSeconds(group.role)));
        return {
          code,
          group: group.name,
          events: saysEvents ? countsReport(counts) : null,
          intervals: saysEvents ? intervalsOf(counts) : null,
          seconds: secondsReport(judged, code, false),
          assessable: secondsReport(judged, code, true),
          ...(floor === undefined ? {} : { floor: floorReport(judged, floor, code) }),
        };
      }),
    ),
  };
}

const spanOf = ({ onsetS, durationS }: { readonly onsetS: number; readonly durationS: number }): Span => ({
  from: onsetS,
  to: onsetS + durationS,
});

/** Of one recording, where it was read: an event counts by its middle. */
function countsOf({ marks, content }: JudgedRecording, code: string, matchS: number): Counts {
  const found = content.flatMap((one): readonly FoundEvent[] => (one.kind === "events" ? one.events : []));
  const of = (
    all: readonly { readonly code: string; readonly onsetS: number; readonly durationS: number }[],
  ) => all.filter((one) => one.code === code).map(spanOf);
  return countWhereRead({ marked: of(marks.events), read: marks.read.map(spanOf) }, of(found), matchS);
}

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

function countsReport(counts: readonly Counts[]): z.infer<typeof EventCounts> {
  const { marked, said, found, missed, hours, falseAnHour, sensitivity, precision, f1, f1Iou } =
    scoreEvents(counts);
  return {
    ...{ marked, said, found, missed, hours },
    falseAnHour: orNull(falseAnHour),
    sensitivity: orNull(sensitivity),
    precision: orNull(precision),
    f1: orNull(f1),
    f1Iou: orNull(f1Iou),
  };
}

type Range = z.infer<typeof Interval>;

/** 95 % percentile bootstrap over recordings. */
function intervalsOf(counts: readonly Counts[]): EventReport["labels"][number]["intervals"] {
  if (counts.length < FEWEST_RECORDINGS) return null;
  const random = seededRandom(0, STREAM);
  const draws = Array.from({ length: DRAWS }, () =>
    scoreEvents(counts.flatMap(() => counts[random.below(counts.length)] ?? [])),
  );
  const range = (of: (scores: ReturnType<typeof scoreEvents>) => number): Range | null => {
    const values = draws
      .map(of)
      .filter(Number.isFinite)
      .sort((a, b) => a - b);
    const at = (share: number): number => values[Math.round(share * (values.length - 1))] ?? Number.NaN;
    return values.length < DRAWS / 2 ? null : { low: at(0.025), high: at(0.975) };
  };
  return {
    sensitivity: range((one) => one.sensitivity),
    precision: range((one) => one.precision),
    f1: range((one) => one.f1),
  };
}

type Seconds = Pick<EventReport["labels"][number], "seconds" | "assessable">;

function floorReport(
  judged: readonly JudgedRecording[],
  floor: readonly JudgedRecording[],
  code: string,
): Seconds & { readonly auroc: PairedComparison } {
  const aurocs = (all: readonly JudgedRecording[]): ReadonlyMap<string, number> =>
    new Map(all.map((one) => [one.id, secondsReport([one], code, false)?.auroc ?? Number.NaN]));
  return {
    seconds: secondsReport(floor, code, false),
    assessable: secondsReport(floor, code, true),
    auroc: pairedOverGroups(aurocs(judged), aurocs(floor)),
  };
}

/** One label's probability in every second that was read, or in those of them that could be assessed. */
function secondsReport(
  judged: readonly JudgedRecording[],
  code: string,
  onlyObserved: boolean,
): z.infer<typeof SecondReport> | null {
  const [probabilities, truths]: [number[], number[]] = [[], []];
  for (const { content, marks } of judged) {
    const series = content
      .flatMap((one): readonly Series[] => (one.kind === "curves" ? one.series : []))
      .find((one) => one.name === code && one.unit === "probability");
    if (series === undefined) continue;
    const { sampleRate, value, observed } = series;
    const truth = truthOf(value.length, sampleRate, code, marks);
    value.forEach((p, i) => {
      const known = truth[i] ?? UNKNOWN;
      if (known === UNKNOWN || (onlyObserved && observed[i] !== 1) || Number.isNaN(p)) return;
      probabilities.push(p);
      truths.push(known);
    });
  }
  if (probabilities.length === 0) return null;
  const { seconds, prevalence, auroc, averagePrecision, ece, nll } = scoreSeconds(
    Float32Array.from(probabilities),
    Uint8Array.from(truths),
  );
  return {
    ...{ seconds, prevalence, ece, nll },
    auroc: orNull(auroc),
    averagePrecision: orNull(averagePrecision),
  };
}

const UNKNOWN = 2;

/** 1 in a marked event, 0 where it was read and is not, else unknown. A value counts by its middle. */
function truthOf(count: number, rate: number, code: string, marks: Marked): Uint8Array {
  const truth = new Uint8Array(count).fill(UNKNOWN);
  const fill = (value: number, { onsetS, durationS }: Marked["read"][number]): void => {
    const at = (timeS: number): number => Math.min(count, Math.max(0, Math.ceil(timeS * rate - 0.5 - 1e-9)));
    truth.fill(value, at(onsetS), at(onsetS + durationS));
  };
  for (const one of marks.read) fill(0, one);
  for (const one of marks.unclear) if (one.code === code) fill(UNKNOWN, one);
  const wasRead = truth.map((known) => (known === UNKNOWN ? 0 : 1));
  for (const one of marks.events) if (one.code === code) fill(1, one);
  return truth.map((known, i) => (wasRead[i] === 1 ? known : UNKNOWN));
}
