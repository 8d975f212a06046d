import type { ChannelMatch } from "./match-channels.ts";
import type { Channel } from "./recording.ts";
import { problemOf, type Problem } from "./run.ts";

export interface MatchedRecording {
  readonly name: string;
  readonly matches: readonly ChannelMatch<Channel>[];
}

/** Recordings named in a sentence; of more it says how many. */
const NAMED = 3;

/** The first few names. */
export const someOf = (named: readonly { readonly name: string }[]): string =>
  [...named.slice(0, NAMED).map(({ name }) => name), ...(named.length > NAMED ? ["…"] : [])].join(", ");

/** Channels taken under another name, and those that were chosen among several. */
export function channelAdvice(matched: readonly MatchedRecording[]): Problem[] {
  const renamed = new Map<string, Renamed>();
  for (const recording of matched)
    for (const { wanted, channel, others } of recording.matches) {
      if (channel === undefined || (channel.label === wanted.label && others.length === 0)) continue;
      const rest = others.map(({ label }) => label).join(", ");
      const key = JSON.stringify([wanted.label, channel.label, rest]);
      const known = renamed.get(key)?.recordings ?? [];
      const recordings = [...known, recording];
      renamed.set(key, { channel: wanted.label, found: channel.label, rest, recordings });
    }
  return [...renamed.values()].map(({ channel, found, rest, recordings }) => {
    const facts = { channel, found, recordings: someOf(recordings), total: recordings.length };
    return rest === ""
      ? problemOf("CHANNEL_RENAMED", facts)
      : problemOf("CHANNEL_OF_SEVERAL", { ...facts, others: rest });
  });
}

interface Renamed {
  readonly channel: string;
  readonly found: string;
  readonly rest: string;
  readonly recordings: readonly MatchedRecording[];
}
