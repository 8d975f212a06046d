import { useState, type KeyboardEvent, type PointerEvent, type ReactNode } from "react";
import { useZoomFactor } from "../../bridge/hooks.ts";
import { fixed } from "../../ui/format.ts";
import { useWords } from "../../ui/words.ts";
import css from "./settings.module.css";
import { settingsWords } from "./words.ts";

/** Width of a bank card, ISO/IEC 7810 ID-1: 85.60 mm. */
export const CARD_CM = 8.56;
const LOWEST = 10;
const HIGHEST = 200; // the contract's range, pixels a centimetre

export const clampPixels = (pixelsPerCm: number): number => Math.min(HIGHEST, Math.max(LOWEST, pixelsPerCm));

/** A bar to drag to a card's width. What is dragged is saved when it is let go, as on a page that is not zoomed. */
export function Calibration({
  pixelsPerCm: stored,
  onSave: save,
}: {
  readonly pixelsPerCm: number;
  readonly onSave: (pixelsPerCm: number) => void;
}): ReactNode {
  const t = useWords(settingsWords);
  const zoom = useZoomFactor();
  const pixelsPerCm = stored / zoom;
  const onSave = (here: number) => save(clampPixels(here * zoom));
  const [moved, setMoved] = useState({ from: pixelsPerCm, width: pixelsPerCm * CARD_CM });
  // What is dragged counts until the stored size changes.
  const width = moved.from === pixelsPerCm ? moved.width : pixelsPerCm * CARD_CM;
  const setWidth = (next: number) => setMoved({ from: pixelsPerCm, width: next });
  const value = clampPixels(width / CARD_CM);
  const grab = (event: PointerEvent<HTMLButtonElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const drag = (event: PointerEvent<HTMLButtonElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const box = event.currentTarget.parentElement?.getBoundingClientRect();
    if (box) setWidth(clampPixels((event.clientX - box.left) / CARD_CM) * CARD_CM);
  };
  const nudge = (event: KeyboardEvent<HTMLButtonElement>) => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const next = clampPixels((width + by) / CARD_CM);
    setWidth(next * CARD_CM);
    onSave(next);
  };
  return (
    <div className={css["ruler"]}>
      <div className={css["card"]} style={{ width: value * CARD_CM, maxWidth: "none" }}>
        85.6 mm · {t("pixelsPerCm", { value: fixed(value * zoom, 1) })}
        <button
          type="button"
          className={css["handle"]}
          role="slider"
          aria-label={t("cardWidth")}
          aria-valuenow={Math.round(value * 10) / 10}
          aria-valuemin={LOWEST}
          aria-valuemax={HIGHEST}
          onPointerDown={grab}
          onPointerMove={drag}
          onPointerUp={() => onSave(value)}
          onKeyDown={nudge}
        />
      </div>
    </div>
  );
}
