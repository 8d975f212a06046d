import type { CtgSettings } from "../../preload/contract/ctg.ts";
import { ctgConfigOf, CtgRule } from "../../preload/contract/ctg-reading.ts";
import type { FindingSummary, NewFinding } from "../../preload/contract/finding.ts";
import { contentsOf, readingVersion } from "../analysis/ctg/contents.ts";
import { contextOfHeader, knownContext } from "../analysis/ctg/context.ts";
import { type CtgReading, type CtgStep, readCtg } from "../analysis/ctg/reading.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import type { CtgCalls, RunFindings } from "./protocol.ts";
import { runCurves, type StoredTrace, storedTrace } from "./sources.ts";

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
  readonly runs: RunFindings;
}

/** A recording as it was read, and what that rests upon. */
interface Read {
  readonly basis: string;
  readonly stored: StoredTrace;
  readonly reading: CtgReading;
}

type Used = Pick<
  AsyncLibrary,
  "basisOf" | "getRecording" | "getCtgContext" | "samples" | "getFinding" | "listFindings" | "saveFindings"
>;

/** Reads recordings of a library by rule and keeps there what it finds. */
export class CtgReader {
  readonly #library: Used;
  readonly #pause: Pause;

  constructor(library: Used, pause: Pause) {
    this.#library = library;
    this.#pause = pause;
  }

  /** Everything it finds is kept, or nothing. What rules said of the recording before it changed goes. */
  async read(ask: CtgCalls["read"]["ask"], watch: Watch): Promise<FindingSummary[]> {
    const { recordingId, settings, channel, rules = CtgRule.options } = ask;
    const { basis, stored, reading } = await this.#read(ask, watch);
    const contents = contentsOf(reading, stored.fhr.label);
    const found = rules.flatMap((rule) =>
      (contents.get(rule) ?? []).map((content): NewFinding => {
        const config = { ...ctgConfigOf(rule, settings), ...(channel === undefined ? {} : { channel }) };
        return { recordingId, origin: { kind: "rule", rule, version: readingVersion, config }, content };
      }),
    );
    const known = await this.#library.listFindings(recordingId);
    const replaced = known
      .filter(({ origin, isOutdated }) => isOutdated && isCtg(origin))
      .map(({ id }) => id);
    await this.#pause(watch.signal);
    return this.#library.saveFindings(found, { basis, replaced });
  }

  async #read({ recordingId, settings, channel, runs }: Wanted, { signal, tell }: Watch): Promise<Read> {
    const { whole: basis } = await this.#library.basisOf(recordingId);
    const detail = await this.#library.getRecording(recordingId);
    const said = await this.#library.getCtgContext(recordingId);
    const { context } = knownContext(contextOfHeader(detail), said);
    const stored = await storedTrace(this.#library, detail, { channel, signal });
    const curves = await runCurves(this.#library, runs, stored.fhr.label);
    const { durationS, fhr, uc, mhr } = stored;
    const sources = { durationS, fhr: [fhr], uc, mhr };
    const steps = readCtg({ sources, over: fhr.label, context, settings, curves });
    for (;;) {
      await this.#pause(signal);
      const step = steps.next();
      if (step.done === true) return { basis, stored, reading: step.value };
      tell(step.value);
    }
  }
}

const isCtg = (origin: FindingSummary["origin"]): boolean =>
  origin.kind === "rule" && CtgRule.safeParse(origin.rule).success;
