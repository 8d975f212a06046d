import type { FoundEvent } from "../../../../preload/contract/finding.ts";
import { letterProbability } from "../../../trace/tracks/event-fills.ts";
import { factOf, isDeceleration, typesOf, type CtgReading, type DecelerationType } from "./ctg-reading.ts";

/** Why a place is worth a look. */
export type CueDoubt =
  | { readonly kind: "types"; readonly first: DecelerationType; readonly second: DecelerationType }
  | { readonly kind: "missing"; readonly share: number } // of the event
  | { readonly kind: "at-end" }
  | { readonly kind: "artefact" } // it lies where the signal may be false
  | { readonly kind: "proposal"; readonly code: string } // of another rate
  | { readonly kind: "slight" } // it hardly reaches the definition
  | { readonly kind: "none" };

/** A place of the recording to look at. */
export interface Cue {
  readonly id: string;
  readonly kind: "event" | "false-signal" | "not-assessable";
  readonly onsetS: number;
  readonly durationS: number;
  readonly atS: number; // where the eye is to go
  readonly sureness: number | undefined; // of what is said; undefined: nothing is
  readonly doubt: CueDoubt;
  readonly event?: FoundEvent;
}

export type CueOrder = "sureness" | "time";

const LEAST_PROBABILITY = 0.3; // an event less probable than this is no cue
const SURE_RISE = 0.8; // accelerations are looked at only where they are doubtful
const SECOND_TYPE = 0.2; // from here on both types are said
const MUCH_MISSING = 0.35;
const SLIGHT = 0.65;
const END_S = 60;
const LEAST_SILENCE_S = 60;
const LEAST_MISCOUNT_S = 5;

/** Everything worth a look, by the time that is told of it: where the eye is to go. */
export function cuesOf(reading: CtgReading, durationS: number): readonly Cue[] {
  const events = reading.events.flatMap((event) => eventCue(event, reading, durationS) ?? []);
  const falses = reading.falseStretches.map(({ fromS, toS, probability }): Cue => ({
    ...{ id: `false-signal ${fromS}`, kind: "false-signal", onsetS: fromS, durationS: toS - fromS },
    ...{ atS: (fromS + toS) / 2, sureness: probability, doubt: { kind: "none" } },
  }));
  return [...events, ...falses, ...miscounts(reading), ...silences(reading)].sort(
    (a, b) => a.atS - b.atS || a.onsetS - b.onsetS,
  );
}

/** Least sure first, those of which nothing is said last; or by time. */
export const inOrder = (cues: readonly Cue[], order: CueOrder): readonly Cue[] =>
  order === "time"
    ? cues
    : [...cues].sort((a, b) => (a.sureness ?? 2) - (b.sureness ?? 2) || a.onsetS - b.onsetS);

function eventCue(event: FoundEvent, reading: CtgReading, durationS: number): Cue | undefined {
  const probability = event.probability ?? 1;
  const isDip = isDeceleration(event);
  if (!isDip && event.code !== "acceleration") return undefined;
  if (probability < LEAST_PROBABILITY || (!isDip && probability >= SURE_RISE)) return undefined;
  return {
    ...{ id: `event ${event.code} ${event.onsetS}`, kind: "event", event },
    ...{ onsetS: event.onsetS, durationS: event.durationS },
    atS: factOf(event, "extremumS") ?? event.onsetS + event.durationS / 2,
    sureness: letterProbability(event) ?? 1,
    doubt: doubtOf(event, reading, durationS),
  };
}

function doubtOf(event: FoundEvent, { falseStretches }: CtgReading, durationS: number): CueDoubt {
  const endS = event.onsetS + event.durationS;
  if (falseStretches.some(({ fromS, toS }) => fromS < endS && toS > event.onsetS))
    return { kind: "artefact" };
  const [first, second] = typesOf(event, "figo");
  if (first !== undefined && second !== undefined && second.share >= SECOND_TYPE)
    return { kind: "types", first: first.type, second: second.type };
  const missing = 1 - (factOf(event, "support") ?? 1);
  if (missing >= MUCH_MISSING) return { kind: "missing", share: missing };
  if (endS > durationS - END_S) return { kind: "at-end" };
  return (event.probability ?? 1) < SLIGHT ? { kind: "slight" } : { kind: "none" };
}

