// @vitest-environment happy-dom
import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createViewport, startAt, type ViewportStore } from "../../state/viewport.ts";
import { liveNow } from "../../trace/tiles/live-now.ts";
import { RETURNS_AFTER_S } from "./live-follow.ts";
import { useLiveFollow } from "./use-live-follow.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const nowS = (): number => 500;
const view = (): ViewportStore => createViewport({ pxPerS: 10, widthPx: 1000, maxPxPerS: 100 });
const pass = (seconds: number): void => act(() => void vi.advanceTimersByTime(seconds * 1000));

/** A view that has come to now, and then was put back in time. */
function lookingBack() {
  const first = { viewport: view(), aheadS: 0 };
  const hook = renderHook(({ viewport, aheadS }) => useLiveFollow(viewport, liveNow, { nowS, aheadS }), {
    initialProps: first,
  });
  pass(1);
  expect(first.viewport.getState().startS).toBeGreaterThan(400);
  act(() => hook.result.current.move((now) => startAt(now, 100)));
  expect(hook.result.current.isFollowing).toBe(false);
  return { ...hook, first };
}

test("who looks back returns to now after a minute, also where what may come is drawn meanwhile or not", () => {
  const { result, rerender, unmount, first } = lookingBack();
  const { toLive } = result.current;
  pass(RETURNS_AFTER_S / 2);
  rerender({ ...first, aheadS: 30 });
  expect(result.current.toLive).toBe(toLive);
  pass(RETURNS_AFTER_S / 2 + 1);
  expect(result.current.isFollowing).toBe(true);
  expect(first.viewport.getState().durationS).toBeGreaterThan(530); // with room for it
  unmount();
});

test("a new recording is followed, whoever looked back in what was shown before it", () => {
  const { result, rerender, unmount } = lookingBack();
  rerender({ viewport: view(), aheadS: 0 });
  pass(1);
  expect(result.current.isFollowing).toBe(true);
  unmount();
});
