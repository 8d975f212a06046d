import type { ForecastReport } from "../../preload/contract/forecast-report.ts";
import type { PairedComparison } from "../../preload/contract/paired.ts";

const fixed = (value: number | null | undefined, digits = 3): string => value?.toFixed(digits) ?? "-";
const between = (ends: { low: number; high: number } | null | undefined): string =>
  ends ? ` [${ends.low.toFixed(3)}, ${ends.high.toFixed(3)}]` : "";

/** How what was looked ahead came true, a line a horizon, with each simpler method beneath. */
export function forecastLines({
  recordings,
  subjects,
  unit,
  horizonsS,
  samples,
  own,
  floors,
  coverage,
  branches,
}: ForecastReport): string[] {
  return [
    `looked ahead: ${recordings} recordings of ${subjects.length} people never trained on${unit === "" ? "" : `, in ${unit}`}`,
    ...horizonsS.flatMap((aheadS, h) => [
      [
        `  +${aheadS} s: NLL ${fixed(own.nll[h])}, CRPS ${fixed(own.crps[h])}`,
        ...coverage.map(
          ({ share, reached, perRecording }) =>
            `${Math.round(100 * share)} % band holds ${fixed(reached[h])}${between(perRecording[h])}`,
        ),
        `${samples[h] ?? 0} moments`,
      ].join(", "),
      ...floors.map(
        ({ name, scores, nll, crps }) =>
          `    ${name}: NLL ${fixed(scores.nll[h])}, CRPS ${fixed(scores.crps[h])}; NLL of this model less its, a recording: ${pairText(nll[h])}; CRPS: ${pairText(crps[h])}`,
      ),
    ]),
    ...branches.map(
      ({ code, share, auroc, ece, aurocInterval }) =>
        `  ${code}: came first after ${fixed(100 * share, 1)} % of the moments, AUROC ${fixed(auroc)}${between(aurocInterval)}, ECE ${fixed(ece)}`,
    ),
  ];
}

const signed = (value: number): string => `${value >= 0 ? "+" : "−"}${Math.abs(value).toFixed(3)}`;

const VERDICTS: Readonly<Record<PairedComparison["verdict"], string>> = {
  better: "",
  worse: "",
  "no-difference-shown": ", no difference shown",
  "too-few": ", too few recordings for an interval",
};

/** Less is better. */
function pairText(pair: PairedComparison | null | undefined): string {
  if (!pair) return "-";
  const { difference, interval, better, groups, verdict } = pair;
  const ends = interval ? ` [${signed(interval.low)}, ${signed(interval.high)}]` : "";
  return `${signed(difference)}${ends} (better in ${better} of ${groups}${VERDICTS[verdict]})`;
}
