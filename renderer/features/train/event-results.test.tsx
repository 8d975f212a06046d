import { MantineProvider } from "@mantine/core";
import { renderToStaticMarkup } from "react-dom/server";
import { afterEach, expect, test } from "vitest";
import { EventReport } from "../../../preload/contract/run.ts";
import { ctgEvents } from "../../fake/study.ts";
import { setLanguage } from "../../ui/words.ts";
import { EventResults } from "./event-results.tsx";

afterEach(() => setLanguage("en"));

const seconds = { seconds: 5400, prevalence: 0.1, averagePrecision: 0.6, ece: 0.01, nll: 0.2 };
const label = {
  ...{ code: "deceleration", group: "heart-rate-events", intervals: null },
  events: {
    ...{ marked: 8, said: 7, found: 6, missed: 2, hours: 1.5, falseAnHour: 0.7 },
    ...{ sensitivity: 0.75, precision: 0.857, f1: 0.8, f1Iou: 0.7 },
  },
  seconds: { ...seconds, auroc: 0.951 },
  assessable: null,
};
const pair = { groups: 9, difference: 0.021, better: 7, worse: 2, equal: 0 };
const floor = {
  ...{ seconds: { ...seconds, auroc: 0.93 }, assessable: null },
  auroc: { ...pair, interval: { low: 0.004, high: 0.037 }, verdict: "better" },
};
const few = { ...floor, auroc: { ...pair, groups: 3, interval: null, verdict: "too-few" } };

/** The text of the results page of a stored report. */
const shown = (labels: readonly object[]): string =>
  renderToStaticMarkup(
    <MantineProvider>
      <EventResults
        runId="run"
        report={EventReport.parse({ recordings: 9, subjects: ["p1"], validation: [], labels })}
        labelSets={[ctgEvents]}
      />
    </MantineProvider>,
  ).replace(/<[^<>]+>/g, "|");

test("a run stands beside its logistic regression, with the paired interval and what it shows", () => {
  const text = shown([{ ...label, floor }]);
  expect(text).toContain("Deceleration: logistic regression");
  expect(text).toMatch(/0\.930/);
  expect(text).toMatch(/\+2\.1\|+\+0\.4 to \+3\.7\|+7\|+2\|+0\|+better/);
});

test("with too few recordings no difference is claimed, and it is recordings that are too few", () => {
  const text = shown([{ ...label, floor: few }]);
  expect(text).toMatch(/\+2\.1\|+–\|/);
  expect(text).toContain("too few recordings for an interval");
  expect(text).not.toContain("too few people");
});

test("a run of before opens and shows no comparison", async () => {
  expect(shown([label])).not.toContain("logistic");
  await setLanguage("ja");
  expect(shown([label])).not.toContain("ロジスティック");
});

test("of a model that marks no events none is said to be found or missed, and a label it says nothing of is left out", async () => {
  const moments = { ...label, code: "acceleration", events: null };
  const labels = [moments, { ...label, events: null, seconds: null }];
  const text = shown(labels);
  expect(text).toContain(
    "Acceleration: how probable it is, at every moment; no events are marked. AUROC 0.951",
  );
  expect(text).not.toMatch(/Deceleration|found|missed/);
  await setLanguage("ja");
  expect(shown(labels)).toContain("イベントとしての印は付けません");
  expect(shown(labels)).not.toContain("検出");
});
