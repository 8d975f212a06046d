import { rank3 } from "../../../compute/tensors.ts";
import { throwIfCancelled } from "../../../../preload/contract/errors.ts";
import { inOrder, namedMembers, type NamedArrays, specsOf } from "../../../compute/parameters.ts";
import type { Runtime } from "../../../compute/runtime.ts";
import { CHANNELS, levelsOf, rowsOf, TRUST_HZ, type TrustInput } from "./input.ts";
import { parameterShapes, reachS, STEP, trustLogits } from "./network.ts";

/** Seconds judged at a time. A longer recording is judged in stretches that overlap by what the network can see. */
const STRETCH_S = 4096;

export interface ScoreOptions {
  readonly signal?: AbortSignal | undefined;
  readonly first?: number | undefined; // sample: what lies before is not asked for
}

export interface TrustScorer {
  /** Logits of each network. [samples] each, 0 before the first that is asked for */
  logits(input: TrustInput, options?: ScoreOptions): Promise<readonly Float32Array[]>;
  dispose(): Promise<void>;
}

/** Compiled once for any number of recordings of any length. */
export async function trustScorer(
  runtime: Runtime,
  members: readonly NamedArrays[],
  {
    pastOnly,
    stretchS = STRETCH_S, // more than twice what it can see
  }: { readonly pastOnly: boolean; readonly stretchS?: number | undefined },
): Promise<TrustScorer> {
  const reach = reachS(pastOnly) * TRUST_HZ;
  const ahead = pastOnly ? 0 : reach;
  const stretch = stretchS * TRUST_HZ;
  const compiled = await runtime.compilePredict(
    (params, [x]) =>
      namedMembers(parameterShapes, params, members.length).map((own) =>
        trustLogits(own, rank3(x), { pastOnly }),
      ),
    members.flatMap((_, member) => specsOf(parameterShapes, `member${member}.`)),
    [{ shape: [1, stretch, CHANNELS], dtype: "float32" }],
  );
  await compiled.write(members.flatMap((member) => inOrder(parameterShapes, member)));
  return {
    logits: async (input, { signal, first = 0 } = {}) => {
      const rows = rowsOf(input, levelsOf(input, pastOnly));
      const out = members.map(() => new Float32Array(input.count));
      for (let from = first; from < input.count;) {
        throwIfCancelled(signal);
        const back = Math.max(0, from - reach);
        const start = back - (back % STEP);
        const isLast = start + stretch >= input.count;
        const to = isLast ? input.count : start + stretch - ahead;
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
