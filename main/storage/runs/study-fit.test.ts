import { expect, test } from "vitest";
import { CtgSettings } from "../../../preload/contract/ctg.ts";
import { ctgConfigOf, type CtgRule } from "../../../preload/contract/ctg-reading.ts";
import type { Content, NewFinding } from "../../../preload/contract/finding.ts";
import type { Run } from "../../../preload/contract/run.ts";
import type { StudyOrder } from "../../../preload/contract/study.ts";
import type { OpenLibrary } from "../open-library.ts";
import {
  block,
  channelHeader,
  newPrediction,
  newRecording,
  newRun,
  newWhole,
  ramp,
  withLibrary,
} from "../testing.ts";

const fhr = channelHeader();
const emg = channelHeader({ label: "EMG", unit: "uV", role: "emg" });
const gone = [{ first: 0, count: 8, reason: 1 }];

interface Made {
  readonly of?: readonly (typeof fhr)[];
  readonly kind?: "ctg" | "emg";
  readonly samples?: number;
  readonly isBlind?: boolean;
}

/** A recording a name; what of it is not said is a cardiotocogram of two seconds. */
function add(library: OpenLibrary, made: Readonly<Record<string, Made>>): Record<string, string> {
  const wholes = Object.entries(made).map(([name, { of = [fhr], kind = "ctg", samples = 8, isBlind }]) => {
    const blocks = of.map((_, i) => block(i, 0, ramp(samples), isBlind === true ? gone : []));
    const whole = newWhole(of, blocks);
    return { ...whole, header: { ...whole.header, name, kind } };
  });
  for (const outcome of library.addRecordings(wholes)) expect(outcome).toMatchObject({ ok: true });
  return Object.fromEntries(wholes.map(({ id, header }) => [header.name, id]));
}

function addRun(library: OpenLibrary, id: string, learnedFrom: string, change: Partial<Run> = {}): void {
  const run = newRun(id);
  const data = { ...run.config.data, recordingIds: [learnedFrom] };
  library.saveRun({ ...run, config: { ...run.config, data }, ...change });
}

const predict: StudyOrder = { kind: "predict", runId: "run", adaptation: "none" };
const rules: CtgRule[] = ["ctg/baseline", "ctg/figo-2015"];
const analyse: StudyOrder = { kind: "analyse", settings: CtgSettings.parse({}), rules };
const how = { version: "7", again: false };

test("a run can be asked about recordings of its kind, long enough, with channels that saw something and have ended", () =>
  withLibrary((library) => {
    const ids = add(library, {
      fits: {},
      other: { of: [emg], kind: "emg" },
      lacks: { of: [channelHeader({ label: "UC", role: "uc" })] },
      blind: { isBlind: true },
      short: { samples: 2 },
    });
    const comes = library.createRecording({
      ...newRecording(),
      header: { ...newRecording().header, name: "comes" },
    });
    addRun(library, "run", ids["fits"] ?? "");
    const all = [...Object.values(ids), comes, "nobody"];
    expect(library.studyFit(predict, { ...how, ids: all })).toEqual({
      fitting: [ids["fits"]],
      known: [],
      unfit: [
        { name: "other", reason: "kind", what: "" },
        { name: "lacks", reason: "channels", what: "FHR" },
        { name: "blind", reason: "unobserved", what: "FHR" },
        { name: "short", reason: "short", what: "" },
        { name: "comes", reason: "unfinished", what: "" },
      ],
    });
    library.removeRecording(ids["fits"] ?? "");
    expect(library.studyFit(predict, { ...how, ids: all }).fitting).toEqual([]);
  }));

test("what a run has said is known until a mask comes, and asked once more where that is wanted", () =>
  withLibrary((library) => {
    const { a = "" } = add(library, { a: {} });
    addRun(library, "run", a);
    library.savePrediction({ ...newPrediction("run", a), createdAt: "2026-11-24T01:00:00Z" });
    const fit = (again = false) => library.studyFit(predict, { ...how, again, ids: [a] });
    expect(fit()).toMatchObject({ fitting: [], known: [a] });
    expect(fit(true)).toMatchObject({ fitting: [a], known: [] });
    expect(library.studyFit({ ...predict, adaptation: "causal" }, { ...how, ids: [a] }).fitting).toEqual([a]);
    library.addMask({
      ...{ recordingId: a, layer: "person", reason: 7, onsetS: 0, durationS: 1, author: "Ito" },
    });
    expect(fit().fitting).toEqual([a]);
  }));

