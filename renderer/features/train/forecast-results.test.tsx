import { MantineProvider } from "@mantine/core";
import { renderToStaticMarkup } from "react-dom/server";
import { afterEach, expect, test } from "vitest";
import { ForecastReport } from "../../../preload/contract/forecast-report.ts";
import { ctgEvents } from "../../fake/study.ts";
import { setLanguage } from "../../ui/words.ts";
import { ForecastResults } from "./forecast-results.tsx";

afterEach(() => setLanguage("en"));

const pair = (difference: number, verdict: string) => ({
  ...{ groups: 9, difference, better: 8, worse: 1, equal: 0, verdict },
  interval: verdict === "too-few" ? null : { low: difference - 0.02, high: difference + 0.02 },
});
const report = (off: number, verdict = "better") =>
  ForecastReport.parse({
    ...{ recordings: 9, subjects: ["p1", "p2"], validation: ["p3"], unit: "bpm", horizonsS: [15, 60] },
    samples: [900, 880],
    own: { nll: [3.58, 3.96], crps: [6.01, 7.98] },
    floors: [
      {
        ...{ name: "local-level", scores: { nll: [3.7, 4.1], crps: [6.4, 8.6] } },
        nll: [pair(-0.1, verdict), pair(-0.11, verdict)],
        crps: [null, pair(-0.4, verdict)],
      },
    ],
    coverage: [0.5, 0.9].map((share) => ({
      ...{ share, reached: [share + 0.01, share + off], perRecording: [null, { low: 0.8, high: 0.93 }] },
      byMissing: [{ from: 0.3, to: 1, samples: [40, 0], reached: [0.71, null] }],
    })),
    pit: [new Array(20).fill(0.05), new Array(20).fill(0.05)],
    branches: [
      {
        code: "deceleration",
        share: 0.066,
        auroc: 0.727,
        ece: 0.009,
        aurocInterval: { low: 0.695, high: 0.763 },
      },
    ],
  });

const shown = (one: ForecastReport): string =>
  renderToStaticMarkup(
    <MantineProvider>
      <ForecastResults runId="run" report={one} labelSets={[ctgEvents]} />
    </MantineProvider>,
  ).replace(/<[^<>]+>/g, "|");

test("bands that hold are said to, and a simpler method that is beaten; figures stand beneath with their intervals", () => {
  const text = shown(report(0.02));
  expect(text).toContain("The bands hold");
  expect(text).toContain(
    "At +60 s it is better than local level by 0.110 nats (95\u00a0% interval −0.130 to −0.090), in 8 of 9 recordings.",
  );
  expect(text).toMatch(/This model\|+3\.580\|+3\.960\|+6\.01\|+7\.98/);
  expect(text).toMatch(/less local level\|+−0\.100\|+−0\.120 – −0\.080\|/);
  expect(text).toContain("30–100 %");
  expect(text).toMatch(/Deceleration\|+6\.6 %\|+0\.727\|+0\.695–0\.763\|+0\.009/);
});

test("bands that miss and a floor that is not beaten are said as plainly, in both languages", async () => {
  const text = shown(report(-0.06, "no-difference-shown"));
  expect(text).toContain("2 of 4 bands are off by more than 2 points, most of all the");
  expect(text).toContain("At +60 s no difference from local level is shown");
  expect(shown(report(0, "too-few"))).toContain("too few recordings for an interval");
  await setLanguage("ja");
  expect(shown(report(-0.06))).toContain("4個の予測幅のうち2個が2ポイントを超えて外れています");
});
