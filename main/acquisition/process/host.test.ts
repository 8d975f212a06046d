import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  type ContactState,
  type RecorderState,
  SessionSetup,
} from "../../../preload/contract/acquisition.ts";
import { AppError } from "../../../preload/contract/errors.ts";
import { maskReasons } from "../../../preload/contract/mask.ts";
import { type ChildLine, forkedChild } from "../../calls/child.ts";
import { spawnLibrary } from "../../storage/client.ts";
import { createAcquisition } from "./host.ts";
import type { Acquisition, LiveJudge, LiveJudging } from "./host-api.ts";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const storageWorker = at("../../storage/worker.ts");

let folder: string;
let acquisition: Acquisition;
let children: ChildLine[];
let states: RecorderState[];
let contacts: ContactState[];
const libraryPath = (): string => join(folder, "library.kodo");

const acquisitionOn = (readOnly: boolean, judge?: LiveJudge, spareAfterMs = 60_000): Acquisition =>
  createAcquisition({
    spareAfterMs,
    ...{ libraryPath: libraryPath(), workerFile: at("./recorder-process.ts"), storageWorker, readOnly },
    judge,
    failed: () => undefined,
    spawn: (file) => {
      const child = forkedChild(file, { environment: process.env });
      children.push(child);
      return child;
    },
  });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kodo-acquisition-"));
  children = [];
  states = [];
  contacts = [];
  acquisition = acquisitionOn(false);
  listen();
});
const listen = (): void =>
  void acquisition.on({
    changed: (state) => states.push(state),
    samples: () => undefined,
    grew: () => undefined,
    annotated: () => undefined,
    captured: () => undefined,
    decided: () => undefined,
    contact: (state) => contacts.push(state),
  });
afterEach(async () => {
  await acquisition.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; !what(); tries += 1) {
    if (tries > 200) throw new Error("it did not come to that");
    await wait(100);
  }
}
const session = SessionSetup.parse({
  ...{ subject: "S1", kind: "emg", devices: [{ protocol: "cyton", port: "simulated:cyton" }] },
});

test("protocols are told with the form of their set-up, and a device says who it is", async () => {
  const { protocols, ports } = await acquisition.devices();
  expect(protocols.map(({ kind }) => kind)).toContain("cyton");
  expect(protocols.every(({ form, usual }) => typeof form === "object" && typeof usual === "object")).toBe(
    true,
  );
  expect(ports.map(({ path }) => path)).toContain("simulated:series50");
  const found = await acquisition.identify(session.devices[0]!);
  expect(found.identity.model).toContain("Cyton");
  expect(found.channels.filter(({ role }) => role === "emg")).toHaveLength(8);
}, 60_000);

test("a capture that could not begin keeps no other from beginning", async () => {
  const line = { baudRate: 9600, dataBits: 8, parity: "none", stopBits: 1 } as const;
  const capture = (port: string, path: string) =>
    acquisition.capture({ port, line, path: join(folder, path) });
  await expect(capture("/dev/no-such", "a")).rejects.toMatchObject({ code: "device/not-found" });
  await expect(capture("simulated:cyton", "no/a")).rejects.toMatchObject({ code: "storage/capture-failed" });
  expect(await capture("simulated:cyton", "a")).toMatchObject({ isRunning: true });
  expect(await acquisition.stopCapture()).toMatchObject({ isRunning: false });
}, 60_000);

test("contact is measured while no session is under way, none begins meanwhile, and a recorder that is killed says that the settings are not back", async () => {
  const device = session.devices[0]!;
  await acquisition.arm(session);
  await expect(acquisition.contact(device)).rejects.toMatchObject({ code: "device/busy-recording" });
  await acquisition.stop();
  await expect(acquisition.stopContact()).rejects.toMatchObject({ code: "device/no-contact-check" });
  await acquisition.contact(device);
  await until(() => contacts.at(-1)?.electrodes.some(({ stands }) => stands === "measuring") === true);
  await expect(acquisition.contact(device)).rejects.toMatchObject({ code: "device/measuring-contact" });
  await expect(acquisition.arm(session)).rejects.toMatchObject({ code: "device/measuring-contact" });
  expect(acquisition.state().phase).toBe("idle");
  children[0]?.kill();
  await until(() => contacts.at(-1)?.isRunning === false);
  expect(acquisition.contactState()).toMatchObject({
    ...{ isRunning: false, areSettingsBack: false },
    problem: { code: "device/recorder-died" },
  });
  await acquisition.contact(device);
  expect(await acquisition.stopContact()).toMatchObject({ problem: { code: "cancelled/by-user" } });
  await acquisition.arm(session);
}, 60_000);

