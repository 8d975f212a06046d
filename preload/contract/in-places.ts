import { piecesOf, placesOf } from "./channel-clock.ts";
import type { RecordingDetail } from "./recording.ts";

/** A recording with as many samples in each channel as are read of it: those of a device with a clock of its own have places. */
export function inPlaces<D extends Pick<RecordingDetail, "channels" | "clocks">>(detail: D): D {
  const { clocks } = detail;
  if (clocks === undefined) return detail;
  const channels = detail.channels.map((channel) => {
    const sampleCount = placesOf(piecesOf(clocks, channel.position), channel);
    return { ...channel, sampleCount, observedCount: Math.min(channel.observedCount, sampleCount) };
  });
  return { ...detail, channels };
}
