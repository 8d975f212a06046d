import { useEffect, useState } from "react";
import { createReader, type ReaderStore } from "../../../state/reader.ts";
import { change, createViewport, endS, withScale, type ViewportStore } from "../../../state/viewport.ts";
import { clock } from "../../../ui/format.ts";
import { translate } from "../../../ui/words.ts";
import { ctgWords } from "../ctg/ctg-words.ts";
import type { Reviewing } from "../reviewing.ts";

/** A stretch that stays above while another is looked at: at the same scale, moved by itself. */
export interface Pinned {
  readonly viewport: ViewportStore;
  readonly reader: ReaderStore;
}

export interface PinnedInUse {
  readonly pinned: Pinned | undefined;
  readonly turnPin: () => void;
}

export function usePinned({ place: { viewport }, telling, say }: Reviewing): PinnedInUse {
  const [pinned, setPinned] = useState<Pinned | undefined>(undefined);
  useEffect(() => (pinned ? linked(viewport, pinned.viewport) : undefined), [viewport, pinned]);
  const t = translate(ctgWords, telling.language);
  return {
    pinned,
    turnPin: () => {
      if (pinned) {
        setPinned(undefined);
        say(t("said.unpinned"));
        return;
      }
      const now = viewport.getState();
      setPinned({ viewport: createViewport({ ...now, rows: 1 }), reader: createReader() });
      say(t("said.pinned", { from: clock(now.startS), to: clock(Math.min(now.durationS, endS(now))) }));
    },
  };
}

/** Keeps two views at one scale, whichever is zoomed; each keeps the moment at its left edge. */
export function linked(a: ViewportStore, b: ViewportStore): () => void {
  const follow = (from: ViewportStore, to: ViewportStore) => (): void => {
    const { pxPerS, durationS, maxPxPerS } = from.getState();
    change(to, (now) => {
      const scaled = withScale(now, pxPerS, 0);
      return scaled.durationS === durationS && scaled.maxPxPerS === maxPxPerS
        ? scaled
        : { ...scaled, durationS, maxPxPerS };
    });
  };
  follow(a, b)();
  const stops = [a.subscribe(follow(a, b)), b.subscribe(follow(b, a))];
  return () => {
    for (const stop of stops) stop();
  };
}
