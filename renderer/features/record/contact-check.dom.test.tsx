// @vitest-environment happy-dom
import { act, screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import type { ContactState } from "../../../preload/contract/acquisition.ts";
import type { Api } from "../../../preload/contract/channels.ts";
import { unwrap } from "../../../preload/contract/errors.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { createFakeApi } from "../../fake/fake.ts";
import { fakeDevices } from "../../fake/recorder-devices.ts";
import { listening, onPage, pageText, press, says, settled } from "../../fake/on-page.tsx";
import { useArming } from "./arming.ts";
import { changeDraft, useDraft } from "./draft-store.ts";
import { RecordPage } from "./record-page.tsx";
import { deviceOn, emptyDraft } from "./setup-draft.ts";

const board = (port = "/dev/ttyUSB1") => deviceOn(fakeDevices, "cyton", port);
beforeEach(() => {
  useArming.setState({ isAsked: false, error: undefined });
  useDraft.setState({ ...emptyDraft, kind: "emg", devices: [board()] }, true);
});

/** A page whose recorder can be made to tell what it measured. */
function page() {
  const library = createFakeApi();
  const { api, asked } = listening(library);
  const listeners: ((state: ContactState) => void)[] = [];
  const on: Api["on"] = (name, listener) => {
    if (name === "contact.changed") listeners.push(listener as (state: ContactState) => void);
    return api.on(name, listener);
  };
  onPage(<RecordPage />, { ...api, on });
  const told = async (how: Partial<ContactState>): Promise<void> => {
    const state = sure(unwrap(await library.request("contact.state", {})));
    act(() => listeners.forEach((listener) => listener({ ...state, ...how })));
    await settled();
  };
  const times = (name: string): number => asked.filter((one) => one.name === name).length;
  return { library, told, times };
}
const words = (channel: number): (string | undefined)[] => {
  const row = sure(screen.getAllByTestId("record-contact-channel")[channel - 1]);
  return [...row.querySelectorAll<HTMLElement>("[data-input]")].map((one) => one.dataset["word"]);
};

test("contact is measured by key, electrode by electrode, with its limits, and is stopped by key", async () => {
  const { times } = page();
  await says("Check the contact of electrodes");
  expect(screen.queryByTestId("record-contact-says"), "nothing was measured yet").toBeNull();
  press("Mod+Shift+E");
  await says("5 of 16 electrodes measured");
  expect([words(1), words(2), words(3)]).toEqual([
    ["good", "good"],
    ["poor", "good"],
    ["open", undefined],
  ]);
  expect(pageText()).toMatch(/903 kΩ ?poor/);
  expect(pageText()).toContain("Good below 750 kΩ, open from 2,500 kΩ on");
  expect(pageText()).toContain("Not yet confirmed on a device.");
  press("Mod+Shift+E"); // it is under way
  await settled();
  expect(times("contact.start")).toBe(1);
  press("Mod+.");
  await says(/Stopped at .*, after 5 of 16 electrodes\. No test current flows any more/);
  expect(times("recorder.stop"), "no session was called off").toBe(0);
});

test("how it ended is told: all measured, settings that are not back, a cable that was pulled out", async () => {
  const { told } = page();
  await says("Check the contact of electrodes");
  press("Mod+Shift+E");
  await says("electrodes measured");
  const endedAt = "2026-06-01T09:30:00.000Z";
  await told({ isRunning: false, areSettingsBack: true, endedAt });
  expect(pageText()).toMatch(/All 16 electrodes were measured, at .*\. No test current flows/);
  const problem = { code: "device/port-lost", message: "/dev/ttyUSB1 is gone", detail: {} };
  await told({ isRunning: false, areSettingsBack: false, problem, endedAt });
  expect(pageText()).toContain("/dev/ttyUSB1 is gone");
  expect(
    screen
      .getAllByRole("alert")
      .map((one) => one.textContent)
      .join(),
  ).toContain("Switch it off and on");
  changeDraft({ devices: [board("/dev/ttyUSB7")] });
  await settled();
  expect(pageText(), "of another place").not.toContain("is gone");
});

test("it is offered for what measures it alone; a place that does not answer says so", async () => {
  useDraft.setState({ ...emptyDraft, devices: [deviceOn(fakeDevices, "series50", "/dev/ttyUSB0")] }, true);
  const { times } = page();
  await says("Ask who is there");
  expect(screen.queryByTestId("record-contact")).toBeNull();
  press("Mod+Shift+E");
  await settled();
  expect(times("contact.start")).toBe(0);
  changeDraft({ devices: [board("/dev/nowhere")] });
  await says("Check the contact of electrodes");
  press("Mod+Shift+E");
  await says(/device\//);
});
