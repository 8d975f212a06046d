import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type RecorderState, SessionSetup } from "../../preload/contract/acquisition.ts";
import { piecesOf, timeOfSample } from "../../preload/contract/channel-clock.ts";
import { AppError } from "../../preload/contract/errors.ts";
import { sure } from "../../preload/contract/sure.ts";
import { uniformFrom } from "../signal/random.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import { spawnLibrary, type SpawnedLibrary } from "../storage/client.ts";
import type { PortAccess } from "./device-link.ts";
import { monotonicS, type PortListener } from "./ports/port.ts";
import type { SimulatedDevice } from "./protocols/protocol.ts";
import { protocolOf } from "./protocols/registry.ts";
import { Recorder } from "./recorder.ts";

const PATIENT = { timeout: 30_000 };
const RATE = 4;
const HOUR_S = 3600;
const HOURS = 12;
const BATCH_S = 0.016;
const EVERY_S = 600; // an event
const CHANGE_S = 3; // to a gesture, before it is held
const TRIM_S = 0.5;
/** Every fourth sample may have waited for as long as the adapter collects. */
const LIMIT_S = 2e-3 + BATCH_S;

let folder: string;
let storage: SpawnedLibrary;
let nowS: number; // monotonic, of everything here

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kodo-clock-"));
  storage = spawnLibrary(join(folder, "library.kodo"), new URL("../storage/worker.ts", import.meta.url));
  nowS = monotonicS();
});
afterEach(async () => {
  await storage.close();
  rmSync(folder, { recursive: true, force: true });
});

const told = protocolOf("ascii").setup.parse({ form: "strict", channels: 1, rate: RATE });

/** A device whose clock runs at its own rate, on a line that brings what it made as time goes on. */
class Line {
  readonly #uniform: () => number;
  readonly #ppm: number;
  readonly #device: SimulatedDevice;
  #listener: PortListener | undefined;
  #startedS = 0;
  #heldUntilS = 0;
  session = 0;

  constructor(ppm: number, seed: number) {
    this.#ppm = ppm;
    this.#uniform = uniformFrom(seed);
    this.#device = protocolOf("ascii").device(told, (_stream, _channel, sample) => this.named(sample));
  }

  /** What a sample is known by again. */
  named = (sample: number): number => this.session * 1e6 + sample;

