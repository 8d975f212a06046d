import type { Verdicts } from "../../preload/contract/verdict.ts";
import { guarded } from "../formats/annotations/guard.ts";
import { contractionRate, figuresOf, qualityOf } from "./measures.ts";
import { reasonNames } from "../../preload/contract/mask.ts";
import { type PaperReading, readChannel, readingOf } from "./reading.ts";
import type { Report } from "./report.ts";
import { spanOf } from "./summary.ts";

const columns = [
  ...["recording", "kind", "scheme", "from_s", "to_s", "channel", "code", "value", "low", "high", "unit"],
  ...["probability", "assessable", "clause", "text"],
] as const;
type ColumnName = (typeof columns)[number];
type Row = Partial<Record<ColumnName, string | number | undefined>>;

/**
 * All numbers of a report as one table (RFC 4180, UTF-8): a row a figure, told apart by its kind. Times from the start.
 * Texts are guarded against being computed.
 */
export function tableOf(report: Report): string {
  const { options, recording } = report;
  const reading = readingOf(options.withOverlays ? report.findings : []);
  const span = spanOf(report);
  const isIn = ({ from_s = 0, to_s = from_s }: { from_s?: number; to_s?: number }): boolean =>
    from_s < span.toS && to_s >= span.fromS;
  const rows: readonly Row[] = [
    ...qualityRows(report),
    ...(options.withOverlays
      ? [...figureRows(report, reading), ...readRows(report, reading)].filter(isIn)
      : []),
    ...(options.withAnnotations ? labelRows(report).filter(isIn) : []),
  ];
  const line = (row: Row): string => columns.map((name) => cellOf(row[name])).join(",");
  return [columns.join(","), ...rows.map((row) => line({ recording: recording.name, ...row }))]
    .map((text) => `${text}\r\n`)
    .join("");
}

function cellOf(value: string | number | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "number") return Number.isFinite(value) ? String(Number(value.toFixed(4))) : "";
  const text = guarded(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

interface Timed extends Row {
  readonly from_s: number;
  readonly to_s: number;
}

function qualityRows(report: Report): readonly Row[] {
  const span = spanOf(report);
  const times = { from_s: span.fromS, to_s: span.toS };
  return report.channels.flatMap((channel): Row[] => {
    const of = { kind: "quality", channel: channel.label, ...times };
    const { missing, longestGapS, worst, reasons } = qualityOf(channel, span);
    return [
      { ...of, code: "missing", value: missing, unit: "share" },
      { ...of, code: "longest-gap", value: longestGapS, unit: "s" },
      {
        ...{ ...of, from_s: worst.fromS, to_s: worst.toS },
        ...{ code: "worst-ten-minutes", value: worst.missing, unit: "share" },
      },
      ...reasons.map(({ reason, share }) => ({
        ...of,
        code: reasonNames[reason],
        value: share,
        unit: "share",
      })),
    ];
  });
}

function figureRows(report: Report, reading: PaperReading): readonly Timed[] {
  const uc = report.channels.find(({ role }) => role === "uc");
  const fetal = readChannel(reading, report.channels);
  const span = spanOf(report);
  const rate = contractionRate(span, reading, uc);
  return [
    ...figuresOf(span, reading, { fetal, uc }).flatMap(
      ({ fromS, toS, baseline, bandwidthBpm, contractions }): Timed[] => {
        const of = { kind: "ten-minutes", from_s: fromS, to_s: toS };
        const { bpm, low, high } = baseline ?? {};
        return [
          { ...of, code: "baseline", value: bpm, low, high, unit: "bpm" },
          { ...of, code: "variability", value: bandwidthBpm, unit: "bpm" },
          { ...of, code: "contractions", value: contractions },
        ];
      },
    ),
    {
      ...{ kind: "contraction-rate", from_s: span.fromS, to_s: span.toS, code: "mean" },
      ...{ value: rate?.rate, high: rate?.most, unit: "in 10 min" },
    },
  ];
}

function readRows({ channels }: Report, reading: PaperReading): readonly Timed[] {
  const events = [...reading.events, ...reading.contractions].map((event): Timed => ({
    ...{ kind: "event", from_s: event.onsetS, to_s: event.onsetS + event.durationS },
    channel: channels.find(({ recordedAs }) => recordedAs === event.channel)?.label,
    ...{
      code: event.code,
      probability: event.probability,
      low: event.low,
      high: event.high,
      clause: event.clause,
    },
    text: Object.entries(event.facts)
      .map(([name, value]) => `${name}=${value}`)
      .join("; "),
  }));
  const schemes = [...(reading.variability ? [reading.variability] : []), ...reading.schemes];
  return [...events, ...schemes.flatMap(verdictRows)];
}

const verdictRows = ({ scheme, unit, verdicts }: Verdicts): readonly Timed[] =>
  verdicts.map((verdict) => {
    const { onsetS, durationS, code, value, probability, assessable, reasons, missing } = verdict;
    const said = code === null ? missing : reasons;
    return {
      ...{
        kind: "verdict",
        scheme,
        from_s: onsetS,
        to_s: onsetS + durationS,
        code: code ?? "not-assessable",
      },
      ...{ value, unit: value === undefined ? undefined : unit, assessable },
      probability: code === null ? undefined : probability[code],
      clause: [...new Set(said.map((reason) => reason.clause))].join("; "),
      text: said.map((reason) => reason.code).join("; "),
    };
  });

const labelRows = ({ annotations }: Report): readonly Timed[] =>
  annotations.map(({ onsetS, durationS, label, channel, author, note }) => ({
    ...{ kind: "label", from_s: onsetS, to_s: onsetS + durationS, channel, scheme: author },
    ...{ code: label.name, text: note },
  }));
