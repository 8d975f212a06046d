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

export const ucLine = ({ tokens }: Colours): TraceLine => ({ colour: tokens.traceUc, width: 1.25, dash: [] });
