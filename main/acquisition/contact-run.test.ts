import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { type ContactState, DeviceChoice } from "../../preload/contract/acquisition.ts";
import { sure } from "../../preload/contract/sure.ts";
import { ContactRun } from "./contact-run.ts";
import { systemPorts } from "./ports/access.ts";
import { skipWithoutSocat } from "./ports/pty.fixtures.ts";
import { virtualEnd } from "./simulation/device-end.ts";
import { Scenario } from "./simulation/scenario.ts";
import { simulate } from "./simulation/simulate.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A simulated device at a virtual port of its own, until the test ends; what the host said to it. */
async function device(told: unknown, kind: "cyton" | "bitalino" = "cyton") {
  const path = join(mkdtempSync(join(tmpdir(), "kodo-contact-")), "port");
  const stop = new AbortController();
  const end = virtualEnd(path);
  let heard = "";
  const read = (): Uint8Array => {
    const bytes = end.read();
    heard += Buffer.from(bytes).toString("latin1");
    return bytes;
  };
  const done = simulate({
    ...{ kind, scenario: Scenario.parse(told), end: { ...end, read }, stop: stop.signal },
    signal: () => 200,
  });
  ends.push(() => {
    stop.abort();
    return done;
  });
  await expect.poll(() => existsSync(path), { timeout: 5000 }).toBe(true);
  return { path, heard: () => heard };
}

/** Two channels, so that it takes seconds. */
function run(port: string, more: object = {}) {
  const told: ContactState[] = [];
  const off = [3, 4, 5, 6, 7, 8];
  const choice = DeviceChoice.parse({ protocol: "cyton", port, setup: { off }, ...more });
  const measuring = new ContactRun(choice, systemPorts(), (state) => told.push(state));
  ends.push(() => measuring.stop());
  measuring.start();
  const until = (is: (state: ContactState) => boolean): Promise<void> =>
    expect.poll(() => is(measuring.state), { timeout: 20_000, interval: 20 }).toBe(true);
  return { measuring, told, until, over: () => until(({ isRunning }) => !isRunning) };
}
const isMeasuring = ({ electrodes }: ContactState): boolean =>
  electrodes.some(({ stands }) => stands === "measuring");

test("a device that measures no contact, and settings that it does not have, are refused before anything is opened", () => {
  const tried = (choice: object): ContactRun =>
    new ContactRun(DeviceChoice.parse({ port: "/dev/null", ...choice }), systemPorts(), () => undefined);
  expect(() => tried({ protocol: "bitalino" })).toThrow(
    expect.objectContaining({ code: "device/no-contact" }),
  );
  expect(() => tried({ protocol: "cyton", setup: { source: "shorted" } })).toThrow(
    expect.objectContaining({ code: "device/no-contact" }),
  );
  expect(() => tried({ protocol: "cyton", setup: { gain: 5 } })).toThrow(
    expect.objectContaining({ code: "contract/bad-params" }),
  );
});

test("a port that is not there is one sentence, and nothing was changed", async () => {
  const { measuring, over } = run("/dev/no-such-port");
  await over();
  expect(measuring.state).toMatchObject({
    isRunning: false,
    problem: { code: "device/not-found", message: "No device on /dev/no-such-port" },
  });
  expect(measuring.state.areSettingsBack).toBeUndefined();
});

describe.skipIf(skipWithoutSocat("the contact of electrodes"))("over a virtual port", () => {
  test("electrodes are measured as they lie, one that is off is open, and the device has its settings again", async () => {
    const { path, heard } = await device({
      electrodes: [{ channel: 0, input: "N", kOhm: 900 }],
      electrodeOff: [{ atS: 0, durationS: 1e6, channel: 1 }],
    });
    const { measuring, told, over } = run(path);
    await over();
    const { electrodes, areSettingsBack, problem } = measuring.state;
    expect([areSettingsBack, problem]).toEqual([true, undefined]);
    expect(electrodes.map(({ label, input, word }) => `${label} ${input} ${word ?? ""}`)).toEqual([
      "EMG 1 P good",
      "EMG 1 N poor",
      "EMG 2 P open",
      "EMG 2 N open",
    ]);
    expect(Math.abs(sure(electrodes[0]?.kOhm) - 20)).toBeLessThan(1);
    expect(Math.abs(sure(electrodes[1]?.kOhm) - 900)).toBeLessThan(20);
    expect(told.filter(isMeasuring).length).toBeGreaterThanOrEqual(4);
    expect(heard().slice(-4 * 14)).toContain("z200Zx2060100X");
  }, 30_000);

  test("called off it stops at once, and no current flows any more", async () => {
    const { path, heard } = await device({});
    const { measuring, until } = run(path);
    await until(isMeasuring);
    await expect.poll(() => heard().endsWith("z110Zb"), { timeout: 5000, interval: 10 }).toBe(true);
    const began = performance.now();
    const state = await measuring.stop();
    expect(performance.now() - began).toBeLessThan(1500);
    expect(state).toMatchObject({
      ...{ isRunning: false, areSettingsBack: true },
      problem: { code: "cancelled/by-user" },
    });
    expect(isMeasuring(state)).toBe(false);
    expect(heard().endsWith("sz100Zx1060100X")).toBe(true);
  }, 30_000);

  test("called off while the device is awaited ends without waiting for it", async () => {
    const { path } = await device({ stalls: [{ atS: 0, durationS: 1e6 }] });
    const { measuring } = run(path);
    const began = performance.now();
    expect(await measuring.stop()).toMatchObject({ problem: { code: "cancelled/by-user" } });
    expect(performance.now() - began).toBeLessThan(2000);
  });

  test("a cable that is pulled out in the middle is said, with that the settings could not be put back", async () => {
    const { path } = await device({ unplugs: [{ atS: 2.5, durationS: 1e5 }] });
    const { measuring, over } = run(path);
    await over();
    expect(measuring.state).toMatchObject({ areSettingsBack: false, problem: { code: "device/port-lost" } });
  }, 30_000);

  test("another device, or none, on the port is said", async () => {
    const other = await device({}, "bitalino");
    const wrong = run(other.path);
    const silent = await device({ stalls: [{ atS: 0, durationS: 1e6 }] });
    const none = run(silent.path);
    await Promise.all([wrong.over(), none.over()]);
    expect(wrong.measuring.state.problem?.code).toMatch(/^device\/(not-recognised|no-answer)$/);
    expect(none.measuring.state.problem?.code).toBe("device/no-answer");
    expect(none.measuring.state.problem?.message).toContain(silent.path);
  }, 30_000);
});
