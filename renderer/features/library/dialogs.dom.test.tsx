// @vitest-environment happy-dom
import { fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Api, RequestName } from "../../../preload/contract/channels.ts";
import type { ErrorReport } from "../../../preload/contract/errors.ts";
import { unwrap } from "../../../preload/contract/errors.ts";
import type { PassCounts } from "../../../preload/contract/pass.ts";
import { createFakeApi } from "../../fake/fake.ts";
import { holding, listening, onPage, pageText, press, says, settled, until } from "../../fake/on-page.tsx";
import { noJobs, useJobs } from "../../state/jobs.ts";
import { atStart, useSession } from "../../state/session.ts";
import { testIds } from "../../ui/test-ids.ts";
import { setLanguage } from "../../ui/words.ts";
import { BinPage } from "./bin-page.tsx";
import { LibraryPage } from "./library-page.tsx";

beforeEach(() => {
  useSession.setState(atStart, true);
  useJobs.setState(noJobs);
});
afterEach(() => setLanguage("en"));

const full: ErrorReport = { code: "storage/disk-full", message: "No space left", detail: {} };

async function library(api: Api): Promise<() => void> {
  const leave = onPage(<LibraryPage />, api);
  await says("CTG 03");
  await settled();
  return leave;
}
/** The same library, but looked at for a pass it finds this. */
const lookedAt = (api: Api, counts: PassCounts): Api => ({
  ...{ on: api.on.bind(api), pathOf: api.pathOf.bind(api), zoomFactor: api.zoomFactor.bind(api) },
  request: async (name, params) => {
    const answer = await api.request(name, params);
    return name === "passes.look" ? Object.assign({}, answer, { value: counts }) : answer;
  },
});

/** A library in which what is asked under these names waits. */
async function waiting(...names: readonly RequestName[]) {
  const { api: told, asked } = listening(createFakeApi());
  const { api, held } = holding(told, ...names);
  await library(api);
  return { asked, held };
}
const dialog = (): HTMLElement | null => document.querySelector("[role=dialog]");
const opened = (title: string): Promise<void> =>
  until(() => dialog()?.textContent.includes(title) === true, title);
const closed = (): Promise<void> => until(() => dialog() === null, "the page without a dialog");
const button = (name: string | RegExp): HTMLElement => screen.getByRole("button", { name });
const byTestId = (id: "studyStart" | "passStart" | "purgeConfirm" | "exportStart"): HTMLButtonElement =>
  screen.getByTestId<HTMLButtonElement>(testIds[id]);
const toFolder = async (name = /Choose/): Promise<void> => {
  fireEvent.click(button(name));
  await settled();
};

test("an export starts into a folder alone, once, however fast its keys come, and its dialog is gone then", async () => {
  const { held } = await waiting("export.start");
  press("E");
  await opened("Export");
  expect(byTestId("exportStart").disabled).toBe(true);
  press("Mod+Enter");
  await settled();
  expect(held).toEqual([]);
  await toFolder();
  press("Mod+Enter");
  press("Mod+Enter");
  await settled();
  expect(held).toHaveLength(1);
  await held[0]?.answer();
  await closed();
});

test("an export that cannot start says why, keeps what was chosen, and can be asked for again", async () => {
  const { held } = await waiting("export.start");
  press("E");
  await opened("Export");
  fireEvent.click(screen.getByRole("radio", { name: /WFDB/ }));
  await toFolder();
  press("Mod+Enter");
  await settled();
  expect(held[0]?.params).toMatchObject({ format: "wfdb", withAnnotations: true, withFindings: false });
  await held[0]?.refuse(full);
  await says("storage/disk-full");
  expect(screen.getByRole("radio", { name: /WFDB/ }).getAttribute("aria-checked")).toBe("true");
  press("Mod+Enter");
  await settled();
  expect(held).toHaveLength(1);
});

test("an export takes along what was ticked, and nothing that was not", async () => {
  const { held } = await waiting("export.start");
  press("E");
  await opened("Export");
  const switches = screen.getAllByRole<HTMLInputElement>("switch");
  expect(switches.map(({ checked }) => checked)).toEqual([true, true, false, false, false]);
  for (const one of switches) fireEvent.click(one);
  await toFolder();
  press("Mod+Enter");
  await settled();
  expect(held[0]?.params).toMatchObject({
    ...{ withAnnotations: false, withMask: false, withFindings: true, withFilled: true, deidentify: true },
    selection: { ids: ["ctg-01"] },
  });
});

test("a dialog that is left starts nothing, by its keys neither", async () => {
  const { held } = await waiting("export.start");
  press("E");
  await opened("Export");
  await toFolder();
  press("Escape");
  await closed();
  press("Mod+Enter");
  await settled();
  expect(held).toEqual([]);
});

test("while a dialog asks, the keys of the list beneath it do nothing", async () => {
  const { asked } = await waiting();
  press("E");
  await opened("Export");
  press("Delete");
  press("ArrowDown");
  press("Space");
  await settled();
  expect(asked.map(({ name }) => name)).not.toContain("recordings.removeAll");
  expect(document.querySelectorAll("input[type=checkbox]:checked[aria-label]")).toHaveLength(0);
});

