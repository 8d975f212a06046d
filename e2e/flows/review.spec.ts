import type { Page } from "@playwright/test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { testIds } from "../../renderer/ui/test-ids.ts";
import { expect, idle, launch, sharedData, test } from "../fixtures/app.ts";
import { writeMyoTables } from "../fixtures/myo.ts";
import {
  answerOpenDialog,
  at,
  changeSettings,
  eventCount,
  eventLabels,
  goTo,
  jobsDone,
  labelByKeyboard,
  openReview,
  ask,
} from "../pages/kodo.ts";

const record = join(sharedData() ?? "", "ctg-ctu-uhb", "records", "1001.hea");
const needsRecord = "needs the CTU-UHB records of shared/data";
const pixelsPerCm = 37.8; // before anybody calibrates

const strip = (window: Page) => window.getByTestId("strip-canvas");
const recordingId = async (window: Page): Promise<string> =>
  (await at(window, testIds.reviewPage).getAttribute("data-recording")) ?? "";

/** The moment a click at a place on the strip chooses. */
async function timeAt(window: Page, x: number): Promise<number> {
  await strip(window).click({ position: { x, y: 40 } });
  // A click on what a rule found there opens the reading, which knows the moment too.
  const told = window.getByTestId("selected-time").or(window.getByTestId("reading-panel"));
  return Number(await told.getAttribute("data-time"));
}

const tooltip = (window: Page) => window.locator('[data-part="tooltip"]');
const topOf = async (window: Page, title: string): Promise<number> =>
  (await window.getByTestId("strip").getByRole("button", { name: title }).boundingBox())!.y;

async function goToTime(window: Page, text: string): Promise<void> {
  await window.getByTestId("strip").focus();
  await window.keyboard.press("g");
  await window.getByTestId("go-to-time").fill(text);
  await window.keyboard.press("Enter");
  await idle(window);
}

/** Those that people made: the library's rule may have laid its own. */
const masksOf = async (window: Page) =>
  (await ask(window, "masks.list", { recordingId: await recordingId(window) })).filter(
    ({ layer }) => layer === "person",
  );

test("the paper is true to scale at every speed, range and page zoom, and a gap says why on hover", async ({
  libraryPath,
}) => {
  test.skip(!existsSync(record), needsRecord);
  const { app, window } = await launch(libraryPath, [record]);
  await openReview(window, "1001");
  const ruler = window.getByTestId("ruler");
  for (const speed of [1, 2, 3] as const) {
    await window.getByTestId("paper-speed").getByText(String(speed), { exact: false }).first().click();
    await idle(window);
    const [from, to] = [await timeAt(window, 100), await timeAt(window, 100 + 10 * pixelsPerCm)];
    expect(((to - from) * speed) / 60, `minutes on 10 cm at ${speed} cm/min`).toBeCloseTo(10, 1);
    expect((await ruler.boundingBox())!.width).toBeCloseTo(pixelsPerCm, 0);
  }
  for (const [range, centimetres] of [
    ["50–210", 8],
    ["30–240", 7],
  ] as const) {
    await window.getByText(range, { exact: true }).click();
    await idle(window);
    const apart = (await topOf(window, "UC")) - (await topOf(window, "FHR"));
    expect((apart - 8) / pixelsPerCm, `height of ${range}`).toBeCloseTo(centimetres, 1);
  }
  // A zoomed page shows larger letters, not another paper speed: two of its pixels now make one of before.
  await window.keyboard.press("1");
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.setZoomFactor(2));
  await expect.poll(async () => (await ruler.boundingBox())!.width).toBeLessThan(pixelsPerCm * 0.6);
  await idle(window);
  const [near, far] = [await timeAt(window, 50), await timeAt(window, 50 + 3 * pixelsPerCm)];
  expect((far - near) / 60, "minutes on 6 real cm").toBeCloseTo(6, 1);
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.setZoomFactor(1));
  await expect.poll(async () => (await ruler.boundingBox())!.width).toBeGreaterThan(pixelsPerCm * 0.9);

  const { reasons } = await ask(window, "trace.samples", {
    recordingId: await recordingId(window),
    channel: 0,
    first: 0,
    count: 19_200,
  });
  const flags = Object.values(reasons);
  const gap = flags.findIndex((_, i) => flags.slice(i, i + 80).every((reason) => reason === 1));
  expect(gap, "a gap of 20 s in record 1001").toBeGreaterThan(0);
  await goToTime(window, String(gap / 4 + 10));
  const box = (await strip(window).boundingBox())!;
  const shown = await timeAt(window, box.width / 2);
  expect(Math.abs(shown - (gap / 4 + 10))).toBeLessThan(2);
  await window.mouse.move(box.x + box.width / 2, box.y + 100);
  await expect(tooltip(window)).toContainText("FHR missing: missing in the source");
  await app.close();
});

