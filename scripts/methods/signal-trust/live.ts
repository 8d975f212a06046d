import type { Runtime } from "../../../main/compute/runtime.ts";
import { hasMhrBeside, probabilitiesOf } from "../../../main/models/sequences/signal-trust/calibrate.ts";
import type { TrustInput } from "../../../main/models/sequences/signal-trust/input.ts";
import type { LearnedSignalTrust } from "../../../main/models/sequences/signal-trust/learned.ts";
import { meanOf, trustScorer } from "../../../main/models/sequences/signal-trust/scorer.ts";
import { targetsOf } from "../../../main/models/sequences/signal-trust/targets.ts";
import type { TrustRecord } from "./fhrma.ts";
import { type Judged, only } from "./scores.ts";

const RATE = 4;
const EVERY = 120 * RATE; // marked samples between those that are asked about
const PAST_S = 1024; // that are looked at

const cut = ({ fhr, mhr, isScalp }: TrustInput, from: number, to: number): TrustInput => {
  const piece = ({ values, observed }: TrustInput["fhr"]) => ({
    values: values.subarray(from, to),
    observed: observed.subarray(from, to),
  });
  return { count: to - from, fhr: piece(fhr), mhr: piece(mhr), isScalp };
};

/** Of judged recordings those samples that are asked about. */
export const askedOf = (judged: readonly Judged[]): readonly Judged[] =>
  only(judged, (_, k) => k % EVERY === 0);

/** The network as it would say a sample `delayS` after it came, by the 17 min before alone. */
export async function judgedLive(
  { members, calibration }: LearnedSignalTrust,
  records: readonly TrustRecord[],
  delayS: number,
  runtime: Runtime,
): Promise<Judged[]> {
  const scorer = await trustScorer(runtime, members, { pastOnly: false, stretchS: PAST_S });
  const all: Judged[] = [];
  for (const { name, input, marks } of records) {
    const { known, y } = targetsOf(input, marks);
    const asked = known.filter((_, k) => k % EVERY === 0);
    const probability = new Float32Array(asked.length);
    for (const [k, at] of asked.entries()) {
      const to = Math.min(input.count, at + 1 + delayS * RATE);
      const from = Math.max(0, to - PAST_S * RATE);
      const seen = cut(input, from, to);
      const logit = meanOf(await scorer.logits(seen));
      const said = probabilitiesOf(logit, hasMhrBeside(seen.mhr.observed, false), calibration);
      probability[k] = said[at - from] ?? 0;
    }
    all.push({
      ...{ name, probability },
      isFalse: Uint8Array.from(asked, (i) => y[i] ?? 0),
      hasMhr: Uint8Array.from(asked, (i) => input.mhr.observed[i] ?? 0),
    });
  }
  await scorer.dispose();
  return all;
}