test("a mask that was taken away, by hand, by undo or by redo, asks a run once more", () =>
  withLibrary(async (library) => {
    const { a = "" } = add(library, { a: {} });
    addRun(library, "run", a);
    const fit = () => library.studyFit(predict, { ...how, ids: [a] });
    const answered = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 3));
      library.savePrediction({ ...newPrediction("run", a), createdAt: new Date().toISOString() });
      expect(fit().known).toEqual([a]);
      await new Promise((resolve) => setTimeout(resolve, 3));
    };
    const span = { layer: "person", reason: 7, onsetS: 0, durationS: 1, author: "Ito" } as const;
    const { id } = library.addMask({ ...span, recordingId: a });
    await answered();
    library.removeMask(id);
    expect(fit().fitting).toEqual([a]);
    await answered();
    library.undo(a);
    expect(fit().fitting).toEqual([a]);
    await answered();
    library.redo(a);
    expect(fit().fitting).toEqual([a]);
    await answered();
    library.addAnnotations([
      {
        ...{ recordingId: a, label: "deceleration", labelSet: "ctg-events", labelSetVersion: 1 },
        ...{ onsetS: 0, durationS: 1, author: "Ito", source: "person", note: "" },
      },
    ]);
    expect(fit().known).toEqual([a]); // a label hides nothing
    expect(library.listRecordings().map(({ fault }) => fault)).toEqual([undefined]);
  }));

test("what a model of whole recordings found is known, and what it only filled is not that", () =>
  withLibrary((library) => {
    const { a = "" } = add(library, { a: { samples: 2 } });
    addRun(library, "run", a, { events: { recordings: 1, subjects: [], validation: [], labels: [] } });
    const content: Content = { kind: "events", labelSet: "ctg-events", events: [], notAssessable: [] };
    const said = (step?: "fill"): NewFinding => ({
      ...{ recordingId: a, content },
      origin: { kind: "run", runId: "run", adaptation: "none", ...(step === undefined ? {} : { step }) },
    });
    library.saveFinding(said("fill"));
    expect(library.studyFit(predict, { ...how, ids: [a] }).fitting).toEqual([a]); // however short it is
    library.saveFinding(said());
    expect(library.studyFit(predict, { ...how, ids: [a] }).known).toEqual([a]);
    library.addMask({
      ...{ recordingId: a, layer: "person", reason: 7, onsetS: 0, durationS: 0.25, author: "Ito" },
    });
    expect(library.studyFit(predict, { ...how, ids: [a] }).fitting).toEqual([a]);
  }));

test("rules have answered where each of them says what it would say now", () =>
  withLibrary((library) => {
    const { a = "", b = "", c = "" } = add(library, { a: {}, b: { of: [emg], kind: "emg" }, c: {} });
    const fit = (change: Partial<typeof how> = {}, order = analyse) =>
      library.studyFit(order, { ...how, ...change, ids: [a, b, c] });
    expect(fit()).toMatchObject({ fitting: [a, c], unfit: [{ name: "b", reason: "kind" }] });
    const settings = CtgSettings.parse({});
    for (const rule of rules) {
      expect(fit().known).toEqual([]);
      const origin = { kind: "rule", rule, version: "7", config: ctgConfigOf(rule, settings) } as const;
      const content: Content = { kind: "events", labelSet: "ctg-events", events: [], notAssessable: [] };
      for (const recordingId of [a, c]) library.saveFinding({ recordingId, origin, content });
    }
    expect(fit().known).toEqual([a, c]);
    expect(fit({ version: "8" }).fitting).toEqual([a, c]);
    expect(fit({}, { ...analyse, settings: { ...settings, baseline: "maeda" } }).fitting).toEqual([a, c]);
    library.addMask({
      ...{ recordingId: a, layer: "person", reason: 7, onsetS: 0, durationS: 1, author: "Ito" },
    });
    expect(fit().fitting).toEqual([a]);
  }));
