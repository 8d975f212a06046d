import { AppError } from "../../../preload/contract/errors.ts";
import type { ModelChannel } from "../../../preload/contract/model-file.ts";
import type { ChannelHeader } from "../../../preload/contract/recording.ts";
import type { Run } from "../../../preload/contract/run.ts";
import { matchChannels } from "../../../preload/contract/match-channels.ts";
import { recordingOf, wantedOf, type ReadLibrary } from "../data/dataset.ts";

/**
 * Rate, unit and converter of each channel of a model, as most of the recordings have them that it learned from. An
 * imported model brought its own along.
 */
export function channelsOfModel(
  run: Pick<Run, "config" | "imported">,
  library: Pick<ReadLibrary, "getRecording">,
): ModelChannel[] {
  if (run.imported) return run.imported.channels.map((header) => ({ ...header, alsoLearnedFrom: [] }));
  const recordings = run.config.data.recordingIds.flatMap((id) => recordingOf(library, id) ?? []);
  const wanted = wantedOf(run, library);
  const matches = recordings.map(({ channels }) => matchChannels(wanted, channels));
  return wanted.map(({ label, role }, i) => {
    const found = matches.flatMap((one) => {
      const channel = one[i]?.channel;
      return channel ? [{ ...channel, label, role: role ?? channel.role }] : [];
    });
    const [first, ...others] = byFrequency(found);
    if (first) return { ...first.header, alsoLearnedFrom: others.map(seenToo) };
    throw new AppError(
      "model/cannot-export",
      `None of the recordings that ${run.config.name} learned from is in this library any more, so the rate and unit of channel ${label} are not known`,
      { channel: label, recordings: run.config.data.recordingIds.length },
    );
  });
}

interface Seen {
  readonly header: ChannelHeader;
  recordings: number;
}

/** Different headers, the most frequent first, the earlier of two that are as frequent. */
function byFrequency(headers: readonly ChannelHeader[]): readonly Seen[] {
  const seen = new Map<string, Seen>();
  for (const { label, unit, sampleRate, role, sampleType, gain, offset } of headers) {
    const key = JSON.stringify([unit, sampleRate, role, sampleType, gain]);
    const known = seen.get(key) ?? {
      header: { label, unit, sampleRate, role, sampleType, gain, offset },
      recordings: 0,
    };
    known.recordings += 1;
    seen.set(key, known);
  }
  return [...seen.values()].sort((a, b) => b.recordings - a.recordings);
}

const seenToo = ({ header, recordings }: Seen): ModelChannel["alsoLearnedFrom"][number] => ({
  sampleRate: header.sampleRate,
  unit: header.unit,
  recordings,
});
