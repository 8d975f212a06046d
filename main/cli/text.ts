import { missingShareOf, type RecordingSummary } from "../../preload/contract/recording.ts";
import { Opponent, pairedSentence } from "../../preload/contract/paired.ts";
import {
  runReport,
  type EventReport,
  type Run,
  type RunMetrics,
  type RunReport,
  type TestReport,
} from "../../preload/contract/run.ts";
import { forecastLines } from "./forecast-text.ts";
import { toJson } from "./json.ts";

export function recordingLine({
  name,
  kind,
  subject,
  study,
  durationS,
  state,
  channels,
  annotationCount,
  synthetic,
}: RecordingSummary): string {
  const parts = [
    name,
    kind,
    `subject ${subject}`,
    study === "" ? "" : `study ${study}`,
    `${durationS.toFixed(1)} s`,
    `${channels.length} channels`,
  ];
  const rest = [
    `missing ${channels.map((one) => `${one.label} ${percentOf(missingShareOf(one))}`).join(", ")}`,
    `${annotationCount} annotations`,
    state,
    synthetic ? "synthetic" : "",
  ];
  return [...parts, ...rest].filter((part) => part !== "").join(", ");
}

const percentOf = (share: number): string => `${share === 0 ? 0 : (100 * share).toFixed(1)} %`;

const scores = (
  name: string,
  { accuracy, subjectAccuracy, balancedAccuracy, nll, ece, windows, subjects, intervals }: TestReport,
): string =>
  `${name.padEnd(18)} balanced accuracy ${withInterval(balancedAccuracy, intervals?.balancedAccuracy)}  accuracy ${withInterval(accuracy, intervals?.accuracy)}  by subject ${withInterval(subjectAccuracy, intervals?.subjectAccuracy)}  NLL ${withInterval(nll, intervals?.nll)}  ECE ${withInterval(ece, intervals?.ece)}  (${windows} windows, ${subjects} subjects)`;

/** `0.934 [0.901, 0.956]`: the figure and its 95 % interval. */
const withInterval = (
  value: number,
  interval: { readonly low: number; readonly high: number } | null | undefined,
): string =>
  interval
    ? `${value.toFixed(4)} [${interval.low.toFixed(3)}, ${interval.high.toFixed(3)}]`
    : value.toFixed(4);

/** What is found of each class, and how often the answer is right where it is given. */
function classLines(classes: readonly string[], { recall, precision, intervals }: TestReport): string[] {
  if (recall === undefined || precision === undefined) return [];
  const share = (value: number | null | undefined, interval: Parameters<typeof withInterval>[1]): string =>
    value === null || value === undefined ? "none" : withInterval(value, interval);
  return classes.map(
    (name, c) =>
      `  ${name.padEnd(24)} recall ${share(recall[c], intervals?.recall[c])}  precision ${share(precision[c], intervals?.precision[c])}`,
  );
}

/** What was said from the past of each stream alone, and how that grew better. */
function causalLines(causal: RunMetrics["causal"]): string[] {
  if (causal === undefined) return [];
  const marks = causal.after.map(({ fromS, toS, accuracy, guided }) => {
    const until = toS === null ? "on" : `to ${toS} s`;
    const told = guided === null ? "" : `, first minute guided ${guided.toFixed(4)}`;
    return `  from ${fromS} ${until}: by subject ${accuracy.toFixed(4)}${told}`;
  });
  const parts = Object.entries(causal.parts).map(([part, share]) => `${part} ${percentOf(share)}`);
  return [
    scores("causal", causal.test),
    ...(causal.guided === null ? [] : [scores("causal, guided", causal.guided)]),
    ...marks,
    `  answered by: ${parts.join(", ")}`,
  ];
}

const opponentNames: Readonly<Record<Opponent, string>> = {
  lda: "LDA",
  supervisedOnly: "supervised only",
  causal: "itself, causal",
  transductive: "itself, transductive",
};

/** The model against each that it is compared with, person by person. */
function pairedLines({ paired }: RunMetrics): string[] {
  if (paired === undefined) return [];
  const score = paired.score === "accuracy" ? "accuracy" : "balanced accuracy";
  return Opponent.options.flatMap((name) => {
    const pair = paired.against[name];
    return pair === undefined
      ? []
      : [`${score} of each person against ${opponentNames[name]}: ${pairedSentence(pair)}`];
  });
}

