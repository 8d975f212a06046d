import type { AppError } from "../../../preload/contract/errors.ts";
import type { LineSettings } from "../protocols/protocol.ts";

export interface PortListener {
  /** Every byte once, in order. `arrivedS`: monotonic seconds at which the read returned. */
  data(bytes: Uint8Array, arrivedS: number): void;
  /** Nothing more will come: pulled out, or ended by its other side. Not told after `close`. */
  lost(cause: AppError): void;
  /** What did not work and does not matter for reading: DTR or RTS that could not be set, a latency timer. */
  warned(warning: { readonly code: string; readonly message: string }): void;
}

/** An open port. It reads from the moment it is opened, always: an unread port says nothing of its unplugging. */
export interface Port {
  /** Resolves when the bytes have left for the line; rejects with device/… where they cannot. */
  write(bytes: Uint8Array): Promise<void>;
  /** Never rejects, and ends within a second. */
  close(): Promise<void>;
}

export interface OpenPort {
  readonly path: string;
  readonly line: LineSettings;
  readonly listener: PortListener;
}

/** One kind of port. `open` rejects with device/not-found, device/busy, device/no-permission or device/cannot-open. */
export type PortOpener = (what: OpenPort) => Promise<Port>;

/** Monotonic seconds, the same clock for every process of this machine until it is started anew. */
export const monotonicS = (): number => Number(process.hrtime.bigint()) / 1e9;
