import { useEffect, useMemo } from "react";
import type { LabelSet } from "../../preload/contract/label-set.ts";
import { codesReadFor, type Reading } from "../../preload/contract/reading.ts";
import { isReadBlind, type Settings } from "../../preload/contract/settings.ts";
import { request } from "../bridge/client.ts";
import { named } from "./questions.ts";
import { useSettings } from "./settings.ts";

export interface Blind {
  readonly isBlind: boolean;
  readonly begin: () => Promise<void>;
  readonly leave: () => Promise<void>;
}

const blindNow = new Set<string>();
/** The same for what is asked at once, without a component. */
export const isBlindNow = (recordingId: string): boolean => blindNow.has(recordingId);

export function useBlind(recordingId: string): Blind {
  const settings = useSettings();
  const isBlind = isReadBlind(settings, recordingId);
  useEffect(() => {
    if (isBlind) blindNow.add(recordingId);
    else blindNow.delete(recordingId);
  }, [isBlind, recordingId]);
  return {
    isBlind,
    begin: () => readBlind(settings, recordingId),
    leave: async () => {
      const others = settings.blind.filter(
        (one) => one.recordingId !== recordingId || one.reader !== settings.author,
      );
      await request("settings.set", { blind: others });
    },
  };
}

/** From now on, until the reader leaves it or has declared the reading complete. */
export async function readBlind(
  { author, blind }: Pick<Settings, "author" | "blind">,
  recordingId: string,
): Promise<void> {
  const reader = await named(author);
  if (isReadBlind({ author: reader, blind }, recordingId)) return;
  await request("settings.set", { blind: [...blind, { recordingId, reader }] });
}

/** What is read blind by whoever reads now, of these where some are meant. */
export function useReadBlind(recordingIds?: readonly string[]): ReadonlySet<string> {
  const { author, blind } = useSettings();
  return useMemo(() => {
    const own = blind.filter(({ reader }) => reader === author).map(({ recordingId }) => recordingId);
    return new Set(recordingIds === undefined ? own : own.filter((id) => recordingIds.includes(id)));
  }, [recordingIds, author, blind]);
}

const ROUNDING_S = 1e-6;

/** Has a reader declared all of the recording read, for every group of the label set? */
export function isReadCompletely(
  readings: readonly Reading[],
  { author, set, durationS }: { readonly author: string; readonly set: LabelSet; readonly durationS: number },
): boolean {
  const own = readings.filter((one) => one.author === author && one.labelSet === set.id);
  return set.labels.every(({ code }) =>
    covers(
      own.filter((one) => codesReadFor(one, set).includes(code)),
      durationS,
    ),
  );
}

/** Does what was read leave nothing out? */
export function covers(
  readings: readonly Pick<Reading, "onsetS" | "durationS">[],
  durationS: number,
): boolean {
  let untilS = 0;
  for (const { onsetS, durationS: lengthS } of [...readings].sort((a, b) => a.onsetS - b.onsetS)) {
    if (onsetS > untilS + ROUNDING_S) return false;
    untilS = Math.max(untilS, onsetS + lengthS);
  }
  return untilS >= durationS - ROUNDING_S;
}
