import { readFile, stat } from "node:fs/promises";
import { basename, delimiter } from "node:path";
import { SerialPort } from "serialport";
import { z } from "zod";
import type { DeviceList, PortInfo } from "../../../preload/contract/acquisition.ts";
import { type ErrorReport, reportOf } from "../../../preload/contract/errors.ts";
import { outgoing, realNameOf } from "./real-name.ts";

const SystemPort = z.object({
  path: z.string(),
  manufacturer: z.string().optional(),
  serialNumber: z.string().optional(),
  pnpId: z.string().optional(),
  vendorId: z.string().optional(),
  productId: z.string().optional(),
});
type SystemPort = z.infer<typeof SystemPort>;
type Listed = Pick<DeviceList, "ports" | "problems">;

/**
 * Serial ports of the system, and those that KODO_PORTS names (paths, parted as in PATH). Virtual ports are in no
 * system's list, so they are named there or typed by hand. Never rejects: what kept the list short is a problem in it.
 */
export async function listPorts(
  env: NodeJS.ProcessEnv = process.env,
  ofSystem: () => Promise<readonly SystemPort[]> = async () =>
    z.array(SystemPort).parse(await SerialPort.list()),
): Promise<Listed> {
  const problems: ErrorReport[] = [];
  const found = await ofSystem().catch((error: unknown) => {
    problems.push(listingProblem(error));
    return [];
  });
  const there: SystemPort[] = [];
  for (const port of found) if (!(await isPhantom(port.path))) there.push(port);
  const ports = identified(there.map(portInfoOf));
  const known = new Set(await Promise.all(ports.map(({ path }) => realNameOf(path))));
  for (const path of (env.KODO_PORTS ?? "").split(delimiter).filter((name) => name !== "")) {
    const real = await realNameOf(path);
    if (known.has(real)) continue;
    known.add(real);
    if (await isThere(path)) ports.push({ path, id: path, kind: "serial" });
    else
      problems.push({
        code: "device/not-found",
        message: `No device on ${path}, which KODO_PORTS names`,
        detail: { path },
      });
  }
  return { ports, problems };
}

/**
 * Where the device is now. By its id first, since a path may change when it is put in again; by its path only where one
 * of both says nothing of who it is, so that another device in the same socket is not taken for it.
 */
export async function findPort(
  wanted: Pick<PortInfo, "id" | "path">,
  listed: () => Promise<Listed> = listPorts,
): Promise<PortInfo | undefined> {
  const kind = kindOf(wanted.path);
  if (kind !== "serial") return { path: wanted.path, id: wanted.path, kind };
  const { ports } = await listed();
  const same = ports.find((port) => port.id === wanted.id);
  if (same !== undefined) return same;
  const there = ports.find((port) => port.path === wanted.path);
  if (there !== undefined) return hasId(wanted) && hasId(there) ? undefined : there;
  return (await isThere(wanted.path)) ? { path: wanted.path, id: wanted.path, kind: "serial" } : undefined;
}

/** What a path names: a capture to play back, a device of our own, or a port of the system. */
const kindOf = (path: string): PortInfo["kind"] =>
  path.startsWith("replay:") ? "replay" : path.startsWith("simulated:") ? "simulated" : "serial";

const hasId = (port: Pick<PortInfo, "id" | "path">): boolean => port.id !== port.path;

function listingProblem(error: unknown): ErrorReport {
  const { message } = reportOf(error);
  const said = message.includes("ENOENT")
    ? {
        code: "device/no-udevadm",
        message: "Serial ports cannot be listed without the program udevadm. A port's path can be typed",
      }
    : {
        code: "device/no-list",
        message: `Serial ports cannot be listed (${message}). A port's path can be typed`,
      };
  return { ...said, detail: {} };
}

function portInfoOf(port: SystemPort): PortInfo {
  const path = outgoing(port.path);
  const { vendorId, productId, serialNumber } = port;
  const isKnown = vendorId !== undefined && productId !== undefined && serialNumber !== undefined;
  return {
    path,
    id: isKnown ? `${vendorId}:${productId}:${serialNumber}`.toLowerCase() : path,
    kind: "serial",
    ...(port.manufacturer !== undefined && { maker: port.manufacturer }),
    ...(serialNumber !== undefined && { serial: serialNumber }),
    ...(port.pnpId !== undefined && { name: port.pnpId }),
  };
}

/** Cheap adapters share one serial number. Two of them at once are told apart by their paths only. */
const identified = (ports: readonly PortInfo[]): PortInfo[] =>
  ports.map((port) =>
    ports.filter((other) => other.id === port.id).length > 1 ? { ...port, id: port.path } : port,
  );

/** Linux lists ttyS0 to ttyS31 whether or not there is hardware; type 0 says that there is none. */
async function isPhantom(path: string): Promise<boolean> {
  if (!/^\/dev\/ttyS\d+$/.test(path)) return false;
  const type = await readFile(`/sys/class/tty/${basename(path)}/type`, "utf8").catch(() => "");
  return type.trim() === "0";
}

const isThere = (path: string): Promise<boolean> =>
  process.platform === "win32"
    ? Promise.resolve(true) // COM3 is no path; opening it tells
    : stat(path).then(
        (found) => found.isCharacterDevice(),
        () => false,
      );
