import { useEffect, useMemo, type RefObject } from "react";
import { useStore } from "zustand";
import type { Settings } from "../../../../preload/contract/settings.ts";
import { useSend, useZoomFactor } from "../../../bridge/hooks.ts";
import { useSettings } from "../../../state/settings.ts";
import { change, withScale } from "../../../state/viewport.ts";
import type { StripHandle } from "../../../trace/strip/strip.tsx";
import type { TraceChannel } from "../../../trace/tracks/track.ts";
import { notifyFailure } from "../../../ui/notify.tsx";
import type { ReviewTranslate } from "../describe.ts";
import type { Place } from "../place/remembered.ts";

/** Seconds a recording that has no paper speed shows at first. */
const FIRST_SPAN_S = 20;
const CLOSEST_PX_PER_SAMPLE = 40;

export const paperPxPerS = (settings: Pick<Settings, "pixelsPerCm">, speed: number): number =>
  (settings.pixelsPerCm * speed) / 60;

/** The settings with a centimetre that stays a centimetre on the screen, however large the page is shown. */
export function useTrueSettings(): { readonly stored: Settings; readonly truePixelsPerCm: number } {
  const stored = useSettings();
  const zoom = useZoomFactor();
  return { stored, truePixelsPerCm: stored.pixelsPerCm / zoom };
}

export interface Paper {
  readonly settings: Settings; // a centimetre as it is drawn
  readonly paperShare: number; // of the true size
  readonly setSpeed: (speed: 1 | 2 | 3) => void;
  readonly setRows: (paperRows: Settings["paperRows"]) => void;
  readonly toggleRows: () => void;
  readonly setFhrRange: (fhrRange: Settings["fhrRange"]) => void;
}

/** How large time is drawn: the first scale, and the paper of a cardiotocogram as it is set. */
export function usePaper(
  place: Place,
  {
    stored,
    truePixelsPerCm,
    isCtg,
    channels,
    durationS,
    strip,
    t,
    say,
  }: {
    readonly stored: Settings;
    readonly truePixelsPerCm: number;
    readonly isCtg: boolean;
    readonly channels: readonly TraceChannel[];
    readonly durationS: number;
    readonly strip: RefObject<StripHandle | null>;
    readonly t: ReviewTranslate;
    readonly say: (text: string) => void;
  },
): Paper {
  const { viewport } = place;
  const setSettings = useSend("settings.set");
  const paperShare = useStore(viewport, (now) => now.paperShare);
  const settings = useMemo(
    () => ({ ...stored, pixelsPerCm: truePixelsPerCm * paperShare }),
    [stored, truePixelsPerCm, paperShare],
  );

  useEffect(() => {
    const fastest = Math.max(1, ...channels.map((channel) => channel.sampleRate));
    change(viewport, (now) => ({ ...now, durationS, maxPxPerS: fastest * CLOSEST_PX_PER_SAMPLE }));
  }, [viewport, channels, durationS]);

  // The first scale: paper speed for a CTG, else some seconds. It needs the width, which the strip measures.
  useEffect(() => {
    const fit = (): boolean => {
      const now = viewport.getState();
      if (now.widthPx <= 0) return false;
      if (place.isScaled) return true;
      if (!isCtg)
        change(viewport, (v) =>
          withScale(v, now.widthPx / Math.min(Math.max(0.1, now.durationS), FIRST_SPAN_S), 0),
        );
      place.scaled();
      return true;
    };
    if (fit()) return;
    const stop = viewport.subscribe(() => {
      if (fit()) stop();
    });
    return stop;
  }, [place, viewport, isCtg]);

  const paperScale = paperPxPerS(settings, settings.paperSpeed);
  useEffect(() => {
    if (!isCtg || place.paperPxPerS === paperScale) return;
    place.onPaper(paperScale);
    change(viewport, (now) => withScale(now, paperScale));
  }, [place, viewport, isCtg, paperScale]);

  const setRows = (paperRows: Settings["paperRows"]): void =>
    void setSettings.mutateAsync({ paperRows }).catch(notifyFailure);
  return {
    settings,
    paperShare,
    setSpeed: (speed) => {
      if (!isCtg) return;
      change(viewport, (now) => withScale(now, paperPxPerS(settings, speed)));
      if (speed !== settings.paperSpeed)
        void setSettings.mutateAsync({ paperSpeed: speed }).catch(notifyFailure);
    },
    setRows,
    toggleRows: () => {
      if (viewport.getState().rows > 1) setRows("one");
      else if ((strip.current?.rowsFor("several") ?? 1) > 1) setRows("several");
      else say(t("said.oneRow"));
    },
    setFhrRange: (fhrRange) => void setSettings.mutateAsync({ fhrRange }).catch(notifyFailure),
  };
}
