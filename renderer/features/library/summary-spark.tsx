import { useCallback, type ReactNode } from "react";
import { predictionOf, type FindingSummary } from "../../../preload/contract/finding.ts";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import type { Prediction } from "../../../preload/contract/run.ts";
import { useFindings, useRequest } from "../../bridge/hooks.ts";
import { predictionsAmong } from "../../state/findings.ts";
import { useCanvas } from "../../ui/canvas.ts";
import { useScheme } from "../../ui/scheme.ts";
import { categorical } from "../../../preload/strip/colours.ts";
import { tokensOf } from "../../ui/tokens.ts";
import { useWords } from "../../ui/words.ts";
import css from "./library.module.css";
import { libraryWords } from "./words.ts";

const nothing: readonly FindingSummary[] = [];

/**
 * The newest prediction that no mask came after, in one line: each pixel in the colour of its leading class, fainter the less probable it is.
 * Nothing is drawn where no window could be assessed.
 */
export function SummarySpark({
  recordingId,
  labelSets,
  runName,
}: {
  readonly recordingId: string;
  readonly labelSets: readonly LabelSet[];
  readonly runName: (runId: string) => string;
}): ReactNode {
  const t = useWords(libraryWords);
  const stored = predictionsAmong(useFindings(recordingId) ?? nothing).find(({ isOutdated }) => !isOutdated);
  const found = useRequest("findings.get", stored && { id: stored.id }).data;
  const newest = found && predictionOf(found);
  if (!newest) return <span className={css["dim"]}>–</span>;
  return (
    <Spark prediction={newest} labelSets={labelSets} label={t("spark", { run: runName(newest.runId) })} />
  );
}

function Spark({
  prediction,
  labelSets,
  label,
}: {
  readonly prediction: Prediction;
  readonly labelSets: readonly LabelSet[];
  readonly label: string;
}): ReactNode {
  const scheme = useScheme();
  const draw = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number) => {
      const colours = prediction.classes.map((code, i) =>
        code === "none"
          ? tokensOf(scheme).lineStrong
          : scheme === "light"
            ? (labelSets.flatMap((set) => set.labels).find((one) => one.code === code)?.colour ??
              categorical.light[i % 8])
            : categorical.dark[i % 8],
      );
      for (let x = 0; x < width; x++) {
        const bar = barAt(prediction, x / width, (x + 1) / width);
        if (!bar) continue;
        context.fillStyle = colours[bar.leading] ?? tokensOf(scheme).dim;
        context.globalAlpha = 0.2 + 0.8 * bar.probability;
        context.fillRect(x, 0, 1, height);
      }
    },
    [prediction, labelSets, scheme],
  );
  const canvas = useCanvas(draw);
  return <canvas ref={canvas} className={css["spark"]} role="img" aria-label={label} title={label} />;
}

/** The class with the highest mean probability over the windows between two shares of the recording. */
export function barAt(
  { probabilities, classes, assessable }: Prediction,
  from: number,
  to: number,
): { leading: number; probability: number } | undefined {
  const n = assessable.length;
  const k = classes.length;
  const first = Math.floor(from * n);
  const end = Math.min(n, Math.max(first + 1, Math.floor(to * n)));
  const sums = new Float64Array(k);
  let count = 0;
  for (let i = first; i < end; i++) {
    if (assessable[i] !== 1) continue;
    count += 1;
    for (let c = 0; c < k; c++) sums[c] = (sums[c] ?? 0) + (probabilities[i * k + c] ?? 0);
  }
  if (count === 0) return undefined;
  const leading = sums.indexOf(Math.max(...sums));
  return { leading, probability: (sums[leading] ?? 0) / count };
}
