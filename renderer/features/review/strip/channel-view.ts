import { useState } from "react";
import { gainStep } from "../../../trace/tracks/range.ts";
import type { TraceChannel } from "../../../trace/tracks/track.ts";

/** How a person has arranged the channels of one recording: their order, which are hidden, their gains. */
export interface ChannelView {
  readonly order: readonly number[]; // positions; those not named follow in their own order
  readonly hidden: ReadonlySet<number>;
  readonly gains: ReadonlyMap<number, number>; // 1 where absent
  readonly isApart: boolean; // twins are drawn apart
}
export const plainView: ChannelView = { order: [], hidden: new Set(), gains: new Map(), isApart: false };

/** The channels hidden so that all of a role are, or, where none of it was shown, none is. */
export function turnedRole(
  channels: readonly Pick<TraceChannel, "position" | "role">[],
  hidden: ReadonlySet<number>,
  role: TraceChannel["role"],
): ReadonlySet<number> {
  const those = channels.filter((channel) => channel.role === role).map(({ position }) => position);
  const others = [...hidden].filter((position) => !those.includes(position));
  return new Set(those.every((position) => hidden.has(position)) ? others : [...others, ...those]);
}

/** All channels in the order asked for. */
export function inOrder<C extends Pick<TraceChannel, "position">>(
  channels: readonly C[],
  order: readonly number[],
): readonly C[] {
  const place = (channel: C): number => {
    const at = order.indexOf(channel.position);
    return at < 0 ? order.length + channel.position : at;
  };
  return [...channels].sort((a, b) => place(a) - place(b));
}

/** The channel that keys mean: the one chosen while it is shown, else the first that is. */
export const channelMeant = (
  shown: readonly Pick<TraceChannel, "position">[],
  chosen: number | undefined,
): number | undefined => (shown.find((one) => one.position === chosen) ?? shown[0])?.position;

/** The order with one channel moved up or down among all of them; at the end it stays. */
export function moved(
  channels: readonly Pick<TraceChannel, "position">[],
  order: readonly number[],
  position: number,
  by: 1 | -1,
): readonly number[] {
  const positions = inOrder(channels, order).map((channel) => channel.position);
  const from = positions.indexOf(position);
  const other = positions[from + by];
  if (from < 0 || other === undefined) return order;
  positions[from] = other;
  positions[from + by] = position;
  return positions;
}

/** Where an arrangement is remembered. */
interface ArrangedPlace {
  readonly channelView: ChannelView;
  arranged(view: ChannelView): void;
}

/** Kept with the recording's place: coming back from another page finds the channels as they were arranged. */
export function useChannelView(place: ArrangedPlace, channels: readonly TraceChannel[]) {
  const [view, setView] = useState(place.channelView);
  const change = (how: (view: ChannelView) => ChannelView): void =>
    setView((known) => {
      const next = how(known);
      place.arranged(next);
      return next;
    });
  return {
    view,
    stepGainOf: (position: number, direction: 1 | -1): void =>
      change((known) => {
        const gain = gainStep(known.gains.get(position) ?? 1, direction);
        return { ...known, gains: new Map([...known.gains, [position, gain]]) };
      }),
    resetGains: (): void => change((known) => ({ ...known, gains: plainView.gains })),
    toggleChannel: (position: number): void =>
      change((known) => {
        const hidden = new Set(known.hidden);
        if (!hidden.delete(position)) hidden.add(position);
        return { ...known, hidden };
      }),
    toggleMother: (): void =>
      change((known) => ({ ...known, hidden: turnedRole(channels, known.hidden, "mhr") })),
    toggleApart: (): void => change((known) => ({ ...known, isApart: !known.isApart })),
    showAllChannels: (): void => change((known) => ({ ...known, hidden: plainView.hidden })),
    moveChannel: (position: number, by: 1 | -1): void =>
      change((known) => ({ ...known, order: moved(channels, known.order, position, by) })),
    resetOrder: (): void => change((known) => ({ ...known, order: plainView.order })),
  };
}
