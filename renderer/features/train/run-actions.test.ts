import { expect, test } from "vitest";
import { rightsOf } from "./run-actions.ts";

const failed = { phase: "failed", hasCheckpoint: false } as const;

test("a run under way can be paused and stopped, but not removed", () => {
  const rights = rightsOf({ phase: "training", hasCheckpoint: true });
  expect(rights).toEqual({ canPause: true, canStop: true, canGoOn: false, canRemove: false });
  expect(rightsOf({ phase: "waiting", hasCheckpoint: false })).toEqual(rights);
});

test("a stopped run goes on only from a checkpoint", () => {
  expect(rightsOf({ phase: "cancelled", hasCheckpoint: true }).canGoOn).toBe(true);
  expect(rightsOf({ phase: "cancelled", hasCheckpoint: false }).canGoOn).toBe(false);
  expect(rightsOf(failed).canGoOn).toBe(false);
});

test("a paused run, and one the closing program broke off, goes on even without a checkpoint", () => {
  expect(rightsOf({ phase: "paused", hasCheckpoint: false }).canGoOn).toBe(true);
  const error = { code: "internal/interrupted", message: "The program was closed" };
  expect(rightsOf({ ...failed, error }).canGoOn).toBe(true);
});

test("a run with results can only be removed", () => {
  expect(rightsOf({ phase: "done", hasCheckpoint: true })).toEqual({
    canPause: false,
    canStop: false,
    canGoOn: false,
    canRemove: true,
  });
});
