import { z } from "zod";
import { runningQuantiles } from "../../../signal/quantile.ts";
import { MIN_QUANTILE_S, levels } from "../../fronts/ctg-seconds.ts";
import type { EventCode } from "./config.ts";
import { thresholdByExpectedF1 } from "./expected-f1.ts";
import type { EventInput } from "./input.ts";
import { deviationFrom, excursions, type Excursion, heartRateDeviation } from "./rule-events.ts";
import { countEvents, matchEvents, scoreEvents } from "./score.ts";
import { lengthOf, merged, type Span, spansWhere } from "./spans.ts";

/** How the events of one code come out of its probabilities. Chosen on validation recordings. */
export const EventRuleSettings = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("threshold"),
    threshold: z.number().min(0).max(1),
    /** Gaps shorter than this are closed. */
    gapS: z.number().min(0).max(600),
    minS: z.number().min(0).max(600),
  }),
  z.object({
    kind: z.literal("hybrid"),
    /** What the heart rate is compared with: its +-5 min median, or the +-3 min median of seconds without an event. */
    baseline: z.enum(["median", "quiet"]),
    edge: z.number().min(0).max(100),
    limit: z.number().min(0).max(100),
    minS: z.number().min(0).max(600),
    beyondS: z.number().min(0).max(600),
    /** What of the probabilities within a proposal must reach the threshold. */
    accept: z.enum(["mean", "max"]),
    threshold: z.number().min(0).max(1),
  }),
]);
export type EventRuleSettings = z.infer<typeof EventRuleSettings>;
type Hybrid = Extract<EventRuleSettings, { kind: "hybrid" }>;
type ByThreshold = Extract<EventRuleSettings, { kind: "threshold" }>;

/** Used where there are no validation recordings with the code: what is typical (recipe, scripts/measure/RESULTS.md). */
export const usualSettings = (finding: "threshold" | "hybrid", { shape }: EventCode): EventRuleSettings =>
  finding === "hybrid" && shape !== "any"
    ? {
        kind: "hybrid",
        baseline: "median",
        edge: 5,
        limit: 12,
        minS: 15,
        beyondS: 8,
        accept: "mean",
        threshold: 0.25,
      }
    : { kind: "threshold", threshold: 0.35, gapS: 15, minS: 15 };

/** What a recording offers to find events of one code in. */
export interface EventView {
  readonly input: EventInput;
  readonly code: EventCode;
  readonly probability: Float32Array; // [seconds] of the code
  readonly none: Float32Array; // [seconds] of no event of the group
}

export function findEvents(view: EventView, settings: EventRuleSettings): readonly Span[] {
  if (settings.kind === "threshold") {
    const { threshold, gapS, minS } = settings;
    const above = spansWhere(view.input.seconds, (second) => (view.probability[second] ?? 0) >= threshold);
    return merged(above, gapS).filter((span) => lengthOf(span) >= minS);
  }
  return proposals(view, settings).filter(
    (span) => support(view.probability, span, settings.accept) >= settings.threshold,
  );
}

const QUIET = 0.7;
const QUIET_HALF_WIDTH_S = 180;

/** Stretches that the rule proposes, whatever the network thinks of them. */
function proposals(
  view: EventView,
  { baseline, ...excursion }: Excursion & Pick<Hybrid, "baseline">,
): readonly Span[] {
  const { shape } = view.code;
  if (shape === "any") return [];
  const deviation =
    baseline === "median" ? heartRateDeviation(view.input, shape) : quietDeviation(view, shape);
  return excursions(deviation, excursion);
}

/** Heart rate against the median of the seconds near by in which the network sees no event. */
function quietDeviation({ input, none }: EventView, shape: "rise" | "fall"): Float32Array {
  const { values, observed } = input.fhr;
  const quiet = observed.map((is, second) => (is === 1 && (none[second] ?? 0) > QUIET ? 1 : 0));
  const [median] = runningQuantiles(values, quiet, {
    halfWidth: QUIET_HALF_WIDTH_S,
    step: levels.fast.step,
    minCount: MIN_QUANTILE_S,
    shares: [0.5],
  });
  return deviationFrom(
    values.map((value, second) => value - (median?.[second] ?? NaN)),
    observed,
    shape,
  );
}

/** Mean or largest probability within. */
export function support(probability: Float32Array, { from, to }: Span, accept: "mean" | "max"): number {
  let [total, highest] = [0, 0];
  for (const p of probability.subarray(from, to)) {
    total += p;
    highest = Math.max(highest, p);
  }
  return accept === "mean" ? total / (to - from) : highest;
}

/** A recording with the events that were marked in it. */
export interface MarkedView extends EventView {
  readonly marked: readonly Span[];
  /** What of it was read, so that no mark means no event. */
  readonly read: readonly Span[];
}

const thresholds = [0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7];

const thresholdGrid = [5, 10, 15, 20].flatMap((gapS) => [10, 15, 20, 25, 30].map((minS) => ({ gapS, minS })));

/**
 * First what a person would look at: from where the heart rate leaves the level of its quiet minutes (3 bpm) to where it is
 * back, with some seconds beyond the 15 bpm of the definition.
 */
const proposalWays = (["quiet", "median"] as const).flatMap((baseline) =>
  [3, 5, 8].flatMap((edge) => [15, 12, 8].map((limit) => ({ baseline, edge, limit, minS: 15, beyondS: 8 }))),
);

