import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Alarm, alarmKinds, idleState, type RecorderState } from "../../preload/contract/acquisition.ts";
import { saidOf } from "./recording-words.ts";
import { RecordingWatch, type Signs } from "./recording-watch.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const unplugged: Alarm = {
  ...{ kind: "unplugged", device: 0, sinceS: 1, message: "" },
  values: { port: "/dev/ttyUSB0", seconds: 2, attempts: 1 },
};
const recording = (...alarms: Alarm[]): RecorderState => ({
  ...idleState,
  phase: "recording",
  elapsedS: 5,
  alarms,
});

function watching({ isQuiet = false, breaks = false } = {}) {
  const done: string[] = [];
  const signs: Signs = {
    notify: (_key, title) => {
      if (breaks) throw new Error("no notifications here");
      done.push(title);
    },
    withdraw: (key) => done.push(`-${key}`),
    show: (look, tooltip) => done.push(look === undefined ? "no symbol" : `${look}: ${tooltip}`),
    attract: (isOn) => done.push(isOn ? "flashes" : "flashes no more"),
    beep: () => done.push("beep"),
    keepAwake: (isOn) => done.push(isOn ? "awake" : "may sleep"),
  };
  const watch = new RecordingWatch({
    ...{ signs, language: () => "en", mayBeep: () => !isQuiet },
    failed: (error) => done.push(String(error)),
  });
  return { watch, taken: () => done.splice(0) };
}

test("an alarm is told, shown and heard every 3 s without a page, until the device is back", () => {
  const { watch, taken } = watching();
  watch.take(recording());
  expect(taken()).toEqual(["recording: Kodo: recording", "awake"]);
  watch.take(recording(unplugged));
  watch.take(recording(unplugged));
  expect(taken()).toEqual([
    "Signal lost: /dev/ttyUSB0 is unplugged",
    "alarm: Kodo: Signal lost: /dev/ttyUSB0 is unplugged",
    "flashes",
    "beep",
  ]);
  vi.advanceTimersByTime(6100);
  expect(taken()).toEqual(["beep", "beep"]);
  watch.take(recording());
  vi.advanceTimersByTime(10_000);
  expect(taken()).toEqual(["/dev/ttyUSB0 is back", "recording: Kodo: recording", "flashes no more"]);
  watch.take(idleState);
  expect(taken()).toEqual(["no symbol", "may sleep"]);
});

test("silenced, the alarm is still shown; where sound is off it is never heard", () => {
  const { watch, taken } = watching();
  watch.take(recording(unplugged));
  watch.silence();
  taken();
  watch.take(recording(unplugged));
  vi.advanceTimersByTime(10_000);
  expect(taken()).toEqual([]);
  const quiet = watching({ isQuiet: true });
  quiet.watch.take(recording(unplugged));
  vi.advanceTimersByTime(10_000);
  expect(quiet.taken()).not.toContain("beep");
});

test("a system without notifications still shows and sounds", () => {
  const { watch, taken } = watching({ breaks: true });
  watch.take(recording(unplugged));
  expect(taken()).toEqual(
    expect.arrayContaining(["Error: no notifications here", "flashes", "beep", "awake"]) as string[],
  );
  watch.end();
  vi.advanceTimersByTime(10_000);
  expect(taken()).toEqual(["flashes no more", "no symbol", "may sleep"]);
});

test("every alarm has words in both languages, and no place for a value is left open", () => {
  const values = { port: "COM3", share: 0.04, minutes: 12, samples: 9, seconds: 3, said: 250, sends: 249.5 };
  for (const kind of [...alarmKinds, "resumed", "recorder-lost", "fault"] as const) {
    expect(saidOf({ kind, values }, "ja").title).toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/);
    for (const language of ["en", "ja"] as const) {
      const { title, body } = saidOf({ kind, values }, language);
      expect(`${title} ${body}`).not.toMatch(/[{}?]/);
    }
  }
});