test("a recorder that is killed is followed by another: the recording goes on, the time between is a gap with its reason", async () => {
  await acquisition.arm(session);
  const { recordingId } = await acquisition.record();
  await acquisition.begun([{ labelSet: "emg-gestures", label: "hand-close", author: "Mori", atS: 0.5 }]);
  await until(() => (states.at(-1)?.durableS ?? 0) > 1);
  const durableS = states.at(-1)?.durableS ?? 0;
  children[0]?.kill();
  await until(() => children.length === 2 && states.at(-1)?.devices[0]?.link === "streaming");
  expect(states.some(({ alarms }) => alarms.some(({ kind }) => kind === "recorder-restarted"))).toBe(true);
  await wait(1500);
  expect(await acquisition.stop()).toEqual({ recordingId });
  const storage = spawnLibrary(libraryPath(), storageWorker);
  const { channels, state } = await storage.library.getRecording(recordingId);
  const emg = channels.findIndex(({ role }) => role === "emg");
  const { reasons } = await storage.library.samples(recordingId, emg, 0, channels[emg]!.sampleCount);
  const marks = await storage.library.listAnnotations(recordingId);
  await storage.close();
  expect(state).toBe("complete");
  expect(marks.map(({ label, onsetS }) => [label, onsetS])).toEqual([["hand-close", 0.5]]);
  expect(channels).toHaveLength(8);
  const gap = [...reasons].findIndex((one) => one !== 0);
  expect(gap / 250).toBeGreaterThanOrEqual(durableS - 0.004);
  expect(new Set([...reasons].filter((one) => one !== 0))).toEqual(new Set([maskReasons.linkDown]));
  expect([...reasons.slice(-200)].every((one) => one === 0)).toBe(true);
}, 60_000);

test("what is asked of a recording just after its recorder was killed is done by the one that goes on with it", async () => {
  await acquisition.arm(session);
  const { recordingId } = await acquisition.record();
  await until(() => (states.at(-1)?.durableS ?? 0) > 1);
  children[0]?.kill();
  const mark = { labelSet: "emg-gestures", label: "hand-close", author: "Mori" };
  const [marked, stopped] = await Promise.all([
    acquisition.mark({ ...mark, atS: 0.5 }),
    acquisition.begun([{ ...mark, label: "hand-open", atS: 0.7 }]).then(() => acquisition.stop()),
  ]);
  expect(marked.onsetS).toBe(0.5);
  expect(stopped).toEqual({ recordingId });
  const storage = spawnLibrary(libraryPath(), storageWorker);
  const { state } = await storage.library.getRecording(recordingId);
  const marks = await storage.library.listAnnotations(recordingId);
  await storage.close();
  expect(state).toBe("complete");
  expect(marks.map(({ label }) => label)).toEqual(["hand-close", "hand-open"]);
}, 60_000);

test("a recorder in reserve is there before anything is recorded, and goes with the devices", async () => {
  acquisition = acquisitionOn(false, undefined, 0);
  listen();
  await acquisition.arm(session);
  await until(() => children.length === 2);
  const isOver = new Promise<unknown>((resolve) => children[1]?.onLost(resolve));
  expect(await acquisition.stop()).toBeNull();
  await isOver;
  expect(acquisition.state().phase).toBe("idle");
  await wait(300);
  expect(children).toHaveLength(2);
}, 60_000);

test("a recorder in reserve takes over, is followed by another, is missed by nobody where it ends, and ends with the recording", async () => {
  acquisition = acquisitionOn(false, undefined, 0);
  listen();
  await acquisition.arm(session);
  const { recordingId } = await acquisition.record();
  const recorder = (): number => children.length - 2; // the last is in reserve
  const isUnderway = (): boolean =>
    states.at(-1)?.phase === "recording" && states.at(-1)?.devices[0]?.link === "streaming";
  for (const count of [2, 3]) {
    await until(() => children.length === count && isUnderway());
    await wait(1500);
    children[recorder()]?.kill();
    await until(() => !isUnderway());
  }
  await until(() => children.length === 4 && isUnderway());
  const restarts = (): number =>
    states.at(-1)?.alarms.filter(({ kind }) => kind === "recorder-restarted").length ?? 0;
  const before = restarts();
  children.at(-1)?.kill(); // the one in reserve
  await wait(500);
  expect([restarts(), isUnderway()]).toEqual([before, true]);
  children[recorder()]?.kill();
  await until(() => !isUnderway());
  await until(() => children.length === 6 && isUnderway()); // one of its own, and another in reserve
  const isOver = new Promise<unknown>((resolve) => children.at(-1)?.onLost(resolve));
  expect(await acquisition.stop()).toEqual({ recordingId });
  await isOver;
  expect(children).toHaveLength(6);
}, 60_000);

