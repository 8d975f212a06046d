import { create } from "zustand";
import type { ParsedSessionSetup } from "../../../preload/contract/acquisition.ts";
import { type AppError, asAppError } from "../../../preload/contract/errors.ts";
import { request } from "../../bridge/client.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { useDraft } from "./draft-store.ts";
import { forgetEnded } from "./ended.ts";

interface Arming {
  readonly isAsked: boolean;
  readonly error: AppError | undefined; // of the last time
  readonly isLookedAt: boolean; // the page that says so is on screen
}

/** Kept beside the page: devices take seconds to answer, and another page may be looked at until they do. */
export const useArming = create<Arming>(() => ({ isAsked: false, error: undefined, isLookedAt: false }));

/**
 * Connects what is set up. Why it did not is said where it was asked, or as a notice where nobody looks; then `refused` is
 * called, unless a person called it off.
 */
export async function connectDevices(setup: ParsedSessionSetup, refused: () => void): Promise<void> {
  if (useArming.getState().isAsked) return;
  useArming.setState({ isAsked: true, error: undefined });
  try {
    await request("recorder.arm", setup);
    forgetEnded();
  } catch (thrown) {
    const error = asAppError(thrown);
    if (error.code === "cancelled/by-user") return;
    useArming.setState({ error });
    forgetWhoAnswered(error.detail["path"]);
    refused();
    if (!useArming.getState().isLookedAt) notifyFailure(error);
  } finally {
    useArming.setState({ isAsked: false });
  }
}

/** Of a device that did not connect nobody may read that it answers; where it is not known which, of none. */
const forgetWhoAnswered = (path: unknown): void =>
  useDraft.setState(({ devices }) => ({
    devices: devices.map((one) =>
      path === undefined || one.port.trim() === path ? { ...one, found: undefined } : one,
    ),
  }));

export function callOffDevices(): void {
  void request("recorder.stop", {}).catch(notifyFailure);
}

/** While it is there, what went wrong is read on the page. */
export function lookAtArming(): () => void {
  useArming.setState({ isLookedAt: true });
  return () => useArming.setState({ isLookedAt: false });
}
