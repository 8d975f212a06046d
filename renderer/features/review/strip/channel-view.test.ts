import fc from "fast-check";
import { expect, test } from "vitest";
import { channelMeant, inOrder, moved, turnedRole } from "./channel-view.ts";

const channels = [0, 1, 2, 3].map((position) => ({ position }));
const positions = (order: readonly number[]): number[] =>
  inOrder(channels, order).map((channel) => channel.position);

test("channels that were never moved follow those that were, in their own order", () => {
  expect(positions([])).toEqual([0, 1, 2, 3]);
  expect(positions([2])).toEqual([2, 0, 1, 3]);
  expect(positions([9, 3, 1])).toEqual([3, 1, 0, 2]);
});

test("a channel that was chosen and is hidden since is not meant", () => {
  const shown = [{ position: 2 }, { position: 0 }];
  expect(channelMeant(shown, 0)).toBe(0);
  expect(channelMeant(shown, 1)).toBe(2);
  expect(channelMeant(shown, undefined)).toBe(2);
  expect(channelMeant([], 1)).toBeUndefined();
});

test("a channel moves by one place, and stays at either end", () => {
  expect(moved(channels, [], 1, -1)).toEqual([1, 0, 2, 3]);
  expect(moved(channels, [1, 0, 2, 3], 2, 1)).toEqual([1, 0, 3, 2]);
  expect(moved(channels, [], 0, -1)).toEqual([]);
  expect(moved(channels, [], 3, 1)).toEqual([]);
  expect(moved(channels, [], 7, 1)).toEqual([]);
});

test("however they are moved, every channel is there once", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), fc.constantFrom(1 as const, -1 as const))), (moves) => {
      const order = moves.reduce<readonly number[]>(
        (known, [position, by]) => moved(channels, known, position, by),
        [],
      );
      expect([...positions(order)].sort()).toEqual([0, 1, 2, 3]);
    }),
  );
});

test("all of a role are hidden while one is shown, and shown once none is; others stay as they are", () => {
  const roles = (["fhr", "mhr", "mhr", "uc"] as const).map((role, position) => ({ role, position }));
  const turned = (hidden: readonly number[]) => [...turnedRole(roles, new Set(hidden), "mhr")].sort();
  expect(turned([])).toEqual([1, 2]);
  expect(turned([1, 3])).toEqual([1, 2, 3]);
  expect(turned([1, 2, 3])).toEqual([3]);
});
