import { rank3 } from "../../../compute/tensors.ts";
import { throwIfCancelled } from "../../../../preload/contract/errors.ts";
import type { Runtime } from "../../../compute/runtime.ts";
import { CHANNELS, levelsOf, rowsOf, TRUST_HZ, type TrustInput } from "./input.ts";
import { parameterSpecs, REACH_S, trustLogits } from "./network.ts";

/** Seconds judged at a time. A longer recording is judged in stretches that overlap by what the network can see. */
const STRETCH_S = 4096;
const REACH = REACH_S * TRUST_HZ;

export interface TrustScorer {
  /** Logits of each network. [samples] each */
  logits(
    input: TrustInput,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<readonly Float32Array[]>;
  dispose(): Promise<void>;
}

/** Compiled once for any number of recordings of any length. */
export async function trustScorer(
  runtime: Runtime,
  members: readonly (readonly Float32Array[])[],
  stretchS = STRETCH_S, // more than twice what it can see
): Promise<TrustScorer> {
  const stretch = stretchS * TRUST_HZ;
  const each = parameterSpecs.length;
  const compiled = await runtime.compilePredict(
    (params, [x]) =>
      members.map((_, member) => trustLogits(params.slice(member * each, (member + 1) * each), rank3(x))),
    members.flatMap(() => parameterSpecs),
    [{ shape: [1, stretch, CHANNELS], dtype: "float32" }],
  );
  await compiled.write(members.flat());
  return {
    logits: async (input, { signal } = {}) => {
      const rows = rowsOf(input, levelsOf(input));
      const out = members.map(() => new Float32Array(input.count));
      for (let from = 0; from < input.count;) {
        throwIfCancelled(signal);
        const start = Math.max(0, from - REACH);
        const isLast = start + stretch >= input.count;
        const to = isLast ? input.count : start + stretch - REACH;
        const seen = new Float32Array(stretch * CHANNELS);
        seen.set(rows.subarray(start * CHANNELS, (start + stretch) * CHANNELS));
        const results = await compiled.run([seen]);
        results.forEach((logits, member) => {
          out[member]?.set(logits.subarray(from - start, to - start), from);
        });
        from = to;
      }
      return out;
    },
    dispose: () => compiled.dispose(),
  };
}

/** [samples] */
export function meanOf(members: readonly Float32Array[]): Float32Array {
  const mean = new Float32Array(members[0]?.length ?? 0);
  for (const own of members)
    own.forEach((value, i) => {
      mean[i] = (mean[i] ?? 0) + value / members.length;
    });
  return mean;
}
