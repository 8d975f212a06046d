import type { NewFinding, Series } from "../../preload/contract/finding.ts";
import type { ForecastReport } from "../../preload/contract/forecast-report.ts";
import type { ModelDescription } from "../../preload/contract/model.ts";
import type { FakeRecording } from "./study.ts";

const GAP = { fromS: 900, toS: 1000 } as const; // nothing is said of it

/** A baseline, three regimes that sum to one, and how surprising each second was. */
export function toyStates({ detail }: FakeRecording, runId: string): NewFinding | undefined {
  if (detail.kind !== "ctg") return undefined;
  const seconds = Math.floor(detail.durationS);
  const observed = Uint8Array.from({ length: seconds }, (_, s) => Number(s < GAP.fromS || s >= GAP.toS));
  const made = (of: (s: number) => number): Float32Array =>
    Float32Array.from({ length: seconds }, (_, s) => (observed[s] === 1 ? of(s) : Number.NaN));
  const reduced = (s: number): number => 0.05 + 0.4 * Math.max(0, Math.sin(s / 170)) ** 2;
  const increased = (s: number): number => 0.04 + 0.5 * Math.max(0, Math.sin(s / 260 + 2)) ** 6;
  const share = (name: string, of: (s: number) => number): Series => ({
    ...{ name, unit: "probability", over: "FHR", sampleRate: 1, as: "share", observed, value: made(of) },
  });
  const surprise = (s: number): number => 0.3 + (Math.abs(Math.sin(s * 12.9898) * 43758.5453) % 1.4);
  const level = (s: number): number => 139 + 5 * Math.sin(s / 480);
  return {
    recordingId: detail.id,
    origin: { kind: "run", runId, adaptation: "none" },
    content: {
      kind: "curves",
      series: [
        {
          ...{ name: "baseline", unit: "bpm", over: "FHR", sampleRate: 1, observed },
          ...{ value: made(level), low: made((s) => level(s) - 4.5), high: made((s) => level(s) + 4.5) },
        },
        share("reduced", reduced),
        share("moderate", (s) => 1 - reduced(s) - increased(s)),
        share("increased", increased),
        {
          ...{ name: "surprise", unit: "nat", over: "FHR", sampleRate: 1, as: "bars", notable: 3, observed },
          value: made((s) => surprise(s) + (s % 331 === 40 ? 2.6 : 0)),
        },
      ],
      forecasts: [],
    },
  };
}

/** How a run that looks ahead was judged, one band a little too wide. */
export const toyForecastReport = (subjects: readonly string[]): ForecastReport => {
  const horizonsS = [1, 15, 30, 60];
  const scores = { nll: [2.01, 3.36, 3.58, 3.8], crps: [1.35, 4.9, 6, 7.1] };
  const held = (share: number, off: readonly number[]) => ({
    share,
    reached: off.map((by) => share + by),
    perRecording: off.map(() => ({ low: share - 0.05, high: share + 0.04 })),
    byMissing: [],
  });
  return {
    ...{ recordings: 6, subjects: [...subjects], validation: ["C07", "C08"], unit: "bpm", horizonsS },
    samples: [9000, 9000, 8950, 8900],
    own: scores,
    floors: [],
    coverage: [
      held(0.5, [0.004, -0.012, -0.006, -0.031]),
      held(0.8, [0.006, 0.002, -0.004, -0.012]),
      held(0.9, [0.001, 0.006, 0.003, -0.008]),
      held(0.95, [0.002, 0.001, 0.002, -0.003]),
    ],
    pit: horizonsS.map(() => new Array<number>(20).fill(0.05)),
    branches: [],
  };
};

const says = (en: string, ja: string) => ({ en, ja });

/** A model that follows whole recordings and looks ahead, as main tells of it. */
export const fakeStateSpace: ModelDescription = {
  kind: "state-space",
  name: says("State space", "状態空間モデル"),
  sentence: says(
    "Follows baseline and variability and looks ahead.",
    "基線と細変動をたどり、先を予測します。",
  ),
  over: "sequences",
  labels: "unused",
  ...{
    kinds: ["ctg", "emg"],
    usualFor: [],
    learning: "rounds",
    can: ["forecast", "live", "fill"],
    fields: [],
  },
  about: {
    idea: [says("A level and what moves about it.", "基準と、その周りの動き。")],
    formulas: [
      { tex: "x_{t+1} = F x_t + w_t", says: says("States move linearly.", "状態は線形に動きます。") },
    ],
    assumes: [
      says(
        "The next two minutes resemble the training recordings.",
        "次の2分間は学習した記録に似ているものとします。",
      ),
      says("Noise is heavier-tailed than normal.", "雑音は正規分布より裾が重いものとします。"),
    ],
    missing: says("Missing samples are left out, not guessed.", "欠測は推測せず、除いて計算します。"),
    where: says("Any single channel.", "任意の1チャネル。"),
    claims: [{ says: says("Exact likelihood.", "尤度は厳密です。"), evidence: "computed" }],
    references: ["Kalman: A new approach to linear filtering and prediction problems. 1960."],
  },
};
