import { createHash } from "node:crypto";
import { z } from "zod";
import { Annotation } from "../../preload/contract/annotation.ts";
import { CtgContext } from "../../preload/contract/ctg.ts";
import { isReadByRules, TRUE_SIGNAL } from "../../preload/contract/ctg-reading.ts";
import type { FindingOrigin } from "../../preload/contract/finding.ts";
import { MaskSpan } from "../../preload/contract/mask.ts";
import {
  ChannelHeader,
  type RecordingDetail,
  RecordingKind,
  RecordingSource,
} from "../../preload/contract/recording.ts";
import type { AsyncLibrary, Papers } from "../storage/api.ts";
import { checked } from "../storage/checked.ts";
import { PapersShape } from "../storage/recordings/papers-shape.ts";

/** What a library needs to make a recording, before its samples come. */
export const ArchivedHeader = z.object({
  name: z.string(),
  kind: RecordingKind,
  subject: z.string(),
  study: z.string(),
  synthetic: z.boolean(),
  startedAt: z.string().optional(),
  facts: z.record(z.string(), z.string()),
  source: RecordingSource,
  channels: z.array(ChannelHeader).min(1).max(4096),
});
export type ArchivedHeader = z.infer<typeof ArchivedHeader>;

export const headerOf = ({ channels, ...detail }: RecordingDetail): ArchivedHeader =>
  ArchivedHeader.parse({ ...detail, channels });

const Whose = ArchivedHeader.pick({ subject: true, startedAt: true }).extend({
  source: RecordingSource.pick({ sha256: true }),
});

/** Of the same person, time and file, where the samples are the same: names, studies and kinds are each library's own. */
export function isOfSame(archived: unknown, { subject, startedAt, source }: z.infer<typeof Whose>): boolean {
  const { data } = Whose.safeParse(archived);
  return (
    data !== undefined &&
    data.subject === subject &&
    data.startedAt === startedAt &&
    data.source.sha256 === source.sha256
  );
}

/** Recordings that are looked for: $1 is their study and $2 within the name, the subject or the study; null is any. */
export const searched = `($1::text IS NULL OR study = $1) AND ($2::text IS NULL OR position(lower($2) IN lower(name)) > 0
  OR position(lower($2) IN lower(subject)) > 0 OR position(lower($2) IN lower(study)) > 0)`;

/** Kinds of papers that are rows of their own. */
export const paperKinds = ["annotation", "mask", "reading", "step", "context"] as const;
export type PaperKind = (typeof paperKinds)[number];

export interface PaperRow {
  readonly kind: PaperKind;
  readonly id: string;
  readonly content: object;
}

/** Papers apart: what stands alone, and the rest. Steps of the history have no id: their digest is one. */
export function apart(papers: Papers, digest: (text: string) => string): { rows: PaperRow[]; rest: object } {
  const { annotations, masks, readings, steps, context, ...rest } = papers;
  const rows: PaperRow[] = [
    ...annotations.map((content) => ({ kind: "annotation" as const, id: content.id, content })),
    ...masks.map((content) => ({ kind: "mask" as const, id: content.id, content })),
    ...readings.map((content) => ({ kind: "reading" as const, id: content.id, content })),
    ...steps.map((content) => {
      const lasting = { ...content, isUndone: false }; // whether it is undone is no part of what it is
      return { kind: "step" as const, id: digest(JSON.stringify(lasting)), content };
    }),
    ...(context === null ? [] : [{ kind: "context" as const, id: "context", content: context }]),
  ];
  return { rows, rest };
}

/** The same together again; of what is known for reading it, what was said first. Throws where they are no papers. */
export function together(rows: readonly PaperRow[], rest: object): Papers {
  const of = (kind: PaperKind): unknown[] =>
    rows.filter((row) => row.kind === kind).map(({ content }) => content);
  const papers = {
    ...rest,
    ...{ annotations: of("annotation"), masks: of("mask"), readings: of("reading"), steps: of("step") },
    context: of("context")[0] ?? null,
  };
  return checked(PapersShape, papers, "recording in the archive");
}

/** The same papers of a recording under another id. */
export const underId = <T>(value: T, from: string, to: string): T =>
  from === to ? value : (JSON.parse(JSON.stringify(value).replaceAll(from, to)) as T);

/** Versions of label sets that annotations and readings speak in, in the same order whoever asks: two that wait for each other's would wait for ever. */
export function setsSpoken({
  annotations,
  readings,
}: Pick<Papers, "annotations" | "readings">): [string, number][] {
  const spoken = new Map<string, [string, number]>();
  for (const { labelSet, labelSetVersion } of [...annotations, ...readings])
    spoken.set(`${labelSet} ${labelSetVersion}`, [labelSet, labelSetVersion]);
  return [...spoken].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, set]) => set);
}

/** When it was changed says nothing about what it says. */
export const undated = (content: object): object =>
  "changedAt" in content ? { ...content, changedAt: "" } : content;

