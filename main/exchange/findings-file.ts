import { isOfReading, shownReading } from "../../preload/contract/ctg-shown.ts";
import type { Content, Finding, FindingSummary, WindowClasses } from "../../preload/contract/finding.ts";
import type { RecordingDetail } from "../../preload/contract/recording.ts";
import type { Reason, Verdict } from "../../preload/contract/verdict.ts";
import { guarded } from "../formats/annotations/guard.ts";
import type { ByteSink } from "../formats/format.ts";
import { builtInName, isBuiltInSet } from "../privacy/plain-words.ts";
import type { Pseudonyms } from "../privacy/pseudonyms.ts";
import type { RecordingHeader } from "../signal/block.ts";
import type { AsyncLibrary } from "../storage/api.ts";

/** The first column, by which such a table is told from one of labels or of samples. */
const MARK = "said_by";
const NOTICE =
  "What models and rules say of a recording. These are no labels of people, and Kodo does not take them for any.";
const ROWS_AT_ONCE = 2000;

/** A file of findings, by its name or its beginning: nothing that could be imported. */
export const isFindingsFile = (name: string, head?: Uint8Array): boolean =>
  /\.findings\.(csv|json)$/i.test(name) ||
  new TextDecoder().decode(head?.subarray(0, 16)).startsWith(`${MARK},`);

/** What one thing says of a stretch. Times in seconds from the recording's start; absent: not said. */
interface Row {
  readonly what: "class" | "event" | "verdict" | "not-assessable";
  readonly startS: number;
  readonly endS: number;
  readonly code: string | null; // null: cannot be assessed
  readonly probability?: number | undefined;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  readonly value?: number | undefined;
  readonly assessable?: number | undefined; // share of what was looked at
  readonly channel?: string | undefined;
  readonly clause?: string | undefined;
  readonly details: object;
}

/** Which thing said it. */
interface SaidBy {
  readonly saidBy: "model" | "rule";
  readonly by: string;
  readonly version: string;
  readonly adaptation: string; // to the person, before it judged; "" of a rule
  readonly scheme: string; // of its codes
}

/** A recording's findings, and how its words are written: as they are, or without what a person typed. */
export interface FindingsSource {
  readonly detail: RecordingDetail;
  readonly header: RecordingHeader; // as it is written
  readonly codes: Pseudonyms | undefined;
}

/** Of readings by rule the one by the library's settings, and whatever else is not outdated. */
export async function currentFindings(library: AsyncLibrary, recordingId: string): Promise<FindingSummary[]> {
  const current = (await library.listFindings(recordingId)).filter(({ isOutdated }) => !isOutdated);
  const { ctg } = await library.getSettings();
  return current.filter((one) => !isOfReading(one)).concat(shownReading(current, ctg));
}

/**
 * Classes, events and verdicts of a recording as a table and as JSON, beside its samples. Both say in themselves that a
 * model or a rule said it. Nothing is written where there are none; curves go out as channels.
 */
export async function writeFindings(
  library: AsyncLibrary,
  source: FindingsSource,
  { open, baseName }: { readonly open: (name: string) => Promise<ByteSink>; readonly baseName: string },
): Promise<void> {
  const said = (await currentFindings(library, source.detail.id)).filter(
    ({ content }) => content.kind !== "curves",
  );
  if (said.length === 0) return;
  const table = new Text(await open(`${baseName}.findings.csv`));
  const document = new Text(await open(`${baseName}.findings.json`));
  await table.add(`${columns.join(",")}\n`);
  const opening = { schema: "kodo-findings/1", notice: NOTICE, recording: source.header.name };
  await document.add(`${JSON.stringify(opening).slice(0, -1)},"findings":[`);
  for (const [at, { id }] of said.entries()) {
    const finding = await library.getFinding(id);
    const words = await wordsFor(library, source, finding);
    const by = saidBy(finding, words);
    await document.add(`${at === 0 ? "" : ","}\n${JSON.stringify(by).slice(0, -1)},"rows":[`);
    let isFirst = true;
    for (const row of rowsOf(finding.content, words)) {
      await table.add(tableRow(by, row));
      await document.add(`${isFirst ? "" : ","}\n${JSON.stringify(row)}`);
      isFirst = false;
    }
    await document.add("]}");
  }
  await document.add("]}\n");
  await table.close();
  await document.close();
}

/** Text on its way into a file, a part at a time. */
class Text {
  readonly #sink: ByteSink;
  #parts: string[] = [];

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  async add(text: string): Promise<void> {
    this.#parts.push(text);
    if (this.#parts.length >= ROWS_AT_ONCE) await this.#flush();
  }

  async close(): Promise<void> {
    await this.#flush();
    await this.#sink.close();
  }

  async #flush(): Promise<void> {
    await this.#sink.write(new TextEncoder().encode(this.#parts.join("")));
    this.#parts = [];
  }
}

/** How words of a finding are written. */
interface Words {
  readonly by: string;
  readonly labelSet: string; // that classes of windows are of
  readonly set: (labelSet: string) => string;
  readonly code: (labelSet: string, code: string) => string;
  readonly channel: (label: string) => string;
  readonly isPlain: boolean; // nothing that a person typed
  readonly isRule: boolean; // its own words are Kodo's
}

