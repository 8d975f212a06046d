import { expect, test } from "vitest";
import { changed } from "../../../preload/contract/run.fixtures.ts";
import { unpackModel } from "../model-file/model-file.ts";
import { predictRecording } from "../predict/predict.ts";
import { fitRun } from "./fit-run.ts";
import { configOf, gestureRecording, libraryOf, runOf, toolsFor } from "./fit.fixtures.ts";

const people = ["p1", "p2", "p3", "p4"];
const library = libraryOf(people.map((subject, seed) => gestureRecording(subject, 60 + seed)));

test.each([
  ["small-network", {}],
  ["pseudo-label", {}],
  ["fix-match", {}],
  ["vae-m2", { latent: 2 }],
])(
  "%s is trained with a third of the labels, judged beside its supervised twin, saved and predicts",
  async (kind, more) => {
    const own = { kind, members: 1, epochs: 12, hidden: 16, augmentation: "mild", ...more };
    const few = changed(configOf(people), { labelledShare: 0.34, validationSubjects: ["p3"] });
    const { run, model } = await fitRun(runOf({ ...few, model: own }), toolsFor(library));
    expect(run.metrics?.test.accuracy).toBeGreaterThan(0.6);
    expect(run.metrics?.supervisedOnly !== undefined).toBe(["pseudo-label", "fix-match"].includes(kind));
    expect(unpackModel(model).kind).toBe(kind);
    const asked = { run, model, recordingId: "rec-p4", adaptation: "none" } as const;
    const { probabilities } = await predictRecording(asked, toolsFor(library));
    expect([...probabilities.slice(0, 3)].reduce((a, b) => a + b)).toBeCloseTo(1, 5);
  },
);
