import { CtgEngine } from "../../preload/contract/ctg.ts";
import type { Finding, FoundEvent, Series } from "../../preload/contract/finding.ts";
import type { Verdicts } from "../../preload/contract/verdict.ts";
import type { PaperChannel } from "./report.ts";

/** What rules said of a recording, from its findings: of each rule what was said last. */
export interface PaperReading {
  readonly baseline: Series | undefined;
  readonly falseSignal: Series | undefined;
  readonly events: readonly FoundEvent[]; // of the heart rate
  readonly contractions: readonly FoundEvent[];
  readonly hasEvents: boolean; // events were looked for, whether there are any or not
  readonly eventGaps: readonly {
    readonly onsetS: number;
    readonly durationS: number;
    readonly codes: readonly string[];
  }[];
  readonly variability: Verdicts | undefined;
  readonly schemes: readonly Verdicts[]; // classes, in the order of the engines
  readonly rules: readonly string[]; // with their versions, as they are named on paper
}

export const VARIABILITY = "variability";
export const CONTRACTION = "contraction";

/** The rule that finds events; others propose what is wrong with the signal. */
const EVENTS = "ctg/events";

/** What the names of rules that read cardiotocograms begin with. */
const CTG = "ctg/";
const BASELINE = "ctg/baseline";

export function readingOf(findings: readonly Finding[]): PaperReading {
  const byRule = new Map<string, Finding>(); // and kind of content: a rule may say two things
  for (const finding of findings) {
    const { origin, createdAt } = finding;
    if (origin.kind !== "rule" || !origin.rule.startsWith(CTG)) continue;
    const key = `${origin.rule} ${finding.content.kind}`;
    const known = byRule.get(key);
    if (known === undefined || known.createdAt < createdAt) byRule.set(key, finding);
  }
  const latest = [...byRule.values()];
  const seriesNamed = (name: string): Series | undefined =>
    latest
      .flatMap(({ content }) => (content.kind === "curves" ? content.series : []))
      .find((series) => series.name === name);
  const found = latest.flatMap(({ origin, content }) =>
    origin.kind === "rule" && origin.rule === EVENTS && content.kind === "events" ? [content] : [],
  );
  const events = found.flatMap((content) => content.events);
  const verdicts = latest.flatMap(({ content }) => (content.kind === "verdicts" ? [content] : []));
  return {
    baseline: seriesNamed("baseline"),
    falseSignal: seriesNamed("false-signal"),
    hasEvents: found.length > 0,
    events: events.filter(({ code }) => code !== CONTRACTION),
    contractions: events.filter(({ code }) => code === CONTRACTION),
    eventGaps: found.flatMap(({ notAssessable }) => notAssessable),
    variability: verdicts.find(({ scheme }) => scheme === VARIABILITY),
    schemes: verdicts
      .filter(({ scheme }) => scheme !== VARIABILITY)
      .sort((a, b) => placeOf(a.scheme) - placeOf(b.scheme)),
    rules: [...new Set(latest.map(({ origin }) => ruleName(origin)))],
  };
}

/** Of a baseline also the way to it. */
function ruleName(origin: Finding["origin"]): string {
  if (origin.kind !== "rule") return "";
  const { baseline } = origin.config;
  const way = origin.rule === BASELINE && typeof baseline === "string" ? `(${baseline}) ` : "";
  return `${origin.rule.slice(CTG.length)} ${way}${origin.version}`;
}

const placeOf = (scheme: string): number => {
  const place = CtgEngine.options.findIndex((engine) => engine === scheme);
  return place < 0 ? CtgEngine.options.length : place;
};

/** The heart rate that the reading is of. */
export const readChannel = (
  { baseline, falseSignal }: PaperReading,
  channels: readonly PaperChannel[],
): PaperChannel | undefined => {
  const fetal = channels.filter(({ role }) => role === "fhr");
  const over = baseline?.over ?? falseSignal?.over;
  return fetal.find(({ recordedAs }) => recordedAs === over) ?? fetal[0];
};

/** A fact of an event as a number, where it is one. */
export function factOf({ facts }: FoundEvent, name: string): number | undefined {
  const value = facts[name];
  return typeof value === "number" ? value : undefined;
}

/** A series at a time, where there is a value. */
export function valueAt(series: Series, timeS: number): number | undefined {
  const i = Math.round((timeS - (series.startS ?? 0)) * series.sampleRate);
  return series.observed[i] === 1 ? series.value[i] : undefined;
}
