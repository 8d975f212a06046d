import type { Annotation } from "../../preload/contract/annotation.ts";
import { BaselineMethod, type CtgContext, type CtgSettings } from "../../preload/contract/ctg.ts";
import {
  ctgConfigOf,
  type CtgNumbers,
  CtgRule,
  MOVEMENT,
  TRUE_SIGNAL,
} from "../../preload/contract/ctg-reading.ts";
import type { FindingSummary, NewFinding } from "../../preload/contract/finding.ts";
import type { RecordingDetail } from "../../preload/contract/recording.ts";
import { contentsOf, enginesOf, readingVersion } from "../analysis/ctg/contents.ts";
import { contextOfHeader, knownContext } from "../analysis/ctg/context.ts";
import { numbersOf } from "../analysis/ctg/numbers.ts";
import { type CtgReading, type CtgStep, judgeCtg, readCtg } from "../analysis/ctg/reading.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import type { CtgCalls } from "./protocol.ts";
import { runCurves, type StoredTrace, storedTrace } from "./sources.ts";
import { inPlaces } from "../../preload/contract/in-places.ts";

/** Lets others speak, and throws where the work is not wanted any more. */
type Pause = (signal: AbortSignal) => Promise<void>;

interface Watch {
  readonly signal: AbortSignal;
  readonly tell: (step: CtgStep) => void;
}

interface Wanted {
  readonly recordingId: string;
  readonly settings: CtgSettings;
  readonly channel?: number | undefined;
}

/** A recording as it was read, and what that rests upon. */
interface Read {
  readonly basis: string;
  readonly stored: StoredTrace;
  readonly context: CtgContext;
  readonly reading: CtgReading;
}

type Used = Pick<
  AsyncLibrary,
  | "basisOf"
  | "getRecording"
  | "getCtgContext"
  | "annotationPage"
  | "samples"
  | "getFinding"
  | "listFindings"
  | "saveFindings"
>;

/** Readings kept: of what is looked at, and of what it is compared with. */
const KEPT = 2;

/** Reads recordings of a library by rule and keeps there what it finds. */
export class CtgReader {
  readonly #library: Used;
  readonly #pause: Pause;
  readonly #kept = new Map<string, Read>(); // the last ones, by everything they rest upon

  constructor(library: Used, pause: Pause) {
    this.#library = library;
    this.#pause = pause;
  }

  /** Everything it finds is kept, or nothing. What rules said of the recording before it changed goes, and the oldest by other settings. */
  async read(ask: CtgCalls["read"]["ask"], watch: Watch): Promise<FindingSummary[]> {
    const { recordingId, settings, channel } = ask;
    const rules = [...new Set(ask.rules ?? CtgRule.options)];
    const { basis, stored, reading, context } = await this.#read(ask, watch);
    const judged = judgeCtg(reading, { context, settings, wanted: enginesOf(rules) });
    const verdicts = await this.#done(judged, watch);
    const contents = contentsOf(reading, verdicts, { fhr: stored.fhr.label, uc: stored.uc?.label });
    const found = rules.flatMap((rule) => {
      const config = { ...ctgConfigOf(rule, settings), ...(channel === undefined ? {} : { channel }) };
      const origin = { kind: "rule", rule, version: readingVersion, config } as const;
      return (contents.get(rule) ?? []).map((content): NewFinding => ({ recordingId, origin, content }));
    });
    const replaced = replacedOf(await this.#library.listFindings(recordingId));
    await this.#pause(watch.signal);
    return this.#library.saveFindings(found, { basis, replaced });
  }

  /** Of the recording as it is now; what was read for it before is used again. */
  async measure(ask: CtgCalls["measure"]["ask"], signal: AbortSignal): Promise<CtgNumbers> {
    const { reading, stored } = await this.#read(ask, { signal, tell: () => undefined });
    return numbersOf(reading, { fhr: stored.fhr, uc: stored.uc }, ask);
  }

  async #read(wanted: Wanted, watch: Watch): Promise<Read> {
    const { recordingId, settings, channel } = wanted;
    const { whole: basis } = await this.#library.basisOf(recordingId);
    const key = JSON.stringify([recordingId, basis, channel, ctgConfigOf("ctg/variability", settings)]);
    const read = this.#kept.get(key) ?? (await this.#readAnew(wanted, basis, watch));
    this.#kept.delete(key);
    this.#kept.set(key, read); // the last one used
    for (const old of [...this.#kept.keys()].slice(0, -KEPT)) this.#kept.delete(old);
    return read;
  }

  async #readAnew({ recordingId, settings, channel }: Wanted, basis: string, watch: Watch): Promise<Read> {
    const detail = inPlaces(await this.#library.getRecording(recordingId));
    const said = await this.#library.getCtgContext(recordingId);
    const { context } = knownContext(contextOfHeader(detail), said);
    const stored = await storedTrace(this.#library, detail, { channel, signal: watch.signal });
    const { durationS, fhr, uc, mhr } = stored;
    const curves = await runCurves(this.#library, recordingId, { settings, over: fhr.label });
    const sources = { durationS, fhr: [fhr], uc, mhr };
    const marked = async (label: string): Promise<readonly Annotation[]> => {
      const { annotations } = await this.#library.annotationPage(recordingId, { label, most: MOST_MARKS });
      return annotations.filter(({ source }) => source === "person");
    };
    const movements = movementsOf(await marked(MOVEMENT));
    const trusted = (await marked(TRUE_SIGNAL)).filter(
      ({ channel = fhr.position }) => channel === fhr.position,
    );
    const steps = readCtg({
      ...{ sources, over: fhr.label, context, settings, curves, movements, trusted },
      fetuses: fetusesOf(detail),
    });
    return { basis, stored, context, reading: await this.#done(steps, watch) };
  }

  /** What comes of the steps, with a pause before each in which a cancel is heard. */
  async #done<T>(steps: Generator<CtgStep, T>, { signal, tell }: Watch): Promise<T> {
    for (;;) {
      await this.#pause(signal);
      const step = steps.next();
      if (step.done === true) return step.value;
      tell(step.value);
    }
  }
}

const MOST_MARKS = 10_000; // of movements one a second for hours

/** When people marked a fetal movement, a list a person. What a monitor detects is not what was felt. */
function movementsOf(annotations: readonly Annotation[]): readonly (readonly number[])[] {
  const by = new Map<string, number[]>();
  for (const { author, onsetS } of annotations) by.set(author, [...(by.get(author) ?? []), onsetS]);
  return [...by.values()].map((times) => times.sort((a, b) => a - b));
}

/** As many as there are channels that saw a fetal heart rate. */
const fetusesOf = ({ channels }: RecordingDetail): number =>
  channels.filter(({ role, observedCount }) => role === "fhr" && observedCount > 0).length;

/** Of each rule what it said by so many other settings stays: one by each way to a baseline can be compared. */
const KEPT_SETTINGS = BaselineMethod.options.length;

/** What goes when a recording is read: what is outdated, and the oldest readings beyond those that are kept. `known`: newest first. */
function replacedOf(known: readonly FindingSummary[]): string[] {
  const settings = new Map<string, Set<string>>(); // by rule
  return known.flatMap(({ id, origin, isOutdated }) => {
    if (origin.kind !== "rule" || !CtgRule.safeParse(origin.rule).success) return [];
    if (isOutdated) return [id];
    const seen = settings.get(origin.rule) ?? new Set();
    settings.set(origin.rule, seen.add(JSON.stringify(origin.config)));
    return seen.size > KEPT_SETTINGS ? [id] : [];
  });
}