test("the trace is panned and zoomed by wheel, drag, keys and overview, and measured between two cursors", async ({
  libraryPath,
}) => {
  test.skip(!existsSync(record), needsRecord);
  const { app, window } = await launch(libraryPath, [record]);
  await openReview(window, "1001");
  const left = (): Promise<number> => timeAt(window, 10);
  const box = (await strip(window).boundingBox())!;
  const middle = { x: box.x + box.width / 2, y: box.y + 120 };
  const start = await left();

  await window.mouse.move(middle.x, middle.y);
  await window.mouse.wheel(0, 300);
  await idle(window);
  const wheeled = await left();
  expect(wheeled - start).toBeCloseTo((300 / pixelsPerCm) * 60, -1);

  await window.mouse.move(middle.x, middle.y);
  await window.mouse.down();
  await window.mouse.move(middle.x + 200, middle.y, { steps: 4 });
  await window.mouse.up();
  const dragged = await left();
  expect(wheeled - dragged).toBeCloseTo((200 / pixelsPerCm) * 60, -1);

  await window.getByTestId("strip").focus();
  await window.keyboard.press("PageDown");
  await idle(window);
  const paged = await left();
  expect(paged).toBeGreaterThan(dragged + 600);

  await window.mouse.move(middle.x, middle.y);
  await window.keyboard.down("Control");
  await window.mouse.wheel(0, -400);
  await window.keyboard.up("Control");
  await idle(window);
  const perPx = ((await timeAt(window, 110)) - (await left())) / 100;
  expect(perPx).toBeLessThan((60 / pixelsPerCm) * 0.6);

  const overview = (await window.getByTestId("overview").boundingBox())!;
  await window.mouse.click(overview.x + overview.width * 0.9, overview.y + 20);
  await idle(window);
  expect(await left()).toBeGreaterThan(0.8 * 4800);

  await window.keyboard.press("1"); // back on paper
  await strip(window).click({ position: { x: 200, y: 40 } });
  await window.mouse.move(0, 0);
  await window.getByTestId("strip").focus();
  await window.keyboard.press("c");
  for (let i = 0; i < 5; i++) await window.keyboard.press("Control+ArrowRight");
  await window.keyboard.press("c");
  await expect(window.locator('[data-part="caliperSpan"]')).toHaveAttribute(
    "data-text",
    new RegExp(`^${((400 / pixelsPerCm) * 60).toFixed(0).slice(0, 2)}`),
  );
  await app.close();
});

