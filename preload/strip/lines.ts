import type { ChannelRole } from "../contract/recording.ts";

/** How a trace is drawn; lengths in CSS pixels (96 to the inch). */
export interface TraceLine {
  readonly colour: string;
  readonly width: number;
  readonly dash: readonly number[]; // empty: solid
}

interface Colours {
  readonly tokens: { readonly trace: string; readonly traceUc: string };
  readonly categorical: readonly string[];
}

/** CTG convention: two neighbouring heart rates further apart than this are not joined. */
export const FHR_BREAK_BPM = 30;

/** Of a trace beneath a mask: there, and not counted. */
export const HIDDEN_ALPHA = 0.32;

/** An event of one channel tints what lies beneath the trace. */
export const MARK_ALPHA = 0.12;

/**
 * How heart rates on one grid are drawn. The second and third fetus differ in colour and in line style, so that print in
 * grey still tells them apart.
 */
export function rateLines(
  channels: readonly { readonly role: ChannelRole }[],
  { tokens, categorical }: Colours,
): readonly TraceLine[] {
  const colour = (i: number): string => categorical[i % categorical.length] ?? tokens.trace;
  const first = { colour: tokens.trace, width: 1.25, dash: [] };
  const further = [
    { colour: colour(1), width: 1.25, dash: [6, 2] },
    { colour: colour(3), width: 1.25, dash: [2, 2] },
  ] as const;
  let fetus = 0;
  return channels.map(({ role }) => {
    if (role === "mhr") return { colour: colour(4), width: 1, dash: [4, 2] };
    const at = fetus++;
    return at === 0 ? first : (further[Math.min(at, further.length) - 1] ?? first);
  });
}

const APART_BPM = 20;
/** A line that is drawn for what is lifted, where it lies for it, says whose it is this often [V S34]. */
export const APART_AGAIN_CM = 5;
/** The limit of the normal baseline on the side to which it is lifted: there is least else. */
export const apartLineBpm = (liftBpm: number): number => (liftBpm < 0 ? 110 : 160);

/**
 * Twins drawn apart: the second fetus 20 bpm higher, a third 20 bpm lower; the first, and the mother, stay where they are [V S34].
 * Values that are told are never moved.
 */
export function liftsOf(
  channels: readonly { readonly role: ChannelRole }[],
  isApart: boolean,
): readonly number[] {
  const fetuses = channels.filter(({ role }) => role === "fhr");
  const lifts = isApart ? [0, APART_BPM, -APART_BPM] : [];
  return channels.map((channel) => lifts[fetuses.indexOf(channel)] ?? 0);
}

/** The scale of what is lifted. */
export const liftedScale = <S extends { readonly low: number; readonly high: number }>(
  scale: S,
  liftBpm: number,
): S => (liftBpm === 0 ? scale : { ...scale, low: scale.low - liftBpm, high: scale.high - liftBpm });

/** `FHR2 +20`. */
export const liftedName = (label: string, liftBpm: number): string =>
  liftBpm === 0 ? label : `${label} ${liftBpm < 0 ? "−" : "+"}${Math.abs(liftBpm)}`;

export const ucLine = ({ tokens }: Colours): TraceLine => ({ colour: tokens.traceUc, width: 1.25, dash: [] });
