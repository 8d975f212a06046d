import { Duplex } from "node:stream";
import pg from "pg";
import { afterEach, describe, expect, test } from "vitest";
import { BLOCK_BYTES, encodeBlock } from "../storage/samples/block-codec.ts";
import { encodeRow, int4, int8, type Field } from "./copy.ts";
import { copyOut } from "./copy-out.ts";
import { moveBlocks } from "./move-blocks.ts";

/** A server's end of a line, which says what it is told to, cut where it is told to. */
class Wire extends Duplex {
  readonly asked: string[] = [];
  answer: (query: string) => readonly Buffer[] = () => [];
  nothing: readonly Buffer[] = [message("I"), ready()]; // what it answers where nothing is asked

  override _read(): void {
    // it speaks when it is spoken to
  }

  override _write(bytes: Buffer, _: BufferEncoding, done: () => void): void {
    const isQuery = bytes[0] === 0x51;
    const query = isQuery ? bytes.toString("utf8", 5, bytes.length - 1) : "";
    if (isQuery) this.asked.push(query);
    const pieces = !isQuery
      ? [message("R", int4(0)), ready()]
      : query === ""
        ? this.nothing
        : this.answer(query);
    setImmediate(() => {
      for (const piece of pieces) this.push(piece);
    });
    done();
  }

  connect(): void {
    process.nextTick(() => this.emit("connect"));
  }
  setNoDelay(): void {
    // it has none
  }
}

function message(letter: string, body: Buffer = Buffer.alloc(0), length = body.length + 4): Buffer {
  const head = Buffer.alloc(5);
  head.write(letter);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, body]);
}
const ready = (): Buffer => message("Z", Buffer.from("T"));
const text = (letter: string, ...fields: string[]): Buffer =>
  message(letter, Buffer.from(`${fields.join("\0")}\0`));
const notice = text("N", "SNOTICE", "VNOTICE", "C00000", "Mby the way", "");
const status = text("S", "TimeZone", "Asia/Tokyo");
const fatal = text("E", "SFATAL", "VFATAL", "C57P01", "Mterminating connection", "");
const signature = Buffer.concat([Buffer.from("PGCOPY\n\u00ff\r\n\0", "latin1"), Buffer.alloc(8)]);
const start = (): Buffer[] => [message("H", Buffer.from([1, 0, 0])), message("d", signature)];
const row = (...fields: Field[]): Buffer => message("d", Buffer.concat(encodeRow(fields)));
const end = (): Buffer[] => [
  message("d", Buffer.from([0xff, 0xff])),
  message("c"),
  text("C", "COPY 1"),
  ready(),
];
const cut = (bytes: Buffer, length: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / length) }, (_, i) =>
    bytes.subarray(i * length, (i + 1) * length),
  );