test("labels and masks are made, moved, resized, relabelled and deleted, and all of it is undone after a restart", async ({
  libraryPath,
}) => {
  test.skip(!existsSync(record), needsRecord);
  const first = await launch(libraryPath, [record]);
  const { window } = first;
  await changeSettings(window, { author: "Mori" });
  await openReview(window, "1001");
  const only = async () =>
    (await ask(window, "annotations.list", { recordingId: await recordingId(window) }))[0]!;

  // By mouse: a range drawn with the selecting tool, then the label's button.
  await window.getByText("Select", { exact: true }).first().click({ force: true });
  const box = (await strip(window).boundingBox())!;
  await window.mouse.move(box.x + 200, box.y + 200);
  await window.mouse.down();
  await window.mouse.move(box.x + 300, box.y + 200, { steps: 4 });
  await window.mouse.up();
  await window.getByRole("button", { name: "Deceleration", exact: false }).first().click();
  await eventCount(window, 1);
  const made = await only();
  expect(made.durationS).toBeCloseTo((100 / pixelsPerCm) * 60, -1);

  // Its box lies in the lane of its reader, above those of the reading by rule, which has come by now: drag the middle to move it, an end to resize it.
  await expect(window.locator('[data-testid="finding-lane"][data-kind="class-ribbon"]').first()).toBeVisible({
    timeout: 60_000,
  });
  await idle(window);
  const lane = (await window.getByTitle("Mori").boundingBox())!;
  const laneY = lane.y + lane.height / 2;
  const drag = async (from: number, to: number): Promise<void> => {
    await window.mouse.move(box.x + from, laneY);
    await window.mouse.down();
    await window.mouse.move(box.x + to, laneY, { steps: 4 });
    await window.mouse.up();
    await idle(window);
  };
  await drag(250, 290);
  await expect.poll(async () => (await only()).onsetS).toBeGreaterThan(made.onsetS + 50);
  const movedOnset = (await only()).onsetS;
  await drag(339, 379);
  await expect.poll(async () => (await only()).durationS).toBeGreaterThan(made.durationS + 50);
  expect((await only()).onsetS).toBeCloseTo(movedOnset, 3);

  // By keyboard: both ends, the whole, another label.
  await window.getByTestId("strip").focus();
  const before = await only();
  await window.keyboard.press("Control+Shift+ArrowRight");
  await expect.poll(async () => (await only()).onsetS).toBeGreaterThan(before.onsetS);
  expect((await only()).onsetS + (await only()).durationS).toBeCloseTo(before.onsetS + before.durationS, 3);
  await window.keyboard.press("Alt+Shift+ArrowLeft");
  await expect.poll(async () => (await only()).durationS).toBeLessThan(before.durationS - 2);
  await window.keyboard.press("Alt+ArrowLeft");
  await expect.poll(async () => (await only()).onsetS).toBeCloseTo(before.onsetS, 3);
  await window.keyboard.press("Shift+L");
  await window.getByTestId("relabel-late-deceleration").click();
  await expect.poll(async () => (await only()).label).toBe("late-deceleration");

  // An artefact on the channel meant, taken away, then a label that is deleted.
  await window.getByTestId("strip").focus();
  await window.keyboard.press("Shift+X");
  await expect.poll(async () => (await masksOf(window)).length).toBe(1);
  await expect(window.getByTestId("selected-mask")).toContainText("Masked by Mori");
  const [mask] = await masksOf(window);
  await window.keyboard.press("Delete");
  await expect.poll(async () => (await masksOf(window)).length).toBe(0);
  await labelByKeyboard(window, "a", 4);
  await window.keyboard.press("Delete");
  await eventCount(window, 1);
  const { undo: steps } = await ask(window, "annotations.history", {
    recordingId: await recordingId(window),
  });
  expect(steps).toBe(11);
  await first.app.close();

  const second = await launch(libraryPath);
  await openReview(second.window, "1001");
  const historyIs = (undo: number) =>
    expect
      .poll(async () =>
        ask(second.window, "annotations.history", { recordingId: await recordingId(second.window) }),
      )
      .toEqual({ undo, redo: 11 - undo });
  for (let undo = 10; undo >= 8; undo--) {
    await second.window.keyboard.press("Control+z");
    await historyIs(undo);
  }
  expect(await masksOf(second.window)).toEqual([mask]); // with the id and the time it had
  await second.window.keyboard.press("Control+z");
  await historyIs(7);
  expect(await masksOf(second.window)).toEqual([]);
  for (let undo = 6; undo >= 0; undo--) {
    await second.window.keyboard.press("Control+z");
    await historyIs(undo);
  }
  expect(await eventLabels(second.window)).toEqual([]);
  for (let undo = 1; undo <= 8; undo++) await second.window.keyboard.press("Control+Shift+z");
  await historyIs(8);
  expect(await eventLabels(second.window)).toEqual(["late-deceleration"]);
  expect(await masksOf(second.window)).toEqual([mask]);
  second.app.process().kill("SIGKILL");

  const third = await launch(libraryPath);
  await openReview(third.window, "1001");
  expect(await masksOf(third.window)).toEqual([mask]);
  await third.app.close();
});

