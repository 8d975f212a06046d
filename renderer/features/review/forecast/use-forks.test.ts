import { afterEach, beforeEach, expect, test } from "vitest";
import type { FindingSummary } from "../../../../preload/contract/finding.ts";
import { useForecastView } from "./forecast-view.ts";
import { reviewed } from "../reviewing.fixtures.ts";
import { forksFinding, otherRunOf, stepToFork } from "./use-forks.ts";

const finding = (id: string, change: Partial<FindingSummary> = {}): FindingSummary => ({
  ...{ id, recordingId: "r", isOutdated: false, createdAt: `2026-11-24T10:00:0${id}Z` },
  origin: { kind: "run", runId: `run ${id}`, adaptation: "none" },
  content: {
    ...{ kind: "curves", forecasts: 0 },
    series: [{ name: "fork-index", unit: "", sampleRate: 0.2, sampleCount: 12, value: 100 }],
  },
  ...change,
});

const before = useForecastView.getState();
beforeEach(() => useForecastView.setState(before, true));
afterEach(() => useForecastView.setState(before, true));

async function stepping(given: Partial<Parameters<typeof stepToFork>[1]> = {}) {
  const review = await reviewed();
  const found = finding("1");
  const moments = [40, 200].map((timeS) => ({ timeS, index: 0.5 }));
  return {
    ...review,
    step: (direction: 1 | -1) =>
      stepToFork(
        review.reviewing,
        { found, moments, highest: 0.5, goToTime: review.cursorAt, ...given },
        direction,
      ),
    cursor: () => review.reviewing.place.selection.getState().cursorS,
  };
}

test("forks are gone through in both directions, with the forecast of the run that told of them, no further than the last", async () => {
  const { step, cursor, cursorAt, last } = await stepping();
  cursorAt(40);
  step(1);
  expect(cursor()).toBe(200);
  expect(last()).toBe("Fork 2 of 2, at 00:03:20, index 0.50");
  expect(useForecastView.getState()).toMatchObject({ isOn: true, runId: "run 1" });
  step(1);
  expect([cursor(), last()]).toEqual([200, "No fork after the cursor"]);
  step(-1);
  expect(cursor()).toBe(40);
  step(-1);
  expect([cursor(), last()]).toEqual([40, "No fork before the cursor"]);
});

test("a key pressed where nothing is known, or where no fork is, moves nothing and says why", async () => {
  const unknown = await stepping({ found: undefined, moments: undefined });
  unknown.cursorAt(7);
  unknown.step(1);
  expect([unknown.cursor(), unknown.last()]).toEqual([7, expect.stringContaining("not known yet")]);
  const asked = await stepping({ moments: undefined });
  asked.step(-1);
  expect(asked.last()).toContain("being read");
  const none = await stepping({ moments: [], highest: 0.231 });
  none.step(1);
  expect(none.last()).toContain("at most 0.23, and forks are marked from 0.40");
  expect(useForecastView.getState().isOn).toBe(false);
});

test("forks are told by the run that looks ahead, else by the newest that does, never by what is outdated", () => {
  const listed = (...all: readonly FindingSummary[]) => all.map((summary) => ({ summary }));
  const other = finding("9", { content: { kind: "curves", series: [], forecasts: 0 } });
  const all = listed(finding("1"), finding("2"), finding("3", { isOutdated: true }), other);
  expect(forksFinding(all, "run 1")?.id).toBe("1");
  expect(forksFinding(all, "run 3")?.id).toBe("2");
  expect(forksFinding(listed(other), "run 9")).toBeUndefined();
  expect(otherRunOf(forksFinding(all, "run 1"), "run 1")).toBeUndefined();
  expect(otherRunOf(forksFinding(all, "run 3"), "run 3")).toBe("run 2"); // and that is said
});
