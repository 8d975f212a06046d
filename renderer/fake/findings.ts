import { AppError } from "../../preload/contract/errors.ts";
import type {
  Content,
  ContentSummary,
  Finding,
  FindingSummary,
  FoundEvent,
  NewFinding,
  Series,
  SeriesSummary,
} from "../../preload/contract/finding.ts";
import { maskReasons } from "../../preload/contract/mask.ts";
import { CHANNELS_MAX } from "../../preload/contract/recording.ts";
import type { FakeRecording, Samples } from "./study.ts";

/** What a rule and a model said of the fake's recordings; curves have channels of their own, as in the library. */
export class FakeFindings {
  readonly #at: string;
  readonly #kept = new Map<string, { readonly finding: Finding; readonly summary: FindingSummary }>();
  readonly #channels: Samples[] = [];
  #made = 0;

  constructor(at: string) {
    this.#at = at;
  }

  save(given: NewFinding): FindingSummary {
    const id = `finding-${(this.#made += 1)}`;
    const finding = { ...given, id, createdAt: this.#at, isOutdated: false };
    const summary = summaryOf(finding, (series) => ({
      value: this.#derive(series, series.value),
      ...(series.low === undefined ? {} : { low: this.#derive(series, series.low) }),
      ...(series.high === undefined ? {} : { high: this.#derive(series, series.high) }),
    }));
    this.#kept.set(id, { finding, summary });
    return summary;
  }

  list(recordingId: string): FindingSummary[] {
    const all = [...this.#kept.values()].map(({ summary }) => summary);
    return all.filter((one) => one.recordingId === recordingId).reverse();
  }

  get(id: string): Finding {
    const known = this.#kept.get(id);
    if (known === undefined) throw new AppError("storage/not-found", `No finding "${id}"`, { id });
    return known.finding;
  }

  /** What rules said of a recording rests upon something that is another now. */
  outdate(recordingId: string): void {
    for (const [id, { finding, summary }] of this.#kept)
      if (finding.recordingId === recordingId && finding.origin.kind === "rule")
        this.#kept.set(id, {
          finding: { ...finding, isOutdated: true },
          summary: { ...summary, isOutdated: true },
        });
  }

  /** Takes a reading by rule away, to be replaced. */
  removeReading(recordingId: string): void {
    for (const [id, { finding }] of this.#kept)
      if (
        finding.recordingId === recordingId &&
        finding.origin.kind === "rule" &&
        finding.origin.rule.startsWith("ctg/")
      )
        this.#kept.delete(id);
  }

  /** Recordings of those that were there. */
  remove(ids: readonly string[]): string[] {
    for (const id of ids) this.get(id);
    return ids.flatMap((id) => {
      const known = this.#kept.get(id);
      this.#kept.delete(id);
      return known === undefined ? [] : [known.finding.recordingId];
    });
  }

  /** Of a derived channel; undefined for one that was recorded. */
  samples(position: number): Samples | undefined {
    return this.#channels[position - CHANNELS_MAX];
  }

  #derive({ observed }: Series, values: Float32Array): number {
    const reasons = observed.map((one) => (one === 1 ? 0 : maskReasons.notAssessable));
    return CHANNELS_MAX + this.#channels.push({ values, reasons }) - 1;
  }
}

type Places = Pick<SeriesSummary, "value" | "low" | "high">;

export const summaryOf = (
  { content, ...finding }: Finding,
  placesOf: (series: Series) => Places = () => ({ value: 0 }),
): FindingSummary => ({ ...finding, content: contentSummary(content, placesOf) });

function contentSummary(content: Content, placesOf: (series: Series) => Places): ContentSummary {
  switch (content.kind) {
    case "window-classes":
      return {
        ...{ kind: content.kind, classes: content.classes },
        ...{ windowS: content.windowS, windows: content.onsetS.length },
      };
    case "curves":
      return {
        kind: content.kind,
        series: content.series.map((series) => ({
          ...{ name: series.name, unit: series.unit, sampleRate: series.sampleRate },
          ...(series.over === undefined ? {} : { over: series.over }),
          ...(series.as === undefined ? {} : { as: series.as }),
          ...(series.notable === undefined ? {} : { notable: series.notable }),
          sampleCount: series.value.length,
          ...placesOf(series),
        })),
        forecasts: content.forecasts.length,
      };
    case "events":
      return {
        ...{ kind: content.kind, labelSet: content.labelSet },
        ...(content.verdict === undefined ? {} : { verdict: content.verdict }),
        codes: [...new Set(content.events.map(({ code }) => code))],
        ...{ events: content.events.length, notAssessable: content.notAssessable.length },
      };
    case "verdicts":
      return { ...content, verdicts: content.verdicts.length };
  }
}

const GAP = { onsetS: 420, durationS: 150 } as const;

/** A baseline by rule, and what a model finds, with a stretch of which neither says anything. */
export function toyFindings({ detail, events }: FakeRecording): NewFinding[] {
  const recordingId = detail.id;
  if (detail.kind !== "ctg") return [];
  const seconds = Math.floor(detail.durationS);
  const observed = Uint8Array.from({ length: seconds }, (_, s) =>
    Number(s < GAP.onsetS || s >= GAP.onsetS + GAP.durationS),
  );
  const series = (
    facts: Pick<Series, "name" | "unit" | "over">,
    value: (s: number) => number,
    [low, high]: readonly [low: (v: number) => number, high: (v: number) => number],
  ): Series => {
    const make = (of: (s: number) => number): Float32Array =>
      Float32Array.from({ length: seconds }, (_, s) => (observed[s] === 1 ? of(s) : Number.NaN));
    return {
      ...{ ...facts, sampleRate: 1, observed },
      ...{ value: make(value), low: make((s) => low(value(s))), high: make((s) => high(value(s))) },
    };
  };
  const found = events.filter(({ label }) => label !== "contraction");
  const near = (code: string, s: number): number =>
    Math.max(
      0.03,
      ...found
        .filter(({ label }) => label === code)
        .map(({ onsetS, durationS }) => {
          const z = (s - onsetS - durationS / 2) / (durationS / 2);
          return 0.92 * Math.exp(-(z ** 4));
        }),
    );
  const inUnit = (value: number): number => Math.min(1, Math.max(0, value));
  const probability = (code: string): Series =>
    series({ name: code, unit: "probability", over: "FHR" }, (s) => near(code, s), [
      (v) => inUnit(v - 0.1),
      (v) => inUnit(v + 0.1),
    ]);
  const model = { kind: "run", runId: "toy-event-net", adaptation: "none" } as const;
  return [
    {
      recordingId,
      origin: { kind: "rule", rule: "toy-baseline", version: "1", config: {} },
      content: {
        kind: "curves",
        series: [
          series({ name: "baseline", unit: "bpm", over: "FHR" }, (s) => 138 + 6 * Math.sin(s / 500), [
            (v) => v - 5,
            (v) => v + 5,
          ]),
        ],
        forecasts: [],
      },
    },
    {
      recordingId,
      origin: model,
      content: {
        kind: "curves",
        series: [probability("acceleration"), probability("deceleration")],
        forecasts: [],
      },
    },
    {
      recordingId,
      origin: model,
      content: {
        kind: "events",
        labelSet: "ctg-events",
        events: found.flatMap(({ label, onsetS, durationS }, i): FoundEvent[] => {
          const isOut = onsetS < GAP.onsetS + GAP.durationS && onsetS + durationS > GAP.onsetS;
          if (isOut) return [];
          const p = [0.95, 0.7, 0.45][i % 3] ?? 1;
          return [
            {
              ...{ code: label, onsetS: onsetS + 3, durationS: durationS - 5, probability: p },
              ...{ low: inUnit(p - 0.12), high: inUnit(p + 0.05), channel: "FHR", facts: {} },
            },
          ];
        }),
        notAssessable: [{ ...GAP, codes: ["acceleration", "deceleration"] }],
      },
    },
  ];
}
