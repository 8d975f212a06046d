import type { CtgEngine } from "../../../../preload/contract/ctg.ts";
import type {
  Content,
  Events,
  FindingSummary,
  FoundEvent,
  SeriesSummary,
} from "../../../../preload/contract/finding.ts";
import type { Verdict, Verdicts } from "../../../../preload/contract/verdict.ts";
import { falseStretches, type FalseStretch } from "../../../trace/tracks/false-signal.ts";
import { isOfProposals } from "../../../trace/tracks/proposals.ts";
import { verdictAt } from "../../../trace/tracks/verdict-lane.ts";
import { isEngine } from "../../../../preload/strip/classes.ts";

/** What the rules say of a recording, as far as it has been read. */
export interface CtgReading {
  readonly events: readonly FoundEvent[]; // by onset
  readonly notAssessable: Events["notAssessable"];
  readonly variability: Verdicts | undefined;
  readonly classes: readonly EngineVerdicts[];
  readonly falseStretches: readonly FalseStretch[];
  readonly proposals: readonly FoundEvent[]; // of what may not be the fetus's heart rate, with their reasons
}

interface EngineVerdicts {
  readonly engine: CtgEngine;
  readonly content: Verdicts;
}

export function readingOf(contents: readonly Content[]): CtgReading {
  const lists = contents.filter((one): one is Events => one.kind === "events");
  const events = lists.find((one) => !isOfProposals(one));
  const verdicts = contents.filter((one): one is Verdicts => one.kind === "verdicts");
  return {
    events: events?.events ?? [],
    proposals: lists.filter(isOfProposals).flatMap((one) => one.events),
    notAssessable: events?.notAssessable ?? [],
    variability: verdicts.find(({ scheme }) => scheme === "variability"),
    classes: verdicts.flatMap((content) =>
      isEngine(content.scheme) ? [{ engine: content.scheme, content }] : [],
    ),
    falseStretches: contents.flatMap((one) =>
      one.kind === "curves"
        ? one.series.filter(({ name }) => name === "false-signal").flatMap(falseStretches)
        : [],
    ),
  };
}

/** What each engine says of a moment. */
export const classesAt = (
  { classes }: Pick<CtgReading, "classes">,
  timeS: number,
): readonly { readonly engine: CtgEngine; readonly verdict: Verdict }[] =>
  classes.flatMap(({ engine, content }) => {
    const verdict = verdictAt(content.verdicts, timeS);
    return verdict === undefined ? [] : [{ engine, verdict }];
  });

/** A fact that is a number; undefined where it cannot be told. */
export function factOf({ facts }: Pick<FoundEvent, "facts">, name: string): number | undefined {
  const fact = facts[name];
  return typeof fact === "number" ? fact : undefined;
}

export const guidelines = ["figo", "nichd", "jsog"] as const;
export type Guideline = (typeof guidelines)[number];

export const decelerationTypes = ["early", "late", "variable", "prolonged", "unknown"] as const;
export type DecelerationType = (typeof decelerationTypes)[number];

export interface TypeShare {
  readonly type: DecelerationType;
  readonly share: number;
}

/** The types of a deceleration by a guideline, most probable first; none where it has none. */
export const typesOf = (event: Pick<FoundEvent, "facts">, guideline: Guideline): readonly TypeShare[] =>
  decelerationTypes
    .flatMap((type): TypeShare[] => {
      const share = factOf(event, `${guideline}-${type}`);
      return share === undefined ? [] : [{ type, share }];
    })
    .sort((a, b) => b.share - a.share);

export const isDeceleration = ({ code }: Pick<FoundEvent, "code">): boolean => code.endsWith("deceleration");

/** The channel whose baseline was found. */
export const readChannel = (summaries: readonly FindingSummary[]): string | undefined =>
  summaries.flatMap(({ content }) => (content.kind === "curves" ? content.series : [])).find(isBaseline)
    ?.over;
const isBaseline = ({ name }: SeriesSummary): boolean => name === "baseline";
