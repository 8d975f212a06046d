import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { protocolOf } from "../protocols/registry.ts";
import { openPort } from "./open.ts";
import { monotonicS } from "./port.ts";
import { recordingListener } from "./pty.fixtures.ts";

const line = { baudRate: 115200, dataBits: 8, parity: "none", stopBits: 1 } as const;

async function open(path: string) {
  const heard = recordingListener();
  return { port: await openPort({ path, line, listener: heard.listener }), ...heard };
}

/** A second of a started Cyton, as its driver reads it. */
async function second(path: string) {
  const protocol = protocolOf("cyton");
  const { port, received, until } = await open(path);
  await port.write(Buffer.from("b"));
  await until(() => received().length >= 250 * 33);
  await port.close();
  const driver = protocol.driver(protocol.setup.parse({}));
  return driver
    .push(received(), monotonicS())
    .flatMap((event) => (event.kind === "samples" ? [...event.values] : []));
}

test("a simulated device streams in real time, the same for a seed", { retry: 2 }, async () => {
  const began = performance.now();
  const once = await second("simulated:cyton?seed=7");
  expect(performance.now() - began).toBeGreaterThan(900);
  expect(performance.now() - began).toBeLessThan(2000);
  const again = await second("simulated:cyton?seed=7");
  const count = Math.min(once.length, again.length);
  expect(count).toBeGreaterThan(1900);
  // The device's place in its signal is when it was started, to a few samples.
  const other = await second("simulated:cyton?seed=8");
  expect(shared(once, again)).toBeGreaterThan(200);
  expect(shared(once, other)).toBeLessThan(20);
});

/** Pairs of values of channel 1, one after the other, that both have. */
function shared(a: readonly number[], b: readonly number[]): number {
  const pairs = (values: readonly number[]) =>
    values.flatMap((value, i) => (i % 8 === 0 ? [`${value} ${values[i + 8] ?? ""}`] : []));
  const known = new Set(pairs(a));
  return pairs(b).filter((pair) => known.has(pair)).length;
}

test("a scenario pulls it out; it is not there, and then it is again", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "kodo-scenario-")), "s.json");
  writeFileSync(file, JSON.stringify({ unplugs: [{ atS: 0.2, durationS: 0.3 }] }));
  const path = `simulated:cyton?scenario=${file}`;
  const first = await open(path);
  await first.until(() => first.losses.length > 0);
  expect(first.losses[0]?.code).toBe("device/port-lost");
  await expect(open(path)).rejects.toMatchObject({ code: "device/not-found" });
  await pause(350);
  const { port, received, until } = await open(path);
  await port.write(Buffer.from("v"));
  await until(() => received().includes("$$$"));
  await port.close();
});

test("what cannot be simulated is refused", async () => {
  for (const path of ["simulated:toaster", "simulated:cyton?setup={", "simulated:cyton?scenario=/nowhere"])
    await expect(open(path)).rejects.toMatchObject({ code: "device/cannot-open" });
});
