import { act } from "@testing-library/react";
import { afterEach, beforeEach } from "vitest";
import type { SessionSetup } from "../../../preload/contract/acquisition.ts";
import type { Api } from "../../../preload/contract/channels.ts";
import { unwrap } from "../../../preload/contract/errors.ts";
import { createFakeRecording, type FakeOptions } from "../../fake/fake.ts";
import { listening, onPage, press, says, settled } from "../../fake/on-page.tsx";
import { atStart, useSession } from "../../state/session.ts";
import { watchLive } from "../../trace/tiles/live-now.ts";
import { useSound } from "./alarm-sound.ts";
import { useDraft } from "./draft-store.ts";
import { forgetEnded } from "./ended.ts";
import { RecordPage } from "./record-page.tsx";
import { emptyDraft } from "./setup-draft.ts";

let stopWatching = (): void => undefined;
beforeEach(() => {
  useSession.setState(atStart, true);
  useDraft.setState(emptyDraft, true);
  useSound.setState({ isOn: true });
  forgetEnded();
});
afterEach(() => stopWatching());

export const monitor: SessionSetup = {
  ...{ subject: "S-1", study: "Ward 2", kind: "ctg", labelSet: "ctg-events" },
  devices: [{ protocol: "series50", port: "/dev/ttyUSB0" }],
};
export const board: SessionSetup = {
  ...{ subject: "S-2", kind: "emg", labelSet: "emg-gestures" },
  devices: [{ protocol: "cyton", port: "/dev/ttyUSB1" }],
};

/** Devices are connected, and the page of it is on screen. `pass` lets seconds go by. */
export async function connected(
  setup: SessionSetup,
  { settings = {}, around = (api: Api): Api => api }: Around = {},
) {
  const options = { recorderClock: "manual", forecasts: true, settings } as const;
  const { api: library, recorder } = createFakeRecording(3, options);
  unwrap(await library.request("recorder.arm", setup));
  const { api, asked } = listening(around(library));
  const leave = onPage(<RecordPage />, api);
  stopWatching();
  stopWatching = watchLive();
  await says("Ready, not recording");
  const pass = async (seconds: number): Promise<void> => {
    act(() => {
      for (let quarter = 0; quarter < 4 * seconds; quarter++) recorder.advance(0.25);
    });
    await settled();
  };
  const times = (name: string): number => asked.filter((one) => one.name === name).length;
  return { library, recorder, asked, pass, times, leave };
}
interface Around {
  readonly settings?: FakeOptions["settings"];
  readonly around?: (api: Api) => Api; // what is changed of the library
}

/** The same, and it is recorded. */
export async function recording(setup: SessionSetup, around?: Around) {
  const page = await connected(setup, around);
  press("Mod+Enter");
  await says("on disk up to");
  return page;
}
