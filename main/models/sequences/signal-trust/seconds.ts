import { liveLimits } from "../../../../preload/contract/acquisition.ts";
import type { Runtime } from "../../../compute/runtime.ts";
import type { SourceChannel, SignalSource } from "../../fronts/front.ts";
import type { SaidOfSecond, SecondsJudge } from "../../model.ts";
import { BLOCK_S } from "../../../signal/block-medians.ts";
import { PAST, TRUST_HZ, trustInput } from "./input.ts";
import { FALSE_SIGNAL, TRUE_SIGNAL, trustJudge, type TrustJudgement } from "./judge.ts";
import type { LearnedSignalTrust } from "./learned.ts";
import { reachS, STEP } from "./network.ts";

/** A cut of a recording begins at a whole step of the network and at a whole block of the medians. */
const GRID_S = (BLOCK_S * STEP) / TRUST_HZ;
const PAST_S = reachS(true) + PAST.middle * BLOCK_S;
const STRETCH_S = 1024; // judged at a time, of which it looks back over 768

/** The judge of networks that look back alone, for a recording under way. */
export async function trustSeconds(learned: LearnedSignalTrust, runtime: Runtime): Promise<SecondsJudge> {
  const judge = await trustJudge(learned, runtime, STRETCH_S);
  return {
    pastS: PAST_S + GRID_S,
    judge: async (source, { onsetS, durationS }) => {
      const beginS = Math.max(0, Math.floor((onsetS - PAST_S) / GRID_S) * GRID_S);
      const first = (onsetS - beginS) * TRUST_HZ;
      const input = trustInput(cutOf(source, beginS, onsetS + durationS));
      const judgement = await judge.judge(input, { first });
      return Array.from({ length: durationS }, (_, second) => ({
        ...{ onsetS: onsetS + second, durationS: 1 },
        ...saidOf(judgement, first + second * TRUST_HZ),
      }));
    },
    dispose: () => judge.dispose(),
  };
}

/** Whole seconds of a recording as one of its own. */
function cutOf(source: SignalSource, beginS: number, endS: number): SignalSource {
  const firstOf = ({ sampleRate }: SourceChannel): number => Math.round(beginS * sampleRate);
  const channels = source.channels.map((channel) => ({
    ...channel,
    sampleCount: Math.ceil(endS * channel.sampleRate - 1e-9) - firstOf(channel),
  }));
  return {
    channels,
    durationS: endS - beginS,
    read: (index, first, count) => {
      const own = channels[index];
      return source.read(index, first + (own === undefined ? 0 : firstOf(own)), count);
    },
  };
}

/** The second from that sample on: the mean of its samples, which is named where it is likely enough. */
function saidOf(
  { probability, low, high, isKnown }: TrustJudgement,
  from: number,
): Omit<SaidOfSecond, "onsetS" | "durationS"> {
  const seen = Array.from({ length: TRUST_HZ }, (_, i) => from + i).filter(
    (i) => !Number.isNaN(probability[i] ?? NaN),
  );
  const last = seen.at(-1);
  if (last === undefined) return { why: "unobserved" };
  const meanOf = (of: Float32Array): number => seen.reduce((sum, i) => sum + (of[i] ?? 0), 0) / seen.length;
  const [mean, least, most] = [meanOf(probability), meanOf(low), meanOf(high)];
  const classes = [
    { label: FALSE_SIGNAL, mean, low: least, high: most },
    { label: TRUE_SIGNAL, mean: 1 - mean, low: 1 - most, high: 1 - least },
  ];
  const isSure = isKnown[last] === 1 && Math.max(mean, 1 - mean) >= liveLimits.probability;
  return isSure
    ? { classes, decision: mean >= 0.5 ? FALSE_SIGNAL : TRUE_SIGNAL }
    : { classes, why: "unsure" };
}
