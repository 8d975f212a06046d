// @vitest-environment happy-dom
import { act, fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import { DeviceFound, idleState, type RecorderState } from "../../../preload/contract/acquisition.ts";
import type { Api } from "../../../preload/contract/channels.ts";
import { unwrap } from "../../../preload/contract/errors.ts";
import { createFakeApi } from "../../fake/fake.ts";
import { fakeDevices } from "../../fake/recorder-devices.ts";
import { holding, listening, onPage, pageText, press, says, settled } from "../../fake/on-page.tsx";
import { useArming } from "./arming.ts";
import { changeDraft, useDraft } from "./draft-store.ts";
import { RecordPage } from "./record-page.tsx";
import { deviceOn, emptyDraft } from "./setup-draft.ts";

beforeEach(() => {
  useDraft.setState(emptyDraft, true);
  useArming.setState({ isAsked: false, error: undefined });
});

const monitor = () => deviceOn(fakeDevices, "series50", "/dev/ttyUSB0");
const filled = () => useDraft.setState({ ...emptyDraft, subject: "S-1", devices: [monitor()] }, true);
const type = (testId: string, value: string): void =>
  void fireEvent.change(screen.getByTestId(testId), { target: { value } });
const standing = (): string | undefined => screen.getByTestId("record-identity").dataset["state"];

test("who answered at one place is not taken for who is at another", async () => {
  filled();
  const { api, held } = holding(createFakeApi(), "devices.identify");
  onPage(<RecordPage />, api);
  await says("Ask who is there");
  fireEvent.click(screen.getByTestId("record-identify"));
  await settled();
  expect(standing()).toBe("asking");
  type("record-port-typed", "/dev/ttyUSB7");
  await settled();
  await held[0]?.answer();
  expect(standing()).toBe("unasked");
  expect(useDraft.getState().devices[0]?.found).toBeUndefined();
});

test("a place that did not answer says so in words, until another is typed", async () => {
  filled();
  changeDraft({ devices: [{ ...monitor(), port: "/dev/nowhere" }] });
  onPage(<RecordPage />, createFakeApi());
  await says("Ask who is there");
  fireEvent.click(screen.getByTestId("record-identify"));
  await says(/device\//);
  expect(standing()).toBe("failed");
  type("record-port-typed", "/dev/ttyUSB7");
  await settled();
  expect(standing()).toBe("unasked");
  expect(pageText()).not.toMatch(/device\//);
});

test("what is in the way is told when it is tried, and connecting is asked once", async () => {
  const { api: library, held } = holding(createFakeApi(), "recorder.arm");
  const { api, asked } = listening(library);
  onPage(<RecordPage />, api);
  await says("Before it starts");
  press("Mod+Enter");
  await settled();
  expect(held).toHaveLength(0);
  expect(screen.getAllByTestId("record-problem").map((one) => one.dataset["code"])).toEqual([
    "no-subject",
    "no-device",
  ]);
  filled();
  await settled();
  press("Mod+Enter");
  await settled();
  press("Mod+Enter");
  await settled();
  expect(held).toHaveLength(1);
  const [device] = useDraft.getState().devices;
  const found = { line: { baudRate: 9600 }, identity: { model: "Series 50", facts: {} }, channels: [] };
  changeDraft({ devices: [{ ...monitor(), ...device, found: DeviceFound.parse(found) }] });
  await says("Series 50 answered");
  const lists = (): number => asked.filter(({ name }) => name === "devices.list").length;
  const before = lists();
  const detail = { path: "/dev/ttyUSB0" };
  await held[0]?.refuse({ code: "device/port-lost", message: "/dev/ttyUSB0 is gone", detail });
  await says("device/port-lost");
  expect(pageText(), "it answered before, and does not now").not.toContain("Series 50 answered");
  expect(lists(), "ports are looked for anew").toBe(before + 1);
  expect(held).toHaveLength(0);
  press("Mod+Enter");
  await settled();
  expect(held).toHaveLength(1);
});

test("while devices are being connected nothing can be started, it can be called off, and why it failed is read afterwards", async () => {
  const { api: library, held } = holding(createFakeApi(), "recorder.arm");
  const { api: heard, asked } = listening(library);
  const listeners: ((state: RecorderState) => void)[] = [];
  const on: Api["on"] = (name, listener) => {
    if (name === "recorder.changed") listeners.push(listener as (state: RecorderState) => void);
    return heard.on(name, listener);
  };
  const told = async (phase: RecorderState["phase"]): Promise<void> => {
    act(() => listeners.forEach((listener) => listener({ ...idleState, phase })));
    await settled();
  };
  filled();
  onPage(<RecordPage />, { ...heard, on });
  await says("Before it starts");
  press("Mod+Enter");
  await settled();
  await told("connecting"); // as the recorder does at once, and for as long as nobody answers
  expect(pageText()).toContain("Connecting…");
  expect(screen.queryByTestId("record-start")).toBeNull();
  press("Mod+.");
  await settled();
  expect(asked.map(({ name }) => name)).toContain("recorder.stop");
  await told("idle");
  await held[0]?.refuse({ code: "device/silent", message: "Nothing came from /dev/ttyUSB0", detail: {} });
  await says("device/silent");
});

test("what is filled in stays when the page is left before the devices are known", async () => {
  const { api, held } = holding(createFakeApi(), "devices.list");
  const leave = onPage(<RecordPage />, api);
  await settled();
  leave();
  for (const one of [...held]) await one.answer();
  filled();
  onPage(<RecordPage />, createFakeApi());
  await says("Ask who is there");
  expect(screen.getByTestId<HTMLInputElement>("record-subject").value).toBe("S-1");
  press("Mod+Shift+A");
  await settled();
  expect(screen.getAllByTestId("record-device")).toHaveLength(2);
});

test("a set-up is kept without the person, used by key, and comes back once it was removed", async () => {
  const library = createFakeApi();
  const { api, asked } = listening(library);
  filled();
  onPage(<RecordPage />, api);
  await says("Ask who is there");
  type("record-template-name", " Ward 2 ");
  fireEvent.click(screen.getByTestId("record-template-save"));
  await says("Ward 2");
  const [kept] = unwrap(await library.request("recorder.templates", {}));
  expect(kept).toMatchObject({ name: "Ward 2", setup: { subject: "-", note: "" } });
  changeDraft({ devices: [] });
  await settled();
  press("Alt+1");
  await settled();
  expect(useDraft.getState()).toMatchObject({ subject: "S-1", devices: [{ port: "/dev/ttyUSB0" }] });
  fireEvent.click(screen.getByTestId("record-template-remove"));
  await settled(60);
  expect(unwrap(await library.request("recorder.templates", {}))).toEqual([]);
  press("Mod+Z");
  press("Mod+Z");
  await settled(60);
  expect(unwrap(await library.request("recorder.templates", {}))).toHaveLength(1);
  expect(asked.filter(({ name }) => name === "recorder.saveTemplate")).toHaveLength(2);
});

test("devices that cannot be listed say why, and can be asked again", async () => {
  const { api, asked } = listening(createFakeApi(1, { failing: ["devices.list"] }));
  onPage(<RecordPage />, api);
  await says("storage/disk-full");
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  await settled();
  expect(asked.filter(({ name }) => name === "devices.list")).toHaveLength(2);
});
