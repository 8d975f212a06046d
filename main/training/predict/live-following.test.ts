import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { JudgedWindow } from "../../../preload/contract/acquisition.ts";
import type { SequenceJudge } from "../../models/model.ts";
import { registered } from "../../models/registry.ts";
import { walk, walkForecaster, walkJudge, WALK_RATE, WALK_S, WALK_SD } from "../data/walk.fixtures.ts";
import { openLive } from "./live.ts";
import { liveWalk } from "./live-walk.fixtures.ts";

/** A minute of it did not come. */
const isAway = (s: number): boolean => s >= 300 && s < 360;
const { channel, order, tools, told, trained } = liveWalk(isAway);

let takeOut: () => void = () => undefined;
const put = (judge: SequenceJudge): void => {
  takeOut = registered({ ...walk, open: () => Promise.resolve(judge) });
};
beforeEach(() => (takeOut = registered(walk)));
afterEach(() => takeOut());

async function followed(bounds: readonly number[]): Promise<JudgedWindow[]> {
  const said: JudgedWindow[] = [];
  const stream = await openLive({ ...trained, ...order }, tools, (some) => said.push(...some));
  for (const [i, to] of bounds.slice(1).entries()) stream.hear([told(bounds[i] ?? 0, to)]);
  await stream.settled();
  await stream.dispose();
  return said;
}

const total = WALK_S * WALK_RATE;
const cuts = (inner: readonly number[]): number[] =>
  [...new Set([0, ...inner, 300 * WALK_RATE, 360 * WALK_RATE, total])].sort((a, b) => a - b);

test("a recording under way is looked ahead as it will be once it is stored, however it is cut", async () => {
  const seconds = Array.from({ length: WALK_S }, (_, s) =>
    isAway(s) ? undefined : channel?.values[s * WALK_RATE],
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: total - 1 }), { minLength: 1, maxLength: 120 }),
      async (inner) => {
        const said = await followed(cuts(inner));
        expect(said.length).toBeGreaterThan(2);
        for (const { said: one, arrivedS } of said) {
          const timeS = arrivedS ?? 0;
          expect(one.onsetS + one.durationS).toBeCloseTo(Math.max(1, timeS), 9);
          const stored = walkForecaster(seconds, WALK_SD).at(timeS)?.forecast;
          expect(one.forecast).toEqual(stored && { ...stored, over: "FHR1" }); // as the device calls it
        }
      },
    ),
    { numRuns: 10, endOnFailure: true },
  );
});

test("is looked ahead once a second, and says so where nothing is known yet", async () => {
  const each = await followed(cuts(Array.from({ length: 4 * 20 }, (_, i) => i + 1)));
  expect(each.slice(0, 20).map(({ said }) => said.onsetS)).toEqual(Array.from({ length: 20 }, (_, s) => s));
  takeOut();
  const silent = { hear: () => undefined, timeS: 3, future: () => undefined };
  put({ ...walkJudge(WALK_SD), follower: () => Promise.resolve(silent) });
  expect((await followed([0, 12]))[0]?.said).toEqual({ onsetS: 2, durationS: 1, why: "unobserved" });
});

test("a model that follows nothing, and one that fails as it hears, say so", async () => {
  takeOut();
  put({ judge: () => Promise.resolve([]), dispose: () => Promise.resolve() });
  await expect(openLive({ ...trained, ...order }, tools, () => undefined)).rejects.toMatchObject({
    code: "model/not-live",
  });
  takeOut();
  const broken = () => {
    throw new Error("its memory is lost");
  };
  const follower = { hear: broken, timeS: 0, future: () => undefined };
  put({ ...walkJudge(WALK_SD), follower: () => Promise.resolve(follower) });
  const stream = await openLive({ ...trained, ...order }, tools, () => undefined);
  stream.hear([told(0, 8)]);
  await expect(stream.failed).rejects.toThrow("its memory is lost");
  stream.hear([told(8, 16)]);
});
