import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Api } from "../../../preload/contract/channels.ts";
import type { RecorderState } from "../../../preload/contract/acquisition.ts";
import type { Forecast } from "../../../preload/contract/finding.ts";
import { installApi, on, request } from "../../bridge/client.ts";
import { createFakeRecording } from "../../fake/fake.ts";
import type { FakeRecorder } from "../../fake/recorder.ts";
import { saidAlarm } from "./said-problem.ts";
import { begunNow, holdBegun, tellBegun } from "./begun.ts";
import { removeTemplate } from "./templates.tsx";
import { letterKeys, noteLabel, press } from "./marking.ts";
import { currentOf } from "./live-fan.ts";
import { isCurrent, numberChannels, roomText } from "./numbers.tsx";
import { byWeight, isLoss } from "./said-problem.ts";
import { saidOf } from "./said-state.ts";
import { isPressed, pressStop } from "./stop-press.ts";
import { ctgEvents } from "../../fake/study.ts";
import { LiveTiles } from "../../trace/tiles/live-tiles.ts";

let api: Api;
let recorder: FakeRecorder;
let said: RecorderState[] = [];

beforeEach(() => {
  ({ api, recorder } = createFakeRecording(3, { recorderClock: "manual" }));
  installApi(api);
  said = [];
  on("recorder.changed", (state) => said.push(state));
});
afterEach(() => vi.useRealTimers());

const monitor = {
  ...{ subject: "S-1", kind: "ctg" as const, labelSet: "ctg-events" },
  devices: [{ protocol: "series50" as const, port: "/dev/ttyUSB0" }],
};
const now = (): RecorderState => said.at(-1) ?? expect.fail("nothing was said");

test("what is armed is recorded and ended: the recording holds what came, and its live tiles are the stored ones", async () => {
  const live = new LiveTiles();
  on("recorder.samples", (samples) => live.take(samples));
  expect((await request("recorder.arm", monitor)).phase).toBe("armed");
  recorder.advance(5);
  expect([live.recordingId, live.end(0)]).toEqual([undefined, 20]); // seen, not stored
  const { recordingId } = await request("recorder.record", {});
  for (let s = 0; s < 120; s++) recorder.advance(1);
  expect(now()).toMatchObject({ phase: "recording", elapsedS: 120 });
  expect(now().durableS).toBeCloseTo(119.6, 6);
  const stored = await request("trace.tiles", {
    ...{ recordingId, channel: 0, samplesPerBucket: 1, firstTile: 0, tileCount: 1 },
  });
  const seen = live.over({ get: () => undefined }, false).get(0, 1, 0);
  const count = stored[0]?.min.length ?? 0;
  expect(count).toBe(478); // 119.6 s at 4 Hz: the newest are not on disk yet
  expect(seen?.min.subarray(0, count)).toEqual(stored[0]?.min);
  expect(seen?.reason.subarray(0, count)).toEqual(stored[0]?.reason);
  expect(live.end(0)).toBe(480);
  expect(await request("recorder.stop", {})).toEqual({ recordingId });
  expect((await request("recordings.get", { id: recordingId })).state).toBe("complete");
});

test("what may come is told from the newest second on, and is no word about now once nothing comes", async () => {
  const told: (Forecast | undefined)[] = [];
  on("recorder.decided", ({ forecast }) => told.push(forecast));
  await request("recorder.arm", { ...monitor, live: { runId: "run" } });
  await request("recorder.record", {});
  for (let s = 0; s < 40; s++) recorder.advance(1);
  const newest = told.at(-1);
  expect(told).toHaveLength(40);
  expect(newest?.fromS).toBe(40);
  expect(currentOf(newest, now())).toBe(newest);
  expect(currentOf(told[20], now())).toBeUndefined(); // it comes late
  expect(currentOf(newest, { ...now(), phase: "armed" })).toBeUndefined();
  recorder.unplug();
  for (let s = 0; s < 6; s++) recorder.advance(1);
  expect(currentOf(newest, now())).toBeUndefined();
});

