import type { RankedWindow } from "../../preload/contract/run.ts";
import { UNLABELLED } from "./dataset.ts";
import { labelWindows } from "./dataset.ts";
import { predictRecording } from "./predict.ts";
import type { Tools, Trained } from "./work.ts";
import { windowGrid } from "../signal/window.ts";

/**
 * "Label this next": unlabelled, assessable windows by epistemic uncertainty. Of windows that overlap only the most
 * uncertain is kept, so that the list does not show one doubtful second ten times.
 */
export async function rankWindows(
  request: Trained & { readonly recordingIds: readonly string[] | undefined; readonly limit: number },
  tools: Tools,
): Promise<RankedWindow[]> {
  const { run, limit } = request;
  const found: RankedWindow[] = [];
  for (const recordingId of request.recordingIds ?? run.config.recordingIds) {
    const prediction = await predictRecording({ ...request, recordingId, adaptation: "none" }, tools);
    const detail = tools.library.getRecording(recordingId);
    const grid = windowGrid(detail.durationS, run.config.windowS, run.config.strideS);
    const { label } = labelWindows(run.config, tools.library.listAnnotations(recordingId), grid);
    const k = prediction.classes.length;
    const order = [...prediction.onsetS.keys()]
      .filter((n) => prediction.assessable[n] === 1 && label[n] === UNLABELLED)
      .sort((a, b) => (prediction.epistemic[b] as number) - (prediction.epistemic[a] as number));
    const taken: number[] = [];
    for (const n of order) {
      if (taken.length >= limit) break;
      const onsetS = prediction.onsetS[n] as number;
      if (taken.some((other) => Math.abs(other - onsetS) < prediction.windowS)) continue;
      taken.push(onsetS);
      const row = prediction.probabilities.subarray(n * k, (n + 1) * k);
      const leading = row.indexOf(Math.max(...row));
      found.push({
        recordingId,
        recording: detail.name,
        onsetS,
        windowS: prediction.windowS,
        epistemic: prediction.epistemic[n] as number,
        leading: prediction.classes[leading] as string,
        probability: row[leading] as number,
      });
    }
  }
  return found.sort((a, b) => b.epistemic - a.epistemic).slice(0, limit);
}
