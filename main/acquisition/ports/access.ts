import { AppError } from "../../../preload/contract/errors.ts";
import type { PortAccess } from "../device-link.ts";
import { findPort, listPorts } from "./list.ts";
import { openPort } from "./open.ts";
import type { PortOpener } from "./port.ts";
import { realNameOf } from "./real-name.ts";

const isSerial = (path: string): boolean => !/^(?:replay|simulated):/.test(path);

/** The ports of this machine, captures that are played back, and simulated devices, by their paths. */
export function systemPorts(): PortAccess {
  const ids = new Map<string, string>(); // of devices that were opened, by the path they were first at
  const openOnce = onceByRealName();
  return {
    open: async (path, line, listener) => {
      if (!isSerial(path)) return openPort({ path, line, listener });
      const port = await openOnce({ path, line, listener });
      if (!ids.has(path)) {
        const [{ ports }, real] = await Promise.all([listPorts(), realNameOf(path)]);
        ids.set(path, ports.find((one) => one.path === real || one.path === path)?.id ?? path);
      }
      return port;
    },
    idOf: (path) => ids.get(path) ?? path,
    is: (path, id) => void ids.set(path, id),
    find: async (path) =>
      isSerial(path) ? (await findPort({ path, id: ids.get(path) ?? path }))?.path : path,
  };
}

/** Opens no port that is open here under another name; that of another process is locked, whatever it is called. */
function onceByRealName(): PortOpener {
  const open = new Map<string, { readonly path: string }>(); // as it was named, by where that leads
  return async (what) => {
    const real = await realNameOf(what.path);
    const other = open.get(real);
    if (other !== undefined) throw openAlready(what.path, other.path);
    const mine = { path: what.path };
    open.set(real, mine);
    const release = (): void => {
      if (open.get(real) === mine) open.delete(real);
    };
    try {
      const port = await openPort(what);
      return { ...port, close: () => port.close().finally(release) };
    } catch (error) {
      release();
      throw error;
    }
  };
}

const openAlready = (path: string, other: string): AppError =>
  new AppError(
    "device/same-port",
    path === other
      ? `${path} is open already in this program`
      : `${path} is the same port as ${other}, which is open already in this program`,
    { path, other },
  );
