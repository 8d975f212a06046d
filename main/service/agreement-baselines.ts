import type { BaselineAgreement } from "../../preload/contract/agreement.ts";
import type { FindingSummary } from "../../preload/contract/finding.ts";
import { baselineAgreement, type RecordingBaselines } from "../analysis/agreement/baselines.ts";
import type { AsyncLibrary } from "../storage/api.ts";

/** How far the baselines that the library keeps of these recordings agree; nothing where there is only one way. */
export async function baselinesCompared(
  library: Pick<AsyncLibrary, "listFindings" | "getFinding">,
  recordings: readonly { readonly id: string; readonly durationS: number }[],
  seed: number,
): Promise<BaselineAgreement[]> {
  const all: RecordingBaselines[] = [];
  for (const { id, durationS } of recordings) all.push({ durationS, by: await baselinesOf(library, id) });
  return baselineAgreement(all, seed);
}

/** The newest of each method that still stands. */
async function baselinesOf(
  library: Pick<AsyncLibrary, "listFindings" | "getFinding">,
  recordingId: string,
): Promise<ReadonlyMap<string, Float32Array>> {
  const found = new Map<string, Float32Array>();
  for (const summary of await library.listFindings(recordingId)) {
    const method = methodOf(summary);
    if (method === undefined || found.has(method)) continue;
    const { content } = await library.getFinding(summary.id);
    const series =
      content.kind === "curves" ? content.series.find(({ name }) => name === "baseline") : undefined;
    if (series === undefined) continue;
    const { value, observed, sampleRate } = series;
    const seconds = Float32Array.from({ length: Math.floor(value.length / sampleRate) }, (_, s) => {
      const at = Math.floor((s + 0.5) * sampleRate);
      return observed[at] === 1 ? (value[at] ?? NaN) : NaN;
    });
    found.set(method, seconds);
  }
  return found;
}

function methodOf({ origin, content, isOutdated }: FindingSummary): string | undefined {
  if (isOutdated || origin.kind !== "rule" || origin.rule !== "ctg/baseline") return undefined;
  if (content.kind !== "curves") return undefined;
  const method = origin.config["baseline"];
  return typeof method === "string" ? method : undefined;
}
