import { AppError } from "../../../../preload/contract/errors.ts";
import type { SignalSource, SourceChannel } from "../../fronts/front.ts";
import { readSeconds } from "../../fronts/ctg-seconds.ts";
import { secondsOf } from "../seconds.ts";
import { contractionLevel, type ContractionLevel } from "./net/contractions.ts";

/** A recording a value a second. Where a mask is 0 nothing was seen. A second knows nothing of later ones. */
export interface SeenSeconds {
  readonly y: Float64Array; // in units of the model
  readonly observed: Uint8Array;
  readonly contractions: ContractionLevel;
  readonly uc: Float32Array; // as recorded
}

/** Indices of the channel that is followed and of the one that drives it. */
export interface FollowedChannels {
  readonly own: number;
  readonly uc: number | undefined;
}

/** The heart rate with contractions; without one the first other channel, alone. Throws model/wrong-channels for none. */
export function followedChannels(channels: readonly Pick<SourceChannel, "role">[]): FollowedChannels {
  const first = (is: (role: string) => boolean): number | undefined => {
    const index = channels.findIndex(({ role }) => is(role));
    return index < 0 ? undefined : index;
  };
  const fhr = first((role) => role === "fhr");
  const own = fhr ?? first((role) => role !== "uc" && role !== "mhr");
  if (own === undefined)
    throw new AppError("model/wrong-channels", "There is no channel to follow", {
      channels: channels.length,
    });
  return { own, uc: fhr === undefined ? undefined : first((role) => role === "uc") };
}

/** `unit`: what counts as one in the model. */
export function seenSeconds(source: SignalSource, unit: number, channels: FollowedChannels): SeenSeconds {
  const { own, uc } = channels;
  if (source.channels[own]?.role === "fhr") {
    const { fhr, fhrSeen, uc: tone, ucSeen } = secondsOf(source, { fhr: own, uc });
    return scaled(fhr, fhrSeen, unit, { uc: tone, contractions: contractionLevel(tone, ucSeen) });
  }
  const { values, observed } = readSeconds(source, own, (_, mask) => mask);
  const none = new Float32Array(values.length);
  return scaled(values, observed, unit, {
    uc: none,
    contractions: { level: none, observed: new Uint8Array(values.length) },
  });
}

const scaled = (
  values: Float32Array,
  observed: Uint8Array,
  unit: number,
  rest: Pick<SeenSeconds, "uc" | "contractions">,
): SeenSeconds => ({ y: Float64Array.from(values, (v) => v / unit), observed, ...rest });

const USUAL_STEP = 0.75; // beats a minute from one second to the next, the middle one

/** What counts as one: a beat a minute of a heart rate; of other channels what moves as much a second. */
export function unitOf(all: readonly SeenSeconds[], isRate: boolean): number {
  if (isRate) return 1;
  const steps = all.flatMap(({ y, observed }) =>
    [...y.keys()].flatMap((t) =>
      observed[t] === 1 && observed[t - 1] === 1 ? [Math.abs((y[t] ?? 0) - (y[t - 1] ?? 0))] : [],
    ),
  );
  const moving = steps.filter((step) => step > 0).sort((a, b) => a - b);
  return (moving[Math.floor(moving.length / 2)] ?? USUAL_STEP) / USUAL_STEP;
}
