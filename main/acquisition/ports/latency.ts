import { readFile, realpath, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { PortListener } from "./port.ts";

const ADAPTERS = "/sys/bus/usb-serial/devices"; // Linux; only FTDI adapters have a latency timer there

/**
 * An FTDI adapter collects bytes for 16 ms before it sends them. With 1 ms they come when they came. Asked for twice: by
 * writing the timer, which a udev rule may allow, and by the low-latency flag of the port, which Linux allows its user [R].
 */
export async function shortenLatency(
  path: string,
  setLowLatency: (on: boolean) => Promise<void>,
  listener: PortListener,
  adapters = ADAPTERS,
): Promise<void> {
  const name = basename(await realpath(path).catch(() => path));
  const timer = join(adapters, name, "latency_timer");
  const read = (): Promise<string | undefined> =>
    readFile(timer, "utf8").then(
      (text) => text.trim(),
      () => undefined,
    );
  const before = await read();
  if (before === undefined || before === "1") return; // no FTDI adapter, or done
  await writeFile(timer, "1").catch(() => setLowLatency(true).catch(() => undefined));
  const after = await read();
  if (after === "1") return;
  listener.warned({
    code: "device/latency",
    message: `${path} delivers in bursts of ${before} ms. To change it, type "echo 1 | sudo tee ${timer}"`,
  });
}