test("a label begins where the reader is: the hand used last decides, and what is read out says the same", async ({
  libraryPath,
}) => {
  test.skip(!existsSync(record), needsRecord);
  const { app, window } = await launch(libraryPath, [record]);
  await openReview(window, "1001");
  const box = (await strip(window).boundingBox())!;
  const last = async () => {
    const all = await ask(window, "annotations.list", { recordingId: await recordingId(window) });
    return all.reduce((a, b) => (a.createdAt > b.createdAt ? a : b));
  };
  const press = async (key: string, times = 1): Promise<void> => {
    for (let i = 0; i < times; i++) await window.keyboard.press(key);
    await idle(window);
  };
  const said = async (): Promise<string> => ((await tooltip(window).textContent()) ?? "").slice(0, 8);
  await window.getByTestId("strip").focus();

  // The pointer rests, the pages are turned by key: the label begins on the page in sight, where the readout says.
  await window.mouse.move(box.x + 200, box.y + 120);
  const before = await said();
  await press("PageDown", 2);
  const read = await said();
  expect(read).not.toBe(before);
  await press("p");
  await press("ArrowRight", 10);
  await press("p");
  await eventCount(window, 1);
  const turned = await last();
  expect(Math.abs(turned.onsetS - (await timeAt(window, 200)))).toBeLessThan(2);
  const [minutes = 0, seconds = 0] = read.split(":").slice(-2).map(Number);
  expect(Math.abs((turned.onsetS % 3600) - (60 * minutes + seconds))).toBeLessThan(2);

  // The cursor is led by key while the pointer rests elsewhere: the label begins at the cursor.
  await window.mouse.move(box.x + 700, box.y + 120);
  await window.getByTestId("strip").focus();
  await press("ArrowRight", 3);
  const cursor = Number(await window.getByTestId("selected-time").getAttribute("data-time"));
  await press("d");
  await press("ArrowRight", 4);
  await press("d");
  await eventCount(window, 2);
  expect((await last()).onsetS).toBeCloseTo(cursor, 3);

  // The pointer moves again, then the wheel moves the paper beneath it: the pointer's time is the one beneath it now.
  await window.mouse.move(box.x + 500, box.y + 120);
  await window.mouse.wheel(0, -300);
  await idle(window);
  await press("a");
  await window.mouse.move(box.x + 540, box.y + 120);
  await press("a");
  await eventCount(window, 3);
  const wheeled = await last();
  expect(Math.abs(wheeled.onsetS - (await timeAt(window, 500)))).toBeLessThan(2);
  await app.close();
});

test("what can be done is in the menu of the right button and of the menu key, with the keys that do it", async ({
  libraryPath,
}) => {
  test.skip(!existsSync(record), needsRecord);
  const { app, window } = await launch(libraryPath, [record]);
  await openReview(window, "1001");
  const menu = window.getByTestId("context-menu");
  const item = (name: string) => menu.getByRole("menuitem", { name, exact: false });
  await strip(window).click({ button: "right", position: { x: 300, y: 120 } });
  await expect(item("Page on")).toContainText("PgDn");
  await item("Deceleration").first().click();
  await strip(window).click({ button: "right", position: { x: 340, y: 120 } });
  await item("Deceleration").first().click();
  await eventCount(window, 1);
  const [made] = await ask(window, "annotations.list", { recordingId: await recordingId(window) });
  expect(made?.durationS).toBeCloseTo((40 / pixelsPerCm) * 60, -1);

  await window.getByTestId("strip").focus();
  await window.keyboard.press("Shift+F10");
  await item("Delete").click();
  await eventCount(window, 0);
  await app.close();
});

