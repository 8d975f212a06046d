import { expect, test } from "vitest";
import { Run, type EventReport } from "../../preload/contract/run.ts";
import { runWithoutPeople } from "./run.ts";

const codes = {
  subject: (name: string) => `code-${name.length}`,
  run: () => "model",
} as unknown as Parameters<typeof runWithoutPeople>[1];

const events = (subjects: readonly string[], groups: number): EventReport => ({
  recordings: groups,
  subjects: [...subjects],
  validation: ["Yamada"],
  labels: [
    {
      ...{
        code: "deceleration",
        group: "heart-rate-events",
        intervals: null,
        seconds: null,
        assessable: null,
      },
      events: {
        ...{ marked: 1, said: 1, found: 1, missed: 0, hours: 1, falseAnHour: 0 },
        ...{ sensitivity: 1, precision: 1, f1: 1, f1Iou: 1 },
      },
      floor: {
        ...{ seconds: null, assessable: null },
        auroc: { groups, difference: 0.1, interval: null, better: 1, worse: 0, equal: 0, verdict: "too-few" },
      },
    },
  ],
});

const run = (report: EventReport): Run =>
  Run.parse({
    ...{ id: "r", classes: [], phase: "done", createdAt: "2026-11-24T10:00:00Z", codeVersion: "1" },
    ...{ data: [], curve: [], hasCheckpoint: false, note: "Sato's", events: report },
    config: {
      name: "events",
      data: {
        ...{ recordingIds: ["a"], labelSet: "ctg-events", labels: ["deceleration"], channels: ["fhr"] },
        windows: { windowS: 120, strideS: 10 },
      },
      split: { testSubjects: report.subjects, validationSubjects: [] },
      model: { kind: "event-net" },
    },
  });

test("events leave under codes; the difference to another method only where it is several people's", () => {
  const of = (report: EventReport) => runWithoutPeople(run(report), codes);
  const several = of(events(["Sato", "Abe"], 2));
  expect(several.events).toMatchObject({ subjects: ["code-4", "code-3"], validation: ["code-6"] });
  expect(several.events?.labels[0]?.floor?.auroc.groups).toBe(2);
  expect(several.note).toBeUndefined();
  for (const report of [events(["Sato"], 2), events(["Sato", "Abe"], 1)])
    expect(of(report).events?.labels[0]).not.toHaveProperty("floor");
});
