import { MantineProvider } from "@mantine/core";
import { renderToStaticMarkup } from "react-dom/server";
import { afterEach, expect, test } from "vitest";
import {
  type Alarm,
  type DeviceState,
  idleState,
  type RecorderState,
} from "../../../preload/contract/acquisition.ts";
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

const two = (first: DeviceState["protocol"], second: DeviceState["protocol"]): RecorderState["devices"] =>
  ([first, second] as const).map((protocol, at) => ({
    ...{
      protocol,
      port: `COM${at + 3}`,
      identity: { facts: {} },
      link: "streaming",
      silentS: 12,
      attempts: 3,
    },
    ...{ received: 0, lost: {}, isLossExact: true, lostShare5s: 0, longestGapS: 0, gaps: 0, skippedBytes: 0 },
  }));

test("of several devices the one whose signal is lost is named, for the others' comes", () => {
  const lost: Alarm = { ...alarm("unplugged"), device: 1, values: { port: "COM4" } };
  const said = (devices: RecorderState["devices"], language: "en" | "ja") =>
    saidOf(lost, { ...recording, devices }, language).title;
  expect(said(two("series50", "cyton"), "en")).toBe("OpenBCI Cyton: no signal for 12 s");
  expect(said(two("series50", "cyton"), "ja")).toBe("OpenBCI Cyton：信号が12秒間ありません");
  expect(said(two("cyton", "cyton"), "en")).toBe("COM4: no signal for 12 s");
  const alone = { ...recording, devices: two("cyton", "cyton").slice(0, 1) };
  expect(saidOf({ ...lost, device: 0 }, alone, "en").title).toBe("No signal for 12 s");
});

test("a second device at another rate makes no time of the recording wrong", () => {
  const off = (device: number): Alarm => ({
    ...{ ...alarm("rate-off"), device },
    values: { port: "COM4", said: 250, sends: 249, driftS: 14.4 },
  });
  const textOfDevice = (device: number): string =>
    saidOf(off(device), { ...recording, devices: two("series50", "cyton") }, "en").text;
  expect(textOfDevice(0)).toContain("times drift by 14 s an hour");
  expect(textOfDevice(1)).toContain("where it lies in the first device's time");
});

test("what goes on is told before what is over, and that with when it was", () => {
  const slept: Alarm = { ...alarm("host-slept"), values: { seconds: 754 } };
  const jumped: Alarm = { ...alarm("clock-jump"), values: { seconds: 3600 } };
  const low: Alarm = { ...alarm("disk-low"), values: { leftS: 1500 } };
  const html = band({ ...recording, alarms: [jumped, slept, low] });
  expect(textOf(html)).toContain("Space for 25 min is left");
  expect(textOf(html)).toContain("and 2 more alarms");
  expect(saidOf(slept, recording, "en")).toMatchObject({
    title: "The computer slept for 13 min",
    text: "From 00:12:26 to 00:25:00 of the recording. What was not received meanwhile is marked as missing.",
  });
  const armed = { ...recording, phase: "armed" } as const;
  expect([slept, jumped].map((one) => saidOf(one, armed, "en").text)).toEqual(
    Array(2).fill("Nothing is recorded yet."),
  );
  expect(saidOf(jumped, recording, "ja").text).toMatch(/^記録の00:25:00です。/);
  expect(saidOf(alarm("recorder-restarted"), recording, "en").text).toMatch(
    /^From 00:25:00 of the recording on/,
  );
});