test("the room on the disk is told as it is planned with: hours, days, and no more than that", () => {
  const hourS = 3600;
  expect([0.5, 1.5, 30.9, 80, 1874, 375_009].map((hours) => roomText(hours * hourS, "en"))).toEqual([
    ...["30 min", "90 min", "30 h", "3 days", "78 days", "100+ days"],
  ]);
  expect(roomText(375_009 * hourS, "ja")).toBe("100日以上");
});

test("an unplugged monitor alarms at once, its numbers become old, and the alarm goes once it is back with the gap's reason", async () => {
  await request("recorder.arm", monitor);
  const { recordingId } = await request("recorder.record", {});
  for (let s = 0; s < 30; s++) recorder.advance(1);
  expect(now().alarms).toEqual([]);
  expect(numberChannels(now().channels).map(isCurrent)).toEqual([true, true]);
  recorder.unplug(0);
  for (let s = 0; s < 5; s++) recorder.advance(1);
  const [alarm] = byWeight(now().alarms);
  expect(alarm && isLoss(alarm)).toBe(true);
  expect(numberChannels(now().channels).map(isCurrent)).toEqual([false, false]);
  const words = alarm && saidOf(alarm, now(), "en");
  expect(words?.title).toBe("No signal for 5 s");
  expect(words?.steps[0]).toContain("RS-232");
  expect(alarm && saidOf(alarm, now(), "ja").title).toBe("信号が5秒間ありません");
  const armed = alarm && saidOf(alarm, { ...now(), phase: "armed" }, "en");
  expect([armed?.text, ...(armed?.steps ?? [])].join(" ")).not.toMatch(/goes on|continues/);
  recorder.mend(0);
  recorder.advance(1);
  expect(now().alarms).toEqual([]);
  recorder.advance(5);
  const gap = await request("trace.samples", { recordingId, channel: 0, first: 120, count: 20 });
  expect([...gap.reasons]).toEqual(Array.from({ length: 20 }, () => 13)); // the link was down
});

test("stop needs its second press within three seconds", () => {
  const first = pressStop(undefined, 1000);
  expect(first).toMatchObject({ ends: false });
  expect(pressStop(first.pressed, 3900).ends).toBe(true);
  expect(pressStop(first.pressed, 4100).ends).toBe(false);
  expect([isPressed(first.pressed, 3900), isPressed(first.pressed, 4100), isPressed(undefined, 0)]).toEqual([
    true,
    false,
    false,
  ]);
});

test("a point is marked at once, an interval from its first press to its second, and an open one ends with the recording", async () => {
  const at = (nowS: number) => ({ nowS, labelSet: "ctg-events", author: "K. Sato" });
  const note = press(new Map(), { code: "note", shape: "point" }, at(12));
  expect(note.mark).toMatchObject({ label: "note", atS: 12 });
  const begun = press(new Map(), { code: "deceleration", shape: "interval" }, at(20));
  expect(begun.mark).toBeUndefined();
  const also = press(begun.begun, { code: "contraction", shape: "interval" }, at(25));
  const ended = press(also.begun, { code: "deceleration", shape: "interval" }, at(50));
  expect(ended.mark).toMatchObject({ label: "deceleration", atS: 20, durationS: 30 });
  expect([...ended.begun.keys()]).toEqual(["contraction"]);
  await request("recorder.arm", monitor);
  const { recordingId } = await request("recorder.record", {});
  recorder.advance(60);
  for (const mark of [note.mark, ended.mark]) if (mark) await request("recorder.mark", mark);
  const { labelSet, author } = at(60);
  await request("recorder.begun", { marks: [{ labelSet, author, label: "contraction", atS: 25 }] });
  await request("recorder.stop", {});
  const stored = await request("annotations.list", { recordingId });
  expect(stored.map(({ label, onsetS, durationS }) => [label, onsetS, durationS])).toEqual([
    ["note", 12, 0],
    ["deceleration", 20, 30],
    ["contraction", 25, 35],
  ]);
});

