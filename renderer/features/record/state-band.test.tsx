import { MantineProvider } from "@mantine/core";
import { renderToStaticMarkup } from "react-dom/server";
import { afterEach, expect, test } from "vitest";
import { type Alarm, idleState, type RecorderState } from "../../../preload/contract/acquisition.ts";
import { ctgEvents, emgGestures } from "../../fake/study.ts";
import { tokensOf } from "../../ui/tokens.ts";
import { setLanguage } from "../../ui/words.ts";
import { Ahead } from "./ahead.tsx";
import { Decided, isFresh } from "./decision-panel.tsx";
import { byWeight } from "./said-problem.ts";
import { saidOf } from "./said-state.ts";
import { StateBand } from "./state-band.tsx";

afterEach(() => setLanguage("en"));

const nothing = (): void => undefined;
const recording: RecorderState = { ...idleState, phase: "recording", elapsedS: 1512, durableS: 1511.6 };
const alarm = (kind: Alarm["kind"]): Alarm => ({ kind, sinceS: 1500, message: "", values: { port: "COM3" } });

function band(state: RecorderState, isPressed = false): string {
  const alarms = byWeight(state.alarms).map((one) => ({ alarm: one, said: saidOf(one, state, "en") }));
  return renderToStaticMarkup(
    <MantineProvider>
      <StateBand {...{ state, alarms, isPressed, isBusy: false }} onStop={nothing} onStart={nothing} />
    </MantineProvider>,
  );
}
const textOf = (html: string): string => html.replace(/<style[^]*?<\/style>/g, "").replace(/<[^<>]+>/g, "|");

test("the band says what the recorder does, how long, and how much of it is on disk", () => {
  const html = band(recording);
  expect(html).toContain('data-state="recording"');
  expect(textOf(html)).toMatch(/Recording\|.*on disk up to 0\.4 s ago\|.*00:25:12\|.*Stop\|.*press twice/);
  expect(textOf(band({ ...recording, phase: "armed" }))).toContain("Nothing is stored yet.");
});

test("a lost signal changes colour, words and how it is announced; a disk that fills is told beside them", () => {
  const lost = band({ ...recording, alarms: [alarm("disk-low"), alarm("unplugged")] });
  expect(lost).toContain('data-state="alarm" data-alarm="unplugged"');
  expect(lost).toContain('role="alert"');
  expect(textOf(lost)).toContain("No signal for 12 s");
  expect(textOf(lost)).toContain("and 1 more alarm|");
  const low = band({ ...recording, alarms: [alarm("disk-low")] });
  expect(low).toContain('data-state="recording" data-alarm="disk-low"');
  expect(low).toContain('role="status"');
});

test("the first press of stop asks for the second, and says how to call it off", () => {
  const html = band(recording, true);
  expect(html).toContain('data-pressed="once"');
  expect(textOf(html)).toMatch(/press again to end\|.*Esc calls it off/);
});

test("a decision is told no longer than it speaks about now", () => {
  const decision = { onsetS: 10, durationS: 0.2, latencyMs: { last: 6, p50: 6, p95: 11 } };
  expect([isFresh(decision, 10.4), isFresh(decision, 60)]).toEqual([true, false]);
  expect(isFresh({ ...decision, durationS: 60 }, 125)).toBe(true); // windows a minute apart
});

test("what may come next is told in bands at moments ahead, with the ways it may part into", () => {
  const steps = (value: number) => new Float32Array(60).fill(value);
  const html = renderToStaticMarkup(
    <Ahead
      forecast={{
        ...{ fromS: 90, horizonS: 60, stepS: 1, over: "FHR", unit: "bpm" },
        quantiles: [0.05, 0.25, 0.75, 0.95].map((share) => ({ share, value: steps(100 + 100 * share) })),
        branches: [
          { code: "none", probability: 0.74, value: steps(140), quantiles: [] },
          { code: "deceleration", probability: 0.26, value: steps(120), quantiles: [] },
        ],
        assumed: [{ channel: "UC", untilS: 60, value: steps(0) }],
      }}
      sets={[ctgEvents]}
    />,
  );
  expect(textOf(html)).toMatch(/\+15 s\|+125–175\|+105–195\|.*\+30 s\|.*\+60 s\|/);
  expect(textOf(html)).toMatch(/no event 0\.74\|+Deceleration 0\.26/);
  const [none, deceleration] = [...html.matchAll(/background:([^"]+)"/g)].map(([, colour]) => colour);
  expect(none).toBe(tokensOf("light").dim);
  expect(deceleration).not.toBe(none); // as its line on the trace
  expect(textOf(html)).toContain("UC from here on is assumed");
});

test("a decision that could not be made is unknown, with its reason", () => {
  const latencyMs = { last: 6, p50: 6.1, p95: 11.4 };
  const html = renderToStaticMarkup(
    <Decided decision={{ onsetS: 1, durationS: 0.2, why: "untypical", latencyMs }} sets={[emgGestures]} />,
  );
  expect(html).toContain('data-decision="unknown"');
  expect(textOf(html)).toContain("unlike anything the model was trained on");
  expect(textOf(html)).toContain("p50 6.1 ms, p95 11.4 ms");
});

test("a device that sends at another rate than it is set to is told in numbers, without the colour of a loss", () => {
  const off: Alarm = {
    ...alarm("rate-off"),
    device: 0,
    values: { port: "COM3", said: 250, sends: 249.5, driftS: 7.2 },
  };
  const html = band({ ...recording, alarms: [off] });
  expect(html).toContain('data-state="recording" data-alarm="rate-off"');
  expect(textOf(html)).toContain("COM3 sends 249.5 samples a second, not 250");
  expect(saidOf(off, recording, "en")).toMatchObject({
    text: expect.stringContaining("by 7.2 s an hour") as string,
  });
  expect(saidOf(off, recording, "ja").title).toBe("COM3 は毎秒250点ではなく249.5点を送っています");
});
