import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import iconv from "iconv-lite";
import type { Page } from "@playwright/test";
import type { Api } from "../../preload/contract/channels.ts";
import { testIds } from "../../renderer/ui/test-ids.ts";
import { expect, idle, test } from "../fixtures/app.ts";
import { answerOpenDialog, at, changeSettings, jobsDone } from "../pages/kodo.ts";

/** Decimal commas between semicolons, Japanese names, a code of its own for "no value", as hospital exports have it. */
const table = [
  "時間 (s);胎児心拍数 (bpm);陣痛",
  ...Array.from({ length: 80 }, (_, i) => {
    const [rate, toco] = [i === 7 ? "-99" : `${140 + (i % 5)},5`, i % 20];
    return `${String(i / 4).replace(".", ",")};${rate};${toco}`;
  }),
  "",
].join("\r\n");

const dialog = (window: Page) => at(window, testIds.importTable);

/** Drops a table onto the import, as its dialog shows it. */
async function openTable(
  window: Page,
  app: Parameters<typeof answerOpenDialog>[0],
  path: string,
): Promise<void> {
  await answerOpenDialog(app, [path]);
  await at(window, testIds.importFiles).first().click();
  await dialog(window).waitFor();
  await idle(window);
}

for (const [encoding, shown] of [
  ["shift_jis", "Shift_JIS"],
  ["euc-jp", "EUC-JP"],
  ["utf-16le", "UTF-16 LE"],
] as const) {
  test(`a table in ${shown} with decimal commas is guided in, unit, rate and missing code as the person says`, async ({
    app,
    window,
    libraryPath,
  }) => {
    const path = join(dirname(libraryPath), `記録 ${encoding}.csv`);
    writeFileSync(path, iconv.encode(table, encoding, { addBOM: encoding === "utf-16le" }));
    await openTable(window, app, path);
    const form = dialog(window);
    await expect(form.getByRole("combobox", { name: "Encoding" })).toHaveValue(shown);
    await expect(form.getByRole("combobox", { name: "Separator" })).toHaveValue("semicolon");
    await expect(form.getByRole("combobox", { name: "Decimal mark" })).toHaveValue("comma");
    await expect(form.getByRole("combobox", { name: "Time column" })).toHaveValue("column 1");
    await expect(form.getByRole("textbox", { name: "Samples a second (Hz)" })).toHaveValue("4");
    await expect(form.locator('td[data-kind="header"]').nth(1)).toHaveText("胎児心拍数 (bpm)");

    // A choice that makes nothing of the file can be taken back.
    await form.getByRole("combobox", { name: "Separator" }).click();
    await window.getByRole("option", { name: "comma" }).click();
    await idle(window);
    await form.getByRole("combobox", { name: "Separator" }).click();
    await window.getByRole("option", { name: "semicolon" }).click();
    await expect(form.locator('td[data-kind="header"]').nth(1)).toHaveText("胎児心拍数 (bpm)");

    await form.getByRole("combobox", { name: "Also means missing" }).fill("-99");
    await window.keyboard.press("Enter");
    const units = form.getByRole("textbox", { name: "Unit" });
    await expect(units).toHaveCount(2);
    await units.nth(1).fill("kPa");
    await idle(window);
    await expect(form.locator('td[data-kind="missing"]').filter({ hasText: "-99" })).toHaveCount(1);
    await window.screenshot({ path: `test-results/screens/table-${encoding}.png` });
    await at(window, testIds.importTableStart).click();
    await jobsDone(window);

    const detail = await window.evaluate(async () => {
      const { api } = globalThis as unknown as { api: Api };
      const list = await api.request("recordings.page", {});
      if (!list.ok) throw new Error(list.error.message);
      const [one] = list.value.rows;
      const samples = await api.request("trace.samples", {
        recordingId: one!.id,
        channel: 0,
        first: 5,
        count: 4,
      });
      if (!samples.ok) throw new Error(samples.error.message);
      return { one: one!, values: [...samples.value.values], reasons: [...samples.value.reasons] };
    });
    expect(detail.one).toMatchObject({ name: `記録 ${encoding}`, kind: "ctg", durationS: 20 });
    expect(detail.one.channels.map(({ label, unit, sampleRate }) => [label, unit, sampleRate])).toEqual([
      ["胎児心拍数", "bpm", 4],
      ["陣痛", "kPa", 4],
    ]);
    expect(detail.values.filter((_, i) => i !== 2)).toEqual([140.5, 141.5, 143.5]);
    expect(detail.reasons).toEqual([0, 0, 1, 0]);
  });
}

test("a table without times asks for its rate, in Japanese too", async ({ app, window, libraryPath }) => {
  const path = join(dirname(libraryPath), "stream.csv");
  writeFileSync(path, Array.from({ length: 400 }, (_, i) => `${(i * 7) % 100},${(i * 3) % 50}`).join("\n"));
  await changeSettings(window, { language: "ja" });
  await openTable(window, app, path);
  const start = at(window, testIds.importTableStart);
  await expect(start).toBeDisabled();
  await expect(dialog(window)).toContainText("時刻の列がない場合は標本化周波数が必要です。");
  await window.screenshot({ path: "test-results/screens/table-no-rate-ja.png" });
  await dialog(window).getByRole("textbox", { name: "標本化周波数" }).fill("200");
  await expect(start).toBeEnabled();
  await start.click();
  await jobsDone(window);

  // Its annotations call it something else; the person says that they are its own.
  const events = join(dirname(libraryPath), "events.csv");
  writeFileSync(events, "recording,label,onset_s,duration_s\n症例 7,収縮,0.5,0.25\n");
  await answerOpenDialog(app, [events]);
  await window.getByText("stream", { exact: true }).first().click();
  await at(window, testIds.addAnnotations).click();
  await jobsDone(window);
  await expect(window.getByText(/^1 · /)).toBeVisible();
  await window.screenshot({ path: "test-results/screens/table-annotations-ja.png" });
});

