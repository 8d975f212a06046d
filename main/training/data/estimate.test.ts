import { expect, test } from "vitest";
import { RunConfig } from "../../../preload/contract/run.ts";
import type { AsyncLibrary, TrainingSumsAsk } from "../../storage/api.ts";
import type { OpenLibrary } from "../../storage/open-library.ts";
import { block, channelHeader, newWhole, ramp, withLibrary } from "../../storage/testing.ts";
import { previewRun } from "./preview.ts";
import { estimateOf } from "./estimate.ts";

const RATE = 4;
const LENGTH_S = 1800;
const fhr = channelHeader({ sampleRate: RATE });
const uc = channelHeader({ label: "UC", role: "uc", unit: "mmHg", sampleRate: RATE });
const elsewhere = [{ ...fhr, label: "心拍数" }];
const gap = [{ first: 1000, count: 1440, reason: 1 }]; // a fifth

const config = RunConfig.parse({
  name: "estimate",
  data: {
    ...{ recordingIds: ["x"], labelSet: "ctg-events", labels: ["acceleration", "deceleration"] },
    ...{ background: "read-completely", channels: ["FHR"], labelledShare: 1 },
    windows: { windowS: 60, strideS: 10, centreS: 30, minOverlap: 0.5, minObserved: 0.5 },
  },
  split: { testSubjects: [], validationSubjects: [] },
  ...{ model: { kind: "identity-coupled" }, seed: 0, engine: "auto" },
});

/** Eight recordings of four people; of three, one with a gap, decelerations are marked, by two readers in one. */
function fill(library: OpenLibrary): string[] {
  library.changeSettings({ author: "Ada" });
  const wholes = Array.from({ length: 8 }, (_, i) => {
    const headers = i === 7 ? [uc] : i === 6 ? elsewhere : [fhr];
    const mark = (author: string, onsetS: number) => ({
      ...{ recordingId: "", label: "deceleration", labelSet: "ctg-events", labelSetVersion: 1, note: "" },
      ...{ onsetS, durationS: 60, author, source: "person" as const },
    });
    const annotations = i > 2 ? [] : i === 2 ? [mark("Ada", 600), mark("Bo", 610)] : [mark("Ada", 1500)];
    const whole = newWhole(headers, [block(0, 0, ramp(LENGTH_S * RATE), i === 1 ? gap : [])]);
    return {
      ...whole,
      ...{ header: { ...whole.header, name: `R${i}` }, subject: `P${Math.floor(i / 2)}` },
      annotations: annotations.map((one) => ({ ...one, recordingId: whole.id })),
    };
  });
  for (const outcome of library.addRecordings(wholes)) expect(outcome).toMatchObject({ ok: true });
  library.addReading({
    ...{ recordingId: wholes[0]?.id ?? "", labelSet: "ctg-events", labelSetVersion: 1, author: "Ada" },
    ...{ onsetS: 0, durationS: 900 },
  });
  return wholes.map(({ id }) => id);
}

const asked = (library: OpenLibrary, calls: TrainingSumsAsk[] = []): Pick<AsyncLibrary, "trainingSums"> => ({
  trainingSums: (ask) => {
    calls.push(ask);
    return Promise.resolve(library.trainingSums(ask));
  },
});

test("an estimate comes near what is counted, and reads no sample", () =>
  withLibrary(async (library) => {
    const ids = fill(library);
    const data = { ...config.data, recordingIds: ids.slice(0, 7) };
    const counted = await previewRun({ ...config, data }, library);
    library.samples = () => {
      throw new Error("a sample is read");
    };
    const about = await estimateOf(asked(library), data);
    expect(about).toMatchObject({ recordings: 7, people: 4, hours: 3.5, lacking: 0, marked: 3 });
    const near = (value: number, of: number, by: number): void =>
      expect(Math.abs(value - of), `${value} for ${of}`).toBeLessThanOrEqual(by);
    const all = Object.values(counted.windows).reduce((sum, one) => sum + one, 0);
    near(about.windows.labelled, counted.windows.labelled, 12);
    near(about.windows.unlabelled, counted.windows.unlabelled, 0.02 * all);
    near(about.windows.unassessable, counted.windows.unassessable, 0.02 * all);
    expect(about.perClass.map(({ code }) => code)).toEqual(counted.classes);
    about.perClass.forEach(({ windows }, i) => near(windows, counted.perClass[i] ?? 0, 12));
    expect(about.perClass.map(({ events }) => events)).toEqual([0, 0, 3]);
  }));

test("recordings without a channel, in the bin or of unnamed readers are told apart", () =>
  withLibrary(async (library) => {
    const ids = fill(library);
    library.removeRecording(ids[3] ?? "");
    const about = await estimateOf(asked(library), {
      ...config.data,
      ...{ recordingIds: ids, readers: ["Bo"], background: "never" as const },
    });
    expect(about).toMatchObject({ recordings: 7, lacking: 1, marked: 1 });
    expect(about.perClass).toEqual([
      { code: "acceleration", windows: 0, events: 0 },
      { code: "deceleration", windows: 6, events: 1 },
    ]);
    const electrodes = { ...config.data, recordingIds: ids, channels: ["no such channel"] };
    expect((await estimateOf(asked(library), electrodes)).lacking).toBe(7);
  }));

test("of electrodes the mean counts: a dead one does not silence a bracelet", () =>
  withLibrary(async (library) => {
    const headers = ["EMG 1", "EMG 2"].map((label) => channelHeader({ label, role: "emg", unit: "mV" }));
    const samples = ramp(LENGTH_S * RATE);
    const whole = newWhole(headers, [
      block(0, 0, samples),
      block(1, 0, samples, [{ first: 0, count: samples.length, reason: 1 }]),
    ]);
    library.addRecordings([whole]);
    const data = { ...config.data, recordingIds: [whole.id], channels: ["EMG 1", "EMG 2"] };
    const { windows } = await estimateOf(asked(library), { ...data, background: "never" });
    expect(windows).toEqual({ labelled: 0, unlabelled: 88, unassessable: 88 });
  }));

test("many recordings are asked about in parts, which know what the part before found out", () =>
  withLibrary(async (library) => {
    const ids = fill(library);
    const calls: TrainingSumsAsk[] = [];
    const many = Array.from({ length: 2000 }, () => ids[0] ?? "");
    const data = { ...config.data, recordingIds: [...many, ids[6] ?? ""] };
    const about = await estimateOf(asked(library, calls), data);
    expect(calls.map((call) => call.ids.length)).toEqual([2000, 1]);
    expect(about).toMatchObject({ recordings: 2001, lacking: 0, people: 2 });
  }));