/** Settings within this of the best F1 are as good: some fifty recordings tell no finer. */
const AS_GOOD = 0.01;

/** Settings with a high F1 over the recordings; the usual ones where nothing is marked. */
export async function chooseSettings(
  views: readonly MarkedView[],
  code: EventCode,
  finding: "threshold" | "hybrid",
  pause: () => Promise<void> = () => Promise.resolve(),
): Promise<EventRuleSettings> {
  const usual = usualSettings(finding, code);
  if (views.every(({ marked }) => marked.length === 0)) return usual;
  const chosen =
    usual.kind === "hybrid" ? await chooseProposals(views, pause) : await chooseThreshold(views, code, pause);
  return chosen ?? usual;
}

interface Candidate<Settings extends EventRuleSettings> {
  readonly settings: Settings;
  readonly score: number;
}

/**
 * A lone best of a grid is often luck, and one at the edge of what is good more so: each threshold is judged with its
 * neighbours, and of all that are as good as the best, the best of those with a middling threshold is taken.
 */
async function chooseThreshold(
  views: readonly MarkedView[],
  code: EventCode,
  pause: () => Promise<void>,
): Promise<EventRuleSettings | undefined> {
  const candidates: Candidate<ByThreshold>[] = [];
  for (const grid of thresholdGrid) {
    candidates.push(...scoredThresholds(views, code, grid));
    await pause();
  }
  const good = asGoodAsBest(candidates);
  const middle = good.reduce((sum, { settings }) => sum + settings.threshold, 0) / good.length;
  const away = ({ settings }: Candidate<ByThreshold>): number => Math.abs(settings.threshold - middle);
  const nearest = Math.min(...good.map(away));
  const [best] = good
    .filter((one) => away(one) <= nearest + 1e-9)
    .sort((one, other) => other.score - one.score);
  return best?.settings;
}

const asGoodAsBest = <Settings extends EventRuleSettings>(
  candidates: readonly Candidate<Settings>[],
): readonly Candidate<Settings>[] => {
  const highest = Math.max(...candidates.map(({ score }) => score));
  return candidates.filter(({ score }) => score >= highest - AS_GOOD);
};

function scoredThresholds(
  views: readonly MarkedView[],
  code: EventCode,
  grid: Pick<ByThreshold, "gapS" | "minS">,
): readonly Candidate<ByThreshold>[] {
  const settings = (threshold: number): ByThreshold => ({ kind: "threshold", threshold, ...grid });
  const scores = thresholds.map((threshold) => {
    const counts = views.map((view) =>
      countWhereRead(view, findEvents(view, settings(threshold)), code.matchS),
    );
    return scoreEvents(counts).f1;
  });
  return thresholds.map((threshold, at) => {
    const near = scores.slice(Math.max(0, at - 1), at + 2);
    return {
      settings: settings(threshold),
      score: near.reduce((total, one) => total + one, 0) / near.length,
    };
  });
}

/**
 * What is proposed, and from which support on it is accepted, by the expected F1 of each way. Of ways that are as good as
 * the best the first of the list is taken.
 */
async function chooseProposals(
  views: readonly MarkedView[],
  pause: () => Promise<void>,
): Promise<EventRuleSettings | undefined> {
  const candidates: Candidate<Hybrid>[] = [];
  for (const way of proposalWays) {
    const weighed = views.map((view) => weighedProposals(view, way));
    await pause();
    for (const accept of ["max", "mean"] as const) {
      const found = thresholdByExpectedF1(
        weighed.flatMap(({ proposed }) => proposed.map((one) => ({ ...one, support: one[accept] }))),
        weighed.reduce((total, { marked }) => total + marked, 0),
      );
      if (found === undefined) continue;
      const settings: Hybrid = { kind: "hybrid", ...way, accept, threshold: found.threshold };
      candidates.push({ settings, score: found.f1 });
    }
  }
  return asGoodAsBest(candidates)[0]?.settings;
}

/** Proposals of a recording where it was read, with their support either way, and how many marks there are. */
function weighedProposals(view: MarkedView, way: Omit<Hybrid, "kind" | "accept" | "threshold">) {
  const { proposed, marked } = {
    proposed: proposals(view, way).filter((span) => isRead(view, span)),
    marked: view.marked.filter((span) => isRead(view, span)),
  };
  const taken = new Set(matchEvents(marked, proposed, view.code.matchS).map(([, said]) => said));
  return {
    marked: marked.length,
    proposed: proposed.map((span, at) => ({
      isMarked: taken.has(at),
      mean: support(view.probability, span, "mean"),
      max: support(view.probability, span, "max"),
    })),
  };
}

/** Whether somebody read its middle. */
const isRead = ({ read }: Pick<MarkedView, "read">, { from, to }: Span): boolean =>
  read.some((span) => span.from <= (from + to) / 2 && (from + to) / 2 < span.to);

/** Counts of a recording, events whose middle nobody read left out, marked ones and found ones alike. */
export function countWhereRead(
  view: Pick<MarkedView, "marked" | "read">,
  said: readonly Span[],
  matchS: number,
) {
  const hours = view.read.reduce((total, span) => total + lengthOf(span), 0) / 3600;
  const seen = (spans: readonly Span[]): readonly Span[] => spans.filter((span) => isRead(view, span));
  return countEvents(seen(view.marked), seen(said), { matchS, hours });
}
