import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { AppError } from "../../../preload/contract/errors.ts";
import { systemPorts } from "./access.ts";
import { shortenLatency } from "./latency.ts";
import { findPort, listPorts } from "./list.ts";
import { groupOf, openErrorOf } from "./open-error.ts";
import { ptyPair, recordingListener, skipWithoutSocat, type PtyPair } from "./pty.fixtures.ts";
import { realNameOf } from "./real-name.ts";
import { openSerialPort } from "./serial.ts";

const line = { baudRate: 115200, dataBits: 8, parity: "none", stopBits: 1 } as const;
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function open(path: string) {
  const heard = recordingListener();
  const port = await openSerialPort({ path, line, listener: heard.listener });
  ends.push(() => port.close());
  return { port, ...heard };
}

async function pair(folder?: string): Promise<PtyPair> {
  const made = await ptyPair(folder);
  ends.push(made.unplug);
  return made;
}

describe.skipIf(skipWithoutSocat("serial ports"))("a serial port", () => {
  test("brings every byte once and in order, both ways", async () => {
    const { ours, device } = await pair();
    const [a, b] = [await open(ours), await open(device)];
    const sent = Buffer.from(Array.from({ length: 40_000 }, (_, i) => (i * 31 + (i >> 8)) & 255));
    for (let at = 0; at < sent.length; at += 997) await b.port.write(sent.subarray(at, at + 997));
    await a.port.write(Uint8Array.of(1, 2, 3));
    await a.until(() => a.received().length >= sent.length);
    await b.until(() => b.received().length >= 3);
    expect(a.received().equals(sent)).toBe(true);
    expect([...b.received()]).toEqual([1, 2, 3]);
    expect(a.times).toEqual([...a.times].sort((x, y) => x - y));
  });

  test("without control lines is warned of and reads", async () => {
    const { ours } = await pair();
    expect((await open(ours)).warnings).toEqual(["device/no-control-lines"]);
  });

  test("that another program has open is refused, and free again after it closed", async () => {
    const { ours } = await pair();
    const first = await open(ours);
    await expect(open(ours)).rejects.toMatchObject({ code: "device/busy" });
    await first.port.close();
    await open(ours);
  });

  test("that has two names is refused under the second while it is open, by both, and free after it closed", async () => {
    const { ours } = await pair();
    const link = `${ours}-by-id`;
    symlinkSync(ours, link);
    const access = systemPorts();
    const { listener } = recordingListener();
    const [first, second] = await Promise.allSettled(
      [ours, link].map((path) => access.open(path, line, listener)),
    );
    expect([first?.status, second]).toEqual([
      "fulfilled",
      {
        status: "rejected",
        reason: expect.objectContaining({
          code: "device/same-port",
          message: `${link} is the same port as ${ours}, which is open already in this program`,
        }) as AppError,
      },
    ]);
    await expect(access.open(ours, line, listener)).rejects.toMatchObject({
      message: `${ours} is open already in this program`,
    });
    if (first?.status === "fulfilled") await first.value.close();
    const again = await access.open(link, line, listener);
    if (first?.status === "fulfilled") await first.value.close(); // once more, of what it is no longer
    await expect(access.open(ours, line, listener)).rejects.toMatchObject({ code: "device/same-port" });
    await again.close();
  });

  test("that another process has open under another name is refused, and where the name leads is told", async () => {
    const { ours } = await pair();
    const link = `${ours}-by-id`;
    symlinkSync(ours, link);
    const script = `const { SerialPort } = require("serialport");
      new SerialPort({ path: ${JSON.stringify(ours)}, baudRate: 9600 }).on("open", () => console.log("open")).on("data", () => 0);`;
    const holder = spawn(process.execPath, ["-e", script], { cwd: import.meta.dirname });
    ends.push(() => holder.kill("SIGKILL"));
    await new Promise((opened) => holder.stdout.once("data", opened));
    const { listener } = recordingListener();
    await expect(systemPorts().open(link, line, listener)).rejects.toMatchObject({
      code: "device/busy",
      message: `Another program has ${link} (${realpathSync(ours)}) open`,
    });
  });

  test("that is not there or is no port is refused, and told apart", async () => {
    await expect(open("/dev/ttyUSB987")).rejects.toMatchObject({ code: "device/not-found" });
    await expect(open(tmpdir())).rejects.toMatchObject({ code: "device/cannot-open" });
    await expect(open("/dev/null")).rejects.toMatchObject({ code: "device/cannot-open" });
  });

  test("that is pulled out is told once, within 50 ms, and takes no more writes", { retry: 2 }, async () => {
    const { ours, unplug } = await pair();
    const { port, losses, until } = await open(ours);
    unplug();
    expect(await until(() => losses.length > 0)).toBeLessThan(50);
    await expect(port.write(Uint8Array.of(1))).rejects.toMatchObject({ code: "device/port-lost" });
    await port.close();
    expect(losses.map(({ code }) => code)).toEqual(["device/port-lost"]);
  });

  test("a write that waits ends when it is closed, and closing tells nobody", async () => {
    const { ours } = await pair();
    const { port, losses } = await open(ours);
    const stuck = expect(port.write(new Uint8Array(10_000_000))).rejects.toMatchObject({
      code: "device/port-lost",
    });
    const began = performance.now();
    await port.close();
    expect(performance.now() - began).toBeLessThan(1000);
    await stuck;
    expect(losses).toEqual([]);
  });

  test("is found again under its path once it is back", async () => {
    const { ours, unplug } = await pair();
    const wanted = { id: ours, path: ours };
    expect(await findPort(wanted)).toEqual({ ...wanted, kind: "serial" });
    unplug();
    expect(await findPort(wanted)).toBeUndefined();
    await pair(dirname(ours));
    expect(await findPort(wanted)).toEqual({ ...wanted, kind: "serial" });
  });

  test("that no system lists is listed where KODO_PORTS names it", async () => {
    const { ours, device } = await pair();
    const link = `${ours}-by-id`;
    symlinkSync(ours, link); // another name of what is listed already
    const { ports, problems } = await listPorts(
      { KODO_PORTS: `${ours}:${device}:${link}:/nowhere` },
      async () => [],
    );
    expect(ports.map(({ path }) => path)).toEqual([ours, device]);
    expect(problems.map(({ code }) => code)).toEqual(["device/not-found"]);
  });
});

