import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { watchFailures } from "./failures.ts";

function watched(recording: { isUnderway: boolean }) {
  const process = new EventEmitter();
  const done: string[] = [];
  watchFailures({
    process,
    exit: (code) => done.push(`exit ${code}`),
    log: { note: () => undefined, error: (where) => done.push(where) },
    isRecording: () => recording.isUnderway,
    tell: () => done.push("told"),
    say: () => undefined,
  });
  return { process, done };
}

test("an exception in main ends the program, but never a recording under way", () => {
  const recording = { isUnderway: true };
  const { process, done } = watched(recording);
  process.emit("uncaughtException", new Error("menu"));
  process.emit("uncaughtException", new Error("menu, again"));
  expect(done).toEqual(["fault while recording", "told", "fault while recording"]);
  recording.isUnderway = false;
  process.emit("uncaughtException", new Error("menu"));
  expect(done.slice(3)).toEqual(["fatal", "exit 70"]);
});

test("a rejection that nobody waits for is logged", () => {
  const { process, done } = watched({ isUnderway: false });
  process.emit("unhandledRejection", new Error("late"));
  expect(done).toEqual(["unhandled rejection"]);
});
