import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir, uptime } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ChannelHeader } from "../../preload/contract/recording.ts";
import { sure } from "../../preload/contract/sure.ts";
import { maskReasons } from "../../preload/contract/mask.ts";
import { type LiveSamples, type RecorderState, SessionSetup } from "../../preload/contract/acquisition.ts";
import { spawnLibrary, type SpawnedLibrary } from "../storage/client.ts";
import { spillPath } from "../storage/samples/spill-path.ts";
import type { PortAccess } from "./device-link.ts";
import { liveViewOf } from "./live-filter.ts";
import { systemPorts } from "./ports/access.ts";
import { writeCapture } from "./ports/capture.ts";
import { monotonicS } from "./ports/port.ts";
import { protocolOf } from "./protocols/registry.ts";
import { Recorder } from "./recorder.ts";
import { leftSpills, SpillFile } from "./spill.ts";
import { syntheticSignal } from "./simulation/signals.ts";

let folder: string;
let storage: SpawnedLibrary;
let states: RecorderState[];
let samples: number;
let heard: LiveSamples[];
let aheadS: number[]; // of each state, by how much more is said to be on disk than is
let failures: string[];
let recorder: Recorder;
let sleptS: number; // by the computer
let setByMs: number; // its clock

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kodo-recorder-"));
  const libraryPath = join(folder, "library.kodo");
  storage = spawnLibrary(libraryPath, new URL("../storage/worker.ts", import.meta.url));
  states = [];
  samples = 0;
  heard = [];
  aheadS = [];
  failures = [];
  sleptS = 0;
  setByMs = 0;
  recorder = recorderOn(systemPorts());
});

function recorderOn(ports: PortAccess): Recorder {
  let counts: readonly number[] = [];
  return new Recorder({
    ...{ library: storage.library, libraryPath: join(folder, "library.kodo"), ports, nowS: monotonicS },
    ...{ wallMs: () => Date.now() + setByMs, uptimeS: () => uptime() + sleptS },
    freeBytes: () => Promise.resolve(1e12),
    listener: {
      changed: (state) => {
        states.push(state);
        const storedS = state.channels.map(({ sampleRate }, i) => (counts[i] ?? 0) / sampleRate);
        aheadS.push(state.durableS - Math.min(...storedS));
      },
      began: () => undefined,
      samples: (live) => {
        samples += live.channels.reduce((sum, { values }) => sum + values.length, 0);
        heard.push(live);
      },
      heard: () => undefined,
      grew: (_, stored) => (counts = [...stored]),
      annotated: () => undefined,
      failed: (where, error) => failures.push(`${where}: ${String(error)}`),
    },
  });
}

