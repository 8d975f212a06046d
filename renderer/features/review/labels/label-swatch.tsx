import type { ReactNode } from "react";
import type { Label } from "../../../../preload/contract/label-set.ts";
import { inkOn, paletteOf } from "../../../trace/tracks/palette.ts";
import { useScheme } from "../../../ui/scheme.ts";
import classes from "../review.module.css";

/** A label's letter in its colour: the same box as in the lanes. */
export function LabelSwatch({
  label,
  isOutlined = false,
}: {
  readonly label: Pick<Label, "letter" | "colour">;
  readonly isOutlined?: boolean;
}): ReactNode {
  const colour = paletteOf(useScheme()).ofLabel(label.colour);
  return (
    <span
      className={classes["swatch"]}
      data-outlined={isOutlined}
      aria-hidden
      style={
        isOutlined ? { color: colour, borderColor: colour } : { background: colour, color: inkOn(colour) }
      }
    >
      {label.letter}
    </span>
  );
}
