import type { Content, Finding } from "../../preload/contract/finding.ts";
import { maskReasons } from "../../preload/contract/mask.ts";
import type { ReportOptions } from "../../preload/contract/report.ts";
import type { Verdict } from "../../preload/contract/verdict.ts";
import type { PaperChannel, Report } from "./report.ts";

const HZ = 4;
const wave = (timeS: number, periodS: number): number => Math.sin((2 * Math.PI * timeS) / periodS);

function channelOf(
  change: Pick<PaperChannel, "position" | "label" | "unit" | "role"> & { minutes: number },
  valueAt: (timeS: number) => number,
): PaperChannel {
  const { minutes, ...rest } = change;
  const values = Float32Array.from({ length: minutes * 60 * HZ }, (_, i) => valueAt(i / HZ));
  return { ...rest, recordedAs: rest.label, sampleRate: HZ, values, reasons: new Uint8Array(values.length) };
}

/** Contractions every four minutes, and a deceleration behind every second one. */
const contractionAt = (timeS: number): number =>
  10 + 55 * Math.exp(-(((timeS % 240) - 120) ** 2) / (2 * 22 ** 2));
const dipAt = (timeS: number): number => {
  const into = (timeS % 480) - 150;
  return 45 * Math.exp(-(into ** 2) / (2 * 18 ** 2));
};

export function hide(channel: PaperChannel, fromS: number, toS: number, reason: number): void {
  channel.reasons.fill(reason, fromS * HZ, toS * HZ);
  if (reason === maskReasons.missingInSource) channel.values.fill(0, fromS * HZ, toS * HZ);
}

const finding = (rule: string, content: Content): Finding => ({
  ...{ id: rule, recordingId: "r", createdAt: "2026-01-01T00:00:00Z", isOutdated: false, content },
  origin: { kind: "rule", rule, version: "1", config: {} },
});

const reason = (code: string, values: Record<string, string | number>) => ({
  ...{ code, values, clause: "FIGO 2015, Table 3", evidence: "verified" as const },
});

const COUNTED = { count: 2, contractions: 5, minutes: 30, recent: 20, least: 3 };

function findingsOf(minutes: number): Finding[] {
  const count = minutes * 60 * HZ;
  const level = (bpm: number): Float32Array =>
    Float32Array.from({ length: count }, (_, i) => bpm + 3 * wave(i / HZ, 1500));
  const minuteOf = (
    code: (minute: number) => string | null,
    change: (minute: number) => Partial<Verdict>,
  ): Verdict[] =>
    Array.from({ length: minutes }, (_, minute) => ({
      ...{ onsetS: 60 * minute, durationS: 60, code: code(minute), probability: {}, assessable: 0.9 },
      ...{ reasons: [], missing: [], ...change(minute) },
    }));
  const classAt = (minute: number): string | null =>
    minute < 10 ? null : minute < 25 ? "normal" : minute < 40 ? "suspicious" : "pathological";
  const dips = Array.from({ length: Math.ceil(minutes / 8) }, (_, k) => k * 480 + 150).filter(
    (atS) => atS + 45 < minutes * 60,
  );
  return [
    finding("ctg/baseline", {
      kind: "curves",
      forecasts: [],
      series: [
        {
          ...{ name: "baseline", unit: "bpm", over: "FHR1", sampleRate: HZ, value: level(140) },
          ...{ low: level(136), high: level(144), observed: new Uint8Array(count).fill(1) },
        },
      ],
    }),
    finding("ctg/events", {
      ...{ kind: "events", labelSet: "ctg-events", notAssessable: [] },
      events: dips
        .map((atS) => ({
          ...{
            onsetS: atS - 40,
            durationS: 85,
            code: "late-deceleration",
            channel: "FHR1",
            probability: 0.82,
          },
          ...{ low: 0.7, high: 0.91, clause: "FIGO 2015, Table 2: late" },
          facts: { extremumS: atS, extremumBpm: 95, depthBpm: 45, nadirLagS: 30, by: "rule" },
        }))
        .concat(
          Array.from({ length: Math.floor(minutes / 4) }, (_, k) => ({
            ...{ onsetS: k * 240 + 75, durationS: 90, code: "contraction", channel: "UC", probability: 0.95 },
            ...{ low: 0.9, high: 0.99, clause: "ctg.md 7" },
            facts: { extremumS: k * 240 + 120, extremumBpm: 0, depthBpm: 0, nadirLagS: 0, by: "rule" },
          })),
        )
        .sort((a, b) => a.onsetS - b.onsetS),
    }),
    finding("ctg/variability", {
      ...{ kind: "verdicts", scheme: "variability", unit: "bpm", codes: ["normal", "reduced", "increased"] },
      verdicts: minuteOf(
        (minute) => (minute % 17 === 9 ? null : minute % 11 === 4 ? "reduced" : "normal"),
        (minute) => (minute % 17 === 9 ? {} : { value: minute % 11 === 4 ? 3.4 : 8 + (minute % 5) }),
      ),
    }),
    finding("ctg/figo-2015", {
      ...{ kind: "verdicts", scheme: "figo-2015", codes: ["normal", "suspicious", "pathological"] },
      verdicts: minuteOf(classAt, (minute) => ({
        probability: classAt(minute) === null ? {} : { [classAt(minute) ?? ""]: 0.81 },
        reasons:
          classAt(minute) === null
            ? []
            : [reason("BASELINE_NORMAL", { bpm: 140 }), reason("DECELERATIONS_NOT_REPETITIVE", COUNTED)],
        missing: classAt(minute) === null ? [reason("NEEDS_MINUTES", { minutes: minute, least: 10 })] : [],
      })),
    }),
  ];
}

