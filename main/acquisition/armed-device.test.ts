import { expect, test } from "vitest";
import { DeviceChoice } from "../../preload/contract/acquisition.ts";
import { AppError } from "../../preload/contract/errors.ts";
import { maskReasons } from "../../preload/contract/mask.ts";
import { ArmedDevice } from "./armed-device.ts";
import type { PortListener } from "./ports/port.ts";
import type { DeviceMark, SimulatedDevice } from "./protocols/protocol.ts";
import { protocolOf } from "./protocols/registry.ts";
import { textFrame } from "./protocols/series50/frame.ts";

interface Stood {
  readonly device: SimulatedDevice;
  readonly armed: ArmedDevice;
  readonly bring: (bytes: Uint8Array, arrivedS: number) => void;
  readonly pull: () => void; // its cable, which is put in again at once
  readonly gaps: readonly number[]; // of the recording, in samples
  readonly marks: readonly (readonly [DeviceMark["what"], number])[];
}

/** A monitor that answers at once, on a line of which the test says when it brings what else. */
async function monitor(port = "COM3"): Promise<Stood> {
  const series50 = protocolOf("series50");
  const setup = series50.setup.parse({});
  const device = series50.device(setup, (_, channel) => (channel === 0 ? 560 : 1));
  let line: PortListener | undefined;
  const marks: [DeviceMark["what"], number][] = [];
  const gaps: number[] = [];
  const armed = new ArmedDevice({
    choice: DeviceChoice.parse({ protocol: "series50", port }),
    ...{ firstChannel: 0, powerLineHz: 50 },
    ports: {
      open: (_path, _line, listener) => {
        line = listener;
        const write = (bytes: Uint8Array): Promise<void> => {
          const answer = device.receive(bytes);
          if (answer.length > 0) listener.data(answer, 0);
          return Promise.resolve();
        };
        return Promise.resolve({ write, close: () => Promise.resolve() });
      },
      find: (path) => Promise.resolve(path),
    },
    listener: {
      watched: () => undefined,
      recorded: (_, { piece }) => {
        if (piece.kind === "gap" && piece.reason !== maskReasons.notRecorded) gaps.push(piece.count);
      },
      marked: ({ what, sample }, stream, arrivedS) =>
        marks.push([what, stream?.track.placedS(sample) ?? arrivedS]),
      changed: () => undefined,
      warned: () => undefined,
    },
  });
  await armed.connect();
  const pull = (): void => line?.lost(new AppError("device/port-lost", "pulled out"));
  return { device, armed, bring: (bytes, arrivedS) => line?.data(bytes, arrivedS), pull, gaps, marks };
}

test("what a device marked lies at the sample it belongs to, also where it was held up on its way", async () => {
  const { device, armed, bring, marks } = await monitor();
  const frames = device.frames(20);
  for (const { bytes, dueS } of frames.slice(0, 4)) bring(bytes, dueS);
  armed.begin(4);
  for (const { bytes, dueS } of frames.slice(4, 10)) bring(bytes, dueS);
  for (const { bytes } of frames.slice(10, 12)) bring(bytes, 15); // of 11 s and 12 s, then the button, and more
  bring(device.press?.() ?? new Uint8Array(0), 15);
  for (const { bytes } of frames.slice(12, 15)) bring(bytes, 15);
  for (const { bytes, dueS } of frames.slice(15)) bring(bytes, dueS);
  expect(marks.map(([what]) => what)).toEqual(["button"]);
  const drawnS = marks[0]?.[1] ?? NaN;
  const [stream] = armed.streams;
  const { next } = stream?.track ?? { next: NaN };
  expect(next / 4 - drawnS).toBeCloseTo(20 - 12, 6); // as many samples came after it
  expect(drawnS).toBeGreaterThan(7.5);
  expect(drawnS).toBeLessThan(8.5);
  await armed.close();
});

test.each([
  ["COM3", true],
  ["replay:line?speed=1.002", false], // its pace is asked for
])(
  "that its clock is further off than a crystal ever is comes with what is known of it: %s",
  async (port, isTold) => {
    const { device, armed, bring } = await monitor(port);
    for (const { send } of protocolOf("series50").start({})) if (send !== undefined) device.receive(send);
    const frames = device.frames(240);
    let atS = 0;
    const clocks = [1, 0.998].map((pace, part) => {
      for (const { bytes } of frames.slice(120 * part, 120 * (part + 1))) bring(bytes, (atS += pace));
      return armed.state(atS).clock;
    });
    expect(clocks[0]).toMatchObject({ isOff: false, rate: 4 });
    expect(clocks[1]?.ppm).toBeGreaterThan(500);
    expect(clocks[1]?.isOff).toBe(isTold);
    await armed.close();
  },
);

test("what a device says while it streams is there to be read, and what belonged to no frame is counted", async () => {
  const { device, armed, bring } = await monitor();
  const [first, second, third] = device.frames(3).map(({ bytes }) => bytes);
  if (first === undefined || second === undefined || third === undefined) throw new Error("no frames");
  bring(first, 1);
  const modes = { fhr1Mode: "ultrasound", monitor: "on" };
  expect(armed.state(1).identity).toMatchObject({ model: "M1350A", facts: modes });
  armed.begin(1);
  bring(Buffer.concat([Buffer.from("noise"), textFrame("F507"), second]), 2);
  bring(third, 3);
  const { identity, skippedBytes } = armed.state(3);
  expect(identity.facts).toMatchObject({ ...modes, failure: "507" });
  expect(skippedBytes).toBe(5);
  await armed.close();
});

test("an outage is counted whole, as the one gap that it is, whether it was told while it lasted or not", async () => {
  const { device, armed, bring, pull, gaps } = await monitor();
  const pulled = async (beganS: number, watchedS: number): Promise<void> => {
    pull();
    for (let atS = beganS; atS < beganS + watchedS; atS += 1) armed.watch(atS);
    await expect.poll(() => armed.link.link, { timeout: 5000 }).toBe("streaming");
  };
  const play = (fromS: number, seconds: number): void => {
    for (const { bytes, dueS } of device.frames(seconds)) bring(bytes, fromS + dueS);
  };
  play(0, 60);
  armed.begin(60);
  for (const { bytes, dueS } of device.frames(70)) bring(bytes, dueS);
  await pulled(70, 0); // back before it was told
  play(75, 20);
  const { lost, longestGapS, gaps: told } = armed.state(95);
  expect(lost).toEqual({ linkDown: 20 });
  expect([longestGapS, told]).toEqual([5, 1]);
  await pulled(95, 30);
  play(125, 20);
  const now = armed.state(145);
  expect(now.lost).toEqual({ linkDown: 20 + 120 });
  expect([now.longestGapS, now.gaps]).toEqual([30, 2]);
  expect(gaps.reduce((sum, count) => sum + count, 0)).toBe(140);
  await armed.close();
});