test("a study is asked for once, however fast its keys come", async () => {
  const { held } = await waiting("studies.start");
  press("Mod+A");
  await settled();
  press("M");
  await opened("Predict");
  await until(() => !byTestId("studyStart").disabled, "the start");
  press("Mod+Enter");
  press("Mod+Enter");
  await settled();
  expect(held).toHaveLength(1);
  await held[0]?.refuse(full);
  await says("storage/disk-full");
  press("Mod+Enter");
  await settled();
  expect(held).toHaveLength(1);
  await held[0]?.answer();
  await closed();
});

test("rules of which none is chosen read nothing, and it says so", async () => {
  const { held } = await waiting("studies.start");
  press("Mod+A");
  await settled();
  press("R");
  await opened("rules");
  await until(() => !byTestId("studyStart").disabled, "the start");
  const engines = [...(dialog()?.querySelectorAll<HTMLInputElement>("input[type=checkbox]") ?? [])].filter(
    ({ checked }) => checked,
  );
  expect(engines.length).toBeGreaterThan(1);
  for (const one of engines) fireEvent.click(one);
  await settled();
  expect(byTestId("studyStart").disabled).toBe(true);
  press("Mod+Enter");
  await settled();
  expect(held).toEqual([]);
  fireEvent.click(engines[0] ?? document.body);
  await until(() => !byTestId("studyStart").disabled, "the start again");
  press("Mod+Enter");
  await settled();
  const params = held[0]?.params as { order: { rules: string[] } } | undefined;
  expect(params?.order.rules).toHaveLength(5); // what all rest upon, and the one
});

test("a pass is looked at first, begins once, and one way is not begun for the other", async () => {
  const counts = { looked: 3, recordings: 2, spans: 4, seconds: 600, unchanged: 1, noChannel: 0, kept: 0 };
  const looked = { ...counts, unfinished: 0, unfinishedNames: [], failed: 0, failures: [] };
  const { api: told, asked } = listening(createFakeApi());
  const { api, held } = holding(lookedAt(told, looked), "passes.start", "passes.look");
  await library(api);
  press("U");
  await opened("UC");
  press("Mod+Enter");
  await settled();
  expect(held.map(({ name }) => name)).toEqual(["passes.look"]);
  press("W"); // the other way: what was looked at is not it
  await settled();
  const [lay, lift] = [...held];
  expect([lay, lift].map((one) => (one?.params as { what: string }).what)).toEqual(["lay", "lift"]);
  await lay?.answer();
  await settled();
  expect(byTestId("passStart").disabled).toBe(true);
  press("W");
  await settled();
  for (const one of [...held]) await one.answer();
  await until(() => !byTestId("passStart").disabled, "the start");
  press("Mod+Enter");
  press("Mod+Enter");
  await settled();
  expect(held.map(({ name, params }) => [name, (params as { what: string }).what])).toEqual([
    ["passes.start", "lay"],
  ]);
  expect(asked.filter(({ name }) => name === "passes.stopLooking").length).toBeGreaterThan(0);
});

async function bin(...names: readonly RequestName[]) {
  const library = createFakeApi();
  for (const id of ["ctg-01", "ctg-02"]) unwrap(await library.request("recordings.remove", { id }));
  const { api, held } = holding(library, ...names);
  onPage(<BinPage />, api);
  await says("CTG 02");
  return { held, library };
}
const binned = async (api: Api): Promise<number> => unwrap(await api.request("recordings.counts", {})).binned;

test("deleting for good asks first, and whoever thinks better of it has lost nothing", async () => {
  const { held, library } = await bin("recordings.purge");
  press("Mod+A");
  await settled();
  press("Delete");
  await opened("CTG 01");
  expect(dialog()?.textContent).toContain("CTG 02");
  press("Enter"); // the focus stands on what does nothing
  await settled();
  expect(held).toEqual([]);
  press("Escape");
  await closed();
  expect(await binned(library)).toBe(2);
});

test("deleting for good happens once, cannot be left half way, and says what a full disk kept back", async () => {
  const { held, library } = await bin("recordings.purge");
  press("Mod+A");
  await settled();
  press("Delete");
  await opened("CTG 01");
  fireEvent.click(byTestId("purgeConfirm"));
  fireEvent.click(byTestId("purgeConfirm"));
  await settled();
  expect(held).toHaveLength(1);
  press("Escape");
  await settled();
  expect(dialog()).not.toBeNull();
  await held[0]?.refuse(full);
  await says("storage/disk-full");
  await closed();
  expect(await binned(library)).toBe(2);
});

test("in Japanese every word of the dialogs is Japanese", async () => {
  await setLanguage("ja");
  await waiting();
  for (const [key, title] of [
    ["E", "書き出"],
    ["M", "予測"],
    ["R", "ルール"],
    ["U", "UC"],
  ] as const) {
    press(key);
    await opened(title);
    await settled();
    const foreign = [...(dialog()?.querySelectorAll("label, h2, h3, p, button") ?? [])]
      .map(({ textContent }) => textContent)
      .filter((text) => /[a-z]{4} [a-z]{2}/.test(text));
    expect(foreign).toEqual([]);
    press("Escape");
    await closed();
  }
  expect(pageText()).toContain("CTG 01");
});
