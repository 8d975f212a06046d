// @vitest-environment happy-dom
import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import { unwrap } from "../../../preload/contract/errors.ts";
import type { Api } from "../../../preload/contract/channels.ts";
import { createFakeApi } from "../../fake/fake.ts";
import {
  holding,
  isTicked,
  listening,
  onPage,
  pageText,
  press,
  rowOf,
  says,
  settled,
  until,
} from "../../fake/on-page.tsx";
import { noJobs, useJobs, watchJobs } from "../../state/jobs.ts";
import { atStart, useSession } from "../../state/session.ts";
import { ArchivePage } from "./archive-page.tsx";
import { BinPage } from "./bin-page.tsx";
import { LibraryPage } from "./library-page.tsx";

beforeEach(() => useSession.setState(atStart, true));

async function library(api: Api): Promise<() => void> {
  const leave = onPage(<LibraryPage />, api);
  await says("CTG 03");
  await settled();
  return leave;
}
const isShown = (name: string): boolean => document.querySelector(`[role=row][data-name="${name}"]`) !== null;
const names = async (api: Api): Promise<readonly string[]> =>
  unwrap(await api.request("recordings.page", {})).rows.map(({ name }) => name);

test("a key that comes before what is ticked was counted means what is ticked, not the row shown", async () => {
  const api = createFakeApi();
  const { api: slow, held } = holding(api, "recordings.selected");
  await library(slow);
  press("Space");
  press("ArrowDown");
  await settled();
  press("Delete");
  await settled();
  expect(await names(api)).toContain("CTG 01");
  for (const one of [...held]) await one.answer();
  await says("CTG 01 is in the bin");
  expect(await names(api)).not.toContain("CTG 01");
  expect(await names(api)).toContain("CTG 02");
});

test("where what was ticked is gone by then nothing else goes in its place", async () => {
  const api = createFakeApi();
  const { api: slow, held } = holding(api, "recordings.selected");
  await library(slow);
  press("Space");
  press("ArrowDown");
  await settled();
  for (const one of [...held]) await one.answer();
  unwrap(await api.request("recordings.remove", { id: "ctg-01" }));
  press("Delete");
  await settled();
  for (const one of [...held]) await one.answer();
  await settled();
  expect(await names(api)).toContain("CTG 02");
});

test("what is ticked and shown while a removal is under way stays so", async () => {
  const { api, held } = holding(createFakeApi(), "recordings.removeAll");
  await library(api);
  press("Space");
  await settled();
  press("Delete");
  await settled();
  expect(held).toHaveLength(1);
  for (let step = 0; step < 3; step++) {
    press("ArrowDown");
    await settled();
  }
  press("Space");
  await settled();
  await held[0]?.answer();
  await until(() => !isShown("CTG 01"), "the list without it");
  expect(rowOf("Gestures 01").getAttribute("aria-selected")).toBe("true");
  expect(isTicked("Gestures 01")).toBe(true);
});

test("what is shown stays so where others are removed that were ticked", async () => {
  const api = createFakeApi();
  await library(api);
  press("Space");
  for (let step = 0; step < 2; step++) {
    press("ArrowDown");
    await settled();
  }
  press("Delete");
  await until(() => !isShown("CTG 01"), "the list without it");
  await settled();
  expect(rowOf("CTG 03").getAttribute("aria-selected")).toBe("true");
});

test("what was removed comes back with one key, and the way back is offered once", async () => {
  const { api, asked } = listening(createFakeApi());
  await library(api);
  press("Delete");
  await says("CTG 01 is in the bin");
  await until(() => !isShown("CTG 01"), "the list without it");
  press("Mod+Z");
  press("Mod+Z");
  await until(() => isShown("CTG 01"), "the list with it");
  expect(asked.filter(({ name }) => name === "recordings.restoreAll")).toHaveLength(1);
});

test("a list that cannot be read says why, and a filter that leaves nothing says so", async () => {
  onPage(<LibraryPage />, createFakeApi(1, { failing: ["recordings.outline"] }));
  await says("storage/disk-full");
  onPage(<LibraryPage />, createFakeApi());
  await says("CTG 03");
  fireEvent.change(screen.getAllByTestId("recording-search").at(-1) ?? document.body, {
    target: { value: "nobody is called so" },
  });
  await says("No recording matches");
});

