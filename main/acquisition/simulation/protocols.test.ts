import { describe, expect, test } from "vitest";
import { protocols, type AnyProtocol } from "../protocols/registry.ts";
import { Scenario, scenarioLine, type Truth } from "./scenario.ts";
import { syntheticSignal } from "./signals.ts";

const TICK_S = 0.01;

/** What a driver makes of a simulated device's bytes, beside the truth; by stream, sample and channel. */
function record(protocol: AnyProtocol, told: unknown, seconds: number) {
  const setup = protocol.setup.parse({});
  const shapes = protocol.streams(setup);
  const line = scenarioLine({
    scenario: Scenario.parse(told),
    shapes,
    signal: syntheticSignal(shapes, 5),
    deviceOf: (signal) => protocol.device(setup, signal),
  });
  const driver = protocol.driver(setup);
  const got = new Map<string, number | null>();
  const truth: Truth[] = [];
  for (const { send } of protocol.start(setup)) if (send !== undefined) line.receive(send, 0);
  for (let step = 0; step * TICK_S <= seconds; step++) {
    for (const event of line.due(step * TICK_S)) {
      if (event.kind !== "bytes") continue;
      truth.push(...event.truth);
      for (const heard of driver.push(event.bytes, 100 + step * TICK_S)) {
        if (heard.kind === "answer") line.receive(heard.bytes, step * TICK_S);
        if (heard.kind !== "samples") continue;
        const width = heard.values.length / heard.count;
        heard.values.forEach((value, i) => {
          const key = `${heard.stream}/${heard.first + Math.floor(i / width)}/${i % width}`;
          got.set(key, (heard.reasons?.[i] ?? 0) === 0 ? value : null);
        });
      }
    }
  }
  return { got, truth };
}

/** Shares of what the device sent whole: recorded as it was, as something else, not at all. */
function compare({ got, truth }: ReturnType<typeof record>) {
  let [right, wrong, missing] = [0, 0, 0];
  for (const { fate, stream, first, values } of truth) {
    if (fate !== "sent") continue;
    values.forEach((channels, i) =>
      channels.forEach((value, channel) => {
        const seen = got.get(`${stream}/${first + i}/${channel}`);
        if (seen === undefined) missing += 1;
        else if (seen === value) right += 1;
        else wrong += 1;
      }),
    );
  }
  const all = right + wrong + missing;
  return { all, right: right / all, wrong: wrong / all, missing: missing / all };
}

describe.each(Object.values(protocols))("$kind", (protocol) => {
  test("a quiet line brings every value as the device measured it", () => {
    const { all, right } = compare(record(protocol, {}, 60));
    expect(all).toBeGreaterThan(200);
    expect(right).toBeGreaterThan(0.99); // what has just been sent may wait for its frame's end
  });

  test("a rough line loses frames, and what is recorded is still true", () => {
    const told = {
      frameLoss: 0.02,
      byteDrops: 0.0002,
      batchMs: 16,
      ppm: 80,
      stalls: [{ atS: 30, durationS: 0.2 }],
    };
    const { right, wrong } = compare(record(protocol, told, 120));
    expect(right).toBeGreaterThan(0.9);
    expect(wrong).toBeLessThan(0.01);
  });
});