const MISCOUNTS: readonly string[] = ["maternal", "halved", "doubled"];
/** Left out of the analysis for good reason or not: a person is to look at what lasts. */
const LEFT_OUT: readonly string[] = ["frozen", "out-of-range"];

/** Pieces of one kind with short gaps between them are one: a monitor that stands still may miss a value now and then. */
function joined(proposals: readonly FoundEvent[]): readonly FoundEvent[] {
  const whole: FoundEvent[] = [];
  for (const one of proposals) {
    const before = whole.findLastIndex(({ code }) => code === one.code);
    const last = whole[before];
    const isNear =
      last !== undefined &&
      LEFT_OUT.includes(one.code) &&
      one.onsetS - last.onsetS - last.durationS <= NEAR_S;
    if (isNear) whole[before] = { ...last, durationS: one.onsetS + one.durationS - last.onsetS };
    else whole.push(one);
  }
  return whole;
}
const NEAR_S = 30;

const isWorth = ({ code, durationS, probability = 1 }: FoundEvent): boolean =>
  LEFT_OUT.includes(code)
    ? durationS >= LEAST_SILENCE_S
    : MISCOUNTS.includes(code) && probability >= LEAST_PROBABILITY && durationS >= LEAST_MISCOUNT_S;

/** Where another rate is proposed, or none that counts; what the network or the local features judge false has its own cues. */
const miscounts = ({ proposals, falseStretches }: CtgReading): readonly Cue[] =>
  joined(proposals)
    .filter(
      (one) =>
        isWorth(one) &&
        !falseStretches.some(({ fromS, toS }) => fromS < one.onsetS + one.durationS && toS > one.onsetS),
    )
    .map(({ code, onsetS, durationS, probability }): Cue => ({
      ...{ id: `${code} ${onsetS}`, kind: "false-signal", onsetS, durationS, atS: onsetS + durationS / 2 },
      ...{ sureness: probability, doubt: { kind: "proposal", code } },
    }));

/** Whole minutes whose variability cannot be told, joined; what is left out has a cue of its own. */
function silences({ variability, proposals }: CtgReading): readonly Cue[] {
  const runs: { fromS: number; toS: number }[] = [];
  const leftOut = joined(proposals).filter((one) => LEFT_OUT.includes(one.code) && isWorth(one));
  const isLeftOut = (fromS: number, toS: number): boolean =>
    leftOut.some((one) => one.onsetS < toS && one.onsetS + one.durationS > fromS);
  for (const { onsetS, durationS, code } of variability?.verdicts ?? []) {
    if (code !== null || isLeftOut(onsetS, onsetS + durationS)) continue;
    const last = runs[runs.length - 1];
    if (last !== undefined && onsetS - last.toS < 1) last.toS = onsetS + durationS;
    else runs.push({ fromS: onsetS, toS: onsetS + durationS });
  }
  return runs
    .filter(({ fromS, toS }) => toS - fromS >= LEAST_SILENCE_S)
    .map(({ fromS, toS }): Cue => ({
      ...{ id: `not-assessable ${fromS}`, kind: "not-assessable", onsetS: fromS, durationS: toS - fromS },
      ...{ atS: (fromS + toS) / 2, sureness: undefined, doubt: { kind: "none" } },
    }));
}

/** The cue at a moment: the one chosen while it is there, else the shortest that holds it. */
export function cueAt(
  cues: readonly Cue[],
  timeS: number | undefined,
  chosen: string | undefined,
): Cue | undefined {
  if (timeS === undefined) return undefined;
  const there = cues.filter(({ onsetS, durationS }) => timeS >= onsetS && timeS <= onsetS + durationS);
  return there.find(({ id }) => id === chosen) ?? there.sort((a, b) => a.durationS - b.durationS)[0];
}

/** The next cue by time, or the one before; the first after the last. */
export function nextCue(
  cues: readonly Cue[],
  fromS: number,
  direction: 1 | -1,
  current?: string,
): Cue | undefined {
  const at = cues.findIndex(({ id }) => id === current);
  if (at >= 0) return cues[(at + direction + cues.length) % cues.length];
  return direction === 1
    ? (cues.find(({ atS }) => atS > fromS) ?? cues[0])
    : (cues.findLast(({ atS }) => atS < fromS) ?? cues[cues.length - 1]);
}
