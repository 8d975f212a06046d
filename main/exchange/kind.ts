import type { RecordingKind } from "../../preload/contract/recording.ts";
import { guessKind, guessRole, isFilledLabel, namesOtherSignal } from "../formats/channel-role.ts";
import type { RecordingHeader } from "../signal/block.ts";

/** A surface EMG slower than this is an envelope already; "every channel is EMG" would be a wrong guess. */
const SLOWEST_EMG_HZ = 100;

/**
 * Kind and roles of a recording. `wanted` is what the person chose; without it the reader's verdict stands, else the
 * channels decide. Where a person says EMG and no channel says so itself, every channel fast enough to be one
 * is, except those that name something else.
 */
export function classify(header: RecordingHeader, wanted: RecordingKind | undefined): RecordingHeader {
  const channels = header.channels.map((channel) =>
    channel.role === "other" ? { ...channel, role: guessRole(channel.label, channel.unit) } : channel,
  );
  const kind = wanted ?? (header.kind === "other" ? guessKind(channels) : header.kind);
  const mute = kind === "emg" && channels.every(({ role }) => role === "other");
  if (!mute) return { ...header, kind, channels };
  const asEmg = channels.map((channel) =>
    channel.sampleRate >= SLOWEST_EMG_HZ && !namesOtherSignal(channel.label) && !isFilledLabel(channel.label)
      ? { ...channel, role: "emg" as const }
      : channel,
  );
  return { ...header, kind, channels: asEmg };
}
