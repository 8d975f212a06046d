import { describe, expect, test } from "vitest";
import { bitalino } from "./bitalino/protocol.ts";
import { cyton } from "./cyton/protocol.ts";
import type { Conversation, Identity, Reply, Step } from "./protocol.ts";
import { bytesOf, textOf } from "./text.ts";

/** Runs a conversation against what answers each command; says what was sent, and how long it would have waited. */
function held(
  conversation: Conversation,
  answer: (sent: string) => string,
): { identity: Identity; sent: string[] } {
  const sent: string[] = [];
  let reply: Reply = { received: new Uint8Array(0), isComplete: true };
  for (;;) {
    const { done, value } = conversation.next(reply);
    if (done === true) return { identity: value.identity, sent };
    reply = answered(value, sent, answer);
  }
}

function answered({ send, until }: Step, sent: string[], answer: (sent: string) => string): Reply {
  const command = send === undefined ? "" : textOf(send);
  if (send !== undefined) sent.push(command);
  const received = send === undefined || until === undefined ? new Uint8Array(0) : bytesOf(answer(command));
  return { received, isComplete: until?.(received) ?? true };
}

const withDevice =
  (device: { receive(bytes: Uint8Array): Uint8Array }) =>
  (command: string): string =>
    textOf(device.receive(bytesOf(command)));

describe("Cyton", () => {
  const setup = cyton.setup.parse({ gain: 24, gains: [24, 2], off: [8] });
  const board = (): ((command: string) => string) => withDevice(cyton.device(setup, () => 0));

  test("is stopped, reset, put to its defaults and told each channel's settings", () => {
    const { identity, sent } = held(cyton.greet(setup), board());
    expect(sent).toEqual([
      "s",
      "v",
      "c",
      "d",
      "x1060100X",
      "x2010100X",
      ...[3, 4, 5, 6, 7].map((n) => `x${n}060100X`),
      "x8160000X",
    ]);
    expect(identity).toMatchObject({
      model: "OpenBCI Cyton",
      firmware: "v3.1.2",
      facts: { converter: "0x3E" },
    });
  });

  test("with a Daisy is told sixteen channels, a test signal and time stamps where asked", () => {
    const all = cyton.setup.parse({
      board: "cyton-daisy",
      source: "test-fast",
      reference: "srb2",
      timeStamps: true,
    });
    const { identity, sent } = held(cyton.greet(all), withDevice(cyton.device(all, () => 0)));
    expect(sent.slice(2, 5)).toEqual(["C", "d", "x1065110X"]);
    expect(sent.slice(-3)).toEqual(["xI065110X", "=", "<"]);
    expect(identity.model).toBe("OpenBCI Cyton + Daisy");
  });

  test.each([
    ["device/no-answer", ""],
    ["device/board-off", "Failure: Communications timeout - Device failed to poll host$$$"],
    ["device/not-recognised", "ok\n"],
  ])("says %s", (code, text) => {
    expect(() => held(cyton.greet(setup), () => text)).toThrow(expect.objectContaining({ code }));
  });

  test("that did not hear the stop and streams on is told again, after a fifth of a second of packets", () => {
    const device = cyton.device(setup, () => 0);
    device.receive(bytesOf("b"));
    let heard = 0; // commands
    const back = (command: string): string =>
      (heard += 1) <= 2
        ? device
            .frames(heard)
            .map(({ bytes }) => textOf(bytes))
            .join("")
        : withDevice(device)(command);
    const conversation = cyton.greet(setup);
    const steps: Step[] = [];
    let next = conversation.next();
    while (next.done !== true) {
      const { send, until } = next.value;
      steps.push(next.value);
      const received = bytesOf(back(textOf(send ?? new Uint8Array(0))));
      if (steps.length === 2) {
        expect(until?.(received.subarray(0, 40 * 33))).toBe(false); // what was still under way
        expect(until?.(received.subarray(7))).toBe(true);
      }
      next = conversation.next({
        received: until === undefined ? new Uint8Array(0) : received,
        isComplete: true,
      });
    }
    expect(steps.slice(0, 5).map(({ send }) => textOf(send ?? new Uint8Array(0)))).toEqual([
      "s",
      "v",
      "s",
      "v",
      "c",
    ]);
    expect(next.value.identity.firmware).toBe("v3.1.2");
  });

  test("without a Daisy is not recorded as if it had one", () => {
    const all = cyton.setup.parse({ board: "cyton-daisy" });
    expect(() => held(cyton.greet(all), board())).toThrow(
      expect.objectContaining({ code: "device/no-daisy" }),
    );
  });

  test("that refuses a gain twice is not recorded under it; once is forgiven", () => {
    const hear = board();
    let refusals = 1;
    const reluctant = (command: string): string =>
      command.startsWith("x2") && (refusals -= 1) >= 0 ? "Failure: too many chars$$$" : hear(command);
    expect(
      held(cyton.greet(setup), reluctant).sent.filter((command) => command.startsWith("x2")),
    ).toHaveLength(2);
    refusals = 2;
    expect(() => held(cyton.greet(setup), reluctant)).toThrow(
      expect.objectContaining({ code: "device/setting-refused" }),
    );
  });

  test("that loses its radio meanwhile is told to be off", () => {
    const hear = board();
    const gone = (command: string): string =>
      command.startsWith("x5")
        ? "Failure: Communications timeout - Device failed to poll host$$$"
        : hear(command);
    expect(() => held(cyton.greet(setup), gone)).toThrow(
      expect.objectContaining({ code: "device/board-off" }),
    );
  });
});

describe("BITalino", () => {
  const setup = bitalino.setup.parse({ inputs: [3, 1], sampleRate: 100 });

  test("is found behind frames still under way", () => {
    const { identity, sent } = held(bitalino.greet(setup), () => "\x00\xa8\x5dBITalino_v5.2\n");
    expect(identity).toMatchObject({
      model: "BITalino",
      firmware: "5.2",
      facts: { version: "BITalino_v5.2" },
    });
    expect(sent).toEqual(["\x00", "\x07"]);
  });

  test.each([
    ["device/no-answer", ""],
    ["device/not-recognised", "hello\n"],
  ])("says %s", (code, text) => {
    expect(() => held(bitalino.greet(setup), () => text)).toThrow(expect.objectContaining({ code }));
  });

  test("starts at its rate with its inputs, and proves by its version that it stopped", () => {
    expect(bitalino.start(setup).map(({ send }) => [...(send ?? [])])).toEqual([[0x83], [0x15]]);
    const device = bitalino.device(setup, () => 5);
    for (const { send } of bitalino.start(setup)) if (send !== undefined) device.receive(send);
    expect(device.isStreaming).toBe(true);
    expect(device.frames(1)).toHaveLength(101);
    expect(bitalino.stop(setup).map(({ send }) => textOf(device.receive(send ?? new Uint8Array(0))))).toEqual(
      ["", "BITalino_v4.2\n"],
    );
    expect(device.isStreaming).toBe(false);
  });

  test("pauses 150 ms and more between two commands", () => {
    const steps: Step[] = [];
    const conversation = bitalino.greet(setup);
    const said: Reply = { received: bytesOf("BITalino_v4.2\n"), isComplete: true };
    for (let next = conversation.next(said); next.done !== true; next = conversation.next(said))
      steps.push(next.value);
    expect(steps.map(({ waitS }) => waitS)).toEqual([0.25, 2, 0.15]);
  });
});