test("a page that is left while its answers are under way asks and removes nothing more", async () => {
  const { api: told, asked } = listening(createFakeApi());
  const { api, held } = holding(told, "recordings.selected");
  const leave = await library(api);
  press("Space");
  await until(() => held.length > 0, "the question");
  leave();
  const before = asked.length;
  const answers = held.length;
  for (const one of [...held]) await one.answer();
  press("Delete");
  await settled();
  expect(asked).toHaveLength(before + answers);
  expect(await names(told)).toContain("CTG 01");
});

test("from the bin a recording comes back once, however often the key is pressed", async () => {
  const library = createFakeApi();
  for (const id of ["ctg-01", "ctg-02"]) unwrap(await library.request("recordings.remove", { id }));
  const { api, held } = holding(library, "recordings.restoreThese");
  onPage(<BinPage />, api);
  await says("CTG 02");
  press("Mod+A");
  await settled();
  press("R");
  press("R");
  await settled();
  expect(held).toHaveLength(1);
  while (held[0]) await held[0].answer();
  await settled();
  expect(pageText()).not.toContain("storage/");
  await says("The bin is empty");
});

test("nothing is deleted for good before it is asked, and what fails leaves the rest in the bin", async () => {
  const library = createFakeApi();
  for (const id of ["ctg-01", "ctg-02", "ctg-03"]) unwrap(await library.request("recordings.remove", { id }));
  const { api, held } = holding(library, "recordings.purge");
  onPage(<BinPage />, api);
  await says("CTG 03");
  press("Shift+Delete");
  await says("Delete 3 ");
  press("R"); // the page beneath is off
  await settled();
  expect(unwrap(await library.request("recordings.bin", {})).count).toBe(3);
  fireEvent.click(screen.getByTestId("purge-confirm"));
  await settled();
  expect(held).toHaveLength(1); // all three are asked for at once
  await held[0]?.refuse({ code: "storage/disk-full", message: "No space left", detail: {} });
  await says("storage/disk-full");
  expect(unwrap(await library.request("recordings.bin", {})).count).toBe(3);
});

test("of what is deleted for good, or brought back, it is told how many it was and what became of the others", async () => {
  const library = await fullBin();
  const { api, held } = holding(library, "recordings.purge");
  onPage(<BinPage />, api);
  await until(() => binRowCount() === 100, "the first hundred");
  const { ids } = unwrap(await library.request("recordings.binIds", {}));
  press("Shift+Delete");
  await says("Delete 230 for good?");
  fireEvent.click(screen.getByTestId("purge-confirm"));
  await settled();
  unwrap(await library.request("recordings.restoreThese", { ids: ids.slice(0, 2) })); // in another window
  fireEvent.click(screen.getByText("Stop, keep the rest"));
  await held[0]?.answer();
  await says(
    /98 of 230 are deleted for good: .* and 95 more · 2 were no longer in the bin · 130 stay in the bin/,
  );
  expect(unwrap(await library.request("recordings.bin", {})).count).toBe(130);
});

test("what somebody else took out of the bin meanwhile is not said to have been brought back from it", async () => {
  const library = createFakeApi();
  for (const id of ["ctg-01", "ctg-02"]) unwrap(await library.request("recordings.remove", { id }));
  const { api, held } = holding(library, "recordings.restoreThese");
  onPage(<BinPage />, api);
  await says("CTG 02");
  press("Mod+A");
  await settled();
  press("R");
  await settled();
  unwrap(await library.request("recordings.purge", { ids: ["ctg-01"] }));
  await held[0]?.answer();
  await says("CTG 02 is back · 1 was no longer in the bin");
});

