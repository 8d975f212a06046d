import { expect, test } from "vitest";
import type { TrainingSumsAsk } from "../api.ts";
import type { OpenLibrary } from "../open-library.ts";
import { block, channelHeader, newWhole, ramp, withLibrary } from "../testing.ts";

const RATE = 4;
const LENGTH_S = 600; // 55 windows of a minute, one every 10 s
const SAMPLES = LENGTH_S * RATE;
const fhr = channelHeader({ sampleRate: RATE });
const uc = channelHeader({ label: "UC", role: "uc", unit: "mmHg", sampleRate: RATE });

const data: TrainingSumsAsk["data"] = {
  ...{ labelSet: "ctg-events", labels: ["acceleration", "deceleration"], background: "read-completely" },
  ...{ channels: ["FHR"], labelledShare: 1 },
  windows: { windowS: 60, strideS: 10, centreS: 30, minOverlap: 0.5, minObserved: 0.5 },
};

/** One whole, one half missing, one whose heart rate has another name, one without a heart rate; all of two people. */
function fill(library: OpenLibrary): readonly string[] {
  const marks = [
    ...[100, 300].map((onsetS) => ({ label: "deceleration", onsetS, durationS: 60, author: "Ada" })),
    ...[110].map((onsetS) => ({ label: "deceleration", onsetS, durationS: 90, author: "Bo" })),
    { label: "acceleration", onsetS: 500, durationS: 10, author: "Ada" }, // shorter than any window needs
    { label: "contraction", onsetS: 10, durationS: 60, author: "Ada" }, // not asked for
  ];
  const gap = [{ first: 0, count: SAMPLES / 2, reason: 1 }];
  const wholes = [fhr, fhr, { ...fhr, label: "心拍数" }, uc].map((header, i) => {
    const whole = newWhole([header], [block(0, 0, ramp(SAMPLES), i === 1 ? gap : [])]);
    const annotations = marks.map((mark) => ({
      ...{ ...mark, recordingId: whole.id, labelSet: "ctg-events", labelSetVersion: 1, note: "" },
      source: "person" as const,
    }));
    return { ...whole, subject: `P${i % 2}`, annotations: i === 0 ? annotations : [] };
  });
  for (const outcome of library.addRecordings(wholes)) expect(outcome).toMatchObject({ ok: true });
  const [first] = wholes;
  for (const [author, durationS] of [
    ["Ada", 300],
    ["Bo", 100],
  ] as const) {
    library.changeSettings({ author });
    library.addReading({
      ...{ recordingId: first?.id ?? "", labelSet: "ctg-events", labelSetVersion: 1, author },
      ...{ onsetS: 0, durationS },
    });
  }
  return wholes.map(({ id }) => id);
}

test("windows are those that marks and readings reach, less what is not observed; of two readers who marked more", () =>
  withLibrary((library) => {
    const ids = fill(library);
    const sums = library.trainingSums({ data, ids, known: [] });
    expect(sums).toEqual({
      ...{ recordings: 4, seconds: 4 * LENGTH_S, lacking: 1, marked: 1, subjects: ["P0", "P1"] },
      perLabel: [
        { windows: 0, events: 1 },
        { windows: 12, events: 2 }, // a mark of 60 s is under 30 s of six windows
      ],
      background: 30 - 12, // of the five minutes that Ada read what is not marked
      assessable: 55 + 55 * 0.5 + 55,
      unassessable: 55 * 0.5,
      wanted: [{ label: "FHR", role: "fhr" }],
    });
  }));

test("of chosen readers theirs alone count; without a background nothing that is unmarked is one", () =>
  withLibrary((library) => {
    const ids = fill(library).slice(0, 1);
    const bo = library.trainingSums({ data: { ...data, readers: ["Bo"] }, ids, known: [] });
    expect(bo.perLabel).toEqual([
      { windows: 0, events: 0 },
      { windows: 9, events: 1 },
    ]);
    expect(bo.background).toBe(10 - 9);
    const none = library.trainingSums({ data: { ...data, readers: ["Nobody"] }, ids, known: [] });
    expect([none.background, none.marked]).toEqual([0, 0]);
    const never = library.trainingSums({ data: { ...data, background: "never" }, ids, known: [] });
    expect(never.background).toBe(0);
    expect(never.perLabel[1]).toEqual({ windows: 12, events: 2 });
  }));

test("a role that an earlier part found is looked for here; a set that is not here says nothing about channels", () =>
  withLibrary((library) => {
    const [, , renamed = "", other = ""] = fill(library);
    const ask = (ids: readonly string[], known: TrainingSumsAsk["known"]) =>
      library.trainingSums({ data, ids, known });
    expect(ask([renamed], []).lacking).toBe(1); // nobody has said yet what FHR is
    expect(ask([renamed], [{ label: "FHR", role: "fhr" }])).toMatchObject({ lacking: 0, assessable: 55 });
    const { centreS, ...whole } = data.windows;
    expect(centreS).toBe(30);
    const foreign = { ...data, labelSet: "none", channels: ["UC"], windows: whole };
    expect(library.trainingSums({ data: foreign, ids: [other, "gone"], known: [] })).toMatchObject({
      ...{ recordings: 1, lacking: 0, marked: 0, assessable: 55 },
    });
  }));

test("of electrodes the mean counts, whatever the role that a file gave them is called", () =>
  withLibrary((library) => {
    const headers = ["EMG 1", "EMG 2"].map((label) => channelHeader({ label, role: "emg", unit: "mV" }));
    const dead = [{ first: 0, count: SAMPLES, reason: 1 }];
    const alike = [1, 2].map(() =>
      newWhole(headers, [block(0, 0, ramp(SAMPLES)), block(1, 0, ramp(SAMPLES), dead)]),
    );
    library.addRecordings(alike);
    const asked = { ...data, labelSet: "emg-gestures", labels: ["neutral"], channels: ["EMG 1", "EMG 2"] };
    const sums = library.trainingSums({ data: asked, ids: alike.map(({ id }) => id), known: [] });
    expect([sums.assessable, sums.unassessable]).toEqual([55, 55]);
  }));