describe("a line on which the server says what it likes", () => {
  const open: pg.Client[] = [];
  afterEach(() => {
    for (const client of open.splice(0)) client.removeAllListeners();
  });

  async function lineWith(answer: Wire["answer"]) {
    const wire = new Wire();
    wire.answer = answer;
    const client = new pg.Client({ stream: () => wire, user: "u", password: "p", database: "d" });
    const failures: unknown[] = [];
    client.on("error", (error) => failures.push(error));
    open.push(client);
    await client.connect();
    return { wire, client, failures };
  }
  const numbers = async (copying: ReturnType<typeof copyOut>, query = "1"): Promise<number[]> => {
    const seen: number[] = [];
    await copying.rows(query, { take: ([n]) => void seen.push(n?.readInt32BE() ?? -1) });
    return seen;
  };

  test("a notice and a changed setting between rows are passed over, wherever what comes is cut", async () => {
    const long = Buffer.alloc(9000, 3);
    const all = Buffer.concat([...start(), notice, row(int4(1), long), status, row(int4(2), long), ...end()]);
    for (const length of [1, 2, 3, 4, 5, 6, 7, 4096, 100_000]) {
      const { client } = await lineWith((query) =>
        query.startsWith("COPY") ? cut(all, length) : [text("C", "SELECT 0"), ready()],
      );
      const copying = copyOut(client);
      const both = [numbers(copying), numbers(copying)];
      expect(await Promise.all(both)).toEqual([
        [1, 2],
        [1, 2],
      ]);
      await copying.end();
      const again = copyOut(client); // on the same line
      expect(await numbers(again)).toEqual([1, 2]);
      await again.end();
      expect((await client.query("SELECT")).rows).toEqual([]);
    }
  });

  test("what begins to come behind the last row is the client's, wherever it is cut", async () => {
    for (let at = 0; at <= status.length; at += 1) {
      const { wire, client } = await lineWith((query) =>
        query.startsWith("COPY")
          ? [Buffer.concat([...start(), row(int4(1)), ...end(), status.subarray(0, at)])]
          : [text("C", "SELECT 0"), ready()],
      );
      const heard: unknown[] = [];
      client.on("notice", (one) => heard.push(one));
      const copying = copyOut(client);
      const isEndedBefore = at % 2 === 0; // the line is given back as the last row comes, or afterwards
      const coming = numbers(copying);
      const ended = isEndedBefore ? copying.end() : coming.then(() => copying.end());
      expect(await coming).toEqual([1]);
      await ended;
      wire.push(status.subarray(at));
      wire.push(notice);
      expect((await client.query("SELECT")).rows).toEqual([]);
      expect(heard).toHaveLength(1);
    }
  });

  test("half a message that the client has when a copy begins goes on to be the client's, wherever it is cut", async () => {
    for (let at = 1; at < notice.length; at += 1) {
      const { wire, client } = await lineWith((query) =>
        query.startsWith("COPY")
          ? [...start(), row(int4(1)), ...end()]
          : [Buffer.concat([text("C", "SELECT 0"), ready(), notice.subarray(0, at)])],
      );
      wire.nothing = [Buffer.concat([notice.subarray(at), message("I"), ready()])];
      const heard: unknown[] = [];
      client.on("notice", (one) => heard.push(one));
      const before = client.query("SELECT");
      const copying = copyOut(client);
      const coming = numbers(copying); // it begins while the client reads what came
      await before;
      expect(await coming).toEqual([1]);
      await copying.end();
      expect(heard).toHaveLength(1);
      expect((await client.query("SELECT")).rows).toEqual([]);
    }
  });

  test.each([
    ["rows", message("d", signature)],
    ["a row", message("D", Buffer.from([0, 0]))],
    ["a description of rows", message("T", Buffer.from([0, 0]))],
    ["that something is done", text("C", "SELECT 0")],
    ["that it waits for rows", message("G", Buffer.from([1, 0, 0]))],
    ["that there is more", message("s")],
  ])("a server that says %s before anything was asked ends the line in a sentence", async (_, said) => {
    const { wire, client } = await lineWith(() => []);
    wire.nothing = [said, message("I"), ready()];
    const copying = copyOut(client);
    await expect(numbers(copying)).rejects.toMatchObject({
      message: "The copy cannot be read: the server answers what was not asked",
    });
    await copying.end();
    expect(wire.destroyed).toBe(true);
  });

  test("a server that ends before anything was asked is heard", async () => {
    const { wire, client } = await lineWith(() => []);
    wire.nothing = [fatal];
    const copying = copyOut(client);
    await expect(numbers(copying)).rejects.toMatchObject({ code: "57P01" });
    await copying.end();
    wire.destroy();
    await expect(client.query("SELECT")).rejects.toThrow();
  });

  test("a server that ends while rows come, or behind them, is heard", async () => {
    const { client, wire } = await lineWith(() => [...start(), row(int4(1)), fatal]);
    const copying = copyOut(client);
    const both = await Promise.allSettled([numbers(copying), numbers(copying)]);
    for (const one of both) expect(one).toMatchObject({ status: "rejected", reason: { code: "57P01" } });
    wire.push(null);
    await copying.end();
    for (const isEndedBefore of [true, false]) {
      const { client: other, failures } = await lineWith((query) =>
        query.startsWith("COPY") ? [Buffer.concat([...start(), row(int4(1)), ...end(), fatal])] : [ready()],
      );
      const last = copyOut(other);
      const coming = numbers(last);
      const ended = isEndedBefore ? last.end() : coming.then(() => last.end());
      expect(await coming).toEqual([1]);
      await ended;
      if (isEndedBefore) expect(failures).toMatchObject([{ code: "57P01" }]);
      else await expect(numbers(last)).rejects.toMatchObject({ code: "57P01" });
      const after = other.query("SELECT");
      if (isEndedBefore) await expect(after).rejects.toThrow(/not queryable/);
      else await after; // the line was given back
    }
  });

  test.each([
    ["N", 0],
    ["d", 0],
    ["d", 3],
    ["Z", 3],
    ["N", 0xffffffff],
    ["E", 0x7fffffff],
  ])("a message %s of %d bytes ends the line in a sentence", async (letter, length) => {
    const { client, wire } = await lineWith(() => [...start(), message(letter, Buffer.alloc(8), length)]);
    const copying = copyOut(client);
    await expect(numbers(copying)).rejects.toMatchObject({
      code: "data/bad-block",
      message: `The copy cannot be read: a message of ${length} bytes`,
    });
    await copying.end();
    expect(wire.destroyed).toBe(true);
    await expect(numbers(copyOut(client))).rejects.toThrow(/not queryable/);
  });

  test("more blocks than were asked for, or larger ones than they are said to be, are refused or have memory of their own", async () => {
    const samples = Int16Array.from({ length: BLOCK_BYTES / 2 }, (_, i) => i);
    const { samples: bytes } = encodeBlock(0, 0, samples, []);
    const rows = (count: number): Buffer[] =>
      Array.from({ length: count }, () => row(int4(0), int8(0), Buffer.from(bytes)));
    const take = ([, , field]: readonly Field[]) => {
      const { buffer, byteOffset, length } = field ?? Buffer.alloc(0);
      return {
        channel: 0,
        firstSample: 0,
        samples: new Int16Array(buffer, byteOffset, length / 2),
        mask: [],
      };
    };
    const archived = {
      id: "00000000-0000-4000-8000-000000000000",
      channels: [{ sampleType: "int16" } as const],
      extents: [[{ first: 0, count: -5 }]],
    };
    const stored: boolean[] = [];
    const moving = {
      ...{ take, signal: undefined },
      store: async (blocks: readonly { readonly samples: unknown }[]) => {
        await new Promise(setImmediate);
        for (const one of blocks) stored.push(Buffer.from(samples.buffer).equals(viewOf(one.samples)));
      },
    };
    const move = async (count: number): Promise<number> => {
      const { client } = await lineWith(() => [...start(), ...rows(count), ...end()]);
      return moveBlocks(client, archived, moving);
    };
    expect(await move(128)).toBe(128 * BLOCK_BYTES);
    expect(stored).toEqual(Array(128).fill(true));
    await expect(move(129)).rejects.toMatchObject({ message: /more blocks than were asked for/ });
  });

  const withoutEnd = [
    ["rows", [], row(int4(0)), "more blocks than were asked for"],
    ["notices", [], notice, undefined],
    ["a row", [message("d", Buffer.from([0, 1, 0, 0x3f, 255, 255]), 0x7fffffff)], Buffer.alloc(4), undefined],
  ] as const;
  test.each(withoutEnd)(
    "a server that says %s without an end is left, as soon as somebody cancels at the latest",
    async (_, first, again, why) => {
      const { client, wire } = await lineWith(() => []);
      const goOn = (): void => {
        if (wire.destroyed) return;
        for (let i = 0; i < 50; i += 1) wire.push(again);
        setImmediate(goOn);
      };
      wire.answer = () => {
        setImmediate(() => setImmediate(goOn)); // behind what it answers first
        return [...start(), ...first];
      };
      const cancel = new AbortController();
      const archived = {
        id: "00000000-0000-4000-8000-000000000000",
        channels: [{ sampleType: "int16" } as const],
        extents: [[{ first: 0, count: 4 }]],
      };
      const take = () => ({ channel: 0, firstSample: 0, samples: new Int16Array(4), mask: [] });
      const moving = { take, store: () => Promise.resolve(), signal: cancel.signal };
      const moved = moveBlocks(client, archived, moving, 50);
      if (why === undefined) setTimeout(() => cancel.abort(), 20);
      await expect(moved).rejects.toMatchObject(
        why === undefined ? { code: "cancelled/by-user" } : { message: `The copy cannot be read: ${why}` },
      );
      expect(wire.destroyed).toBe(true);
    },
  );
});

const viewOf = (one: unknown): Buffer =>
  ArrayBuffer.isView(one) ? Buffer.from(one.buffer, one.byteOffset, one.byteLength) : Buffer.alloc(0);