const listed = (path: string, serialNumber?: string) => ({
  path,
  serialNumber,
  vendorId: serialNumber && "0403",
  productId: serialNumber && "6015",
  manufacturer: "FTDI",
  pnpId: undefined,
  locationId: undefined,
});

test("a system without udevadm gives a sentence, not a failure", async () => {
  const missing = Object.assign(new Error("spawn udevadm ENOENT"), { code: "ENOENT" });
  const { ports, problems } = await listPorts({}, () => Promise.reject(missing));
  expect(ports).toEqual([]);
  expect(problems).toEqual([
    {
      code: "device/no-udevadm",
      message: "Serial ports cannot be listed without the program udevadm. A port's path can be typed",
      detail: {},
    },
  ]);
});

test("two adapters of one serial number are told apart by their paths", async () => {
  const all = [
    listed("/dev/ttyUSB0", "0001"),
    listed("/dev/ttyUSB1", "0001"),
    listed("/dev/ttyUSB2", "DM00Q0QD"),
  ];
  const { ports } = await listPorts({}, async () => all);
  expect(ports.map(({ id }) => id)).toEqual(["/dev/ttyUSB0", "/dev/ttyUSB1", "0403:6015:dm00q0qd"]);
});

test("a device is found in another socket, and another device in its socket is not taken for it", async () => {
  const wanted = { id: "0403:6015:a", path: "/dev/ttyUSB7" };
  const find = (...ports: ReturnType<typeof listed>[]) =>
    findPort(wanted, () => listPorts({}, async () => ports));
  expect((await find(listed("/dev/ttyUSB9", "A")))?.path).toBe("/dev/ttyUSB9");
  expect(await find(listed("/dev/ttyUSB7", "B"))).toBeUndefined();
  expect((await find(listed("/dev/ttyUSB7")))?.path).toBe("/dev/ttyUSB7"); // it does not say who it is
});