/** The same text for the same content, as PostgreSQL keeps it: keys in no order of their own. */
export const inOrder = (content: object): string =>
  JSON.stringify(content, (_, one: unknown) =>
    typeof one === "object" && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const MaskSeen = MaskSpan.pick({ layer: true, channel: true, reason: true, onsetS: true, durationS: true });
const SaidSeen = z.object({ context: CtgContext });
const Sayer = z.object({ author: z.string() });

/** What is known of a recording for reading it, whoever said it when. */
const factsOf = (said: object): string => inOrder(SaidSeen.parse(said).context);

/** Who says otherwise what is known for reading a recording; each once. */
export const sayingOtherwise = (all: readonly object[], own: object | null): string[] =>
  own === null
    ? []
    : [...new Set(all.filter((one) => factsOf(one) !== factsOf(own)).map((one) => Sayer.parse(one).author))];

/** What another says of it stands beside what was said first, and is the same row each time it is pushed. */
export const factsBeside = (content: object): string => `context ${sha256(factsOf(content)).slice(0, 32)}`;

const MarkSeen = Annotation.pick({ label: true, source: true, author: true, onsetS: true });
const TrustSeen = Annotation.pick({ channel: true, onsetS: true, durationS: true });

/** A label that rules rest upon. */
export const isReadByRule = (annotation: object): boolean => isReadByRules(MarkSeen.parse(annotation));

/**
 * Digest of what lies on the samples of a recording and decides about what is said of it: masks, what a person said for
 * reading it, and movements and true signal that people marked. The same in any library, whoever laid it when.
 */
export function basisOf({
  masks,
  context,
  annotations,
}: {
  readonly masks: readonly object[];
  readonly context: object | null;
  readonly annotations: readonly object[];
}): string {
  const laid = masks.map((mask) => inOrder(MaskSeen.parse(mask))).sort();
  const marked = new Map<string, number[]>();
  const trusted: string[] = [];
  for (const one of annotations.filter(isReadByRule)) {
    const { label, author, onsetS } = MarkSeen.parse(one);
    if (label === TRUE_SIGNAL) trusted.push(inOrder(TrustSeen.parse(one)));
    else marked.set(author, [...(marked.get(author) ?? []), onsetS]);
  }
  const movements = [...marked.values()].map((times) => JSON.stringify(times.sort((a, b) => a - b))).sort();
  const said = context === null ? null : SaidSeen.parse(context).context;
  return sha256(inOrder([laid, said, movements, ...(trusted.length === 0 ? [] : [trusted.sort()])]));
}

/** Who said it with which settings in which kind of content, on that basis, says it once. */
export const findingKey = (origin: FindingOrigin, contentKind: string, basis: string | null): string =>
  sha256(inOrder({ ...origin, contentKind, ...(basis === null ? {} : { basis }) }));

/** A row of what was said, as `insertRows` takes it. */
export const FINDINGS = "kodo.finding (recording, key, origin, content, pushed_by, basis)";

/** Of what two libraries keep one, whatever the version of who says it. */
export const sameFinding = (origin: FindingOrigin, contentKind: string): string =>
  inOrder({ ...origin, version: "", contentKind });

export type ArchiveLibrary = Pick<
  AsyncLibrary,
  | "getRecording"
  | "findRecording"
  | "papersOf"
  | "storedBlocks"
  | "checksum"
  | "getLabelSet"
  | "takeLabelSet"
  | "createRecording"
  | "appendBlocks"
  | "closeWithPapers"
  | "mergePapers"
  | "purgeRecording"
  | "listSources"
  | "someRecordings"
  | "namesOf"
  | "listLabelSets"
  | "basisOf"
  | "getRun"
  | "loadModel"
  | "addTrainedRun"
  | "listRuns"
  | "listFindings"
  | "getFinding"
  | "saveFindings"
>;

/** The same without who said it, and without typed text: what a model learns from needs neither. Readers stay apart. */
export function withoutNames(papers: Papers): Papers {
  const codes = new Map<string, string>();
  const codeOf = (author: string): string => {
    const known = codes.get(author) ?? `reader-${codes.size + 1}`;
    codes.set(author, known);
    return known;
  };
  return {
    ...{ state: papers.state, note: "", repairs: [], context: null, steps: [] },
    times: { arrivals: [], fits: [] },
    annotations: papers.annotations.map((one) => {
      const untold = { ...one, author: codeOf(one.author), note: "" };
      delete untold.text;
      return untold;
    }),
    masks: papers.masks.map((one) => ({ ...one, author: codeOf(one.author) })),
    readings: papers.readings.map((one) => ({ ...one, author: codeOf(one.author) })),
  };
}

/** What a fit needs of a recording before its samples: not where it came from, nor what was typed beside it. */
export const headerOfFits = (header: ArchivedHeader): ArchivedHeader => ({
  ...{ ...header, startedAt: undefined, facts: {} },
  source: { ...header.source, file: "", sha256: "" },
});
