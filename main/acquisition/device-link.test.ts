import { expect, test } from "vitest";
import { DeviceLink } from "./device-link.ts";
import { monotonicS, type PortListener } from "./ports/port.ts";
import type { DriverEvent } from "./protocols/protocol.ts";
import { protocolOf } from "./protocols/registry.ts";

const protocol = protocolOf("ascii");
const setup = protocol.setup.parse({ channels: 1, rate: 100 });
const lines = (count: number): Buffer => Buffer.from("12\n".repeat(count));

/** A device that prints lines, on a port that is a test's. */
async function connected() {
  let listener: PortListener | undefined;
  let opened = 0;
  const events: DriverEvent[] = [];
  const link = new DeviceLink({
    ...{ protocol, setup, path: "port", lines: protocol.lines },
    ports: {
      open: (_, __, given) => {
        opened += 1;
        listener = given;
        setTimeout(() => given.data(lines(8), monotonicS()), 5);
        return Promise.resolve({ write: () => Promise.resolve(), close: () => Promise.resolve() });
      },
      find: (path) => Promise.resolve(path),
    },
    listener: {
      events: (more) => events.push(...more),
      session: () => undefined,
      changed: () => undefined,
      warned: () => undefined,
    },
  });
  await link.connect();
  await link.start();
  const come = (count: number, atS: number): void => listener?.data(lines(count), atS);
  const samples = (): number =>
    events.reduce((sum, one) => sum + (one.kind === "samples" ? one.count : 0), 0);
  return { link, come, samples, opened: () => opened };
}

test("where the recorder itself stood still, what came meanwhile is read before the device is called silent or reached anew", async () => {
  const { link, come, samples, opened } = await connected();
  const beganS = monotonicS();
  link.watch(beganS + 0.1);
  link.watch(beganS + 5);
  expect(link.link).toBe("streaming");
  come(490, beganS + 5.01);
  link.watch(beganS + 5.1);
  link.watch(beganS + 5.5);
  expect([link.link, opened()]).toEqual(["streaming", 1]);
  expect(samples()).toBeGreaterThan(480);
  for (let atS = beganS + 5.6; atS < beganS + 6.6; atS += 0.1) link.watch(atS);
  expect(link.link).toBe("silent");
  await link.close();
});
