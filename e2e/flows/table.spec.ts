import { writeFileSync } from "node:fs";
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
      const list = await api.request("recordings.list", {});
      if (!list.ok) throw new Error(list.error.message);
      const [one] = list.value;
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
