import { useCallback, useEffect, useRef, useState } from "react";
import { change, type Viewport, type ViewportStore } from "../../state/viewport.ts";
import type { LiveTiles } from "../../trace/tiles/live-tiles.ts";
import { following, RETURNS_AFTER_S, showsTail, staying } from "./live-follow.ts";

export interface LiveFollow {
  readonly isFollowing: boolean;
  readonly toLive: () => void;
  readonly move: (how: (viewport: Viewport) => Viewport) => void; // by a key
}

const wantsStill = (): boolean => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * Keeps the tail in view until a person goes back in time; then the view stays where it was put, and returns after a
 * minute without a touch. Runs beside React: a frame that follows renders nothing.
 */
export function useLiveFollow(
  viewport: ViewportStore,
  tiles: LiveTiles,
  { nowS, aheadS }: { readonly nowS: () => number; readonly aheadS: number }, // drawn ahead of now
): LiveFollow {
  const [isFollowing, setFollowing] = useState(true);
  const mode = useRef({ follows: true, ours: false, timer: 0 });
  const ahead = useRef(aheadS);
  useEffect(() => {
    ahead.current = aheadS; // read where it is needed: that it changes is no touch, and begins nothing anew
  });
  const keepUp = useCallback(() => {
    mode.current.ours = true;
    const { follows } = mode.current;
    change(viewport, (view) =>
      view.widthPx <= 0
        ? view
        : follows
          ? following(view, nowS(), wantsStill(), ahead.current)
          : staying(view, nowS(), ahead.current),
    );
    mode.current.ours = false;
  }, [viewport, nowS]);
  const toLive = useCallback(() => {
    window.clearTimeout(mode.current.timer);
    mode.current.follows = true;
    setFollowing(true);
    keepUp();
  }, [keepUp]);
  useEffect(() => {
    let frame: number | undefined;
    const later = (): void => {
      frame ??= requestAnimationFrame(() => {
        frame = undefined;
        keepUp();
      });
    };
    const { current } = mode;
    const moved = (after: Viewport, before: Viewport): void => {
      const isSameScale = after.widthPx === before.widthPx && after.pxPerS === before.pxPerS;
      if (current.ours || after.startS === before.startS || !isSameScale) return;
      window.clearTimeout(current.timer);
      current.follows = after.startS > before.startS && showsTail(after, nowS(), ahead.current);
      setFollowing(current.follows);
      if (!current.follows) current.timer = window.setTimeout(toLive, RETURNS_AFTER_S * 1000);
    };
    // A new recording begins a new view, which is followed, whoever looked back in the one before.
    if (!current.follows) current.timer = window.setTimeout(toLive, 0);
    const stops = [tiles.subscribe(later), viewport.subscribe(moved)];
    const timer = window.setInterval(later, 250); // while nothing comes, the clock runs on
    return () => {
      for (const stop of stops) stop();
      window.clearInterval(timer);
      window.clearTimeout(current.timer);
      if (frame !== undefined) cancelAnimationFrame(frame);
    };
  }, [viewport, tiles, nowS, keepUp, toLive]);
  return { isFollowing, toLive, move: (how) => change(viewport, how) };
}
