import type { DeviceSignal } from "../../main/acquisition/protocols/protocol.ts";
import type { ProtocolKind } from "../../preload/contract/acquisition.ts";

/** The least value of a channel that its frames can carry, and how many there are. */
type Range = readonly [low: number, count: number];

const ranges: Readonly<Record<ProtocolKind, (stream: number, channel: number) => Range>> = {
  cyton: () => [-8_000_000, 16_000_000],
  bitalino: (_, channel) => (channel < 4 ? [1, 1021] : [1, 61]),
  series50: (_, channel) => (channel < 3 ? [1, 1199] : channel === 3 ? [0, 251] : [0, 4]),
  corometrics: (stream) => [30, stream === 0 ? 97 : 89],
  ascii: () => [-500, 1009],
  cobs: () => [-32_000, 63_997],
};

/**
 * Numbers by which a sample can be told: the first channel counts, each other one counts too, and is behind by another
 * amount with each of its turns. So all channels together come again after many minutes only.
 */
export const countingSignal =
  (kind: ProtocolKind): DeviceSignal =>
  (stream, channel, sample) => {
    const [low, count] = ranges[kind](stream, channel);
    const turn = Math.floor(sample / count);
    return low + ((sample + channel * (37 + 13 * turn)) % count);
  };