/** A made-up recording with everything that paper has to show. */
export function reportOf(change: Partial<ReportOptions> = {}, minutes = 60): Report {
  const fhr = channelOf(
    { position: 0, label: "FHR1", unit: "bpm", role: "fhr", minutes },
    (t) => 140 + 3 * wave(t, 1500) + 5 * wave(t, 13) + 2 * wave(t, 3.1) - dipAt(t),
  );
  const uc = channelOf({ position: 1, label: "UC", unit: "", role: "uc", minutes }, contractionAt);
  hide(fhr, 600, 690, maskReasons.missingInSource);
  hide(fhr, 720.5, 722, maskReasons.missingInSource);
  hide(fhr, 900, 930, maskReasons.artefactByPerson);
  hide(uc, 1500, 1620, maskReasons.flatSignal);
  fhr.values.fill(225, 1000 * HZ, 1010 * HZ); // beyond the range, and a jump on both sides
  return {
    recording: {
      ...{
        name: "ctu-1303 基線",
        subject: "S-17",
        startedAt: "2020-05-06T23:40:00",
        durationS: minutes * 60,
      },
      source: "1303.hea",
    },
    ...{ sha256: "0123456789abcdef".repeat(4), software: "Kodo 0.1.0", gestation: "40+3" },
    ...{ channels: [fhr, uc], leftOut: ["FM"], findings: findingsOf(minutes) },
    annotations: [
      {
        ...{ onsetS: 110, durationS: 85, label: labelOf("late-deceleration"), channel: "FHR1" },
        ...{ author: "髙﨑", note: "陣痛後" },
      },
      {
        onsetS: 400,
        durationS: 0,
        label: labelOf("note"),
        channel: undefined,
        author: "reader 1",
        note: "体位変換",
      },
    ],
    labelOf,
    nameOfRun: (id) => id,
    options: {
      ...{ paperSpeed: 1, fhrRange: "50-210", withOverlays: true, withAnnotations: true, language: "en" },
      ...change,
    },
  };
}

function labelOf(code: string): Report["annotations"][number]["label"] {
  const letter = code.slice(0, 1).toUpperCase();
  return { name: code, letter, colour: code === "contraction" ? "#0072b2" : "#b2182b" };
}
