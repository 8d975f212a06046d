import type { PortAccess } from "../device-link.ts";
import { findPort, listPorts } from "./list.ts";
import { openPort } from "./open.ts";

const isSerial = (path: string): boolean => !/^(?:replay|simulated):/.test(path);

/** The ports of this machine, captures that are played back, and simulated devices, by their paths. */
export function systemPorts(): PortAccess {
  const ids = new Map<string, string>(); // of devices that were opened, by the path they were first at
  return {
    open: async (path, line, listener) => {
      const port = await openPort({ path, line, listener });
      if (isSerial(path) && !ids.has(path)) {
        const { ports } = await listPorts();
        ids.set(path, ports.find((one) => one.path === path)?.id ?? path);
      }
      return port;
    },
    idOf: (path) => ids.get(path) ?? path,
    is: (path, id) => void ids.set(path, id),
    find: async (path) =>
      isSerial(path) ? (await findPort({ path, id: ids.get(path) ?? path }))?.path : path,
  };
}
