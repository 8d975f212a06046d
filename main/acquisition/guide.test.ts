import { expect, test } from "vitest";
import { GuidedProtocol } from "../../preload/contract/acquisition.ts";
import { Guide } from "./guide.ts";

const protocol = GuidedProtocol.parse({
  ...{
    labelSet: "emg-gestures",
    restS: 1,
    gestures: ["a", "b"],
    repetitions: 1,
    holdS: 4,
    changeS: 2,
    trimS: 0.5,
  },
});
const guideOf = (beganS = 0, step = 0): Guide => new Guide(protocol, beganS, (codes) => codes, step);

test("cues follow each other by the clock, and what was held to its end is told once, without its ends", () => {
  const guide = guideOf();
  expect(guide.advance(6.9)).toEqual([]);
  expect(guide.cue(6.9)).toMatchObject({ step: 2, what: "hold", label: "a", next: "b", beganS: 3, endsS: 7 });
  expect(guide.advance(20)).toEqual([
    { label: "a", onsetS: 3.5, durationS: 3, repetition: 0 },
    { label: "b", onsetS: 9.5, durationS: 3, repetition: 0 },
  ]);
  expect(guide.advance(30)).toEqual([]);
  expect(guide.cue(30)?.what).toBe("done");
});

test("a paused cue is held anew, a skipped one is no label, a repeated one begins with its change", () => {
  const guide = guideOf();
  guide.advance(5);
  guide.step("pause", 5);
  expect(guide.advance(60)).toEqual([]);
  guide.step("resume", 60);
  expect(guide.cue(60)).toMatchObject({ what: "hold", label: "a", beganS: 60, endsS: 64 });
  guide.step("skip", 62);
  expect([guide.advance(63), guide.cue(63)?.what]).toEqual([[], "change"]);
  guide.advance(65);
  guide.step("repeat", 66);
  expect(guide.cue(66)).toMatchObject({ what: "change", label: "b", beganS: 66 });
  for (let i = 0; i < 9; i += 1) guide.step("skip", 67);
  expect(guide.cue(67)?.what).toBe("done");
});

test("one that goes on in another process begins with the step that was cut off", () => {
  const guide = guideOf(100, 4);
  expect(guide.cue(100)).toMatchObject({ step: 4, what: "hold", label: "b", beganS: 100 });
  expect(guide.advance(104)).toEqual([{ label: "b", onsetS: 100.5, durationS: 3, repetition: 0 }]);
});
