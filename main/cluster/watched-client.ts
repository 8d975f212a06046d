import { Socket } from "node:net";
import type { Client, ClientConfig } from "pg";
import { z } from "zod";

export interface LinePatience {
  readonly silentMs: number; // nothing comes or goes: then the server is asked over another line whether it is there
  readonly answerMs: number;
}
export const PATIENCE: LinePatience = { silentMs: 9000, answerMs: 8000 };

const Connected = z.object({ connection: z.object({ stream: z.instanceof(Socket) }) });
/** What a server says, and no line. */
const Said = z.object({ severity: z.string() });

/**
 * A client of `pg` that is told within twenty seconds that its line is dead. The system itself asks only where nothing is
 * under way: what was sent and never arrived it sends anew for a quarter of an hour. A server that is merely slow answers
 * over another line, and is waited for.
 */
export async function watchedClient({ silentMs, answerMs } = PATIENCE): Promise<typeof Client> {
  const { default: pg } = await import("pg");
  const isThere = async (config: ClientConfig): Promise<boolean> => {
    const other = new pg.Client({ ...config, connectionTimeoutMillis: answerMs });
    other.on("error", () => undefined); // told by what was asked
    try {
      await other.connect();
      return true;
    } catch (error) {
      return Said.safeParse(error).success;
    } finally {
      void other.end().catch(() => undefined);
    }
  };
  return class extends pg.Client {
    constructor(config: ClientConfig) {
      super(config);
      let [before, since, isAsking] = [-1, performance.now(), false];
      const look = async (): Promise<void> => {
        const now = this.#moved();
        if (now !== before) [before, since] = [now, performance.now()];
        if (isAsking || performance.now() - since < silentMs) return;
        isAsking = true;
        const isAlive = await isThere(config);
        if (isAlive || this.#moved() !== before) since = performance.now();
        else this.#socket()?.destroy(Object.assign(new Error("no answer any more"), { code: "ETIMEDOUT" }));
        isAsking = false;
      };
      const timer = setInterval(() => void look(), silentMs / 9);
      timer.unref();
      this.once("end", () => clearInterval(timer));
    }

    #socket(): Socket | undefined {
      return Connected.safeParse(this).data?.connection.stream;
    }

    /** Bytes that came, and that the system took. */
    #moved(): number {
      const socket = this.#socket();
      return socket === undefined ? 0 : socket.bytesRead + socket.bytesWritten - socket.writableLength;
    }
  };
}