test("where the whole program is killed, what was begun lasts as far as its recording and says that nobody ended it", async () => {
  await acquisition.arm(session);
  const { recordingId } = await acquisition.record();
  const press = { labelSet: "emg-gestures", label: "hand-close", author: "Mori", atS: 0.5 };
  await acquisition.begun([press, { ...press, label: "hand-open" }]);
  await acquisition.mark({ ...press, label: "hand-open", durationS: 0.25 });
  await until(() => (states.at(-1)?.durableS ?? 0) > 1);
  children[0]?.kill();
  await acquisition.dispose(); // at once: nobody goes on with it
  const storage = spawnLibrary(libraryPath(), storageWorker);
  const { state, durationS } = await storage.library.getRecording(recordingId);
  const marks = await storage.library.listAnnotations(recordingId);
  await storage.close();
  expect(state).toBe("interrupted");
  expect(marks.map(({ label, onsetS, durationS: lasts, note }) => [label, onsetS, lasts, note])).toEqual([
    ["hand-open", 0.5, 0.25, ""],
    ["hand-close", 0.5, durationS - 0.5, "not ended: the recording was cut off while it was open"],
  ]);
}, 60_000);

test("nothing is recorded before what judges it is there; one that cannot judge ends the session, and one called off says so", async () => {
  interface Opened {
    readonly resolve: (judging: LiveJudging) => void;
    readonly reject: (why: AppError) => void;
  }
  const opened: Opened[] = [];
  const judge: LiveJudge = {
    open: () => new Promise((resolve, reject) => void opened.push({ resolve, reject })),
  };
  acquisition = acquisitionOn(false, judge);
  listen();
  const judged = { ...session, live: { runId: "run" } };
  const armed = async (count: number): Promise<{ session: Promise<RecorderState>; judge: Opened }> => {
    const arming = acquisition.arm(judged);
    arming.catch(() => undefined);
    await until(() => opened.length === count && states.at(-1)?.devices[0]?.link === "streaming");
    expect(acquisition.state().phase).toBe("connecting");
    await expect(acquisition.record()).rejects.toMatchObject({ code: "device/not-armed" });
    return { session: arming, judge: opened[count - 1]! };
  };
  const refused = await armed(1);
  refused.judge.reject(new AppError("model/wrong-channels", "It has no such channels"));
  await expect(refused.session).rejects.toMatchObject({ code: "model/wrong-channels" });
  expect(acquisition.state().phase).toBe("idle");

  const left = await armed(2);
  await acquisition.stop();
  await expect(left.session).rejects.toMatchObject({ code: "cancelled/by-user" }); // whatever its judge does
  const alsoLeft = await armed(3);
  await acquisition.stop();
  await expect(alsoLeft.session).rejects.toMatchObject({ code: "cancelled/by-user" });
  expect(acquisition.state().phase).toBe("idle");

  const taken = await armed(4);
  let isClosed = false;
  left.judge.resolve({ hear: () => undefined, close: async () => void (isClosed = true) });
  await until(() => isClosed);
  alsoLeft.judge.reject(new AppError("model/wrong-channels", "It has no such channels"));
  await wait(50);
  expect(acquisition.state().phase).toBe("connecting"); // those of before end no other session, and open none
  const judging: LiveJudging = { hear: () => undefined, close: () => Promise.resolve() };
  await expect(acquisition.arm(judged)).rejects.toMatchObject({ code: "device/busy-recording" });
  await expect(acquisition.record()).rejects.toMatchObject({ code: "device/not-armed" });
  taken.judge.resolve(judging);
  await taken.session;
  expect(acquisition.state().phase).toBe("armed");
  expect(states.slice(-3).map(({ phase }) => phase)).not.toContain("idle");
  const { recordingId } = await acquisition.record();
  await wait(300);
  expect(await acquisition.stop()).toEqual({ recordingId });
}, 60_000);

test("when main is gone the recording is closed and nothing that came is missing", async () => {
  await acquisition.arm(session);
  const { recordingId } = await acquisition.record();
  await wait(1500);
  await acquisition.dispose();
  const storage = spawnLibrary(libraryPath(), storageWorker);
  const { state, durationS } = await storage.library.getRecording(recordingId);
  await storage.close();
  expect(state).toBe("complete");
  expect(durationS).toBeGreaterThan(1.3);
}, 60_000);

test("a library that is opened to look at is recorded into by nobody, and devices still say who they are", async () => {
  const made = spawnLibrary(libraryPath(), storageWorker);
  await made.library.info();
  await made.close();
  acquisition = acquisitionOn(true);
  expect((await acquisition.identify(session.devices[0]!)).identity.model).toContain("Cyton");
  await acquisition.arm(session);
  await expect(acquisition.record()).rejects.toMatchObject({ code: "storage/read-only" });
  expect(await acquisition.stop()).toBeNull();
}, 60_000);