/** Two like tables, preamble above the names, words beside the numbers, and nothing that tells time. */
const bare = (shift: number): string =>
  [
    "Patient,S01,",
    "Device,X2,",
    "EMG 1 (mV),EMG 2 (mV),phase",
    ...Array.from({ length: 400 }, (_, i) => {
      const phase = i < 100 ? "rest" : i < 300 ? "grasp" : "";
      return `${(i * 7 + shift) % 100},${(i * 3) % 50},${phase}`;
    }),
    "",
  ].join("\n");

test("tables of a folder that failed for want of a rate are set once, for all of them, by keys alone", async ({
  app,
  window,
  libraryPath,
}) => {
  const folder = join(dirname(libraryPath), "session");
  mkdirSync(folder);
  for (const [i, name] of ["a.csv", "b.csv"].entries()) writeFileSync(join(folder, name), bare(i));
  await answerOpenDialog(app, [folder]);
  await at(window, testIds.importFiles).first().click();
  await jobsDone(window);
  await window.screenshot({ path: "test-results/screens/table-retry.png" });
  await at(window, testIds.jobRetry).first().focus();
  await window.keyboard.press("Enter");
  const form = dialog(window);
  await form.waitFor();
  await idle(window);
  await expect(
    form.getByRole("checkbox", { name: "Use for all 2 files with the same columns" }),
  ).toBeChecked();
  await expect(form.getByRole("button", { name: "Row 3 names the columns" })).toHaveAttribute(
    "aria-pressed",
    "true",
  );

  // Another row of names by its number, and back.
  await form.getByRole("button", { name: "Row 3 names the columns" }).focus();
  await window.keyboard.press("ArrowUp");
  await window.keyboard.press("Enter");
  await idle(window);
  await expect(form.getByRole("button", { name: "Row 2 names the columns" })).toBeFocused();
  await window.keyboard.press("Enter");
  await idle(window);
  await expect(form.getByRole("button", { name: "Row 3 names the columns" })).toBeVisible();

  await form.getByRole("combobox", { name: "Use phase as" }).focus();
  await window.keyboard.press("Enter");
  await window.getByRole("option", { name: "labels" }).waitFor();
  await window.keyboard.press("ArrowDown");
  await window.keyboard.press("Enter");
  await expect(form.getByRole("combobox", { name: "Use phase as" })).toHaveValue("labels");
  await form.getByRole("textbox", { name: "Samples a second (Hz)" }).fill("100");
  await idle(window);
  await window.screenshot({ path: "test-results/screens/table-set.png" });
  await window.keyboard.press("ControlOrMeta+Enter");
  await jobsDone(window);
  await expect(at(window, testIds.jobRetry)).toHaveCount(0);

  const found = await window.evaluate(async () => {
    const { api } = globalThis as unknown as { api: Api };
    const list = await api.request("recordings.page", {});
    if (!list.ok) throw new Error(list.error.message);
    return list.value.rows.map((one) => [
      one.name,
      one.durationS,
      one.annotationCount,
      one.channels.map((c) => c.label),
    ]);
  });
  expect(found.sort()).toEqual([
    ["a", 4, 2, ["EMG 1", "EMG 2"]],
    ["b", 4, 2, ["EMG 1", "EMG 2"]],
  ]);
});

/** As EMGworks writes it: a time column a signal, the accelerometer slower than the EMG. */
test("a table with times for each signal shows the rate of each", async ({ app, window, libraryPath }) => {
  const path = join(dirname(libraryPath), "trigno.csv");
  const row = (i: number): string => {
    const slow = i < 200 ? `${i / 100},${(i % 9) / 10}` : ",";
    return `${i / 2000},${(i * 7) % 100},${slow}`;
  };
  const rows = Array.from({ length: 4000 }, (_, i) => row(i));
  writeFileSync(path, ["X[s],Avanti sensor 1: EMG 1,X[s],Avanti sensor 1: ACC.X 1", ...rows, ""].join("\n"));
  await changeSettings(window, { language: "ja", theme: "dark" });
  await openTable(window, app, path);
  const form = dialog(window);
  await expect(form.getByRole("combobox", { name: "「Avanti sensor 1: ACC.X 1」の時刻" })).toHaveValue(
    "3列目 · 100 Hz",
  );
  await expect(form.getByRole("combobox", { name: "時刻の列" })).toHaveValue("信号ごとの列");
  await window.screenshot({ path: "test-results/screens/table-own-times-ja-dark.png" });
  await at(window, testIds.importTableStart).click();
  await jobsDone(window);
  const rates = await window.evaluate(async () => {
    const { api } = globalThis as unknown as { api: Api };
    const list = await api.request("recordings.page", {});
    if (!list.ok) throw new Error(list.error.message);
    return list.value.rows[0]?.channels.map((c) => [c.sampleRate, c.sampleCount]);
  });
  expect(rates).toEqual([
    [2000, 4000],
    [100, 200],
  ]);
});
