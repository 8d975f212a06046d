import { z } from "zod";
import {
  type ContentSummary,
  type Curves,
  Events,
  type FindingSpan,
  Forecast,
  SeriesSummary,
  WindowClasses,
} from "../../../preload/contract/finding.ts";
import { Verdicts } from "../../../preload/contract/verdict.ts";
import { parsedJson } from "../checked.ts";

/** How values over time are kept beside the rest of a finding: as places of the channels that hold them. */
export const StoredCurves = z.object({
  kind: z.literal("curves"),
  series: z.array(SeriesSummary).min(1),
  forecasts: z.array(Forecast),
});
export const StoredContent = z.discriminatedUnion("kind", [WindowClasses, StoredCurves, Events, Verdicts]);
export type StoredContent = z.infer<typeof StoredContent>;

const arrays = { f32: Float32Array, f64: Float64Array, u8: Uint8Array } as const;
type ArrayKind = keyof typeof arrays;
const kinds: readonly ArrayKind[] = ["f32", "f64", "u8"];

/** JSON in which a typed array is an object of its kind and the base64 of its bytes, little endian: every bit comes back. */
export const packed = (content: StoredContent): string =>
  JSON.stringify(content, (_, value: unknown) => {
    const kind = kinds.find((one) => value instanceof arrays[one]);
    if (kind === undefined || !ArrayBuffer.isView(value)) return value;
    return { [kind]: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64") };
  });

/** Undefined where the text is not what a content of some kind was packed to. */
export const unpacked = (text: unknown): StoredContent | undefined =>
  StoredContent.safeParse(revived(parsedJson(text))).data;

function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  const kind = entries.length === 1 ? kinds.find((one) => one === only?.[0]) : undefined;
  if (kind === undefined || typeof only?.[1] !== "string")
    return Object.fromEntries(entries.map(([name, one]) => [name, revived(one)]));
  const bytes = Uint8Array.from(Buffer.from(only[1], "base64"));
  const size = arrays[kind].BYTES_PER_ELEMENT;
  return bytes.length % size === 0 ? new arrays[kind](bytes.buffer) : undefined;
}

/** Of a content no more than a list says: verdicts with their reasons are most of a library's texts. */
const Listed = z.discriminatedUnion("kind", [
  WindowClasses.pick({ kind: true, classes: true, windowS: true }).extend({
    onsetS: z.object({ f64: z.string() }).transform(({ f64 }) => ({
      length: Buffer.byteLength(f64, "base64") / Float64Array.BYTES_PER_ELEMENT,
    })),
  }),
  StoredCurves.extend({ forecasts: z.array(z.unknown()) }),
  Events.pick({ kind: true, labelSet: true, verdict: true }).extend({
    events: z.array(z.object({ code: z.string() })),
    notAssessable: z.array(z.unknown()),
  }),
  Verdicts.extend({ verdicts: z.array(z.unknown()) }),
]);

/** The summary of a packed content, which is read no further. Undefined where the text is not one. */
export function summaryIn(text: unknown): ContentSummary | undefined {
  const { data } = Listed.safeParse(parsedJson(text));
  return data && summaryOf(data);
}

export function summaryOf(content: z.infer<typeof Listed> | StoredContent): ContentSummary {
  switch (content.kind) {
    case "window-classes":
      return {
        kind: content.kind,
        classes: content.classes,
        windowS: content.windowS,
        windows: content.onsetS.length,
      };
    case "curves":
      return { ...content, forecasts: content.forecasts.length };
    case "events": {
      const { kind, labelSet, verdict, events, notAssessable } = content;
      return {
        kind,
        labelSet,
        ...(verdict === undefined ? {} : { verdict }),
        codes: [...new Set(events.map(({ code }) => code))],
        events: events.length,
        notAssessable: notAssessable.length,
      };
    }
    case "verdicts":
      return { ...content, verdicts: content.verdicts.length };
  }
}

/** Whether [onsetS, onsetS + durationS) has a moment in [fromS, toS); one without length is a moment itself. */
const touches =
  ({ fromS, toS }: FindingSpan) =>
  ({ onsetS, durationS }: { readonly onsetS: number; readonly durationS: number }): boolean =>
    onsetS < toS && (onsetS + durationS > fromS || onsetS >= fromS);

export function eventsWithin(content: Events, span: FindingSpan): Events {
  const isSeen = touches(span);
  return {
    ...content,
    events: content.events.filter(isSeen),
    notAssessable: content.notAssessable.filter(isSeen),
  };
}

export const verdictsWithin = (content: Verdicts, span: FindingSpan): Verdicts => ({
  ...content,
  verdicts: content.verdicts.filter(touches(span)),
});

export const forecastsWithin = (forecasts: readonly Forecast[], span: FindingSpan): Forecast[] =>
  forecasts.filter(({ fromS, horizonS }) => touches(span)({ onsetS: fromS, durationS: horizonS }));

/** Windows that touch the span; onsets ascend. */
export function windowsWithin<Windows extends Omit<WindowClasses, "kind">>(
  content: Windows,
  span: FindingSpan,
): Windows {
  const { onsetS, windowS, part } = content;
  const touchesSpan = touches(span);
  const isSeen = (onset: number): boolean => touchesSpan({ onsetS: onset, durationS: windowS });
  const from = Math.max(0, onsetS.findIndex(isSeen));
  const to = onsetS.findLastIndex(isSeen) + 1; // 0 where none is seen
  const columns = content.classes.length;
  const rows = (matrix: Float32Array): Float32Array => matrix.slice(from * columns, to * columns);
  return {
    ...content,
    onsetS: onsetS.slice(from, to),
    probabilities: rows(content.probabilities),
    low: rows(content.low),
    high: rows(content.high),
    aleatoric: content.aleatoric.slice(from, to),
    epistemic: content.epistemic.slice(from, to),
    typicality: content.typicality.slice(from, to),
    assessable: content.assessable.slice(from, to),
    ...(part === undefined ? {} : { part: part.slice(from, to) }),
  };
}

/** What is wrong with the arrays of a curve; undefined where every observed value is a number, and its band holds it. */
export function seriesProblem(series: Curves["series"][number]): string | undefined {
  const { name, value, low, high, observed } = series;
  for (const [what, array] of Object.entries({ low, high, observed }))
    if (array !== undefined && array.length !== value.length)
      return `${name}: ${what} has ${array.length} values; ${value.length} are needed`;
  const odd = observed.findIndex((one) => one > 1);
  if (odd >= 0) return `${name}: observed is ${String(observed[odd])} at ${odd}; 0 or 1 is needed`;
  for (const [i, middle] of value.entries()) {
    if (observed[i] === 0) continue;
    const [bottom, top] = [low?.[i] ?? middle, high?.[i] ?? middle];
    if (!(Number.isFinite(bottom) && Number.isFinite(top) && bottom <= middle && middle <= top))
      return `${name}: value ${middle} at ${i} does not lie in its band ${bottom} to ${top}`;
  }
  return undefined;
}
