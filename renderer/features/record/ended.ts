import { create } from "zustand";

interface Ended {
  readonly recordingId: string;
  readonly name: string;
}

/** The recording that was ended last, offered until the next one begins. */
export const useEnded = create<{ readonly last: Ended | undefined }>(() => ({ last: undefined }));
export const showEnded = (last: Ended): void => useEnded.setState({ last });
export const forgetEnded = (): void => useEnded.setState({ last: undefined });