test("what could not be brought back from the bin stays chosen", async () => {
  const library = createFakeApi();
  for (const id of ["ctg-01", "ctg-02"]) unwrap(await library.request("recordings.remove", { id }));
  const [run] = unwrap(await library.request("runs.list", {}));
  unwrap(await library.request("runs.remove", { id: run?.id ?? "" }));
  const { api, held } = holding(library, "recordings.restoreThese");
  onPage(<BinPage />, api);
  await says("CTG 02");
  press("Mod+A");
  await settled();
  press("R");
  await settled();
  await held[0]?.refuse({ code: "storage/disk-full", message: "No space left", detail: {} });
  await says("storage/disk-full");
  await until(() => document.querySelectorAll("[data-testid=bin-row]").length === 2, "the rest");
  const rest = [...document.querySelectorAll<HTMLElement>("[data-testid=bin-row]")];
  expect(rest.map((one) => isTicked(one.dataset["name"] ?? ""))).toEqual([true, true]);
});

async function fullBin(): Promise<ReturnType<typeof createFakeApi>> {
  const library = createFakeApi(1, { rows: 260 });
  const all = unwrap(await library.request("recordings.page", {})).rows;
  for (const { id } of all.slice(0, 230)) unwrap(await library.request("recordings.remove", { id }));
  return library;
}
const binRowCount = (): number => document.querySelectorAll("[data-testid=bin-row]").length;

test("a full bin is shown a part at a time; all of it but what was unticked comes back by one key", async () => {
  const library = await fullBin();
  onPage(<BinPage />, library);
  await until(() => binRowCount() === 100, "the first hundred");
  await says("230 recordings");
  press("M");
  await until(() => binRowCount() === 200, "the next");
  press("Mod+A");
  await says("230 ticked");
  press("Space"); // not the first
  await says("229 ticked");
  press("R");
  await until(() => binRowCount() === 1, "the one that stays");
  expect(unwrap(await library.request("recordings.bin", {})).count).toBe(1);
  press("R"); // nothing is ticked: the one that is shown is meant
  await says("The bin is empty");
});

test("in a full bin all is unticked by the key that ticked it, also what was ticked before", async () => {
  onPage(<BinPage />, await fullBin());
  await until(() => binRowCount() === 100, "the first hundred");
  const ticked = (): number => document.querySelectorAll("[role=row] input:checked").length;
  press("Space");
  await settled();
  expect(ticked()).toBe(1);
  press("Mod+A");
  await says("230 ticked");
  press("Mod+A");
  await settled();
  expect(ticked()).toBe(0);
});

test("a full bin is emptied by one key, what is not shown with it", async () => {
  const library = await fullBin();
  onPage(<BinPage />, library);
  await until(() => binRowCount() === 100, "the first hundred");
  press("Shift+Delete");
  await says("Delete 230 for good?");
  await says("220 more");
  fireEvent.click(screen.getByTestId("purge-confirm"));
  await says("The bin is empty");
});

const archiveRows = (): string =>
  [...document.querySelectorAll<HTMLElement>("[data-testid=archive-row]")]
    .map((one) => one.dataset["name"])
    .join();
/** Types a search and waits for what it finds. */
async function find(text: string, rows: RegExp): Promise<void> {
  fireEvent.change(screen.getByTestId("archive-search"), { target: { value: text } });
  await until(() => rows.test(archiveRows()), `the rows of ${text}`);
  await settled();
}

test("ticks of another search stay when all that is found is ticked or not", async () => {
  onPage(<ArchivePage />, createFakeApi(1, { cluster: "connected", archivePage: 6 }));
  await says("CTG 0001");
  await settled();
  press("Space");
  await says("1 chosen");
  await find("CTG 0003", /^CTG 0003$/);
  press("Mod+A");
  await says("2 chosen");
  press("Mod+A");
  await says("1 chosen");
  await find("", /^CTG 0001,/);
  expect([isTicked("CTG 0001"), isTicked("CTG 0003")]).toEqual([true, false]);
});

test("what is ticked is fetched once, and what is ticked meanwhile stays ticked", async () => {
  const { api, held } = holding(
    createFakeApi(1, { cluster: "connected", archivePage: 6, tickMs: 100_000 }),
    "archive.pull",
  );
  onPage(<ArchivePage />, api);
  await says("CTG 0001");
  press("Space");
  await settled();
  press("G");
  await settled();
  press("G");
  await settled();
  expect(held).toHaveLength(1);
  press("ArrowDown");
  await settled();
  press("Space");
  await settled();
  await held[0]?.answer();
  await settled();
  expect([isTicked("CTG 0001"), isTicked("CTG 0002")]).toEqual([false, true]);
});