test("events are listed, filtered and walked through, and a label that is in use may be renamed and removed", async ({
  libraryPath,
}) => {
  test.skip(!existsSync(record), needsRecord);
  const { app, window } = await launch(libraryPath, [record]);
  await openReview(window, "1001");
  await labelByKeyboard(window, "d", 4);
  await window.keyboard.press("PageDown");
  await labelByKeyboard(window, "a", 4);
  await window.getByTestId("inspector-tabs").getByText("Events", { exact: false }).click();
  await expect(window.getByTestId("event-row")).toHaveCount(2);
  await window.getByLabel("Search label, author, note").fill("accel");
  await expect(window.getByTestId("event-row")).toHaveCount(1);
  await window.getByLabel("Search label, author, note").fill("");
  await window.getByTestId("inspector-tabs").getByText("Selection").click();
  await window.getByTestId("strip").focus();
  await window.keyboard.press("Shift+BracketLeft"); // with Shift also where brackets go through the cues of a reading
  await expect(window.getByTestId("selected-event")).toHaveAttribute("data-label", "deceleration");
  await window.keyboard.press("Shift+BracketRight");
  await expect(window.getByTestId("selected-event")).toHaveAttribute("data-label", "acceleration");
  await window.keyboard.press("?");
  await expect(at(window, testIds.keyOverlay)).toBeVisible();
  await window.keyboard.press("Escape"); // closes the list, and no more than that
  await expect(at(window, testIds.keyOverlay)).toBeHidden();
  await expect(window.getByTestId("selected-event")).toHaveAttribute("data-label", "acceleration");

  await goTo(window, "settings");
  const editor = window.getByTestId("label-set-editor");
  await expect(editor.locator('[data-testid="label-use"][data-label="deceleration"]')).toHaveText("1");
  await editor.locator('tr:has([data-label="deceleration"]) input').first().fill("Dip");
  await editor.getByRole("button", { name: "Remove Acceleration" }).click();
  await expect(window.getByTestId("editor-in-use")).toContainText(
    "1 annotation keeps it as version 1 has it",
  );
  await window.getByTestId("editor-save").click();
  await expect(editor.getByText("version 2", { exact: true })).toBeVisible();

  await openReview(window, "1001");
  await window.getByTestId("inspector-tabs").getByText("Events", { exact: false }).click();
  await expect(window.getByTestId("event-row").nth(0)).toContainText("Deceleration"); // as it was given
  await expect(window.getByTestId("event-row").nth(1)).toContainText("Acceleration");
  await window.getByTestId("event-row").nth(1).click();
  await window.getByTestId("inspector-tabs").getByText("Selection").click();
  await window.getByTestId("strip").focus();
  await window.keyboard.press("Shift+L");
  await window.getByTestId("relabel-deceleration").click();
  await expect(window.getByTestId("selected-event")).toContainText("Dip");
  await expect(window.getByTestId("selected-event")).toContainText("version 2");
  await app.close();
});