/** The folds of a cross-validation, and how far they lie apart. */
function foldLines({ folds = [], spread }: RunMetrics): string[] {
  const lines = folds.map(
    ({ subjects, windows, accuracy, nll, ece }, at) =>
      `fold ${at + 1}: ${subjects.join(", ")}, ${windows} windows, accuracy ${accuracy.toFixed(4)}, NLL ${nll.toFixed(3)}, ECE ${ece.toFixed(3)}`,
  );
  if (spread?.accuracy === undefined || spread.nll === undefined) return lines;
  const { accuracy, nll } = spread;
  return [
    ...lines,
    `over folds: accuracy ${accuracy.mean.toFixed(4)} ± ${accuracy.sd.toFixed(4)} (${accuracy.lowest.toFixed(4)} to ${accuracy.highest.toFixed(4)}), NLL ${nll.mean.toFixed(3)} ± ${nll.sd.toFixed(3)}`,
  ];
}

/** Of a label that only sets another apart, as a true signal from a false one, a model may say nothing of its own. */
const isSaid = ({ events, seconds }: EventReport["labels"][number]): boolean =>
  events !== null || seconds !== null;

/** How events of whole recordings were found, a label a line. */
function eventLines(report: EventReport): string[] {
  const share = (value: number | null, ends?: { low: number; high: number } | null): string =>
    value === null
      ? "-"
      : `${value.toFixed(3)}${ends ? ` [${ends.low.toFixed(3)}, ${ends.high.toFixed(3)}]` : ""}`;
  return [
    `events: ${report.recordings} recordings of ${report.subjects.length} people never trained on`,
    ...report.labels
      .filter(isSaid)
      .flatMap(({ code, events, intervals, seconds, floor }) => [
        `  ${code}: ${[
          ...(events === null
            ? ["said at every moment, no events"]
            : [
                `found ${events.found} of ${events.marked}`,
                `false an hour ${events.falseAnHour?.toFixed(2) ?? "-"}`,
                `sensitivity ${share(events.sensitivity, intervals?.sensitivity)}`,
                `precision ${share(events.precision, intervals?.precision)}`,
                `F1 ${share(events.f1, intervals?.f1)}`,
              ]),
          ...(seconds ? [`AUROC ${share(seconds.auroc)}`, `ECE ${seconds.ece.toFixed(4)}`] : []),
        ].join(", ")}`,
        ...(floor?.seconds
          ? [
              `    logistic regression a second: AUROC ${share(floor.seconds.auroc)}, ECE ${floor.seconds.ece.toFixed(4)}; AUROC of this model less its, a recording: ${pairedSentence(floor.auroc, "recordings")}`,
            ]
          : []),
      ]),
  ];
}

function reportLines({ classes }: Run, report: RunReport): string[] {
  if (report.kind === "sequences")
    return [
      ...(report.events === undefined ? [] : eventLines(report.events)),
      ...(report.forecast === undefined ? [] : forecastLines(report.forecast)),
    ];
  const { metrics } = report;
  return [
    scores("test", metrics.test),
    ...classLines(classes, metrics.test),
    scores("LDA", metrics.lda),
    ...(metrics.supervisedOnly ? [scores("supervised only", metrics.supervisedOnly)] : []),
    ...(metrics.transductive === undefined ? [] : [scores("transductive", metrics.transductive)]),
    ...causalLines(metrics.causal),
    ...pairedLines(metrics),
    ...foldLines(metrics),
  ];
}

export function runText(run: Run): string {
  const lines = [
    `${run.config.name} (${run.id}): ${run.phase}, seed ${run.config.seed}, code ${run.codeVersion}`,
    ...(run.config.data.readers === undefined ? [] : [`labels by ${run.config.data.readers.join(", ")}`]),
  ];
  const report = runReport(run);
  if (run.windows !== undefined && report?.kind !== "sequences")
    lines.push(
      `windows: ${run.windows.labelled} labelled, ${run.windows.unlabelled} unlabelled, ${run.windows.unassessable} not assessable`,
    );
  if (run.engine !== undefined)
    lines.push(
      `engine: ${run.engine.name} ${run.engine.version}${run.engine.stepsPerSecond > 0 ? `, ${run.engine.stepsPerSecond.toFixed(1)} steps/s` : ""}`,
    );
  if (report !== undefined) lines.push(...reportLines(run, report));
  if (run.error !== undefined) lines.push(`${run.error.code}: ${run.error.message}`);
  return `${lines.join("\n")}\n`;
}

export const json = (value: unknown): string => `${JSON.stringify(JSON.parse(toJson(value)), null, 2)}\n`;
