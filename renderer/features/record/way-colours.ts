import type { Branch } from "../../../preload/contract/finding.ts";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import { paletteOf } from "../../trace/tracks/palette.ts";
import { classColours } from "../../ui/class-names.ts";
import type { Scheme } from "../../ui/tokens.ts";

/** Of ways that what comes may take, on the trace and beside it. */
export const coloursOfWays = (
  branches: readonly Branch[],
  sets: readonly LabelSet[],
  scheme: Scheme,
): readonly string[] =>
  classColours(
    branches.map(({ code }) => code ?? ""),
    sets,
    scheme,
    paletteOf(scheme).ofLabel,
  );
