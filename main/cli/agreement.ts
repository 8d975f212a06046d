import type {
  Agreement,
  Differences,
  Disagreement,
  Estimate,
  GroupAgreement,
  LabelPair,
} from "../../preload/contract/agreement.ts";
import { answer, textFlag, texts } from "./context.ts";
import type { Command, CommandContext } from "./context.ts";
import { findRecordings } from "./names.ts";
import { exitCodes, UsageError } from "./usage.ts";

const USAGE = "agreement RECORDING... [--readers A,B] [--label-set ID] [--labels A,B]";

/** How far readers agree on recordings that they read completely. */
export const agreement: Readonly<Record<"agreement", Command>> = {
  agreement: { options: texts("readers", "label-set", "labels"), run: report },
};

async function report(context: CommandContext): Promise<number> {
  const { flags, positionals } = context;
  if (positionals.length === 0) throw new UsageError(USAGE);
  const service = await context.service();
  const recordings = await findRecordings(service, positionals);
  const labelSet = textFlag(flags, "label-set");
  const [readers, labels] = [listed(textFlag(flags, "readers")), listed(textFlag(flags, "labels"))];
  const said = await service.handlers["agreement.report"]({
    recordingIds: recordings.map(({ id }) => id),
    ...(labelSet === undefined ? {} : { labelSet }),
    ...(readers === undefined ? {} : { readers }),
    ...(labels === undefined ? {} : { labels }),
  });
  await answer(context, "agreement", said, () => agreementText(said));
  return exitCodes.ok;
}

const listed = (text: string | undefined): string[] | undefined =>
  text
    ?.split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");

const nameOf = (reader: string): string => (reader === "" ? "(before names were asked)" : reader);

export function agreementText(said: Agreement): string {
  const { labelSet, recordings, readers, compared, drawn, groups, baselines, disagreements, agreed } = said;
  const lines = [
    `${labelSet} in ${recordings.map(({ name }) => name).join(", ")}`,
    ...readers.map(
      ({ name, events, readS }) =>
        `  ${nameOf(name)}: ${events} labels, ${minutes(readS)} read completely${compared.includes(name) ? "" : " (not compared)"}`,
    ),
  ];
  if (compared.length < 2) {
    const areAsked = readers.filter(({ readS }) => readS > 0).length > 1;
    const why = areAsked
      ? "Fewer than two readers were named who are to be compared."
      : "Fewer than two readers declared anything read completely: nothing can be compared.";
    return `${[...lines, why].join("\n")}\n`;
  }
  const unit = drawn.unit === "recordings" ? "recordings" : "blocks of ten minutes";
  lines.push(`Intervals: 95 %, drawn from ${drawn.units} ${unit}`, ...groups.flatMap(groupLines));
  lines.push(
    ...baselines.map(
      ({ a, b, icc, difference, seconds }) =>
        `baselines ${a} / ${b}: ICC(2,1) ${told(icc, 3)}, mean difference ${told(difference, 1)} bpm over ${minutes(seconds)}`,
    ),
  );
  lines.push("", `${agreed.length} events agreed, ${disagreements.length} disagreements`);
  const names = new Map(recordings.map(({ id, name }) => [id, name]));
  lines.push(
    ...disagreements.map((one) => disagreementLine(one, names.get(one.recordingId) ?? one.recordingId)),
  );
  return `${lines.join("\n")}\n`;
}

function groupLines({ group, commonS, alpha, pairs, labels }: GroupAgreement): string[] {
  if (pairs.every((pair) => pair.commonS === 0))
    return ["", `${group}: not assessable, nothing was read by two`];
  return [
    "",
    `${group}: alpha ${told(alpha)}, ${minutes(commonS)} read by all`,
    ...pairs.map(
      ({ a, b, kappa, observed, commonS: bothS }) =>
        `  ${nameOf(a)} / ${nameOf(b)}: kappa ${told(kappa)}, the same in ${told(observed)} of ${minutes(bothS)}`,
    ),
    ...labels.flatMap(({ label, alpha: own, pairs: of }) => [
      `  ${label}: alpha ${told(own)}`,
      ...of.map(labelLine),
    ]),
  ];
}

function labelLine({ a, b, eventsA, eventsB, matched, ...one }: LabelPair): string {
  const counted = `${nameOf(a)} ${eventsA}, ${nameOf(b)} ${eventsB}, ${matched} matched`;
  return [
    `    ${counted}: F1 ${told(one.f1)}, sensitivity ${told(one.sensitivity)}, PPV ${told(one.ppv)}, kappa ${told(one.kappa)}`,
    ...(matched === 0 ? [] : [`      onset ${differing(one.onset)}; duration ${differing(one.duration)}`]),
  ].join("\n");
}

const differing = ({ mean, rms, median }: Differences): string =>
  `${told(mean, 1)} s (RMS ${told(rms, 1)}, median ${told(median, 1)})`;

function told(estimate: Estimate | null, digits = 2): string {
  if (estimate === null) return "not assessable";
  const { value, interval } = estimate;
  const range =
    interval === null ? "" : ` [${interval.low.toFixed(digits)}, ${interval.high.toFixed(digits)}]`;
  return `${value.toFixed(digits)}${range}`;
}

const minutes = (seconds: number): string => `${(seconds / 60).toFixed(1)} min`;

function disagreementLine(
  { onsetS, durationS, group, opinions, decision }: Disagreement,
  name: string,
): string {
  const what = opinions.map(
    ({ reader, events }) =>
      `${nameOf(reader)} ${events.map(({ label }) => label).join(" and ") || "nothing"}`,
  );
  const decided = decision === null ? "open" : `decided: ${decision.label}`;
  return `  ${name} ${onsetS.toFixed(1)} to ${(onsetS + durationS).toFixed(1)} s, ${group}: ${what.join("; ")} (${decided})`;
}
