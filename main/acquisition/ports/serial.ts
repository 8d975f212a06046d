import { access, stat } from "node:fs/promises";
import { SerialPort } from "serialport";
import { AppError } from "../../../preload/contract/errors.ts";
import { groupOf, openErrorOf } from "./open-error.ts";
import { shortenLatency } from "./latency.ts";
import { realNameOf } from "./real-name.ts";
import { monotonicS, type OpenPort, type PortListener, type PortOpener } from "./port.ts";

const CLOSE_MS = 900; // a driver that hangs in close must not hold the recorder
const WRITE_MS = 2000; // a line that takes nothing, such as a Bluetooth link out of reach
const LOOK_MS = 1000; // how often the path is looked for

/**
 * A serial port of the system. The listener is attached before it is opened, so that it reads from the first byte on and
 * for as long as it is open. That the port is gone is told by a read that fails, a write that fails, or a path that is no
 * longer there: the first alone has been missed by drivers, and a read that brings nothing and never fails would not tell.
 */
export const openSerialPort: PortOpener = async (what) => {
  await refuseOther(what.path);
  const stream = new SerialPort({ path: what.path, ...what.line, autoOpen: false });
  const writes = pendingWrites(stream);
  const ending = endOnce(stream, what, writes.end);
  stream.on("data", (bytes: Buffer) => {
    if (!ending.isOver()) what.listener.data(bytes, monotonicS());
  });
  await opened(stream, what.path);
  stream.on("close", () => ending.lose("its device was pulled out"));
  stream.on("error", (error) => ending.lose(error.message));
  ending.watch();
  await raiseLines(stream, what.listener);
  await shortenLatency(what.path, (lowLatency) => set(stream, { lowLatency }), what.listener);
  return {
    write: (bytes) =>
      ending.isOver() ? Promise.reject(portLost(what.path, "it is closed")) : writes.write(bytes),
    close: ending.close,
  };
};

const portLost = (path: string, why: string): AppError =>
  new AppError("device/port-lost", `${path} is gone: ${why}`, { path });

/** A file or folder is no port: serialport would open it, and leave it open. */
async function refuseOther(path: string): Promise<void> {
  if (process.platform === "win32") return; // COM3 is no path
  const found = await stat(path).catch(() => undefined); // what is not there is told by opening it
  if (found === undefined || found.isCharacterDevice()) return;
  throw new AppError("device/cannot-open", `${path} is no serial port`, { path });
}

function opened(stream: SerialPort, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.open((error) => {
      if (error === null) resolve();
      else
        void Promise.all([groupOf(path), realNameOf(path)]).then(([group, real]) =>
          reject(openErrorOf(path, error, process.platform, group, real)),
        );
    });
  });
}

interface PendingWrites {
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Rejects what has not left: serialport itself would wait for the port to be opened again. */
  readonly end: (cause: AppError) => void;
}

function pendingWrites(stream: SerialPort): PendingWrites {
  const waiting = new Set<(cause?: AppError) => void>();
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        const slow = setTimeout(
          () => settle(new AppError("device/cannot-write", `${stream.path} took nothing for ${WRITE_MS} ms`)),
          WRITE_MS,
        );
        const settle = (cause?: AppError): void => {
          if (!waiting.delete(settle)) return;
          clearTimeout(slow);
          if (cause === undefined) resolve();
          else reject(cause);
        };
        waiting.add(settle);
        stream.write(Buffer.from(bytes), (error) =>
          settle(error ? portLost(stream.path, error.message) : undefined),
        );
      }),
    end: (cause) => {
      for (const settle of [...waiting]) settle(cause);
    },
  };
}

interface Ending {
  readonly isOver: () => boolean;
  readonly lose: (why: string) => void;
  readonly watch: () => void;
  readonly close: () => Promise<void>;
}

/** The one end of a port: lost, told to its listener once, or closed, told to nobody. */
function endOnce(stream: SerialPort, { path, listener }: OpenPort, endWrites: (c: AppError) => void): Ending {
  let isOver = false;
  let looking: NodeJS.Timeout | undefined;
  let closed: Promise<void> | undefined;
  const end = (why: string): AppError => {
    isOver = true;
    clearInterval(looking);
    const cause = portLost(path, why);
    endWrites(cause);
    return cause;
  };
  const lose = (why: string): void => {
    if (isOver) return;
    const cause = end(why);
    closed = closeStream(stream);
    listener.lost(cause);
  };
  return {
    isOver: () => isOver,
    lose,
    watch: () => {
      if (process.platform === "win32") return;
      const look = (): void => void access(path).catch(() => lose("its path is no longer there"));
      looking = setInterval(look, LOOK_MS).unref();
    },
    close: () => {
      if (!isOver) end("it was closed");
      return (closed ??= closeStream(stream));
    },
  };
}

function closeStream(stream: SerialPort): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, stream.isOpen ? CLOSE_MS : 0).unref();
    if (stream.isOpen) stream.close(() => resolve());
  });
}

const set = (stream: SerialPort, flags: { dtr?: boolean; rts?: boolean; lowLatency?: boolean }) =>
  new Promise<void>((resolve, reject) => {
    stream.set(flags, (error) => (error === null ? resolve() : reject(error)));
  });

/** Both lines up: some isolators take their power from them. A virtual port has none, and reads as well. */
async function raiseLines(stream: SerialPort, listener: PortListener): Promise<void> {
  try {
    await set(stream, { dtr: true, rts: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    listener.warned({
      code: "device/no-control-lines",
      message: `${stream.path}: DTR and RTS cannot be set (${message})`,
    });
  }
}