test("a block damaged on the disk is reported by channel and time, and the rest stays readable", async ({
  libraryPath,
}) => {
  test.skip(!existsSync(record), needsRecord);
  const first = await launch(libraryPath, [record]);
  await openReview(first.window, "1001");
  await first.app.close();
  // WFDB format 16, FHR and UC in turn; the library keeps FHR's integers as they are.
  const source = readFileSync(record.replace(/\.hea$/, ".dat"));
  const fhr = Buffer.alloc(128);
  for (let i = 0; i < 64; i++) fhr.writeInt16LE(source.readInt16LE(4 * (4000 + i)), 2 * i);
  const library = readFileSync(libraryPath);
  const place = library.indexOf(fhr);
  expect(place, "samples 4000 to 4063 of FHR in the library").toBeGreaterThan(0);
  library[place]! ^= 0x55;
  writeFileSync(libraryPath, library);

  const second = await launch(libraryPath);
  await openReview(second.window, "1001");
  const chip = second.window.getByTestId("damage");
  await expect(chip).toHaveText("1 damaged block");
  await chip.hover();
  await expect(second.window.getByRole("tooltip")).toContainText("FHR 00:00:00 – 01:20:00");
  const box = (await strip(second.window).boundingBox())!;
  await second.window.mouse.move(box.x + 300, box.y + 100);
  await expect(tooltip(second.window)).toContainText("FHR missing: damaged in the library");
  await expect(tooltip(second.window)).toContainText(/UC \d+/);
  const log = await ask(second.window, "app.log", { limit: 20 });
  expect(log.find(({ action }) => action === "recording.damaged")?.detail).toContain('"onsetS":0');
  await second.app.close();
});

test("EMG channels are ordered, hidden and amplified, and a label may belong to one of them", async ({
  app,
  window,
  libraryPath,
}) => {
  const shared = sharedData();
  test.skip(shared === undefined, "needs emg-myo-armband of shared/data");
  const tables = writeMyoTables(shared!, join(dirname(libraryPath), "myo"), 1);
  await answerOpenDialog(app, tables.files);
  await at(window, testIds.importFiles).first().click();
  const start = at(window, testIds.importTableStart);
  if (
    await start.waitFor({ timeout: 10_000 }).then(
      () => true,
      () => false,
    )
  )
    await start.click();
  await jobsDone(window);
  await openReview(window, tables.names[0]!);
  const titles = () => window.getByTestId("strip").getByRole("button").allTextContents();
  expect(await titles()).toEqual(Array.from({ length: 8 }, (_, i) => `EMG${i + 1} count`));

  await window.getByTestId("channel-menu").click();
  const row = (name: string) => at(window, "channel-row", { channel: name });
  await row("EMG2").getByRole("button", { name: "Move EMG2 up" }).click();
  await row("EMG8").getByRole("checkbox").uncheck();
  await row("EMG3").getByRole("button", { name: "Raise the gain of EMG3" }).click();
  await expect(row("EMG3")).toContainText("×1.26");
  await window.keyboard.press("Escape");
  await idle(window);
  expect((await titles()).map((title) => title.slice(0, 4))).toEqual([
    "EMG2",
    "EMG1",
    ...[3, 4, 5, 6, 7].map((n) => `EMG${n}`),
  ]);

  await at(window, "label-channel").click();
  await window.getByRole("option", { name: "EMG3" }).click();
  await labelByKeyboard(window, "1", 8);
  const [made] = await ask(window, "annotations.list", { recordingId: await recordingId(window) });
  expect(made).toMatchObject({ label: "radial-deviation", channel: 2 });
  await at(window, "event-channel").click();
  await window.getByRole("option", { name: "whole recording" }).click();
  await expect
    .poll(async () => (await ask(window, "annotations.list", { recordingId: await recordingId(window) }))[0])
    .not.toHaveProperty("channel");

  await goTo(window, "library");
  await openReview(window, tables.names[0]!);
  expect((await titles())[0]).toBe("EMG2 count"); // as it was left
});

