import { create } from "zustand";
import { emptyDraft, type DeviceDraft, type Draft } from "./setup-draft.ts";

/** What is filled in stays while another page is looked at, and after a recording for the next one. */
export const useDraft = create<Draft>(() => emptyDraft);

export const changeDraft = (change: Partial<Draft>): void => useDraft.setState(change);

export const changeDevice = (key: number, change: Partial<DeviceDraft>): void =>
  useDraft.setState(({ devices }) => ({
    devices: devices.map((one) => (one.key === key ? { ...one, ...change } : one)),
  }));

export const removeDevice = (key: number): void =>
  useDraft.setState(({ devices }) => ({ devices: devices.filter((one) => one.key !== key) }));
