import { expect, test } from "vitest";
import { ctgGroups } from "./config.ts";
import { targetsOf, targetsOfSpans } from "./targets.ts";

const [heartRate] = ctgGroups();
const group = heartRate ?? expect.fail("no groups");

test("a second belongs to the event that holds its middle; what was not read and what is unclear weighs nothing", () => {
  const targets = targetsOf(
    20,
    {
      events: [
        { code: "acceleration", onsetS: 2.4, durationS: 3 },
        { code: "deceleration", onsetS: 8.6, durationS: 2 },
        { code: "contraction", onsetS: 0, durationS: 20 },
      ],
      read: [{ onsetS: 0, durationS: 15 }],
      unclear: [
        { code: "deceleration", onsetS: 13, durationS: 9 },
        { code: "contraction", onsetS: 0, durationS: 5 },
      ],
    },
    group,
  );
  expect(targets.marked).toEqual([[{ from: 2, to: 5 }], [{ from: 9, to: 11 }]]);
  expect(targets.y[2 * 2]).toBe(1);
  expect(targets.y[5 * 2]).toBe(0);
  expect(targets.y[9 * 2 + 1]).toBe(1);
  expect(targets.read).toEqual([{ from: 0, to: 13 }]);
});

test("what a rule found is known where the channel is", () => {
  const targets = targetsOfSpans([[{ from: 1, to: 3 }], []], Uint8Array.of(1, 1, 1, 0, 1));
  expect([...targets.y]).toEqual([0, 0, 1, 0, 1, 0, 0, 0, 0, 0]);
  expect(targets.read).toEqual([
    { from: 0, to: 3 },
    { from: 4, to: 5 },
  ]);
});
