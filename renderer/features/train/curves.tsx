import { useMemo, type ReactNode } from "react";
import type { RunProgress } from "../../../preload/contract/run.ts";
import { Chart } from "../../ui/chart.tsx";
import { useScheme } from "../../ui/scheme.ts";
import { useWords } from "../../ui/words.ts";
import { curveMeasures, curvePlot } from "./plots.ts";
import css from "./train.module.css";
import { trainWords } from "./words.ts";

/** Validation NLL, validation ECE and the training loss over epochs. */
export function Curves({
  curve,
  epochs,
}: {
  readonly curve: RunProgress["curve"];
  readonly epochs: number;
}): ReactNode {
  const t = useWords(trainWords);
  const scheme = useScheme();
  const plots = useMemo(
    () =>
      curveMeasures.map((measure) => ({
        measure,
        option: curvePlot(measure, { curve, epochs }, t, scheme),
      })),
    [curve, epochs, t, scheme],
  );
  return (
    <div className={css["curves"]}>
      {plots.map(({ measure, option }) => (
        <Chart key={measure} option={option} label={t(measure)} height={200} />
      ))}
    </div>
  );
}