  open(listener: PortListener) {
    this.#listener = listener;
    return {
      write: (bytes: Uint8Array): Promise<void> => {
        const was = this.#device.isStreaming;
        const answer = this.#device.receive(bytes);
        if (this.#device.isStreaming && !was) {
          this.#startedS = nowS;
          this.session += 1;
        }
        if (answer.length > 0) listener.data(answer, nowS);
        return Promise.resolve();
      },
      close: (): Promise<void> => {
        if (this.#listener === listener) this.#listener = undefined;
        return Promise.resolve();
      },
    };
  }

  /** When the line of a sample of this session is printed. */
  madeS = (sample: number): number => this.#startedS + (sample + 1) / RATE / (1 + this.#ppm * 1e-6);

  /** The first sample that is made at this time or later. */
  sampleAt = (atS: number): number =>
    Math.ceil((atS - this.#startedS) * (1 + this.#ppm * 1e-6) * RATE - 1e-9) - 1;

  stall = (seconds: number): number => (this.#heldUntilS = nowS + seconds);

  pull(): void {
    this.#device.receive(Buffer.from("s\n"));
    this.#listener?.lost(new AppError("device/port-lost", "pulled out"));
  }

  /** What was made up to now comes, of which some may be lost. */
  bring(isLost: boolean): void {
    if (nowS < this.#heldUntilS || !this.#device.isStreaming) return;
    for (const { bytes, dueS } of this.#device.frames((nowS - this.#startedS) * (1 + this.#ppm * 1e-6))) {
      const madeS = this.#startedS + dueS / (1 + this.#ppm * 1e-6);
      const readS = Math.ceil(madeS / BATCH_S) * BATCH_S - 0.0005 * Math.log(1 - this.#uniform());
      if (!isLost) this.#listener?.data(bytes, Math.max(readS, this.#heldUntilS));
    }
  }
}

/** One library for a recorder that can be killed: it reaches it no more. */
function mortal(): { readonly library: AsyncLibrary; readonly kill: () => void } {
  let isDead = false;
  const library = new Proxy(storage.library, {
    get: (of, name, own): unknown =>
      isDead ? () => Promise.reject(new Error("killed")) : Reflect.get(of, name, own),
  });
  return { library, kill: () => (isDead = true) };
}

function recorderOn(library: AsyncLibrary, ports: PortAccess): Recorder {
  return new Recorder({
    ...{ library, libraryPath: join(folder, "library.kodo"), ports, nowS: () => nowS },
    ...{ wallMs: Date.now, uptimeS: () => nowS, freeBytes: () => Promise.resolve(1e12) },
    listener: {
      changed: () => undefined,
      began: () => undefined,
      samples: () => undefined,
      heard: () => undefined,
      grew: () => undefined,
      annotated: () => undefined,
      failed: () => undefined,
    },
  });
}

/** Which stored sample of a channel has a value, as it came. */
async function storedIndices(recordingId: string, channel: number): Promise<Map<number, number>> {
  const indices = new Map<number, number>();
  for (let from = 0; ;) {
    const blocks = await storage.library.storedBlocks(recordingId, channel, from);
    for (const { firstSample, samples } of blocks)
      samples.forEach((value, i) => value !== 0 && indices.set(value, firstSample + i));
    const last = blocks.at(-1);
    if (last === undefined) return indices;
    from = last.firstSample + last.samples.length;
  }
}

const breath = (ms = 0): Promise<void> => new Promise((done) => setTimeout(done, ms));

test("over twelve hours marks, cues and begun labels lie at the sample that was made at their moment, also in a recorder that follows", async () => {
  const lines = [new Line(100, 1), new Line(-100, 2)] as const;
  const ports: PortAccess = {
    open: (path, _line, listener) => Promise.resolve(sure(lines[path === "a" ? 0 : 1]).open(listener)),
    find: (path) => Promise.resolve(path),
  };
  const setup = SessionSetup.parse({
    ...{ subject: "S1", kind: "emg" },
    devices: ["a", "b"].map((port) => ({ protocol: "ascii", port, setup: told })),
    guided: {
      ...{ labelSet: "emg-gestures", restS: 0, gestures: ["hand-close"], repetitions: 100 },
      ...{ holdS: 500, changeS: CHANGE_S, trimS: TRIM_S },
    },
  });
  const first = mortal();
  let recorder = recorderOn(first.library, ports);
  await recorder.arm(setup);
  const until = async (untilS: number, isLost = false): Promise<void> => {
    for (let steps = 0; nowS < untilS; steps += 1) {
      nowS = Math.min(untilS, nowS + 0.5);
      for (const line of lines) line.bring(isLost);
      if (steps % 500 === 499) await breath();
    }
  };
  await until(nowS + 30);
  const { recordingId } = await recorder.record();
  const beganS = nowS;

  const own = lines[0];
  const events: { readonly name: number; readonly atS: number }[] = []; // what lies where, in the recording's time
  const cues: number[] = []; // that began at an event
  const others: typeof events = []; // of the second device
  /** At the moment at which the device makes a sample. */
  const atSample = async (then: (name: number) => Promise<void> | void, of = own): Promise<void> => {
    const sample = of.sampleAt(nowS + 1);
    await until(of.madeS(sample));
    await then(of.named(sample));
  };
  const marked = async (): Promise<void> => {
    await atSample(async (name) => {
      const mark = { labelSet: "emg-gestures", label: "neutral", author: "a" };
      events.push({ name, atS: (await recorder.mark(mark)).onsetS });
    });
  };
  const cued = async (): Promise<void> => {
    await atSample((name) => {
      recorder.guide("repeat");
      const { beganS: atS } = sure(recorder.state().cue);
      events.push({ name, atS });
      cues.push(atS);
    });
  };
  let begunS: number | undefined;
  const streaming = (): void => {
    for (const { link } of recorder.state().devices) expect(link).toBe("streaming");
  };
  for (let hour = 0; hour < HOURS; hour += 1) {
    const hourS = beganS + hour * HOUR_S;
    await until(nowS + 1); // what the last event was about has come
    if (hour === 3) await until(nowS + 20, true); // lost on the line
    if (hour === 5) for (const line of lines) line.stall(6);
    if (hour === 6) {
      for (const line of lines) line.pull();
      nowS += 200;
      await expect
        .poll(() => recorder.state().devices.map(({ link }) => link), PATIENT)
        .toEqual(["streaming", "streaming"]);
      await until(nowS + 5);
    }
    if (hour === 8) {
      await atSample(async (name) => {
        begunS = recorder.state().elapsedS;
        events.push({ name, atS: begunS });
        await recorder.begun([{ labelSet: "emg-gestures", label: "hand-open", author: "a", atS: begunS }]);
      });
      await until(nowS + 100);
      await expect.poll(() => recorder.state().durableS, PATIENT).toBeGreaterThan(begunS ?? Infinity);
      await expect.poll(() => recorder.state().waiting.memoryBytes, PATIENT).toBe(0);
      const state: RecorderState = recorder.state();
      first.kill();
      const dead = recorder;
      await dead.stop().catch(() => undefined);
      nowS += 2;
      recorder = recorderOn(storage.library, ports);
      await recorder.continued({
        ...{ setup, recordingId, beganS, guidedStep: state.cue?.step, begun: state.begun },
      });
      await expect
        .poll(() => recorder.state().devices.map(({ link }) => link), PATIENT)
        .toEqual(["streaming", "streaming"]);
      await until(nowS + 5);
    }
    await until(hourS + 250);
    await atSample((name) => void others.push({ name, atS: recorder.state().elapsedS }), lines[1]);
    for (let n = 0; n * EVERY_S < HOUR_S - 500; n += 1) {
      await until(hourS + 300 + n * EVERY_S);
      streaming();
      await (n % 3 === 1 ? cued() : marked());
    }
  }
  await atSample(async (name) => {
    events.push({ name, atS: recorder.state().elapsedS });
    await until(nowS + 1);
  });
  await expect.poll(() => recorder.state().durableS, PATIENT).toBeGreaterThan(sure(events.at(-1)).atS);
  const live = recorder.state().clocks;
  await recorder.stop();
  const { channels, clocks } = await storage.library.getRecording(recordingId);
  const placed = new Map<number, number>();
  const { values, reasons } = await storage.library.samples(recordingId, 0, 0, sure(channels[0]).sampleCount);
  values.forEach((value, i) => reasons[i] === 0 && placed.set(value, i / RATE));
  const wrong = events.map(({ name, atS }) => Math.abs(atS - (placed.get(name) ?? NaN)));
  expect(wrong.length).toBeGreaterThan(60);
  expect(events.filter((_, i) => !((wrong[i] ?? NaN) < LIMIT_S))).toEqual([]);
  const indices = await storedIndices(recordingId, 1);
  for (const told of [live, clocks]) {
    const drawnS = ({ name }: { readonly name: number }): number =>
      timeOfSample(piecesOf(told, 1), RATE, indices.get(name) ?? NaN);
    const apart = others.map((one) => Math.abs(one.atS - drawnS(one)));
    expect(apart.length).toBe(HOURS);
    expect(Math.max(...apart)).toBeLessThan(LIMIT_S);
    const nominal = others.map(({ name, atS }) => Math.abs(atS - (indices.get(name) ?? NaN) / RATE));
    expect(Math.max(...nominal)).toBeGreaterThan(7.9); // at its nominal rate
  }
  const stored = await storage.library.listAnnotations(recordingId);
  const marks = stored.filter(({ label }) => label === "neutral").map(({ onsetS }) => onsetS);
  expect(marks.length + cues.length + 2).toBe(events.length);
  const held = stored.filter(({ label }) => label === "hand-close").map(({ onsetS }) => onsetS);
  for (const cueS of cues)
    expect(held.some((onsetS) => Math.abs(onsetS - cueS - CHANGE_S - TRIM_S) < 1e-6)).toBe(true);
  const open = stored.find(({ label }) => label === "hand-open");
  const end = sure(events.at(-1)); // as the recording was stopped
  expect(open?.onsetS).toBe(begunS);
  expect((open?.onsetS ?? 0) + (open?.durationS ?? 0) - end.atS).toBeCloseTo(1, 2);
}, 120_000);