test("what was read completely is declared with a key, of the whole or of a selection, and undone like a label", async ({
  libraryPath,
}) => {
  const { app, window } = await launch(libraryPath);
  await at(window, testIds.openSample).first().click();
  await jobsDone(window);
  await openReview(window, "synthetic-ctg-01");
  const id = await recordingId(window);
  const { durationS } = await ask(window, "recordings.get", { id });
  const mine = async () =>
    (await ask(window, "readings.list", { recordingId: id })).filter(
      ({ author }) => !author.endsWith(".atr"),
    );
  await expect(window.getByTestId("reading"), "the generator's own").toHaveCount(1);
  await window.getByTestId("strip").focus();
  await window.keyboard.press("w");
  await expect.poll(mine).toMatchObject([{ labelSet: "ctg-events", onsetS: 0, durationS }]);
  await expect(window.getByTestId("reading")).toHaveCount(2);
  await window.keyboard.press("w");
  await window.keyboard.press("ControlOrMeta+z");
  await expect.poll(mine).toEqual([]); // pressed twice, declared once
  await strip(window).click({ position: { x: 100, y: 40 } });
  await window.keyboard.press("r");
  for (let step = 0; step < 3; step++) await window.keyboard.press("Control+ArrowRight");
  await window.keyboard.press("r");
  await window.getByTestId("declare-read").click();
  await expect.poll(async () => (await mine()).length).toBe(1);
  expect((await mine())[0]!.durationS).toBeLessThan(durationS);
  await app.close();
});

/** Without the lanes of the reading by rule, which take their part of every row. */
async function plainPaper(window: Page): Promise<void> {
  await window.getByTestId("strip").focus();
  for (const digit of [1, 2, 3, 4, 5, 6]) await window.keyboard.press(`Alt+${digit}`);
  await expect(window.getByTestId("finding-lane")).toHaveCount(0);
}

