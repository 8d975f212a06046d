import type { ChannelHeader } from "../../../preload/contract/recording.ts";
import { AppError } from "../../../preload/contract/errors.ts";
import { observedMean } from "../../signal/feature.ts";
import { windowOnsetS } from "../../signal/window.ts";
import { believableRate, deviations, hideConstant, readSeconds } from "./ctg-seconds.ts";
import { emptyTable, type Front } from "./front.ts";

export const BIN_S = 4;
const rowNames = [
  "FHR minus its 10-min level",
  "FHR minus its 4-min level",
  "FHR minus 140 bpm",
  "FHR present",
  "UC above its resting tone",
  "UC level",
  "UC present",
] as const;

/**
 * Seven rows at 4 s: deviation of the fetal heart rate from two running medians and from 140 bpm, its mask; uterine
 * activity relative to its own resting tone and span, its level, its mask. Running quantiles look up to 15 min ahead
 * and back, so this is a front for review, not for a live display.
 */
export const ctgDeviation: Front = {
  name: "ctg-deviation",
  mayScale: false,
  looksBeyond: true,
  hears(channels) {
    const fhr = rateOf(channels);
    if (fhr === undefined) return channels.map(({ role }, index) => ({ index, role })); // extract refuses them
    const uc = activityOf(channels, fhr);
    const rate = { index: fhr, role: "fhr" } as const;
    return uc === undefined ? [rate] : [rate, { index: uc, role: "uc" }];
  },
  layout(_labels, windowS) {
    const columns = Math.max(1, Math.round(windowS / BIN_S));
    return {
      width: rowNames.length * columns,
      rows: rowNames,
      columns,
      columnS: BIN_S,
      scaling: "none",
      maskInputs: false,
      ring: undefined,
      isAdaptable: false,
    };
  },
  *extract(source, grid) {
    const { columns, width } = this.layout([], grid.windowS);
    const table = emptyTable(grid.count, width);
    const roles = rolesOf(source);
    const fhr = readSeconds(source, roles.fhr, believableRate);
    yield 0;
    const uc = readSeconds(source, roles.uc, hideConstant);
    yield 0;
    const rows = deviations(fhr, uc);
    for (let window = 0; window < grid.count; window += 1) {
      const onset = windowOnsetS(grid, window);
      for (let column = 0; column < columns; column += 1) {
        const from = Math.round(onset + column * BIN_S);
        const to = Math.round(onset + (column + 1) * BIN_S);
        rows.forEach(({ values, observed }, row) => {
          const at = window * width + row * columns + column;
          const { mean, observedShare } = observedMean(values, observed, from, to);
          if (observedShare < 0.5) return;
          table.x[at] = mean;
          table.observed[at] = 1;
        });
      }
      if (window % 256 === 255) yield window + 1;
    }
    return table;
  },
};

type Labelled = Pick<ChannelHeader, "label" | "role">;

/** Which channel is the heart rate and which the contractions: by role, else by order. */
export function rolesOf({ channels }: { readonly channels: readonly Labelled[] }): {
  fhr: number;
  uc: number | undefined;
} {
  const fhr = rateOf(channels);
  if (fhr === undefined) {
    throw new AppError("model/wrong-channels", "The CTG front needs a heart-rate channel", {
      channels: channels.map((channel) => channel.label).join(", "),
    });
  }
  return { fhr, uc: activityOf(channels, fhr) };
}

const firstWhere = (
  channels: readonly Labelled[],
  is: (one: Labelled, i: number) => boolean,
): number | undefined => {
  const at = channels.findIndex(is);
  return at < 0 ? undefined : at;
};

const rateOf = (channels: readonly Labelled[]): number | undefined =>
  firstWhere(channels, ({ role }) => role === "fhr") ??
  (channels[0] === undefined || channels[0].role === "uc" ? undefined : 0);

const activityOf = (channels: readonly Labelled[], fhr: number): number | undefined =>
  firstWhere(channels, ({ role }) => role === "uc") ??
  firstWhere(channels, ({ role }, i) => i !== fhr && role !== "mhr" && role !== "fhr");
