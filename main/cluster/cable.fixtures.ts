import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/**
 * Between Kodo and the server: what is cut forwards nothing any more and says nothing, as a cable that was pulled. Led to
 * another server it is the address that two of them share.
 */
export interface Cable {
  readonly port: number;
  readonly lines: () => number; // that were made over it
  pull(): void;
  /** Once so many more bytes went over it, either way; resolves then. */
  pullAfter(bytes: number): Promise<void>;
  mend(): void;
  /** What is made from now on goes to another server; what was made stays where it went. */
  leadTo(port: number): void;
  close(): void;
}

export async function cableTo(port: number): Promise<Cable> {
  let [lines, isCut, to] = [0, false, port];
  let [bytes, pulled] = [Infinity, (): void => undefined]; // that may go over it yet
  const ends = new Set<Socket>();
  const carry = (from: Socket, into: Socket): void => {
    ends.add(from);
    from.on("error", () => undefined);
    from.on("close", () => !isCut && into.destroy());
    from.on("data", (some) => {
      bytes -= some.length;
      if (bytes < 0) {
        [isCut, bytes] = [true, Infinity];
        pulled();
      }
      if (isCut) from.pause();
      else if (!into.write(some)) {
        from.pause();
        into.once("drain", () => from.resume());
      }
    });
  };
  const cable = createServer((near) => {
    lines += 1;
    const far = connect(to, "127.0.0.1");
    carry(near, far);
    carry(far, near);
  });
  await new Promise<void>((resolve) => cable.listen(0, "127.0.0.1", resolve));
  return {
    port: (cable.address() as AddressInfo).port,
    lines: () => lines,
    pull: () => (isCut = true),
    pullAfter: (more) => {
      bytes = more;
      return new Promise((resolve) => (pulled = resolve));
    },
    mend: () => {
      for (const end of ends) end.destroy(); // what was cut is over for the server, too
      ends.clear();
      isCut = false;
    },
    leadTo: (port) => (to = port),
    close: () => {
      for (const end of ends) end.destroy();
      cable.close();
    },
  };
}
