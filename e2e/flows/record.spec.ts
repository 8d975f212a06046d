import type { ElectronApplication, Locator, Page } from "@playwright/test";
import { type ChildProcess, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { ProtocolKind, RecorderState, SessionSetup } from "../../preload/contract/acquisition.ts";
import type { Api } from "../../preload/contract/channels.ts";
import type { Forecast } from "../../preload/contract/finding.ts";
import { maskReasons } from "../../preload/contract/mask.ts";
import { isAtRest, type Run, unpacked } from "../../preload/contract/run.ts";
import { testIds } from "../../renderer/ui/test-ids.ts";
import {
  askedInPage,
  crashPage,
  expect,
  idle,
  launch,
  type Launched,
  test as base,
} from "../fixtures/app.ts";
import { type Device, switchOn, withoutPorts } from "../fixtures/devices.ts";
import { answerOpenDialog, ask, at, goTo, jobsDone, openReview, pictures } from "../pages/kodo.ts";

const CYTON_HZ = 250;
const skip = withoutPorts();

/** Two virtual ports, and what stands at them is switched off in the end. */
const test = base.extend<{
  ports: { cyton: string; monitor: string };
  plug: (...what: Parameters<typeof switchOn>) => Promise<Device>;
  start: (env?: Record<string, string>) => Promise<Launched>;
}>({
  ports: async ({ libraryPath }, use) => {
    const folder = dirname(libraryPath);
    await use({ cyton: join(folder, "cyton"), monitor: join(folder, "monitor") });
  },
  plug: async ({ ports }, use) => {
    expect(ports.cyton.length).toBeLessThan(100);
    const devices: Device[] = [];
    await use(async (...what) => {
      const device = await switchOn(...what);
      devices.push(device);
      return device;
    });
    for (const { off } of devices) await off();
  },
  start: async ({ libraryPath, ports }, use) => {
    const started: { app: ElectronApplication; main: ChildProcess }[] = [];
    await use(async (env = {}) => {
      const KODO_PORTS = [ports.cyton, ports.monitor].join(delimiter);
      const launched = await launch(libraryPath, [], { KODO_PORTS, ...env });
      started.push({ app: launched.app, main: launched.app.process() });
      return launched;
    });
    for (const { app, main } of started) await end(app, main);
  },
});

/** However it stands: a recording under way would be asked about. */
async function end(app: ElectronApplication, main: ChildProcess): Promise<void> {
  if (main.exitCode !== null || main.signalCode !== null) return;
  await answerQuestions(app, 0).catch(() => undefined);
  await app.close();
}

/** Answers what is asked before leaving, and keeps the questions. */
async function answerQuestions(app: ElectronApplication, response: number): Promise<void> {
  await app.evaluate(({ dialog }, button) => {
    const asked = globalThis as unknown as { kodoAsked?: string[][] };
    asked.kodoAsked ??= [];
    dialog.showMessageBox = ((...given: { buttons?: string[] }[]) => {
      asked.kodoAsked?.push(given.at(-1)?.buttons ?? []);
      return Promise.resolve({ response: button, checkboxChecked: false });
    }) as unknown as typeof dialog.showMessageBox;
  }, response);
}

/** Chromium's inspector sometimes lets go of an answer that nothing in main holds. */
const again = <T>(look: () => Promise<T>): Promise<T> =>
  look().catch((error: unknown) => {
    if (String(error).includes("garbage collected")) return look();
    throw error;
  });

const questions = (app: ElectronApplication): Promise<string[][]> =>
  again(() => app.evaluate(() => (globalThis as unknown as { kodoAsked?: string[][] }).kodoAsked ?? []));

/** Titles of the notifications that the system would have shown. */
async function listenToNotices(app: ElectronApplication): Promise<() => Promise<string[]>> {
  await app.evaluate(({ Notification }) => {
    const told: string[] = [];
    (globalThis as unknown as { kodoTold: string[] }).kodoTold = told;
    Notification.isSupported = () => true;
    Notification.prototype.show = function (this: { title: string }) {
      told.push(this.title);
    };
  });
  return () => again(() => app.evaluate(() => (globalThis as unknown as { kodoTold: string[] }).kodoTold));
}

interface Seen {
  readonly atMs: number; // wall clock, in the page
  readonly state: RecorderState;
}

/** Everything the page is told of the recorder from now on, with its times. */
async function follow(window: Page): Promise<() => Promise<Seen[]>> {
  await window.evaluate(() => {
    const page = globalThis as unknown as { api: Api; kodoSeen: Seen[] };
    page.kodoSeen = [];
    page.api.on("recorder.changed", (state) => page.kodoSeen.push({ atMs: Date.now(), state }));
  });
  return () => window.evaluate(() => (globalThis as unknown as { kodoSeen: Seen[] }).kodoSeen);
}

const session = (devices: SessionSetup["devices"]): SessionSetup => ({
  ...{ name: "Story", subject: "S1", kind: "emg", labelSet: "emg-gestures", devices },
});

const state = (window: Page): Promise<RecorderState> => ask(window, "recorder.state", {});

async function recordFrom(window: Page, devices: SessionSetup["devices"]): Promise<string> {
  await ask(window, "recorder.arm", session(devices));
  return (await ask(window, "recorder.record", {})).recordingId;
}

/** As a person does it: who, with what, where; then connect, then start. */
async function recordOnPage(
  window: Page,
  devices: readonly (readonly [ProtocolKind, string])[],
  { kind = "EMG", model }: { readonly kind?: "EMG" | "CTG"; readonly model?: string } = {},
): Promise<string> {
  const choose = async (field: Locator, option: string): Promise<void> => {
    await field.click();
    await window.getByRole("option", { name: option, exact: true }).click();
  };
  await goTo(window, "record");
  await at(window, testIds.recordSubject).fill("S1");
  await choose(at(window, testIds.recordKind), kind);
  if (model !== undefined) await choose(at(window, testIds.recordModel), model);
  for (const [i, [protocol, port]] of devices.entries()) {
    await at(window, testIds.recordAddDevice).click();
    const card = at(window, testIds.recordDevice, { device: String(i) });
    await choose(card.getByTestId(testIds.recordProtocol), protocolNames[protocol] ?? protocol);
    await card.getByTestId(testIds.recordPortTyped).fill(port);
  }
  await expect(at(window, testIds.recordProblem)).toHaveCount(0);
  await at(window, testIds.recordArm).click();
  await at(window, testIds.recordStart).click({ timeout: 30_000 });
  await expect(at(window, testIds.recordBand, { state: "recording" })).toBeVisible();
  await expect.poll(async () => (await state(window)).recordingId).toBeDefined();
  return (await state(window)).recordingId!;
}

const protocolNames: Partial<Record<ProtocolKind, string>> = {
  cyton: "OpenBCI Cyton",
  series50: "Philips/HP Series 50",
};

/** A press begins a label, and what answers ends it by another. */
async function begin(window: Page, label: string): Promise<() => Promise<void>> {
  await at(window, testIds.recordMark, { label }).click();
  await expect(at(window, testIds.recordMark, { label, begun: "true" })).toBeVisible();
  return async () => {
    await at(window, testIds.recordMark, { label, begun: "true" }).click();
    await expect(at(window, testIds.recordMark, { label, begun: "false" })).toBeVisible();
  };
}

/** Wall clock when the page shows an alarm. */
const whenAlarmed = (window: Page): Promise<number> =>
  window.evaluate(
    (id) =>
      new Promise<number>((done) => {
        const look = (): void => {
          if (document.querySelector(`[data-testid="${id}"][data-state="alarm"]`)) done(Date.now());
          else requestAnimationFrame(look);
        };
        look();
      }),
    testIds.recordBand,
  );

const recordedFor = (window: Page, seconds: number): Promise<void> =>
  expect.poll(async () => (await state(window)).durableS, { timeout: 60_000 }).toBeGreaterThan(seconds);

interface Gap {
  readonly first: number;
  readonly end: number;
  readonly reasons: readonly number[];
}

/** Runs of samples of a channel of the recording that are not observed. */
async function gapsOf(window: Page, recordingId: string, channel: number): Promise<Gap[]> {
  const { channels } = await ask(window, "recordings.get", { id: recordingId });
  const count = channels[channel]!.sampleCount;
  const { reasons } = await ask(window, "trace.samples", { recordingId, channel, first: 0, count });
  const gaps: { first: number; end: number; reasons: number[] }[] = [];
  Object.values(reasons).forEach((reason, i) => {
    if (reason === 0) return;
    const last = gaps.at(-1);
    if (last?.end !== i) gaps.push({ first: i, end: i + 1, reasons: [reason] });
    else {
      last.end = i + 1;
      if (!last.reasons.includes(reason)) last.reasons.push(reason);
    }
  });
  return gaps;
}

const recorderPid = (app: ElectronApplication): Promise<number> =>
  app.evaluate(
    ({ app: electron }) =>
      electron.getAppMetrics().find(({ name }) => name === "Kodo recorder")?.pid ?? Number.NaN,
  );

const linkDown = [maskReasons.linkDown];

test("how electrodes lie is measured by keyboard before anything is recorded, and not while it is", async ({
  ports,
  plug,
  start,
}) => {
  test.skip(skip !== undefined, skip);
  test.setTimeout(180_000);
  const { window } = await start();
  await plug("cyton", ports.cyton, {
    electrodes: [{ channel: 0, input: "N", kOhm: 900 }],
    electrodeOff: [{ atS: 0, durationS: 1e6, channel: 1 }],
  });
  await goTo(window, "record");
  await at(window, testIds.recordSubject).fill("S1");
  await at(window, testIds.recordKind).click();
  await window.getByRole("option", { name: "EMG", exact: true }).click();
  await at(window, testIds.recordAddDevice).click();
  const card = at(window, testIds.recordDevice, { device: "0" });
  await card.getByTestId(testIds.recordProtocol).click();
  await window.getByRole("option", { name: "OpenBCI Cyton", exact: true }).click();
  await card.getByTestId(testIds.recordPortTyped).fill(ports.cyton);
  await window.keyboard.press("Control+Shift+E");
  const first = card.getByTestId(testIds.recordContactChannel).nth(0);
  const second = card.getByTestId(testIds.recordContactChannel).nth(1);
  await expect(first.locator('[data-input="P"][data-word="good"]')).toBeVisible({ timeout: 20_000 });
  await expect(first.locator('[data-input="N"][data-word="poor"]')).toBeVisible({ timeout: 20_000 });
  await expect(second.locator('[data-input="N"][data-word="open"]')).toBeVisible({ timeout: 20_000 });
  await expect(first).toContainText(/(89\d|90\d|91\d) kΩ/);
  const whileMeasured = await ask(
    window,
    "recorder.arm",
    session([{ protocol: "cyton", port: ports.cyton }]),
  ).catch(String);
  expect(whileMeasured).toContain("is being measured");
  await pictures(window, "record-contact");
  await window.keyboard.press("Control+.");
  await expect(at(window, testIds.recordContactSays)).toContainText("No test current flows any more", {
    timeout: 10_000,
  });
  await at(window, testIds.recordArm).click();
  await at(window, testIds.recordStart).click({ timeout: 30_000 });
  await expect(at(window, testIds.recordBand, { state: "recording" })).toBeVisible();
  const whileRecorded = await ask(window, "contact.start", { protocol: "cyton", port: ports.cyton }).catch(
    String,
  );
  expect(whileRecorded).toContain("A session is under way");
  await recordedFor(window, 2);
  await ask(window, "recorder.stop", {});
});

test("two devices at once: a cable is pulled and put back, and the same recording goes on, with a gap that says why", async ({
  ports,
  plug,
  start,
  libraryPath,
}) => {
  test.skip(skip !== undefined, skip);
  test.setTimeout(300_000);
  const { app, window } = await start();
  const told = await listenToNotices(app);
  const pulled = { atS: 25, durationS: 3 };
  const [cyton, monitor] = await Promise.all([
    plug("cyton", ports.cyton, { unplugs: [pulled] }),
    plug("series50", ports.monitor),
  ]);
  const pulledMs = cyton.beganMs + pulled.atS * 1000;
  const recordingId = await recordOnPage(window, [
    ["cyton", ports.cyton],
    ["series50", ports.monitor],
  ]);
  expect(Date.now(), "both devices answered in time").toBeLessThan(pulledMs - 1000);
  const seen = await follow(window);
  const alarmShown = whenAlarmed(window);
  const end = await begin(window, "hand-close");
  const links = async (): Promise<string[]> => (await state(window)).devices.map(({ link }) => link);
  await expect.poll(links, { timeout: 30_000 }).toEqual(["unplugged", "streaming"]);
  await expect.poll(links, { timeout: 30_000 }).toEqual(["streaming", "streaming"]);
  await expect.poll(told).toEqual([expect.stringContaining("unplugged"), expect.stringContaining("is back")]);
  await end(); // it spans the outage
  const endOther = await begin(window, "hand-open");
  const { elapsedS: openS } = await state(window);
  await recordedFor(window, openS + 2);
  await endOther();

  await Promise.all([cyton.off(), monitor.off()]); // both are gone at once
  await expect.poll(links).toEqual(["unplugged", "unplugged"]);
  await pictures(window, "recording-alarm");
  await Promise.all([plug("cyton", ports.cyton), plug("series50", ports.monitor)]);
  await expect.poll(links, { timeout: 30_000 }).toEqual(["streaming", "streaming"]);
  const { elapsedS } = await state(window);
  await recordedFor(window, elapsedS + 2);
  await pictures(window, "recording-resumed");
  await at(window, testIds.recordStop).click();
  await at(window, testIds.recordStop, { pressed: "once" }).click();
  await expect.poll(async () => (await state(window)).phase, { timeout: 30_000 }).toBe("idle");

  const states = await seen();
  const alarmMs = await alarmShown;
  const backMs = states.find(
    ({ atMs, state: one }) => atMs > alarmMs && one.devices[0]?.link === "streaming",
  )!.atMs;
  const replugMs = pulledMs + pulled.durationS * 1000;
  const recording = await ask(window, "recordings.get", { id: recordingId });
  const all = await gapsOf(window, recordingId, 0);
  const gaps = all.filter(({ reasons }) => reasons.includes(maskReasons.linkDown));
  const others = all.filter((gap) => !gaps.includes(gap));
  if (others.length > 0) say(`other gaps of the Cyton, in samples: ${JSON.stringify(others)}`);
  const gapS = (gaps[0]!.end - gaps[0]!.first) / CYTON_HZ;
  say(
    `alarm ${alarmMs - pulledMs} ms after the cable was pulled; streaming ${backMs - replugMs} ms after it was back; gap ${gapS.toFixed(2)} s for ${pulled.durationS} s`,
  );
  expect(alarmMs - pulledMs, "ms from the pull to the alarm").toBeLessThan(1500);
  expect(backMs - replugMs, "ms from the replug to the stream").toBeLessThan(3000);
  expect(recording.state).toBe("complete");
  expect(gaps).toHaveLength(2);
  expect(gaps[0]!.reasons).toEqual(linkDown);
  expect(gapS).toBeGreaterThan(2.9);
  expect(gapS - pulled.durationS, "s from the replug to the first sample").toBeLessThan(3);
  const fhr = recording.channels.findIndex(({ role }) => role === "fhr");
  const ofMonitor = await gapsOf(window, recordingId, fhr);
  const outages = ofMonitor.filter(({ reasons }) => reasons.includes(maskReasons.linkDown));
  expect(outages, "the monitor was not pulled the first time").toHaveLength(1);
  expect((await ask(window, "annotations.list", { recordingId })).map(({ label }) => label)).toEqual(
    expect.arrayContaining(["hand-close", "hand-open"]),
  );

  await openReview(window, recording.name);
  await pointAt(window, gaps[0]!.first / CYTON_HZ + gapS / 2);
  await expect(window.locator('[data-part="tooltip"]')).toContainText(
    "missing: unplugged, or the link was down",
  );
  await window.screenshot({ path: "test-results/screens/recorded-gap.png" });
  await pictures(window, "recorded");

  await trainedOn(window, recording.id);

  const folder = dirname(libraryPath);
  await exportTo(app, window, recordingId, folder);
  const [name] = readdirSync(folder).filter((file) => /\.(edf|bdf)$/.test(file));
  readByOthers(join(folder, name!), gaps[0]!);
});

/** Goes to a moment of the recording, and puts the pointer where it is drawn. */
async function pointAt(window: Page, timeS: number): Promise<void> {
  await window.getByTestId("strip").focus();
  await window.keyboard.press("g");
  await window.getByTestId("go-to-time").fill(String(timeS));
  await window.keyboard.press("Enter");
  await idle(window);
  const canvas = window.getByTestId("strip-canvas");
  const timeAt = async (x: number): Promise<number> => {
    await canvas.click({ position: { x, y: 60 } });
    return Number(await window.getByTestId("selected-time").getAttribute("data-time"));
  };
  const box = (await canvas.boundingBox())!;
  const [left, right] = [box.width * 0.25, box.width * 0.75];
  const [early, late] = [await timeAt(left), await timeAt(right)];
  const x = left + ((timeS - early) / (late - early)) * (right - left);
  await window.mouse.move(box.x + x, box.y + 60);
}

/** A gesture of two seconds each of another person, from a device within the process. */
async function recordAnother(window: Page, subject: string): Promise<string> {
  const devices = [{ protocol: "cyton" as const, port: "simulated:cyton" }];
  await ask(window, "recorder.arm", { ...session(devices), subject });
  const { recordingId } = await ask(window, "recorder.record", {});
  await recordedFor(window, 5);
  for (const [i, label] of ["hand-close", "hand-open"].entries())
    await ask(window, "recorder.mark", {
      ...{ labelSet: "emg-gestures", label, author: "K. Sato", atS: 0.2 + 2.2 * i, durationS: 2 },
    });
  await ask(window, "recorder.stop", {});
  return recordingId;
}

/** What was recorded with an outage teaches a model: the windows in which nothing came teach nothing. */
async function trainedOn(window: Page, recordingId: string): Promise<void> {
  const others = [await recordAnother(window, "S2"), await recordAnother(window, "S3")];
  const { channels } = await ask(window, "recordings.get", { id: others[0]! });
  const config = {
    name: "recorded",
    data: {
      recordingIds: [recordingId, ...others],
      ...{ labelSet: "emg-gestures", labels: ["hand-close", "hand-open"] },
      channels: channels.filter(({ role }) => role === "emg").map(({ label }) => label),
      windows: { windowS: 0.5, strideS: 0.25 },
    },
    split: { testSubjects: ["S3"], validationSubjects: ["S2"] },
    model: { kind: "lda" as const },
  };
  const { subjects, problems } = unpacked(await ask(window, "runs.preview", config));
  expect(problems).toEqual([]);
  const own = subjects.find(({ subject }) => subject === "S1")!;
  say(`windows of the recording: ${own.labelled} labelled, ${own.unassessable} of which nothing can be said`);
  expect(own.labelled).toBeGreaterThan(8);
  expect(own.unassessable).toBeGreaterThan(8);
  const { id } = await ask(window, "runs.start", config);
  const run = (): Promise<Run> => ask(window, "runs.get", { id });
  await expect.poll(async () => isAtRest((await run()).phase), { timeout: 120_000 }).toBe(true);
  expect((await run()).error).toBeUndefined();
  expect((await run()).phase).toBe("done");
}

async function exportTo(app: ElectronApplication, window: Page, recordingId: string, folder: string) {
  await answerOpenDialog(app, [folder]);
  const directory = (await ask(window, "export.chooseDirectory", {}))!;
  const options = { withAnnotations: true, withMask: true, deidentify: false };
  const { jobId } = await ask(window, "export.start", {
    ...{ recordingIds: [recordingId], format: "edf", directory, ...options },
  });
  const job = async () => (await ask(window, "jobs.list", {})).find((one) => one.jobId === jobId);
  await expect.poll(async () => (await job())?.state, { timeout: 60_000 }).toBe("done");
}

/** MNE and edfio see the gap where it is, with its reason, and no sample there that looks measured. */
function readByOthers(path: string, { first, end: last }: Gap): void {
  const python = process.env["KODO_PYTHON"];
  if (!python || spawnSync(python, ["-c", "import mne, edfio"]).status !== 0) {
    console.warn(
      "SKIPPED: KODO_PYTHON names no Python with mne and edfio; the export is not read by other programs",
    );
    return;
  }
  const script = join(import.meta.dirname, "..", "fixtures", "missing-in-edf.py");
  const { stdout, stderr, status } = spawnSync(python, [script, path], { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  const found = JSON.parse(stdout) as {
    edfio: Record<string, [number, number, string][]>;
    silent: Record<string, number>;
    marks: string[];
    flavour: string;
    leftOutS: number;
  };
  const [label = ""] = Object.keys(found.edfio).filter((one) => one.startsWith("EMG"));
  const gap = found.edfio[label]!.find(([, , reason]) => reason === "linkDown");
  expect(Math.abs(gap![0] - first / CYTON_HZ)).toBeLessThan(1 / CYTON_HZ);
  expect(Math.abs(gap![1] - (last - first) / CYTON_HZ)).toBeLessThan(1 / CYTON_HZ);
  expect(new Set(Object.values(found.silent)), JSON.stringify(found.silent)).toEqual(new Set([1]));
  expect(found.marks.length).toBeGreaterThanOrEqual(2);
  expect(found.flavour, "in the second outage nothing came from either device").toMatch(/^[EB]DF\+D$/);
  expect(found.leftOutS).toBeGreaterThan(0);
  say(`${found.flavour}, ${found.leftOutS.toFixed(1)} s of records left out`);
  say(`read by MNE and edfio: ${label} misses ${gap![1].toFixed(3)} s from ${gap![0].toFixed(3)} s`);
}

function say(text: string): void {
  console.log(text);
  test.info().annotations.push({ type: "measured", description: text });
}

/** Wall clock of the first sample, as the page was told it: the latest of what the states say. */
const beginOf = (states: readonly Seen[]): number =>
  Math.max(
    ...states
      .filter(({ state: one }) => one.phase === "recording" && one.elapsedS > 0)
      .map(({ atMs, state: one }) => atMs - one.elapsedS * 1000),
  );

/** A model that looks ahead, learned in the least time from the sample study. */
async function trainedToLookAhead(window: Page, name: string): Promise<string> {
  await at(window, testIds.openSample).first().click();
  await jobsDone(window);
  const { rows } = await ask(window, "recordings.page", {});
  const { id } = await ask(window, "runs.start", {
    name,
    data: {
      recordingIds: rows.filter((one) => one.kind === "ctg").map((one) => one.id),
      ...{ labelSet: "", labels: [], channels: ["FHR", "UC"], windows: { windowS: 120, strideS: 10 } },
    },
    split: { testSubjects: ["SYN-03"], validationSubjects: ["SYN-02"] },
    model: { kind: "state-space", members: 1, fillsGaps: false, length: 0.02 },
  });
  const run = (): Promise<Run> => ask(window, "runs.get", { id });
  await expect.poll(async () => isAtRest((await run()).phase), { timeout: 300_000 }).toBe(true);
  expect((await run()).error).toBeUndefined();
  return id;
}

/** What the model says of the recording under way from now on, as the page is told it. */
async function followForecasts(window: Page): Promise<() => Promise<Forecast[]>> {
  await window.evaluate(() => {
    const page = globalThis as unknown as { api: Api; kodoAhead: Forecast[] };
    page.kodoAhead = [];
    page.api.on("recorder.decided", ({ forecast }) => forecast && page.kodoAhead.push(forecast));
  });
  return () => window.evaluate(() => (globalThis as unknown as { kodoAhead: Forecast[] }).kodoAhead);
}

const bandsOf = ({ fromS, over, quantiles }: Forecast): unknown => ({
  ...{ fromS, over },
  bands: quantiles.map(({ share, value }) => [share, Object.values(value)]),
});

test("what may come of a monitor's heart rate is drawn behind the newest sample, and is what its recording says of that moment", async ({
  ports,
  plug,
  start,
}) => {
  test.skip(skip !== undefined, skip);
  test.setTimeout(480_000);
  const { window } = await start();
  const name = "looks ahead";
  const runId = await trainedToLookAhead(window, name);
  await plug("series50", ports.monitor);
  const recordingId = await recordOnPage(window, [["series50", ports.monitor]], { kind: "CTG", model: name });
  const said = await followForecasts(window);
  const view = at(window, testIds.recordView);
  await expect(view).toHaveAttribute("data-ahead", "true", { timeout: 90_000 });
  const fan = view.locator("[data-fan]:not([hidden])");
  await expect(fan).toHaveCount(1);
  await expect(window.getByText("bands of 50, 80, 90 and 95 %")).toBeVisible();
  await expect(window.getByTestId("record-ahead")).toContainText("FHR1, bpm");
  await pictures(window, "recording-fan");
  for (const isDrawn of [false, true]) {
    await window.keyboard.press("y");
    await expect(view).toHaveAttribute("data-ahead", String(isDrawn));
    await expect(fan).toHaveCount(Number(isDrawn));
  }
  await expect.poll(async () => (await said()).length).toBeGreaterThan(4);
  await at(window, testIds.recordStop).click();
  await at(window, testIds.recordStop, { pressed: "once" }).click();
  await expect.poll(async () => (await state(window)).phase, { timeout: 30_000 }).toBe("idle");
  for (const live of await said()) {
    const stored = await ask(window, "forecasts.at", { runId, recordingId, atS: live.fromS });
    expect(stored && bandsOf(stored), `seen from ${live.fromS} s`).toEqual(bandsOf(live));
  }
});

test("the recorder's process is killed: another goes on with the same recording, and at most 1 s is lost", async ({
  ports,
  plug,
  start,
}) => {
  test.skip(skip !== undefined, skip);
  const { app, window } = await start();
  await plug("cyton", ports.cyton);
  const recordingId = await recordFrom(window, [{ protocol: "cyton", port: ports.cyton }]);
  const seen = await follow(window);
  await recordedFor(window, 3);
  process.kill(await recorderPid(app), "SIGKILL");
  const killedMs = Date.now();
  await expect
    .poll(async () =>
      (await seen()).some((one) => one.state.alarms.some(({ kind }) => kind === "recorder-restarted")),
    )
    .toBe(true);
  await expect
    .poll(async () => (await state(window)).devices[0]?.link, { timeout: 30_000 })
    .toBe("streaming");
  const { elapsedS } = await state(window);
  await recordedFor(window, elapsedS + 1);
  expect(await ask(window, "recorder.stop", {})).toEqual({ recordingId });
  const began = beginOf(await seen());
  const gaps = await gapsOf(window, recordingId, 0);
  const lostS = (killedMs - began) / 1000 - gaps[0]!.first / CYTON_HZ;
  say(`killed recorder: ${(lostS * 1000).toFixed(0)} ms of what had come before are lost`);
  expect(gaps).toHaveLength(1);
  expect(gaps[0]!.reasons).toEqual(linkDown);
  expect(lostS).toBeLessThan(1);
  expect((await ask(window, "recordings.get", { id: recordingId })).state).toBe("complete");
});

test("the whole application is killed: the recording opens as it is, and at most 1 s is lost", async ({
  ports,
  plug,
  start,
}) => {
  test.skip(skip !== undefined, skip);
  const first = await start();
  await plug("cyton", ports.cyton);
  const recordingId = await recordFrom(first.window, [{ protocol: "cyton", port: ports.cyton }]);
  const seen = await follow(first.window);
  await recordedFor(first.window, 3);
  const began = beginOf(await seen());
  const pids = await first.app.evaluate(({ app }) => app.getAppMetrics().map(({ pid }) => pid));
  const gone = new Promise((done) => first.app.process().once("exit", done));
  const recorder = await recorderPid(first.app);
  const killedMs = Date.now();
  // Main first: alive, it would start another recorder, which goes on with the recording.
  for (const pid of [first.app.process().pid ?? 0, recorder, ...pids]) {
    try {
      if (pid > 0) process.kill(pid, "SIGKILL");
    } catch {
      // it went with the others
    }
  }
  await gone;

  const { window } = await start();
  const stateNow = async (): Promise<string | undefined> =>
    (await ask(window, "recordings.page", {})).rows.find(({ id }) => id === recordingId)?.state;
  await expect.poll(stateNow, { timeout: 10_000 }).toBe("interrupted"); // its processes may take a moment to end
  const { durationS, name } = await ask(window, "recordings.get", { id: recordingId });
  const lostS = (killedMs - began) / 1000 - durationS;
  say(`killed application: ${(lostS * 1000).toFixed(0)} ms of what had come are lost`);
  expect(lostS).toBeLessThan(1);
  await openReview(window, name);
  await expect(window.getByTestId("strip")).toBeVisible();
});

test("without its window a recording goes on, tells its alarms, and is asked about before Kodo quits", async ({
  ports,
  plug,
  start,
  libraryPath,
}) => {
  test.skip(skip !== undefined, skip);
  const { app, window } = await start();
  const told = await listenToNotices(app);
  const device = await plug("cyton", ports.cyton);
  const recordingId = await recordFrom(window, [{ protocol: "cyton", port: ports.cyton }]);
  const windows = (): Promise<number> =>
    again(() => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length));
  const close = (): Promise<void> =>
    app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());

  await answerQuestions(app, 2); // cancel
  await close();
  await expect.poll(() => questions(app)).toHaveLength(1);
  expect(await windows()).toBe(1);
  await answerQuestions(app, 1); // keep recording, close the window
  await close();
  await expect.poll(windows).toBe(0);
  await device.off();
  await expect.poll(told).toEqual([expect.stringContaining("unplugged")]);
  await plug("cyton", ports.cyton);
  await expect
    .poll(told, { timeout: 30_000 })
    .toEqual([expect.stringContaining("unplugged"), expect.stringContaining("is back")]);

  const opened = app.waitForEvent("window");
  await app.evaluate(({ app: electron }) => electron.emit("activate")); // as the tray does
  const page = await opened;
  await idle(page);
  expect(await state(page)).toMatchObject({ phase: "recording", recordingId });

  await answerQuestions(app, 1); // keep recording
  await app.evaluate(({ app: electron }) => electron.quit());
  await expect.poll(async () => (await questions(app)).length).toBe(3);
  expect((await questions(app)).at(-1)).toHaveLength(2);
  expect((await state(page)).phase).toBe("recording");

  await crashPage(app);
  expect(await askedInPage(app, "recorder.state"), "after the page's process died").toMatchObject({
    phase: "recording",
  });

  await answerQuestions(app, 0); // stop and quit
  const gone = new Promise((done) => app.process().once("exit", done));
  await app.evaluate(({ app: electron }) => electron.quit());
  expect(await gone).toBe(0);
  const log = readFileSync(join(dirname(libraryPath), "profile", "app.log"), "utf8");
  expect(log, "tray, notifications, taskbar").not.toContain("sign of a recording");
  const after = await start();
  expect((await ask(after.window, "recordings.get", { id: recordingId })).state).toBe("complete");
});

test("told to end by the system, a recording is stored whole and nobody is asked", async ({
  ports,
  plug,
  start,
}) => {
  test.skip(skip !== undefined, skip);
  const { app, window } = await start();
  await plug("cyton", ports.cyton);
  const recordingId = await recordFrom(window, [{ protocol: "cyton", port: ports.cyton }]);
  await recordedFor(window, 1);
  const gone = new Promise((done) => app.process().once("exit", done));
  app.process().kill("SIGTERM");
  expect(await gone).toBe(0);
  const after = await start();
  expect((await ask(after.window, "recordings.get", { id: recordingId })).state).toBe("complete");
});

/** When each sample that came first was made, in monotonic seconds, by the values of all channels. */
function madeBy(truthFile: string): Map<string, number> {
  const [head, ...frames] = readFileSync(truthFile, "utf8").trimEnd().split("\n");
  const { beganS } = JSON.parse(head ?? "") as { beganS: number };
  const made = new Map<string, number>();
  for (const frame of frames) {
    const { madeS, values } = JSON.parse(frame) as { madeS: number; values: number[][] };
    values.forEach((value, i) => made.set(value.join(" "), beganS + madeS + i / CYTON_HZ));
  }
  return made;
}

/** How much later than a moment (monotonic seconds) the sample was made at which a mark lies, ms. */
async function latenessOf(window: Page, recordingId: string, truthFile: string) {
  const { channels } = await ask(window, "recordings.get", { id: recordingId });
  const count = channels[0]!.sampleCount;
  const columns: number[][] = [];
  for (const { position, gain, offset } of channels) {
    const { values } = await ask(window, "trace.samples", {
      recordingId,
      channel: position,
      first: 0,
      count,
    });
    columns.push(Object.values(values).map((value) => Math.round((value - offset) / gain)));
  }
  const made = madeBy(truthFile);
  return (markS: number, momentS: number): number => {
    const sample = Math.round(markS * CYTON_HZ);
    const values = columns.map((column) => column[sample]).join(" ");
    return ((made.get(values) ?? Number.NaN) - momentS) * 1000;
  };
}

/** A key goes down, as the system tells Kodo of it; main keeps when, in monotonic seconds. */
const keyDown = (app: ElectronApplication, keyCode: string): Promise<void> =>
  app.evaluate(({ BrowserWindow }, key) => {
    const main = globalThis as unknown as { kodoPressedS?: number[] };
    main.kodoPressedS = [...(main.kodoPressedS ?? []), Number(process.hrtime.bigint()) / 1e9];
    BrowserWindow.getAllWindows()[0]!.webContents.sendInputEvent({ type: "keyDown", keyCode: key });
  }, keyCode);

const pressedS = (app: ElectronApplication): Promise<readonly number[]> =>
  again(() => app.evaluate(() => (globalThis as unknown as { kodoPressedS?: number[] }).kodoPressedS ?? []));

test("a key that is pressed marks the sample that was made then, also while the page stands still", async ({
  ports,
  plug,
  start,
}) => {
  test.skip(skip !== undefined, skip);
  const { app, window } = await start();
  await plug("cyton", ports.cyton);
  const recordingId = await recordOnPage(window, [["cyton", ports.cyton]]);
  await recordedFor(window, 3);
  const keys: string[] = []; // how each was pressed
  const press = (how: string): Promise<void> => {
    keys.push(how);
    return keyDown(app, "5"); // begins a label, or ends it
  };
  const standStill = (ms: number): Promise<void> =>
    window.evaluate((lastsMs) => {
      for (const until = performance.now() + lastsMs; performance.now() < until;);
    }, ms);
  for (let n = 0; n < 6; n++) {
    await press("calm");
    await pause(230);
  }
  for (const afterMs of [200, 700, 1200, 1450]) {
    const standing = standStill(1500);
    await pause(afterMs);
    await press(`${afterMs} ms into a standstill`);
    await standing;
    await press("right after it");
    await pause(500);
  }
  const byKeyS = await pressedS(app);
  await at(window, testIds.recordMark, { label: "hand-close" }).hover();
  const mouseS = Number(process.hrtime.bigint()) / 1e9;
  await window.mouse.down();
  await pause(250);
  await window.mouse.up();
  await expect(at(window, testIds.recordMark, { label: "hand-close", begun: "true" })).toBeVisible();
  await press("calm");
  await pause(500);
  await ask(window, "recorder.stop", {});
  const marks = (await ask(window, "annotations.list", { recordingId }))
    .toSorted((a, b) => a.onsetS - b.onsetS)
    .flatMap(({ onsetS, durationS }) => [onsetS, onsetS + durationS]);
  const lastS = (await pressedS(app)).at(-1)!;
  const pressed = [
    ...byKeyS.map((atS, i) => ({ how: keys[i]!, atS })),
    { how: "with the mouse", atS: mouseS },
    { how: "calm", atS: lastS },
  ];
  expect(marks).toHaveLength(pressed.length);
  const late = await latenessOf(window, recordingId, `${ports.cyton}.truth`);
  const found = pressed.map(({ how, atS }, i) => ({ how, ms: Math.round(late(marks[i]!, atS)) }));
  say(`marks after their presses, ms: ${found.map(({ how, ms }) => `${ms} (${how})`).join(", ")}`);
  const isRight = ({ how, ms }: (typeof found)[number]): boolean =>
    Math.abs(ms) < (how === "with the mouse" ? 200 : 50); // a press that is sent from here comes a moment later
  expect(found.filter((one) => !isRight(one))).toEqual([]);
});
