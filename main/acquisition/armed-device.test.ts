import { expect, test } from "vitest";
import { DeviceChoice } from "../../preload/contract/acquisition.ts";
import { ArmedDevice } from "./armed-device.ts";
import type { PortListener } from "./ports/port.ts";
import type { DeviceMark, SimulatedDevice } from "./protocols/protocol.ts";
import { protocolOf } from "./protocols/registry.ts";

interface Stood {
  readonly device: SimulatedDevice;
  readonly armed: ArmedDevice;
  readonly bring: (bytes: Uint8Array, arrivedS: number) => void;
  readonly marks: readonly (readonly [DeviceMark["what"], number])[];
}

/** A monitor on a line of which the test says when it brings what. What is played back is not greeted. */
async function monitor(): Promise<Stood> {
  const series50 = protocolOf("series50");
  const setup = series50.setup.parse({});
  const device = series50.device(setup, (_, channel) => (channel === 0 ? 560 : 1));
  for (const { send } of series50.start(setup)) if (send !== undefined) device.receive(send);
  let line: PortListener | undefined;
  const marks: [DeviceMark["what"], number][] = [];
  const armed = new ArmedDevice({
    choice: DeviceChoice.parse({ protocol: "series50", port: "replay:line" }),
    ...{ firstChannel: 0, powerLineHz: 50 },
    ports: {
      open: (_path, _line, listener) => {
        line = listener;
        return Promise.resolve({ write: () => Promise.resolve(), close: () => Promise.resolve() });
      },
      find: (path) => Promise.resolve(path),
    },
    listener: {
      watched: () => undefined,
      recorded: () => undefined,
      marked: ({ what }, atS) => marks.push([what, atS]),
      changed: () => undefined,
      warned: () => undefined,
    },
  });
  await armed.connect();
  return { device, armed, bring: (bytes, arrivedS) => line?.data(bytes, arrivedS), marks };
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
  const drawnS = (marks[0]?.[1] ?? NaN) - 4;
  const [stream] = armed.streams;
  const { next } = stream?.track ?? { next: NaN };
  expect(next / 4 - drawnS).toBeCloseTo(20 - 12, 6); // as many samples came after it
  expect(drawnS).toBeGreaterThan(7.5);
  expect(drawnS).toBeLessThan(8.5);
  await armed.close();
});