test("further rows of the search before are not put behind those of the new one", async () => {
  const { api, held } = holding(createFakeApi(1, { cluster: "connected", archivePage: 6 }), "archive.list");
  onPage(<ArchivePage />, api);
  await until(() => held.length === 1, "the first page");
  await held[0]?.answer();
  await settled();
  press("M");
  await until(() => held.length === 1, "the next page");
  const more = held[0];
  fireEvent.change(screen.getByTestId("archive-search"), { target: { value: "CTG 0005" } });
  await until(() => held.length === 2, "the new search");
  await held.find((one) => one !== more)?.answer();
  await more?.answer();
  await settled();
  expect(screen.getAllByTestId("archive-row").map((one) => one.dataset["name"])).toEqual(["CTG 0005"]);
});

test("an archive that is lost says so in words and can be asked again by key", async () => {
  const { api, asked } = listening(createFakeApi(1, { cluster: "lost" }));
  onPage(<ArchivePage />, api);
  await says("device/cluster-lost");
  press("R");
  await settled();
  expect(asked.filter(({ name }) => name === "archive.list")).toHaveLength(2);
});

const menu = (): HTMLElement | null => screen.queryByTestId("context-menu");

test("the menu of a row that was scrolled out of sight brings the row into sight, and opens", async () => {
  await library(createFakeApi(1, { rows: 300 }));
  for (let page = 0; page < 3; page++) {
    press("PageDown");
    await settled();
  }
  const grid = screen.getByRole("grid");
  fireEvent.scroll(grid, { target: { scrollTop: 0 } });
  await settled();
  expect(document.querySelector("[role=row][aria-selected=true]")).toBeNull();
  press("Shift+F10");
  await until(() => menu() !== null, "the menu");
  expect(grid.scrollTop).toBeGreaterThan(0);
});

test("a library whose list cannot be read says so, shows nothing that seems to come, and tries again when asked", async () => {
  const { api, held } = holding(createFakeApi(), "recordings.outline");
  onPage(<LibraryPage />, api);
  await until(() => held.length > 0, "the question");
  const refuse = () => held[0]?.refuse({ code: "storage/damaged", message: "damaged", detail: {} });
  await refuse();
  await says("storage/damaged");
  await settled(300); // the first visit is noted in the settings, by which the list is read once more
  await refuse();
  expect(document.querySelectorAll('[style*="height: 420px"]')).toHaveLength(0); // no bar that seems to load
  await settled(300);
  expect(held).toEqual([]);
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  await until(() => held.length > 0, "the question");
  await held[0]?.answer();
  await says("CTG 03");
  expect(pageText()).not.toContain("storage/damaged");
});

test("a rule is put back and taken out from the list by keys, what it comes to first, and the last of both is undone by one key", async () => {
  const { api, asked } = listening(createFakeApi());
  const masks = async (): Promise<number> => {
    const rows = unwrap(await api.request("recordings.page", {})).rows;
    const lists = await Promise.all(
      rows.map(async ({ id }) => unwrap(await api.request("masks.list", { recordingId: id }))),
    );
    return lists.flat().filter(({ layer }) => layer === "rule").length;
  };
  const before = await masks();
  expect(before).toBeGreaterThan(0);
  await library(api);
  useJobs.setState(noJobs);
  const stop = watchJobs();
  press("Mod+A");
  await settled();
  press("U");
  const found = (): number => Number(screen.queryByTestId("pass-looked")?.dataset["recordings"] ?? NaN);
  await until(() => found() === 0, "the look");
  press("Mod+Enter"); // there is nothing to be done
  press("W");
  await until(() => found() > 0, "the other look");
  press("Mod+Enter");
  press("Mod+Enter"); // pressed twice
  await until(() => screen.queryByTestId("pass-dialog") === null, "the end of the dialog");
  expect(asked.filter(({ name }) => name === "passes.start")).toHaveLength(1);
  expect(await masks()).toBe(0);
  press("Mod+Z");
  await settled();
  expect(await masks()).toBe(before);
  expect(asked.filter(({ name }) => name === "passes.undo")).toHaveLength(1);
  stop();
});
