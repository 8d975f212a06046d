import { useEffect, useRef, useState } from "react";
import type { CtgSettings } from "../../../../preload/contract/ctg.ts";
import { type AppError, asAppError } from "../../../../preload/contract/errors.ts";
import { request } from "../../../bridge/client.ts";
import { useEvent } from "../../../bridge/hooks.ts";

interface Asking {
  readonly isReading: boolean;
  readonly done: number;
  readonly error: AppError | undefined;
}
const resting: Asking = { isReading: false, done: 0, error: undefined };

/**
 * Has a recording read by rule once it is wanted, and again when what the reading rests upon has changed. Nothing waits
 * for it. What failed, or was cancelled by a person, is not asked again by itself until that changes.
 */
export function useCtgAsking(
  recordingId: string,
  {
    settings,
    isWanted,
    standing,
  }: {
    readonly settings: CtgSettings;
    readonly isWanted: boolean; // nothing has been read, or what was is outdated
    readonly standing: string; // what the reading rests upon, as text
  },
): Asking & { readonly read: () => void; readonly cancel: () => void } {
  const [asking, setAsking] = useState<Asking>(resting);
  const asked = useRef<string | undefined>(undefined); // what it was asked for last
  const turn = useRef(0);
  useEvent("ctg.progress", ({ recordingId: id, done }) => {
    if (id === recordingId) setAsking((now) => (now.isReading ? { ...now, done } : now));
  });
  const read = (): void => {
    const own = (turn.current += 1);
    const settle = (error: AppError | undefined): void => {
      if (turn.current === own) setAsking({ ...resting, error });
    };
    asked.current = standing;
    setAsking({ ...resting, isReading: true });
    request("ctg.read", { recordingId, settings }).then(
      () => settle(undefined),
      (error: unknown) => settle(asAppError(error)),
    );
  };
  const latest = useRef(read);
  useEffect(() => {
    latest.current = read;
  });
  useEffect(() => {
    if (isWanted && asked.current !== standing) latest.current();
  }, [isWanted, standing]);
  return {
    ...asking,
    read,
    cancel: () => void request("ctg.cancel", { recordingId }).catch(() => undefined), // it ends with its own word
  };
}