async function wordsFor(
  library: AsyncLibrary,
  { detail, header, codes }: FindingsSource,
  { origin }: Finding,
): Promise<Words> {
  const run = origin.kind === "run" ? await library.getRun(origin.runId) : undefined;
  const name = run?.config.name ?? (origin.kind === "rule" ? origin.rule : "");
  const written = new Map(detail.channels.map(({ label }, i) => [label, header.channels[i]?.label ?? ""]));
  return {
    by: codes === undefined || origin.kind === "rule" ? name : codes.run(origin.runId),
    labelSet: run?.config.data.labelSet ?? "",
    set: (labelSet) => (codes === undefined || isBuiltInSet(labelSet) ? labelSet : codes.label(labelSet)),
    code: (labelSet, code) =>
      codes === undefined || code === "none" || builtInName(labelSet, code) !== undefined
        ? code
        : codes.label(`${labelSet} ${code}`),
    channel: (label) => written.get(label) ?? (codes === undefined ? label : ""),
    isPlain: codes !== undefined,
    isRule: origin.kind === "rule",
  };
}

function saidBy({ origin, content }: Finding, { by, labelSet, set }: Words): SaidBy {
  const scheme =
    content.kind === "verdicts"
      ? content.scheme
      : set(content.kind === "events" ? content.labelSet : labelSet);
  return {
    ...{ saidBy: origin.kind === "run" ? "model" : "rule", by, scheme },
    version: origin.version ?? "",
    adaptation: origin.kind === "run" ? origin.adaptation : "",
  };
}

function* rowsOf(content: Content, words: Words): Generator<Row> {
  switch (content.kind) {
    case "curves":
      return;
    case "window-classes":
      yield* windowRows(content, words);
      return;
    case "events": {
      const { labelSet, notAssessable, events } = content;
      for (const { onsetS, durationS, code, channel, facts, ...one } of events)
        yield {
          ...one,
          ...{ what: "event", startS: onsetS, endS: onsetS + durationS, code: words.code(labelSet, code) },
          channel: channel === undefined ? undefined : words.channel(channel),
          details: words.isPlain && !words.isRule ? numbersOf(facts) : facts,
        };
      for (const { onsetS: startS, durationS, codes } of notAssessable)
        for (const code of codes)
          yield {
            ...{ what: "not-assessable", startS, endS: startS + durationS, details: {} },
            code: words.code(labelSet, code),
          };
      return;
    }
    case "verdicts":
      for (const verdict of content.verdicts) yield verdictRow(verdict, words);
  }
}

/** Numbers say nothing that a person typed. */
const numbersOf = (values: Readonly<Record<string, string | number>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => (typeof value === "number" ? [[key, value]] : [])),
  );

/** What single precision is worth. */
const rounded = (value: number | undefined): number | undefined =>
  value === undefined || !Number.isFinite(value) ? undefined : Number(value.toPrecision(6));

function* windowRows(content: WindowClasses, words: Words): Generator<Row> {
  const { classes, onsetS, windowS, probabilities, low, high, assessable } = content;
  for (const [i, startS] of onsetS.entries()) {
    const of = (values: Float32Array, k: number): number | undefined =>
      rounded(values[i * classes.length + k]);
    const isSaid = assessable[i] === 1;
    const all = classes.map((code, k) => [words.code(words.labelSet, code), of(probabilities, k)] as const);
    const leading = all.reduce((best, [, p = -1], k) => (p > (all[best]?.[1] ?? -1) ? k : best), 0);
    const { aleatoric, epistemic, typicality } = content;
    yield {
      ...{ what: isSaid ? "class" : "not-assessable", startS, endS: startS + windowS },
      code: isSaid ? (all[leading]?.[0] ?? null) : null,
      ...(isSaid ? { probability: all[leading]?.[1], low: of(low, leading), high: of(high, leading) } : {}),
      details: isSaid
        ? {
            probabilities: Object.fromEntries(all),
            ...{ aleatoric: rounded(aleatoric[i]), epistemic: rounded(epistemic[i]) },
            typicality: rounded(typicality[i]),
          }
        : {},
    };
  }
}

function verdictRow(verdict: Verdict, words: Words): Row {
  const { onsetS: startS, durationS, code, value, assessable, probability, reasons, missing } = verdict;
  return {
    ...{ what: code === null ? "not-assessable" : "verdict", startS, endS: startS + durationS, code },
    ...{ value, assessable, probability: code === null ? undefined : probability[code] },
    clause: reasons[0] && clauseOf(reasons[0], words),
    details: {
      probabilities: probability,
      reasons: reasons.map((one) => reasonOf(one, words)),
      missing: missing.map((one) => reasonOf(one, words)),
    },
  };
}

/** A table that a person supplied has a name that they typed. */
const clauseOf = ({ clause, evidence }: Reason, { isPlain }: Words): string =>
  isPlain && evidence === "supplied" ? "supplied" : clause;

const reasonOf = (reason: Reason, words: Words): object => ({
  ...{ code: reason.code, clause: clauseOf(reason, words), evidence: reason.evidence },
  values: words.isPlain ? numbersOf(reason.values) : reason.values,
});

const columns = [
  ...[
    MARK,
    "by",
    "version",
    "adaptation",
    "scheme",
    "what",
    "start_s",
    "end_s",
    "code",
    "probability",
    "low",
    "high",
  ],
  ...["value", "assessable", "channel", "clause", "details"],
];

const tableRow = (by: SaidBy, row: Row): string =>
  `${[
    ...[by.saidBy, by.by, by.version, by.adaptation, by.scheme, row.what, row.startS, row.endS, row.code],
    ...[row.probability, row.low, row.high, row.value, row.assessable, row.channel, row.clause],
    JSON.stringify(row.details),
  ]
    .map(cell)
    .join(",")}\n`;

const cell = (value: string | number | null | undefined): string => {
  const text = typeof value === "string" ? guarded(value) : String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