test("a mark that was begun is still begun after another page was looked at, or its window was opened anew, and in no other recording", async () => {
  await request("recorder.arm", monitor);
  const { recordingId } = await request("recorder.record", {});
  const of = { labelSet: "ctg-events", author: "Mori" };
  holdBegun({ recordingId }, new Map([["deceleration", 20]]));
  tellBegun(begunNow({ recordingId }), of);
  expect([...begunNow({ recordingId })]).toEqual([["deceleration", 20]]);
  expect([...begunNow({ recordingId: "b" }), ...begunNow({ recordingId: undefined })]).toEqual([]);
  await vi.waitFor(async () => expect((await request("recorder.state", {})).begun).toHaveLength(1));
  holdBegun({ recordingId: "another" }, new Map()); // as a window that knows nothing of it
  const told = [{ ...of, label: "deceleration", atS: 20 }];
  expect([...begunNow({ recordingId, begun: told })]).toEqual([["deceleration", 20]]);
  await request("recorder.mark", { ...told[0]!, durationS: 5 });
  expect((await request("recorder.state", {})).begun, "its second press").toEqual([]);
});

test("the keys of labels win over those of the page, and notes are written with the set's own label", () => {
  expect(letterKeys(ctgEvents.labels)).toMatchObject({ sound: "Shift+A", note: "Shift+N", filter: "F" });
  expect(letterKeys([])).toMatchObject({ sound: "A", note: "N", filter: "F" });
  expect(noteLabel(ctgEvents)?.code).toBe("note");
  expect(noteLabel(undefined)).toBeUndefined();
});

test("a clock that was set is told with by how much, and sends nobody to look for a gap", () => {
  const facts = { elapsedS: 40, attempts: 0, isSerialMonitor: false, isRecorded: true };
  const said = (seconds: number, language: "en" | "ja") =>
    saidAlarm(
      { kind: "clock-jump", sinceS: 18, message: "", values: { seconds } },
      ...([facts, language] as const),
    );
  expect(said(-600, "en")).toMatchObject({ title: "The computer's clock was set by −10 min", steps: [] });
  expect(said(1800, "ja")).toMatchObject({ title: "パソコンの時計が+30分変更されました", steps: [] });
});

test("a template that was removed comes back as it was", async () => {
  const template = { name: "Ward 3", setup: monitor };
  await request("recorder.saveTemplate", template);
  const [kept] = await request("recorder.templates", {});
  const back = await removeTemplate(kept ?? expect.fail("it was not kept"));
  expect(await request("recorder.templates", {})).toEqual([]);
  await back();
  expect(await request("recorder.templates", {})).toEqual([kept]);
});

test("a guided course writes a label for each gesture that was held, without its ends, and none for one skipped", async () => {
  await request("recorder.arm", {
    ...{ subject: "E-1", kind: "emg", devices: [{ protocol: "cyton", port: "/dev/ttyUSB1" }] },
    guided: { labelSet: "emg-gestures", gestures: ["wrist-flexion", "hand-close"], repetitions: 2, restS: 2 },
  });
  const { recordingId } = await request("recorder.record", {});
  const pass = (seconds: number) => {
    for (let tenth = 0; tenth < seconds * 10; tenth++) recorder.advance(0.1);
  };
  pass(2.5);
  expect(now().cue).toMatchObject({ what: "change", label: "wrist-flexion", step: 1 });
  expect(now().plan?.filter(({ what }) => what === "hold")).toHaveLength(4);
  pass(3);
  expect(now().cue).toMatchObject({ what: "hold", label: "wrist-flexion" });
  await request("recorder.guide", { step: "pause" });
  pass(4);
  await request("recorder.guide", { step: "resume" });
  pass(5);
  expect(now().cue).toMatchObject({ what: "change", label: "hand-close" });
  pass(3);
  await request("recorder.guide", { step: "skip" });
  const labels = await request("annotations.list", { recordingId });
  expect(labels.map(({ label, durationS }) => [label, durationS])).toEqual([
    ["wrist-flexion", expect.closeTo(4, 3)],
  ]);
});