test("where a window is tall the paper goes on in a second row, which is read, labelled, masked and turned like the first", async ({
  libraryPath,
}) => {
  test.skip(!existsSync(record), needsRecord);
  const first = await launch(libraryPath, [record]);
  const { window } = first;
  await changeSettings(window, { author: "Mori" });
  await window.setViewportSize({ width: 1920, height: 1080 });
  await openReview(window, "1001");
  const rowsAre = (page: Page, rows: number) =>
    expect(strip(page)).toHaveAttribute("data-rows", String(rows));
  /** Pixels of a centimetre, as the ruler shows it: one of them, or two where they are small. */
  const ruler = async (page: Page): Promise<number> => {
    const one = page.getByTestId("ruler");
    return (await one.boundingBox())!.width / Number.parseFloat((await one.textContent()) ?? "1");
  };
  await plainPaper(window);
  await rowsAre(window, 1); // two whole papers of 12 cm do not fit: none is made smaller by itself
  expect(await ruler(window)).toBeCloseTo(pixelsPerCm, 0);

  await window.getByTestId("strip").focus();
  await window.keyboard.press("Shift+P");
  await rowsAre(window, 2);
  await idle(window);
  const share = Number(await window.getByTestId("paper-share").getAttribute("data-share"));
  const cm = pixelsPerCm * share;
  expect(share).toBeGreaterThan(0.6);
  expect(Math.abs((await ruler(window)) - cm)).toBeLessThan(1);
  const box = (await strip(window).boundingBox())!;
  const row = box.height / 2;
  const on = async (rowAt: 0 | 1, x: number): Promise<number> => {
    await strip(window).click({ position: { x, y: rowAt * row + 40 } });
    // A click on what a rule found there opens the reading, which knows the moment too.
    const told = window.getByTestId("selected-time").or(window.getByTestId("reading-panel"));
    return Number(await told.getAttribute("data-time"));
  };
  await window.keyboard.press("3"); // 80 minutes no longer fit on the page
  await idle(window);
  const perPx = 20 / cm; // seconds, at 3 cm/min
  const end = await on(0, box.width - 1);
  expect(Math.abs((await on(1, 0)) - end)).toBeLessThan(2 * perPx);
  expect((await on(1, 300 + 10 * cm)) - (await on(1, 300))).toBeCloseTo(200, 0); // 10 cm of paper, on the lower row too
  await window.mouse.move(box.x + 600, box.y + row + 60);
  const read = ((await tooltip(window).filter({ visible: true }).textContent()) ?? "").slice(0, 8);
  const [minutes = 0, seconds = 0] = read.split(":").slice(-2).map(Number);
  expect(Math.abs(((await on(1, 600)) % 3600) - (60 * minutes + seconds))).toBeLessThan(2);

  // By mouse: a stretch drawn on the lower row, labelled; its box is moved in the lane of that row.
  const id = await recordingId(window);
  const labels = () => ask(window, "annotations.list", { recordingId: id });
  const from = await on(1, 200);
  await window.getByText("Select", { exact: true }).first().click({ force: true });
  await window.mouse.move(box.x + 200, box.y + row + 100);
  await window.mouse.down();
  await window.mouse.move(box.x + 300, box.y + row + 100, { steps: 4 });
  await window.mouse.up();
  await window.keyboard.press("d");
  await eventCount(window, 1);
  const [drawn] = await labels();
  expect(drawn!.onsetS).toBeCloseTo(from, 0);
  expect(Math.abs(drawn!.durationS - 100 * perPx)).toBeLessThan(2 * perPx);
  const lane = (await window.getByTitle("Mori").nth(1).boundingBox())!;
  await window.mouse.move(box.x + 250, lane.y + lane.height / 2);
  await window.mouse.down();
  await window.mouse.move(box.x + 290, lane.y + lane.height / 2, { steps: 4 });
  await window.mouse.up();
  await expect
    .poll(async () => Math.abs((await labels())[0]!.onsetS - (drawn!.onsetS + 40 * perPx)))
    .toBeLessThan(2 * perPx);

  // A mask over a stretch of the lower row, by keyboard.
  const masked = await on(1, 700);
  await window.keyboard.press("r");
  await window.keyboard.press("Control+ArrowRight");
  await window.keyboard.press("r");
  await window.keyboard.press("Shift+X");
  await expect.poll(async () => (await masksOf(window)).length).toBe(1);
  expect((await masksOf(window))[0]!.onsetS).toBeCloseTo(masked, 0);

  // By keyboard across the break: begun on the upper row, ended on the lower one, framed on both.
  const begun = await on(0, box.width - 40);
  await window.mouse.move(0, 0);
  await window.getByTestId("strip").focus();
  await window.keyboard.press("a");
  for (let step = 0; step < 10; step++) await window.keyboard.press("ArrowRight");
  await window.keyboard.press("a");
  await eventCount(window, 2);
  const across = (await labels()).find(({ label }) => label === "acceleration")!;
  expect(across.onsetS).toBeCloseTo(begun, 0);
  expect(Math.abs(across.durationS - 80 * perPx)).toBeLessThan(2 * perPx);
  await expect(window.locator('[data-part="selected"]').filter({ visible: true })).toHaveCount(2);

  // A page is both rows, less the overlap; the overview frames both.
  await window.keyboard.press("Home");
  await idle(window);
  const last = await on(1, box.width - 1);
  await window.keyboard.press("PageDown");
  await idle(window);
  expect(Math.abs(last - (await on(0, 0)) - 120)).toBeLessThan(3);
  const framed = window.getByTestId("overview").locator("> div");
  const overview = (await window.getByTestId("overview").boundingBox())!;
  expect((await framed.boundingBox())!.width / overview.width).toBeCloseTo((2 * box.width * perPx) / 4800, 1);
  await first.app.close();

  // It is remembered; one row is at true size, and so are two where they fit.
  const second = await launch(libraryPath);
  await second.window.setViewportSize({ width: 1920, height: 1080 });
  await openReview(second.window, "1001");
  await plainPaper(second.window);
  await rowsAre(second.window, 2);
  await second.window.getByTestId("rows-menu").click();
  await second.window.getByTestId("rows-one").click();
  await rowsAre(second.window, 1);
  expect(await ruler(second.window)).toBeCloseTo(pixelsPerCm, 0);
  await second.window.getByTestId("rows-menu").click();
  await second.window.getByTestId("rows-auto").click();
  await second.window.setViewportSize({ width: 2560, height: 1440 });
  await rowsAre(second.window, 2);
  expect(await ruler(second.window)).toBeCloseTo(pixelsPerCm, 0);
  await second.app.close();
});
