import { expect, test } from "vitest";
import { AppError } from "../../preload/contract/errors.ts";
import { DeviceLink } from "./device-link.ts";
import { monotonicS, type PortListener } from "./ports/port.ts";
import type { DriverEvent } from "./protocols/protocol.ts";
import { protocolOf, type AnyProtocol } from "./protocols/registry.ts";

const lines = (count: number): Buffer => Buffer.from("12\n".repeat(count));

/** A device on a port that is a test's. `hello`: what it says when the port is opened. */
async function connected(
  protocol: AnyProtocol,
  setup: unknown,
  { path = "port", hello = new Uint8Array(0) }: { readonly path?: string; readonly hello?: Uint8Array },
) {
  let listener: PortListener | undefined;
  let opened = 0;
  const events: DriverEvent[] = [];
  const link = new DeviceLink({
    ...{ protocol, setup, path, lines: protocol.lines },
    ports: {
      open: (_, __, given) => {
        opened += 1;
        listener = given;
        setTimeout(() => given.data(hello, monotonicS()), 5);
        return Promise.resolve({ write: () => Promise.resolve(), close: () => Promise.resolve() });
      },
      find: (known) => Promise.resolve(known),
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
  const come = (bytes: Uint8Array, atS: number): void => listener?.data(bytes, atS);
  const samples = (): number =>
    events.reduce((sum, one) => sum + (one.kind === "samples" ? one.count : 0), 0);
  return { link, come, samples, opened: () => opened };
}

test("where the recorder itself stood still, what came meanwhile is read before the device is called silent or reached anew", async () => {
  const protocol = protocolOf("ascii");
  const setup = protocol.setup.parse({ channels: 1, rate: 100 });
  const { link, come, samples, opened } = await connected(protocol, setup, { hello: lines(8) });
  const beganS = monotonicS();
  link.watch(beganS + 0.1);
  link.watch(beganS + 5);
  expect(link.link).toBe("streaming");
  come(lines(490), beganS + 5.01);
  link.watch(beganS + 5.1);
  link.watch(beganS + 5.5);
  expect([link.link, opened()]).toEqual(["streaming", 1]);
  expect(samples()).toBeGreaterThan(480);
  for (let atS = beganS + 5.6; atS < beganS + 6.6; atS += 0.1) link.watch(atS);
  expect(link.link).toBe("silent");
  await link.close();
});

test("a device whose frames wait until it is known how many were lost is there, and is not reached anew", async () => {
  const protocol = protocolOf("cyton");
  const { link, come, samples, opened } = await connected(protocol, protocol.setup.parse({}), {
    path: "replay:", // is not greeted
  });
  const beganS = monotonicS();
  const packet = new Uint8Array(33);
  [packet[0], packet[32]] = [0xa0, 0xc0];
  const pass = (from: number, to: number): void => {
    for (let i = from; i < to; i += 1) {
      packet[1] = i & 255;
      come(packet.slice(), beganS + i / 250);
      if (i % 25 === 24) link.watch(beganS + i / 250);
    }
  };
  pass(0, 250);
  for (let atS = 1; atS < 3.8; atS += 0.1) link.watch(beganS + atS);
  expect(link.link).toBe("silent");
  pass(950, 1050);
  expect([link.link, opened(), samples()]).toEqual(["streaming", 1, 250]);
  pass(1050, 1250);
  expect([opened(), samples()]).toEqual([1, 250 + 300]);
  await link.close();
});

test("what cannot be played back says so, and nothing of rates that nobody tried", async () => {
  const protocol = protocolOf("cyton");
  const link = new DeviceLink({
    ...{ protocol, setup: protocol.setup.parse({}), path: "replay:/a.kodocap", lines: protocol.lines },
    ports: {
      open: () => Promise.reject(new AppError("device/cannot-open", "/a.kodocap cannot be played back")),
      find: (known) => Promise.resolve(known),
    },
    listener: {
      events: () => undefined,
      session: () => undefined,
      changed: () => undefined,
      warned: () => undefined,
    },
  });
  await expect(link.connect()).rejects.toMatchObject({
    code: "device/cannot-open",
    message: "/a.kodocap cannot be played back",
  });
});

test("a device that answers on no line says once what its port lacks, and which rates were tried where", async () => {
  const protocol = protocolOf("corometrics");
  const warned: string[] = [];
  const link = new DeviceLink({
    ...{ protocol, setup: protocol.setup.parse({}), path: "/dev/ttyUSB3" },
    lines: protocol.lines.slice(0, 5),
    ports: {
      open: (_, __, given) => {
        given.warned({ code: "device/no-control-lines", message: "no DTR" });
        return Promise.reject(new AppError("device/silent", "Nothing came"));
      },
      find: (known) => Promise.resolve(known),
    },
    listener: {
      events: () => undefined,
      session: () => undefined,
      changed: () => undefined,
      warned: ({ message }) => warned.push(message),
    },
  });
  await expect(link.connect()).rejects.toMatchObject({
    code: "device/silent",
    message: "Nothing came (tried 9600, 4800 baud on /dev/ttyUSB3)",
  });
  expect(warned).toEqual(["no DTR"]);
});
