import { useEffect, useState } from "react";
import type { Roster } from "../../../preload/contract/listing.ts";
import { type AppError, asAppError } from "../../../preload/contract/errors.ts";
import type { ChannelHeader } from "../../../preload/contract/recording.ts";
import { request } from "../../bridge/client.ts";
import { useEvent } from "../../bridge/hooks.ts";

type Named = Pick<ChannelHeader, "label" | "role">;

/** A recording that can be trained on. Those with the same channels share one list of them. */
export type Candidate = Omit<Roster["rows"][number], "layout"> & { readonly channels: readonly Named[] };

/** Channels of recordings that were made alike are one list, by what they say. */
class Layouts {
  readonly #known = new Map<string, readonly Named[]>();

  of(channels: readonly Named[]): readonly Named[] {
    const named = channels.map(({ label, role }) => ({ label, role }));
    const key = JSON.stringify(named);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, named);
    return named;
  }
}

export interface Candidates {
  readonly all: readonly Candidate[] | undefined; // once every one is read
  readonly read: number; // so far
  readonly error: AppError | undefined;
  readonly retry: () => void;
}

/** Several changes at once are followed in one step; of more than this the roster is read anew. */
const TOGETHER_MS = 250;
const FOLLOWED = 500;

/** Every recording of the library, read a part at a time; leaving the page ends it. Changes are followed one by one. */
export function useCandidates(): Candidates {
  const [layouts] = useState(() => new Layouts());
  const [state, setState] = useState<Omit<Candidates, "retry">>({
    all: undefined,
    read: 0,
    error: undefined,
  });
  const [asked, setAsked] = useState(0);
  const [answered, setAnswered] = useState<number>(); // the asking that `all` is of
  const [changed, setChanged] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    const leaving = new AbortController();
    readAll(layouts, leaving.signal, (read) =>
      setState((known) => ({ ...known, read, error: undefined })),
    ).then(
      (all) => {
        if (leaving.signal.aborted) return;
        setState({ all, read: all.length, error: undefined });
        setAnswered(asked);
      },
      (error: unknown) => {
        if (!leaving.signal.aborted) setState((known) => ({ ...known, error: asAppError(error) }));
      },
    );
    return () => leaving.abort();
  }, [layouts, asked]);
  const follow = (ids: readonly string[]) => setChanged((known) => new Set([...known, ...ids]));
  useEvent("recordings.changed", ({ ids }) => follow(ids));
  useEvent("annotations.changed", ({ recordingId }) => follow([recordingId]));
  const isRead = answered === asked; // what changes while it is read anew may be read as it was: followed after that
  useEffect(() => {
    if (changed.size === 0 || !isRead) return;
    const timer = setTimeout(() => {
      const ids = [...changed];
      setChanged(new Set());
      if (ids.length > FOLLOWED) {
        setAsked((times) => times + 1);
        return;
      }
      request("recordings.some", { ids }).then(
        (fresh) => {
          const now = new Map(fresh.map((one) => [one.id, { ...one, channels: layouts.of(one.channels) }]));
          setState((known) => ({ ...known, all: known.all && withChanged(known.all, new Set(ids), now) }));
        },
        () => setAsked((times) => times + 1),
      );
    }, TOGETHER_MS);
    return () => clearTimeout(timer);
  }, [changed, isRead, layouts]);
  return { ...state, retry: () => setAsked((times) => times + 1) };
}

/** The same, with those that changed as they are now, without those that are gone, and new ones at the end. */
export function withChanged(
  all: readonly Candidate[],
  ids: ReadonlySet<string>,
  now: ReadonlyMap<string, Candidate>,
): readonly Candidate[] {
  const there = new Set(all.map(({ id }) => id));
  return [
    ...all.flatMap((one) => (ids.has(one.id) ? (now.get(one.id) ?? []) : [one])),
    ...[...now.values()].filter(({ id }) => !there.has(id)),
  ];
}

async function readAll(
  layouts: Layouts,
  signal: AbortSignal,
  onRead: (read: number) => void,
): Promise<readonly Candidate[]> {
  const all: Candidate[] = [];
  let after: number | undefined = 0;
  while (after !== undefined && !signal.aborted) {
    const part: Roster = await request("recordings.roster", { after });
    const lists = part.layouts.map((channels) => layouts.of(channels));
    for (const { layout, ...one } of part.rows) all.push({ ...one, channels: lists[layout] ?? [] });
    after = part.next;
    if (after !== undefined && !signal.aborted) onRead(all.length);
  }
  return all;
}