afterEach(async () => {
  await recorder.stop();
  await storage.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What a device at the end of a line would send in that time, one frame in fifty lost, as a capture keeps it. */
async function captured(path: string, told: object, seconds: number): Promise<void> {
  const protocol = protocolOf("ascii");
  const own = protocol.setup.parse(told);
  const device = protocol.device(own, syntheticSignal(protocol.streams(own), 1));
  device.receive(Buffer.from("b\n"));
  const header = { port: "p", line: protocol.lines[0]!, beganAt: new Date().toISOString(), beganS: 0 };
  const writer = await writeCapture(path, header, (cause) => failures.push(cause.message));
  for (let atS = 0; atS < seconds; atS += 0.02) {
    const kept = device.frames(atS).filter((_, i) => (i + Math.round(atS * 50)) % 50 !== 7);
    if (Math.round(atS * 50) % 100 === 0) writer.write(device.receive(Buffer.from("?\n")), atS); // who it is
    if (kept.length > 0) writer.write(Buffer.concat(kept.map(({ bytes }) => bytes)), atS);
  }
  await writer.close();
}

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
const setup = (more: object) => SessionSetup.parse({ subject: "S1", kind: "emg", ...more });

test("two simulated devices are recorded into one session, every sample there, and marks where they were made", async () => {
  const armed = await recorder.arm(
    setup({
      devices: [
        { protocol: "cyton", port: "simulated:cyton" },
        { protocol: "series50", port: "simulated:series50" },
      ],
    }),
  );
  expect(armed.phase).toBe("armed");
  const { recordingId } = await recorder.record();
  await wait(2500);
  const mark = await recorder.mark({ labelSet: "ctg-events", label: "note", note: "now", author: "a" });
  const said = { labelSet: "ctg-events", label: "note", note: "now", author: "a", atS: mark.onsetS };
  expect(await recorder.mark(said, true)).toEqual(mark); // asked again: it is stored
  const later = await recorder.mark({ ...said, atS: mark.onsetS + 0.1 }, true); // another, of which nobody heard
  expect(later.id).not.toBe(mark.id);
  expect(mark.onsetS).toBeGreaterThan(2);
  await wait(500);
  const before = recorder.state();
  expect(before.setup?.subject).toBe("S1");
  const remembered = await storage.library.listRemembered();
  expect(remembered.map(({ portId }) => portId)).toEqual(["simulated:cyton", "simulated:series50"]);
  expect(before.durableS).toBeGreaterThan(before.elapsedS - 2.2); // the monitor brings a second at once
  expect(Math.max(...aheadS)).toBeLessThanOrEqual(0);
  expect(await recorder.stop()).toEqual({ recordingId });
  const { channels, state, facts } = await storage.library.getRecording(recordingId);
  expect(state).toBe("complete");
  expect(facts["device.1.protocol"]).toBe("cyton");
  const emg = channels.findIndex(({ role }) => role === "emg");
  const { reasons } = await storage.library.samples(recordingId, emg, 0, channels[emg]!.sampleCount);
  expect(channels[emg]!.sampleCount).toBeGreaterThan(650);
  expect([...reasons].filter((one) => one !== 0)).toEqual([]);
  expect(channels.find(({ role }) => role === "fhr")!.sampleCount).toBeGreaterThan(6);
  expect(samples).toBeGreaterThan(1000);
  expect(failures).toEqual([]);
  expect(states.at(-1)!.phase).toBe("idle");
}, 20_000);

test("a device that does not answer ends the arming with one sentence, and all are let go", async () => {
  const wrong = setup({
    devices: [
      { protocol: "cyton", port: "simulated:cyton" },
      { protocol: "cobs", port: "/dev/no-such" },
    ],
  });
  await expect(recorder.arm(wrong)).rejects.toMatchObject({ code: "device/not-found" });
  expect(recorder.phase).toBe("idle");
  await expect(recorder.record()).rejects.toMatchObject({ code: "device/not-armed" });
  expect(await storage.library.listRecordings()).toEqual([]);
}, 20_000);

test.each([
  ["a label", { labelSet: "emg-gestures", gestures: ["hand-close", "wave"] }, "data/label-unknown"],
  ["a label set", { labelSet: "no-such-set", gestures: ["hand-close"] }, "storage/not-found"],
])("guiding by %s that is not there is refused before anybody follows a cue", async (_, guided, code) => {
  const devices = [{ protocol: "cyton", port: "simulated:cyton" }];
  await expect(recorder.arm(setup({ devices, guided }))).rejects.toMatchObject({ code });
  expect(recorder.phase).toBe("idle");
});

test("a device that sends another kind than is recorded is refused; other takes every kind", async () => {
  const devices = [{ protocol: "cyton", port: "simulated:cyton" }];
  await expect(recorder.arm(setup({ kind: "ctg", devices }))).rejects.toMatchObject({
    code: "device/other-kind",
    detail: { kind: "ctg", sent: "emg" },
  });
  expect(recorder.phase).toBe("idle");
  expect((await recorder.arm(setup({ kind: "other", devices }))).phase).toBe("armed");
}, 20_000);

test("a guided recording writes a label for each cue that was held, without its ends", async () => {
  await recorder.arm(
    setup({
      devices: [{ protocol: "cyton", port: "simulated:cyton" }],
      guided: {
        ...{ labelSet: "emg-gestures", restS: 0.2, gestures: ["neutral", "hand-close"], repetitions: 1 },
        ...{ holdS: 0.6, changeS: 0.2, trimS: 0.1 },
      },
    }),
  );
  const { recordingId } = await recorder.record();
  await wait(2200);
  const { cue, plan } = recorder.state();
  expect(cue?.what).toBe("done");
  expect(plan?.map(({ what, label }) => `${what} ${label ?? ""}`)).toEqual([
    ...["rest ", "change neutral", "hold neutral", "change hand-close", "hold hand-close"],
  ]);
  await recorder.stop();
  const annotations = await storage.library.listAnnotations(recordingId);
  expect(
    annotations.map(({ label, onsetS, durationS }) => [label, onsetS.toFixed(2), durationS.toFixed(2)]),
  ).toEqual([
    ["neutral", "0.50", "0.40"],
    ["hand-close", "1.30", "0.40"],
  ]);
}, 20_000);

test("what is seen filtered while a capture is played back at fifty times its speed follows bit for bit from what is stored", async () => {
  const path = join(folder, "line.capture");
  const told = { form: "strict", channels: 2, rate: 1000 };
  await captured(path, told, 90);
  await recorder.arm(
    setup({ devices: [{ protocol: "ascii", port: `replay:${path}?speed=50`, setup: told }] }),
  );
  const { recordingId } = await recorder.record();
  await expect.poll(() => recorder.state().devices[0]?.link, { timeout: 30_000 }).toBe("failed");
  const seen = recorder.state().channels[0]?.filters;
  await recorder.stop();
  expect(seen?.map(({ kind, hz }) => `${kind} ${hz}`)).toEqual(["high-pass 20", "low-pass 450", "notch 50"]);
  const { channels } = await storage.library.getRecording(recordingId);
  for (const [channel, header] of channels.entries()) {
    const { values, reasons } = await storage.library.samples(recordingId, channel, 0, header.sampleCount);
    const { filter } = liveViewOf(header, 50)!;
    let begun = false;
    const wanted = values.map((value, i) => {
      if (reasons[i] === 0) {
        begun = true;
        return filter.next(value);
      }
      if (begun) filter.skip(1);
      return NaN;
    });
    const filtered = new Float32Array(values.length).fill(NaN);
    for (const one of heard.filter((live) => live.recordingId === recordingId).flatMap((l) => l.channels))
      if (one.channel === channel) filtered.set(one.filtered!, one.first);
    expect(reasons.filter((reason) => reason !== 0).length).toBeGreaterThan(3);
    expect(filtered.filter((value) => !Number.isNaN(value)).length).toBeGreaterThan(1000);
    expect(filtered).toEqual(wanted);
  }
}, 60_000);

/** Ports on which nothing ever answers; how many are open. */
function deafPorts(): PortAccess & { readonly count: () => number } {
  let count = 0;
  return {
    count: () => count,
    find: (path) => Promise.resolve(path),
    open: async () => {
      await wait(20);
      count += 1;
      let isOpen = true;
      return {
        write: () => Promise.resolve(),
        close: () => {
          if (isOpen) count -= 1;
          isOpen = false;
          return Promise.resolve();
        },
      };
    },
  };
}

test("what is being connected can be called off: its ports are closed at once, and the next session begins", async () => {
  const ports = deafPorts();
  const deaf = recorderOn(ports);
  await storage.library.info(); // it is open: what is timed is the calling off
  for (const waitedMs of [0, 10, 200]) {
    const arming = deaf.arm(
      setup({
        devices: [
          { protocol: "cyton", port: "a" },
          { protocol: "series50", port: "b" },
        ],
      }),
    );
    const refused = expect(arming).rejects.toMatchObject({ code: "cancelled/by-user" });
    await wait(waitedMs);
    const askedMs = performance.now();
    expect(await deaf.stop()).toBeNull();
    expect(performance.now() - askedMs).toBeLessThan(2000);
    await refused;
    expect([ports.count(), deaf.phase]).toEqual([0, "idle"]);
  }
}, 20_000);

test("nothing is recorded before every device has answered, and once it is it does not begin again", async () => {
  const deaf = recorderOn(deafPorts());
  const devices = [{ protocol: "cyton", port: "a" }];
  const arming = deaf.arm(setup({ devices }));
  const refused = expect(arming).rejects.toMatchObject({ code: "cancelled/by-user" });
  await wait(60);
  expect(deaf.state().phase).toBe("connecting");
  await expect(deaf.record()).rejects.toMatchObject({ code: "device/not-armed" });
  expect(deaf.state().phase).toBe("connecting");
  await deaf.stop();
  await refused;
  expect(states.map(({ phase }) => phase)).not.toContain("armed");
  expect(states.map(({ phase }) => phase)).not.toContain("stopping"); // nothing was there to be stored

  await recorder.arm(setup({ devices: [{ protocol: "cyton", port: "simulated:cyton" }] }));
  const [first, second] = await Promise.allSettled([recorder.record(), recorder.record()]);
  expect(first.status).toBe("fulfilled");
  expect(second).toMatchObject({ status: "rejected", reason: { code: "device/busy-recording" } });
  await expect(recorder.record()).rejects.toMatchObject({ code: "device/busy-recording" });
  await wait(200);
  expect(await recorder.stop()).not.toBeNull();
  expect((await storage.library.listRecordings()).map(({ state }) => state)).toEqual(["complete"]);
}, 20_000);

test("what was begun by a first press ends with the recording, whoever ends it, and is told meanwhile", async () => {
  const press = { labelSet: "emg-gestures", label: "hand-close", author: "Mori", atS: 0.2 };
  expect(() => recorder.begun([press])).toThrow("Nothing is being recorded");
  await recorder.arm(setup({ devices: [{ protocol: "cyton", port: "simulated:cyton" }] }));
  const { recordingId } = await recorder.record();
  const other = { ...press, label: "hand-open", atS: 0.3 };
  const unknown = { ...press, labelSet: "gone" };
  await recorder.begun([unknown, press, other]);
  await recorder.mark({ ...other, durationS: 0.1 }); // it has had its second
  await wait(700);
  expect(recorder.state().begun).toEqual([unknown, press]);
  const { elapsedS } = recorder.state();
  expect(await recorder.stop()).toEqual({
    recordingId,
    notMarked: expect.objectContaining({ code: "storage/not-found" }) as unknown,
  });
  const [mark, ended, ...others] = await storage.library.listAnnotations(recordingId);
  expect(ended).toMatchObject({ label: "hand-open", onsetS: 0.3, durationS: 0.1 });
  expect(others).toEqual([]);
  expect(mark).toMatchObject({ label: "hand-close", onsetS: 0.2, author: "Mori", source: "person" });
  expect((mark?.durationS ?? 0) + 0.2).toBeGreaterThanOrEqual(elapsedS);
}, 20_000);

test("what the computer slept while devices were only connected is told then, and not of the recording", async () => {
  const kinds = (): string[] => recorder.state().alarms.map(({ kind }) => kind);
  await recorder.arm(setup({ devices: [{ protocol: "cyton", port: "simulated:cyton" }] }));
  sleptS += 60;
  await expect.poll(kinds).toContain("host-slept");
  await recorder.record();
  expect(kinds()).not.toContain("host-slept");
  await recorder.stop();
}, 20_000);

test("a recording that is begun before it is noticed that the computer slept has none of that, and no sample of it says so", async () => {
  await recorder.arm(setup({ devices: [{ protocol: "cyton", port: "simulated:cyton" }] }));
  await wait(500);
  sleptS += 60;
  const { recordingId } = await recorder.record();
  await wait(1500);
  expect(recorder.state().elapsedS).toBeLessThan(10);
  await recorder.stop();
  const { channels } = await storage.library.getRecording(recordingId);
  const { reasons } = await storage.library.samples(recordingId, 0, 0, channels[0]!.sampleCount);
  expect([...reasons].filter((reason) => reason === maskReasons.hostSlept)).toEqual([]);
  expect([...reasons].filter((reason) => reason === 0).length).toBeGreaterThan(100);
  expect(channels[0]!.sampleCount / 250).toBeLessThan(10);
}, 20_000);

test("a press after the computer woke lies there, though it was reckoned by what was said before it slept; one before it, too", async () => {
  await recorder.arm(setup({ devices: [{ protocol: "cyton", port: "simulated:cyton" }] }));
  const { recordingId } = await recorder.record();
  await wait(700);
  const { zeroS } = sure(recorder.state().hostTime);
  const mark = { labelSet: "emg-gestures", author: "a", zeroS };
  const beforeS = monotonicS() - zeroS - 0.3;
  await wait(50);
  sleptS += 60;
  const pressedS = monotonicS() - zeroS;
  const woke = await recorder.mark({ ...mark, label: "hand-close", atS: pressedS });
  const held = await recorder.mark({ ...mark, label: "hand-open", atS: 0.2, durationS: pressedS - 0.2 });
  const before = await recorder.mark({ ...mark, label: "neutral", atS: beforeS });
  expect(woke.onsetS - pressedS).toBeCloseTo(60, 1);
  expect([held.onsetS, held.durationS - pressedS + 0.2]).toEqual([0.2, expect.closeTo(60, 1)]);
  expect(before.onsetS).toBe(beforeS);
  const { zeroS: nowZeroS } = sure(recorder.state().hostTime);
  const again = monotonicS() - nowZeroS;
  const next = await recorder.mark({ ...mark, label: "neutral", zeroS: nowZeroS, atS: again });
  expect(next.onsetS, "reckoned by what was said since").toBe(again);
  await recorder.stop();
  expect(await storage.library.listAnnotations(recordingId)).toHaveLength(4);
}, 20_000);

test("a label that was begun after the computer woke begins there, and its second press ends it, though both were reckoned by what was said before it slept", async () => {
  await recorder.arm(setup({ devices: [{ protocol: "cyton", port: "simulated:cyton" }] }));
  const { recordingId } = await recorder.record();
  await wait(700);
  const { zeroS } = sure(recorder.state().hostTime);
  const of = { labelSet: "emg-gestures", author: "a" };
  const before = { ...of, label: "neutral", atS: 0.2 };
  await recorder.begun([before], zeroS);
  await wait(50);
  sleptS += 60;
  const close = { ...of, label: "hand-close", atS: monotonicS() - zeroS };
  const open = { ...of, label: "hand-open", atS: close.atS + 0.01 };
  await recorder.begun([before, close, open], zeroS);
  const told = sure(recorder.state().begun);
  const laterS = told.map(({ atS }, i) => Math.round(atS - [before, close, open][i]!.atS));
  expect(laterS).toEqual([0, 60, 60]);
  await recorder.begun([before, close, open], zeroS); // told again with the next, it stays where it is
  expect(recorder.state().begun).toEqual(told);
  const closed = await recorder.mark({ ...close, durationS: 0.5, zeroS });
  expect([closed.onsetS, closed.durationS]).toEqual([told[1]!.atS, expect.closeTo(0.5, 1)]);
  expect(recorder.state().begun).toEqual([told[0], told[2]]);
  await recorder.stop();
  const marks = await storage.library.listAnnotations(recordingId);
  expect(marks.map(({ label, onsetS }) => [label, onsetS])).toEqual([
    ["neutral", 0.2],
    ["hand-close", told[1]!.atS],
    ["hand-open", told[2]!.atS],
  ]);
}, 20_000);

test("the computer's clock that is set back and forth is told, and moves no mark and no sample", async () => {
  await recorder.arm(setup({ devices: [{ protocol: "cyton", port: "simulated:cyton" }] }));
  const { recordingId } = await recorder.record();
  await wait(500);
  const { zeroS } = sure(recorder.state().hostTime);
  const jumps = (): unknown[] =>
    recorder.state().alarms.flatMap(({ kind, values }) => (kind === "clock-jump" ? [values["seconds"]] : []));
  for (const [i, byS] of [3600, -7200].entries()) {
    setByMs = byS * 1000;
    const atS = monotonicS() - zeroS;
    const { onsetS } = await recorder.mark({
      ...{ labelSet: "emg-gestures", label: "neutral", author: "a", zeroS },
    });
    expect(Math.abs(onsetS - atS)).toBeLessThan(0.05);
    await expect.poll(jumps).toHaveLength(i + 1);
  }
  expect(jumps()).toEqual([3600, -10_800]);
  await wait(500);
  const { elapsedS } = recorder.state();
  await recorder.stop();
  const { channels, durationS } = await storage.library.getRecording(recordingId);
  const { reasons } = await storage.library.samples(recordingId, 0, 0, channels[0]!.sampleCount);
  expect([...reasons].every((reason) => reason === 0)).toBe(true);
  expect(Math.abs(durationS - elapsedS)).toBeLessThan(0.5);
}, 20_000);

test("what the computer slept is a gap of its session, of no other, and counts on in a process that goes on with it", async () => {
  const one = setup({ devices: [{ protocol: "cyton", port: "simulated:cyton" }] });
  const stored = async (id: string) => {
    const { channels } = await storage.library.getRecording(id);
    const count = channels[0]!.sampleCount;
    const reasons = [...(await storage.library.samples(id, 0, 0, count)).reasons];
    const slept = reasons.filter((reason) => reason === maskReasons.hostSlept).length;
    const first = reasons.indexOf(0); // it begins when it is asked for, a moment before the next sample comes
    return { count, slept, first, missing: reasons.slice(first).filter((reason) => reason !== 0).length };
  };
  await recorder.arm(one);
  const { recordingId: first } = await recorder.record();
  await wait(700);
  const { elapsedS, hostTime } = recorder.state();
  expect(sure(hostTime).saidS - sure(hostTime).zeroS).toBeCloseTo(elapsedS, 2);
  sleptS = 60;
  await expect.poll(() => recorder.state().alarms.map(({ kind }) => kind)).toContain("host-slept");
  const awake = states.find(({ alarms }) => alarms.some(({ kind }) => kind === "host-slept"));
  expect(sure(awake?.hostTime).zeroS - sure(hostTime).zeroS, "what is pressed now").toBeCloseTo(-60, 1);
  await expect.poll(() => recorder.state().devices[0]?.link, { timeout: 5000 }).toBe("streaming");
  await wait(1500);
  await recorder.mark({ labelSet: "emg-gestures", label: "hand-close", author: "a" });
  await recorder.stop();
  const { count, slept } = await stored(first);
  expect(count / 250).toBeGreaterThan(61);
  expect(slept / 250).toBeGreaterThan(59);
  expect((await storage.library.listAnnotations(first))[0]?.onsetS).toBeGreaterThan(61);

  await recorder.arm(one);
  const { recordingId: second } = await recorder.record();
  await wait(1500);
  await recorder.stop();
  const next = await stored(second);
  expect(next.count / 250).toBeGreaterThan(1);
  expect(next).toMatchObject({ slept: 0, missing: 0 });
  expect(next.first / 250).toBeLessThan(0.5);

  const third = await interrupted();
  const aheadS = uptime() + sleptS - monotonicS();
  sleptS += 30;
  await recorder.continued({ ...{ setup: ofCobs, recordingId: third, aheadS }, beganS: monotonicS() - 0.2 });
  await wait(1500);
  await recorder.stop();
  const { channels } = await storage.library.getRecording(third);
  expect(channels[0]!.sampleCount / 1000).toBeGreaterThan(30.5);
}, 30_000);

const ofCobs = setup({ devices: [{ protocol: "cobs", port: "simulated:cobs" }] });
const cobsChannels = (): ChannelHeader[] => {
  const cobs = protocolOf("cobs");
  return cobs.streams(cobs.setup.parse({})).flatMap((stream) => [...stream.channels]);
};

/** A recording of that device as a process that was killed left it. */
async function interrupted(): Promise<string> {
  const recordingId = await storage.library.createRecording({
    header: {
      name: "r",
      kind: "emg",
      subject: "S1",
      startedAt: undefined,
      channels: cobsChannels(),
      facts: {},
    },
    ...{ subject: "S1", study: "", synthetic: true, state: "recording" },
    source: { format: "sensor", file: "cobs", sha256: "" },
  });
  await storage.library.closeRecording(recordingId, { state: "interrupted", repairs: [] });
  return recordingId;
}

test("a session that is ended while its recording is being made leaves none", async () => {
  await recorder.arm(setup({ note: "n", devices: [{ protocol: "cyton", port: "simulated:cyton" }] }));
  const recording = recorder.record();
  const refused = expect(recording).rejects.toMatchObject({ code: "cancelled/by-user" });
  await recorder.stop();
  await refused;
  expect(await storage.library.listRecordings()).toEqual([]);
  expect(recorder.phase).toBe("idle");
}, 20_000);

test("a recording that is ended before another process has gone on with it is closed whole", async () => {
  const recordingId = await interrupted();
  const begun = [{ labelSet: "emg-gestures", label: "hand-close", author: "Mori", atS: 0.1 }];
  const going = recorder.continued({ setup: ofCobs, recordingId, beganS: monotonicS() - 0.2, begun });
  expect(await recorder.stop()).toEqual({ recordingId });
  await going;
  const marks = await storage.library.listAnnotations(recordingId);
  expect(marks.map(({ label, onsetS }) => [label, onsetS])).toEqual([["hand-close", 0.1]]);
  expect((await storage.library.getRecording(recordingId)).state).toBe("complete");
  expect(recorder.phase).toBe("idle");
}, 20_000);

test("what waited in a spill file comes before what comes after its process was followed by another", async () => {
  const channels = cobsChannels();
  const recordingId = await interrupted();
  const spill = SpillFile.create(spillPath(join(folder, "library.kodo"), recordingId), {
    recordingId,
    streams: [{ first: 0, channels }],
  });
  const width = channels.length;
  const values = Float64Array.from({ length: 50 * width }, (_, i) => Math.floor(i / width));
  spill.append({
    endS: 0.05,
    pieces: [
      { kind: "samples", channel: 0, first: 0, count: 50, values, reasons: new Uint8Array(50 * width) },
    ],
    times: { arrivals: [], fits: [] },
  });
  spill.close();
  await recorder.continued({ setup: ofCobs, recordingId, beganS: monotonicS() - 0.2 });
  await wait(1500);
  expect(await recorder.stop()).toEqual({ recordingId });
  const { state, channels: kept } = await storage.library.getRecording(recordingId);
  const { values: first, reasons } = await storage.library.samples(recordingId, 0, 0, kept[0]!.sampleCount);
  expect(state).toBe("complete");
  expect([...reasons.slice(0, 50)]).toEqual(Array(50).fill(0));
  expect(first[49]! - first[0]!).toBeCloseTo(49 * channels[0]!.gain);
  expect([...reasons.slice(-100)]).toEqual(Array(100).fill(0));
  expect(leftSpills(join(folder, "library.kodo"))).toEqual([]);
}, 20_000);

test("a device that came back at another place while its recorder was followed by another is found by who it is", async () => {
  const [choice] = ofCobs.devices;
  await storage.library.rememberDevices([{ portId: "0403:6015:a", choice: choice! }]);
  const recordingId = await interrupted();
  const known = new Map<string, string>();
  const elsewhere: PortAccess = {
    ...systemPorts(),
    is: (path, id) => known.set(path, id),
    find: (path) => Promise.resolve(known.get(path) === "0403:6015:a" ? "simulated:cobs" : undefined),
  };
  recorder = recorderOn(elsewhere);
  await recorder.continued({ setup: ofCobs, recordingId, beganS: monotonicS() - 0.2 });
  await expect.poll(() => recorder.state().devices[0]?.link, { timeout: 10_000 }).toBe("streaming");
  expect(await recorder.stop()).toEqual({ recordingId });
}, 20_000);