test("what is played back or simulated is where it was", async () => {
  const find = (path: string) => findPort({ id: path, path });
  expect(await find("simulated:cyton")).toMatchObject({ kind: "simulated" });
  expect(await find("replay:/tmp/a.kodocap?speed=4")).toMatchObject({ kind: "replay" });
});

test("a refusal says what to do on each system", () => {
  const said = (message: string, platform: NodeJS.Platform, group?: string) =>
    openErrorOf("P", new Error(message), platform, group);
  const denied = "Error: Permission denied, cannot open P";
  expect(said(denied, "linux", "uucp").message).toContain("sudo usermod -aG uucp $USER");
  expect(said(denied, "linux").detail.command).toBe("sudo usermod -aG dialout $USER");
  expect(said(denied, "darwin").message).toContain("Privacy & Security");
  expect(said("Opening COM3: Access denied", "win32").code).toBe("device/busy");
  expect(said("Opening COM3: File not found", "win32").code).toBe("device/not-found");
  expect(said("Error: Resource busy, cannot open P", "darwin").code).toBe("device/busy");
  const kind = "Error: Inappropriate ioctl for device setting custom baud rate of 115200";
  expect(said(kind, "linux")).toMatchObject({ code: "device/cannot-open", message: "P is no serial port" });
  expect(said("Opening COM3: Unknown error code 31", "win32").code).toBe("device/cannot-open");
});

test("a port has one name: where a link leads, macOS' outgoing one, Windows' without its case and prefix", async () => {
  expect(await realNameOf("/dev/tty.usbserial-1", "darwin")).toBe("/dev/cu.usbserial-1");
  expect(await realNameOf("\\\\.\\com12", "win32")).toBe("COM12");
  expect(await realNameOf("/dev/no-such-port", "linux")).toBe("/dev/no-such-port");
});

test("the group of a port is named, unless it is root's", async () => {
  const folder = mkdtempSync(join(tmpdir(), "kodo-group-"));
  expect(await groupOf(join(folder, "missing"))).toBeUndefined();
  if (process.getuid?.() === 0) expect(await groupOf(folder)).toBeUndefined();
});

describe("the latency timer", () => {
  function adapter(milliseconds: string) {
    const folder = mkdtempSync(join(tmpdir(), "kodo-ftdi-"));
    mkdirSync(join(folder, "ttyUSB0"));
    const timer = join(folder, "ttyUSB0", "latency_timer");
    writeFileSync(timer, milliseconds);
    return { folder, timer };
  }
  const shorten = async (folder: string, low: () => Promise<void>) => {
    const { listener, warnings } = recordingListener();
    await shortenLatency("/dev/ttyUSB0", low, listener, folder);
    return warnings;
  };

  test("is set to 1 ms where that is allowed", async () => {
    const { folder, timer } = adapter("16\n");
    expect(await shorten(folder, () => Promise.reject(new Error("not asked")))).toEqual([]);
    expect(readFileSync(timer, "utf8")).toBe("1");
  });

  // The kernel lets nobody write to this file.
  test.skipIf(!existsSync("/proc/version"))(
    "that cannot be written is told, unless the flag helped",
    async () => {
      const { folder, timer } = adapter("16");
      rmSync(timer);
      symlinkSync("/proc/version", timer);
      let asked = 0;
      const warnings = await shorten(folder, async () => void (asked += 1));
      expect([asked, warnings]).toEqual([1, ["device/latency"]]);
    },
  );

  test("of an adapter that has none is left alone", async () => {
    expect(await shorten(tmpdir(), () => Promise.reject(new Error("not asked")))).toEqual([]);
  });
});
