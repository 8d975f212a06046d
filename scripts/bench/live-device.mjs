// Part of npm run bench -- live: a simulated device at a virtual port, which keeps the monotonic time at which each sample was put on
// the line (just before the write). Its last channel counts samples, so that what is recorded can be told apart. Writes the times where it is told to stop.
//   node live-device.mjs KIND PORT FILE PERIOD
import { writeFileSync } from "node:fs";
import { virtualEnd } from "../../main/acquisition/simulation/device-end.ts";
import { Scenario } from "../../main/acquisition/simulation/scenario.ts";
import { syntheticSignal } from "../../main/acquisition/simulation/signals.ts";
import { simulate } from "../../main/acquisition/simulation/simulate.ts";
import { monotonicS } from "../../main/acquisition/ports/port.ts";
import { protocolOf } from "../../main/acquisition/protocols/registry.ts";

const [kind, port, file, told, period] = process.argv.slice(2);
const setup = JSON.parse(told);
const shapes = protocolOf(kind).streams(protocolOf(kind).setup.parse(setup));
const last = shapes[0].channels.length - 1;
const picked = syntheticSignal(shapes, 1);
const [counts, times] = [[], []]; // of every sample, in order; what the line did not take has no time
let unread = 0;
const stop = new AbortController();
const end = virtualEnd(port);
let putS = NaN; // what is told next is put on the line from here on
const write = (bytes) => {
  putS = monotonicS();
  return end.write(bytes);
};
process.once("SIGTERM", () => stop.abort());
await simulate({
  ...{ kind, setup, scenario: Scenario.parse({ ppm: 40 }), end: { ...end, write }, stop: stop.signal },
  signal: (stream, channel, sample) =>
    channel === last ? (sample % Number(period)) - Number(period) / 2 : picked(stream, channel, sample),
  truth: ({ fate, values }) => {
    if (fate === undefined) return;
    const sentS = fate === "sent" ? putS : null;
    if (fate !== "sent") unread += values.length;
    for (const one of values) {
      counts.push(one[last]);
      times.push(sentS);
    }
  },
});
writeFileSync(file, JSON.stringify({ counts, times, unread }));
