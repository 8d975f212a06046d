import type { ChannelHeader, ChannelRole } from "./recording.ts";

type Named = Pick<ChannelHeader, "label" | "role">;

/** A channel that a run asks for: the name it was chosen by, and what it measures where that is known. */
export interface WantedChannel {
  readonly label: string;
  readonly role?: ChannelRole | undefined;
}

export interface ChannelMatch<C> {
  readonly wanted: WantedChannel;
  readonly channel: C | undefined; // undefined: the recording lacks it
  readonly others: readonly C[]; // of the same role, that it might have been as well
}

/** Of these there is one a recording, twins apart; electrodes and channels of no particular role are told by their names. */
const singleRoles: ReadonlySet<ChannelRole | undefined> = new Set(["fhr", "mhr", "uc"]);

/**
 * Which of a recording's channels a run means: hospitals call a heart rate FHR, FHR1 or 心拍数. A role first; of several
 * the one of the same name, else the first that is left. Electrodes by their names; in order only where none of the
 * names is there and there are as many. Everything else by its name.
 */
export function matchChannels<C extends Named>(
  wanted: readonly WantedChannel[],
  channels: readonly C[],
): readonly ChannelMatch<C>[] {
  const found = new Map<WantedChannel, C>();
  const taken = new Set<C>();
  const take = (one: WantedChannel, channel: C | undefined): void => {
    if (channel === undefined || found.has(one)) return;
    found.set(one, channel);
    taken.add(channel);
  };
  const free = (is: (channel: C) => boolean): C | undefined =>
    channels.find((channel) => !taken.has(channel) && is(channel));
  const single = wanted.filter(({ role }) => singleRoles.has(role));
  for (const one of single)
    take(
      one,
      free(({ label, role }) => role === one.role && label === one.label),
    );
  for (const one of single)
    take(
      one,
      free(({ role }) => role === one.role),
    );
  const electrodes = wanted.filter(({ role }) => role === "emg");
  const there = channels.filter(({ role }) => role === "emg");
  const areNamed = electrodes.some((one) => there.some(({ label }) => label === one.label));
  if (!areNamed && there.length === electrodes.length) electrodes.forEach((one, i) => take(one, there[i]));
  // A channel of a role of its own is not taken for another's, whatever it is called.
  for (const one of wanted) {
    const isOf = (role: ChannelRole): boolean =>
      one.role === undefined || one.role === "other" || role === one.role || role === "other";
    take(
      one,
      free(({ label, role }) => label === one.label && isOf(role)),
    );
  }
  return wanted.map((one) => {
    const channel = found.get(one);
    const isAlone = !singleRoles.has(one.role) || channel === undefined;
    return {
      wanted: one,
      channel,
      others: isAlone ? [] : channels.filter((other) => other.role === one.role && other !== channel),
    };
  });
}

/** What a run asks for. Roles are those its recordings have, or the ones it brought along from another library. */
export function wantedChannels(
  run: {
    readonly config: {
      readonly data: { readonly channels: readonly string[]; readonly recordingIds: readonly string[] };
    };
    readonly imported?: { readonly channels: readonly Named[] } | undefined;
  },
  channelsOf: (recordingId: string) => readonly Named[] | undefined,
): readonly WantedChannel[] {
  const { config, imported } = run;
  const knownIn = (channels: readonly Named[] | undefined, label: string): Named | undefined =>
    channels?.find((channel) => channel.label === label);
  return config.data.channels.map((label) => {
    if (imported) return { label, role: knownIn(imported.channels, label)?.role };
    for (const id of config.data.recordingIds) {
      const known = knownIn(channelsOf(id), label); // the first that has it is enough: asking all of them is slow
      if (known) return { label, role: known.role };
    }
    return { label, role: undefined };
  });
}

/** Names of the first recording's channels that every recording has, whatever it calls them. */
export function sharedChannels(recordings: readonly { readonly channels: readonly Named[] }[]): string[] {
  const [first] = recordings;
  if (!first) return [];
  const others = new Set(recordings.map(({ channels }) => channels)); // those of one device may be one list
  const wanted = first.channels.filter(
    ({ label }, i) => first.channels.findIndex((other) => other.label === label) === i,
  );
  const matches = [...others].map((channels) => matchChannels(wanted, channels));
  return wanted
    .filter((_, i) => matches.every((one) => one[i]?.channel !== undefined))
    .map(({ label }) => label);
}

/**
 * Who lacks what the others have: a channel of the recording that most of them are like, and those without it. Left
 * out, they no longer keep the others from being learned from together.
 */
export function strays<R extends { readonly channels: readonly Named[] }>(
  recordings: readonly R[],
): readonly { readonly channel: Named; readonly recordings: readonly R[] }[] {
  const signatures = signaturesOf(recordings);
  const signatureOf = ({ channels }: R): string => signatures.get(channels) ?? "";
  const kinds = [...new Map(recordings.map((one) => [signatureOf(one), one])).values()];
  const found = (of: R, other: R) =>
    matchChannels(of.channels, other.channels).map(({ channel }) => channel !== undefined);
  const lacking = (of: R) => {
    const has = new Map(kinds.map((one) => [signatureOf(one), found(of, one)]));
    return of.channels.map((channel, i) => ({
      channel,
      recordings: recordings.filter((one) => has.get(signatureOf(one))?.[i] !== true),
    }));
  };
  const alike = (of: R): number => {
    const some = new Set(kinds.filter((one) => found(of, one).includes(true)).map(signatureOf));
    return recordings.filter((one) => some.has(signatureOf(one))).length;
  };
  const counts = new Map<string, number>();
  for (const one of recordings) counts.set(signatureOf(one), (counts.get(signatureOf(one)) ?? 0) + 1);
  /** Recordings that measure just the same, whatever they call it. */
  const same = (of: R): number =>
    kinds
      .filter((one) => rolesOf(one) === rolesOf(of))
      .reduce((sum, one) => sum + (counts.get(signatureOf(one)) ?? 0), 0);
  const [usual] = kinds
    .map((one) => ({ one, count: alike(one), same: same(one) }))
    .sort((a, b) => b.count - a.count || b.same - a.same || b.one.channels.length - a.one.channels.length);
  return usual === undefined ? [] : lacking(usual.one).filter((one) => one.recordings.length > 0);
}

const rolesOf = ({ channels }: { readonly channels: readonly Named[] }): string =>
  channels
    .map(({ role }) => role)
    .sort()
    .join(" ");

/** Recordings of one device are alike: they are compared once. */
function signaturesOf(
  recordings: readonly { readonly channels: readonly Named[] }[],
): ReadonlyMap<readonly Named[], string> {
  const known = new Map<readonly Named[], string>();
  for (const { channels } of recordings)
    if (!known.has(channels))
      known.set(channels, JSON.stringify(channels.map(({ label, role }) => [label, role])));
  return known;
}
