import type { CaptureState } from "../../preload/contract/acquisition.ts";
import { AppError } from "../../preload/contract/errors.ts";
import type { PortAccess } from "./device-link.ts";
import { type CaptureWriter, writeCapture } from "./ports/capture.ts";
import { repeatOf } from "./ports/describe-capture.ts";
import { monotonicS, type Port } from "./ports/port.ts";
import type { LineSettings } from "./protocols/protocol.ts";

const HEAD_BYTES = 64;
const LOOKED_AT = 4096;
const TELL_MS = 500;

export interface CaptureOrder {
  readonly port: string;
  readonly line: LineSettings;
  readonly path: string;
}

/** Every byte that a port brings, into a file. Nothing is ever sent. */
export class CaptureRun {
  readonly #order: CaptureOrder;
  readonly #tell: (state: CaptureState) => void;
  readonly #beganS = monotonicS();
  #writer: CaptureWriter | undefined;
  #port: Port | undefined;
  #timer: NodeJS.Timeout | undefined;
  #bytes = 0;
  #recent: Uint8Array = new Uint8Array(0);
  #problem: CaptureState["problem"];
  #endedS: number | undefined;

  constructor(order: CaptureOrder, tell: (state: CaptureState) => void) {
    this.#order = order;
    this.#tell = tell;
  }

  get state(): CaptureState {
    const repeatBytes = repeatOf(this.#recent);
    return {
      path: this.#order.path,
      port: this.#order.port,
      isRunning: this.#endedS === undefined,
      bytes: this.#bytes,
      seconds: (this.#endedS ?? monotonicS()) - this.#beganS,
      head: Buffer.from(this.#recent.subarray(-HEAD_BYTES)).toString("hex"),
      ...(repeatBytes === undefined ? {} : { repeatBytes }),
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    };
  }

  /** One that cannot begin has ended. */
  async start(ports: PortAccess): Promise<CaptureState> {
    try {
      await this.#begin(ports);
    } catch (error) {
      this.#endedS = monotonicS();
      throw error;
    }
    if (this.#endedS === undefined) this.#timer = setInterval(() => this.#tell(this.state), TELL_MS);
    return this.state;
  }

  async #begin(ports: PortAccess): Promise<void> {
    const { path, port, line } = this.#order;
    const header = { port, line, beganAt: new Date().toISOString(), beganS: this.#beganS };
    const fail = (cause: AppError): void => {
      this.#problem = { code: cause.code, message: cause.message };
      void this.stop();
    };
    const early: [Uint8Array, number][] = []; // what comes before the file is there
    this.#port = await ports.open(port, line, {
      data: (bytes, arrivedS) => {
        this.#bytes += bytes.length;
        this.#recent = Buffer.concat([this.#recent, bytes]).subarray(-LOOKED_AT);
        if (this.#writer === undefined) early.push([bytes, arrivedS]);
        else this.#writer.write(bytes, arrivedS);
      },
      lost: fail,
      warned: () => undefined,
    });
    try {
      const writer = await writeCapture(path, header, fail);
      for (const [bytes, arrivedS] of early) writer.write(bytes, arrivedS);
      this.#writer = writer;
      if (this.#endedS !== undefined) await writer.close(); // lost before there was a file
    } catch (error) {
      await this.#port.close();
      throw error;
    }
  }

  async stop(): Promise<CaptureState> {
    if (this.#endedS !== undefined) return this.state;
    this.#endedS = monotonicS();
    clearInterval(this.#timer);
    await this.#port?.close();
    try {
      await this.#writer?.close();
    } catch (error) {
      if (error instanceof AppError) this.#problem ??= { code: error.code, message: error.message };
    }
    this.#tell(this.state);
    return this.state;
  }
}
