import { expect, test } from "vitest";
import { type Alarm, idleState, type RecorderState } from "../../preload/contract/acquisition.ts";
import { AlarmBook } from "./recording-alarms.ts";

const alarm = (kind: Alarm["kind"], values: Alarm["values"] = {}, change: Partial<Alarm> = {}): Alarm => ({
  ...{ kind, sinceS: 1, message: "", values },
  ...(["unplugged", "silent", "loss"].includes(kind) ? { device: 0 } : {}),
  ...change,
});
const recording = (elapsedS: number, ...alarms: Alarm[]): RecorderState => ({
  ...idleState,
  phase: "recording",
  elapsedS,
  alarms,
});

/** What is told of one state after the other, as words. */
function follow(states: readonly RecorderState[]) {
  const book = new AlarmBook();
  return states.map((state) => {
    const { notices, withdrawn, isSounding, look } = book.take(state);
    return [...notices.map(({ kind }) => kind), ...withdrawn.map((key) => `-${key}`), isSounding, look];
  });
}

test("an alarm is told once, a heavier one of the same device anew, and that the device is back", () => {
  expect(
    follow([
      recording(1),
      recording(2, alarm("silent")),
      recording(3, alarm("silent")),
      recording(4, alarm("unplugged")),
      recording(5, alarm("silent")), // greeted, and nothing comes yet
      recording(6, alarm("loss")), // what the outage lost still counts
      recording(7),
      recording(8, alarm("unplugged")),
    ]),
  ).toEqual([
    [false, "recording"],
    ["silent", true, "alarm"],
    [true, "alarm"],
    ["unplugged", true, "alarm"],
    [true, "alarm"],
    ["resumed", false, "alarm"],
    [false, "recording"],
    ["unplugged", true, "alarm"],
  ]);
});

test("what comes and goes around its limit is told once a minute, and its notice is taken back", () => {
  const slow = alarm("storage-slow");
  const [first, second, third, fourth] = follow([
    recording(10, slow),
    recording(20),
    recording(30, slow),
    recording(75, alarm("disk-low")),
  ]);
  expect(first).toEqual(["storage-slow", false, "recording"]);
  expect(second).toEqual(["-storage-slow", false, "recording"]);
  expect(third).toEqual([false, "recording"]);
  expect(fourth).toEqual(["disk-low", "-storage-slow", false, "recording"]);
  expect(follow([recording(1, alarm("loss")), recording(2), recording(3, alarm("loss"))]).flat()).toEqual(
    ["loss", true, "alarm", false, "recording", true, "alarm"], // heard, but not told again
  );
});

test("each sleep of the computer is told, however many there were", () => {
  const slept = (sinceS: number) => alarm("host-slept", { seconds: 9 }, { sinceS });
  expect(
    follow([recording(1, slept(1)), recording(2, slept(1)), recording(99, slept(1), slept(98))]),
  ).toEqual([
    ["host-slept", false, "recording"],
    [false, "recording"],
    ["host-slept", false, "recording"],
  ]);
});

test("what happened and is over is not what the recording looks like for the rest of it", () => {
  const book = new AlarmBook();
  const look = (elapsedS: number, ...alarms: Alarm[]) => {
    const { isSounding, worst, withdrawn } = book.take(recording(elapsedS, ...alarms));
    return [isSounding, worst?.kind, ...withdrawn];
  };
  const set = alarm("clock-jump", { seconds: 3 });
  const lost = (samples: number) => alarm("storage-lost", { samples });
  expect(look(1, set)).toEqual([false, undefined]);
  expect(look(2, set, lost(10))).toEqual([true, "storage-lost"]);
  expect(look(4, set, lost(20))).toEqual([true, "storage-lost"]);
  expect(look(8, set, lost(20))).toEqual([true, "storage-lost"]);
  expect(look(9, set, lost(20))).toEqual([false, undefined]);
  expect(look(99, set, lost(30))).toEqual([true, "storage-lost"]);
});

test("silenced stays silent until that alarm ends; another one, or the same again, is heard", () => {
  const book = new AlarmBook();
  const sounds = (state: RecorderState): boolean => book.take(state).isSounding;
  const gone = alarm("unplugged");
  const other = alarm("silent", {}, { device: 1 });
  expect(sounds(recording(1, gone))).toBe(true);
  book.silence();
  expect(sounds(recording(2, gone))).toBe(false);
  expect(sounds(recording(3, gone, other))).toBe(true);
  book.silence();
  expect(sounds(recording(4, gone, other))).toBe(false);
  expect(sounds(recording(5, gone, other, alarm("storage-lost")))).toBe(true);
  expect(sounds(recording(6))).toBe(false);
  expect(sounds(recording(7, gone))).toBe(true);
});

test("who silenced a loss hears it when nothing comes any more", () => {
  const book = new AlarmBook();
  book.take(recording(1, alarm("loss")));
  book.silence();
  expect(book.take(recording(2, alarm("loss"))).isSounding).toBe(false);
  expect(book.take(recording(3, alarm("silent"))).isSounding).toBe(true);
});

test("the end of a recording takes its notices back; devices that are only connected raise none", () => {
  expect(
    follow([
      recording(1, alarm("unplugged"), alarm("disk-low")),
      { ...idleState, phase: "armed", alarms: [alarm("unplugged")] },
      idleState,
    ]),
  ).toEqual([
    ["unplugged", "disk-low", true, "alarm"],
    ["-device 0", "-disk-low", false, "armed"],
    [false, undefined],
  ]);
});

test("a recorder that is gone for good is told and heard until it is silenced or another begins", () => {
  const book = new AlarmBook();
  book.take(recording(1));
  const lost = { ...idleState, alarms: [alarm("recorder-restarted", { reason: "exit code 9" })] };
  expect(book.take(lost)).toMatchObject({
    notices: [{ kind: "recorder-lost" }],
    isSounding: true,
    look: "alarm",
  });
  expect(book.take(lost)).toMatchObject({ notices: [], isSounding: true });
  book.silence();
  expect(book.take(lost).isSounding).toBe(false);
  expect(book.take({ ...idleState, phase: "connecting" })).toMatchObject({
    withdrawn: ["recorder-lost"],
    look: undefined,
  });
  expect(book.take({ ...idleState, phase: "armed" }).look).toBe("armed");
});

test("of two devices that send at another rate than they say each is told once, and none is heard", () => {
  const off = (device: number) => alarm("rate-off", { port: `COM${device}` }, { device });
  expect(
    follow([recording(30, off(0)), recording(31, off(0), off(1)), recording(32, off(0), off(1))]),
  ).toEqual([
    ["rate-off", false, "recording"],
    ["rate-off", false, "recording"],
    [false, "recording"],
  ]);
});
