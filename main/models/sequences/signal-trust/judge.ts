import type { Content, Series } from "../../../../preload/contract/finding.ts";
import type { Runtime } from "../../../compute/runtime.ts";
import type { SignalSource } from "../../fronts/front.ts";
import type { SequenceJudge } from "../../model.ts";
import { hasMhrBeside, probabilitiesOf } from "./calibrate.ts";
import { channelsOf, TRUST_HZ, type TrustInput, trustInput } from "./input.ts";
import type { LearnedSignalTrust } from "./learned.ts";
import { meanOf, type ScoreOptions, trustScorer } from "./scorer.ts";

/** The label whose probability is said, and what is there otherwise. */
export const FALSE_SIGNAL = "false-signal";
export const TRUE_SIGNAL = "true-signal";
/** Without a maternal heart rate beside it a probability between these says too little to be shown. */
const UNKNOWN = [0.2, 0.8] as const;

/** A value a sample at 4 Hz. */
export interface TrustJudgement {
  readonly probability: Float32Array; // that it is not the fetus; NaN where no heart rate was observed
  readonly low: Float32Array; // ends of the band: the least and the most that one of the networks says
  readonly high: Float32Array;
  readonly hasMhr: Uint8Array;
  readonly isKnown: Uint8Array; // 1 where it can be assessed
}

export interface TrustJudge {
  judge(input: TrustInput, options?: ScoreOptions): Promise<TrustJudgement>;
  dispose(): Promise<void>;
}

export async function trustJudge(
  { config: { pastOnly }, members, calibration }: LearnedSignalTrust,
  runtime: Runtime,
  stretchS?: number,
): Promise<TrustJudge> {
  const scorer = await trustScorer(runtime, members, { pastOnly, stretchS });
  return {
    judge: async (input, options) => {
      const logits = await scorer.logits(input, options);
      const hasMhr = hasMhrBeside(input.mhr.observed, pastOnly);
      const mean = meanOf(logits);
      const said = (logit: Float32Array): Float32Array =>
        probabilitiesOf(logit, hasMhr, calibration).map((p, i) => (input.fhr.observed[i] === 1 ? p : NaN));
      const probability = said(mean);
      const most = (pick: (...all: number[]) => number): Float32Array =>
        said(mean.map((own, i) => pick(own, ...logits.map((one) => one[i] ?? own)))); // a mean of equal ones may be rounded beyond them
      return {
        ...{ probability, low: most(Math.min), high: most(Math.max), hasMhr },
        isKnown: Uint8Array.from(probability, (p, i) => Number(isKnown(p, hasMhr[i] === 1))),
      };
    },
    dispose: () => scorer.dispose(),
  };
}

function isKnown(probability: number, hasMhr: boolean): boolean {
  if (Number.isNaN(probability)) return false;
  return hasMhr || probability < UNKNOWN[0] || probability > UNKNOWN[1];
}

/** What is said of a recording: the probability over its fetal heart rate. */
export function signalTrustJudge(judge: TrustJudge, networks: number): SequenceJudge {
  return {
    judge: async (source, options) => {
      const channels = channelsOf(source);
      const judgement = await judge.judge(trustInput(source, channels), options);
      return contentOf(judgement, networks, labelIn(source, channels.fhr));
    },
    dispose: () => judge.dispose(),
  };
}

const labelIn = (source: SignalSource, channel: number | undefined): string | undefined =>
  channel === undefined ? undefined : source.channels[channel]?.label;

function contentOf(
  { probability, low, high, isKnown: observed }: TrustJudgement,
  networks: number,
  over: string | undefined,
): Content[] {
  const series: Series = {
    name: FALSE_SIGNAL,
    unit: "probability",
    ...(over === undefined ? {} : { over }),
    sampleRate: TRUST_HZ,
    value: probability,
    ...(networks > 1 ? { low, high } : {}),
    observed,
  };
  return [{ kind: "curves", series: [series], forecasts: [] }];
}
