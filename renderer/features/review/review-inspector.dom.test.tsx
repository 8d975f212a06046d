// @vitest-environment happy-dom
import { fireEvent, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { unwrap } from "../../../preload/contract/errors.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { createFakeApi } from "../../fake/fake.ts";
import { holding, pageText, press, says, settled, until } from "../../fake/on-page.tsx";
import { choose, CTG, labelsOf, lookAt, openTab, place, said, underReview } from "./review-page.fixtures.tsx";

async function firstSelected() {
  const library = createFakeApi();
  const [first] = await labelsOf(library);
  await underReview(library);
  place.selection.setState({ selected: { kind: "annotation", id: sure(first).id } });
  await settled();
  return { library, first: sure(first) };
}
const masks = async (library: ReturnType<typeof createFakeApi>) =>
  unwrap(await library.request("masks.list", { recordingId: CTG }));

test("events are searched and filtered, how many are left is said, and nothing left leads back to all", async () => {
  const library = createFakeApi();
  const all = await labelsOf(library);
  await underReview(library);
  await openTab(/Events/);
  const count = (): string | undefined =>
    screen
      .getAllByRole("status")
      .map((one) => one.textContent)
      .find((one) => /event/.test(one));
  expect(count()).toBe(`${all.length} events`);
  const search = screen.getByRole("textbox", { name: "Search label, author, note" });
  fireEvent.change(search, { target: { value: "acceleration" } });
  await settled();
  expect(count()).toMatch(new RegExp(`^\\d+ of ${all.length} events$`));
  const rows = screen.getAllByTestId("event-row");
  for (const one of rows) expect(one.dataset["label"]).toContain("acceleration");
  expect(rows[0]?.getAttribute("aria-posinset")).toBe("1");
  expect(Number(rows[0]?.getAttribute("aria-setsize"))).toBeLessThan(all.length);
  fireEvent.change(search, { target: { value: "nothing is called so" } });
  await says("No event matches the filter");
  fireEvent.click(screen.getByRole("button", { name: "Show all" }));
  await settled();
  expect(count()).toBe(`${all.length} events`);
});

test("the list of events is one stop of the keyboard: arrows go through it, and what is chosen is said", async () => {
  await underReview(createFakeApi());
  await openTab(/Events/);
  const list = screen.getByTestId("event-list");
  list.focus();
  press("ArrowDown");
  await settled();
  const chosen = (): string | undefined =>
    screen.getAllByTestId("event-row").find((one) => one.getAttribute("aria-selected") === "true")?.id;
  const first = chosen();
  expect(first).toBeDefined();
  expect(list.getAttribute("aria-activedescendant")).toBe(first);
  expect(said()).toMatch(/^Selected /);
  press("ArrowDown");
  await settled();
  expect(chosen()).not.toBe(first);
  press("ArrowUp");
  await settled();
  expect(chosen()).toBe(first);
  expect(document.activeElement, "the focus stays in the list").toBe(list);
});

test("a time that is none of the recording is refused with its reason, and the dialog stays", async () => {
  await underReview(createFakeApi());
  press("G");
  await until(() => screen.queryByTestId("go-to-time") !== null, "the dialog");
  const field = (): HTMLInputElement => screen.getByTestId("go-to-time");
  const go = async (text: string): Promise<void> => {
    fireEvent.change(field(), { target: { value: text } });
    fireEvent.submit(sure(field().form));
    await settled();
  };
  await go("2:00:00");
  expect(pageText()).toContain("“2:00:00” is no time between 00:00 and 01:10:00");
  await go("half past");
  expect(pageText()).toContain("“half past” is no time");
  press("A"); // the keys of the review rest meanwhile
  await go("12:30");
  expect(place.selection.getState().cursorS).toBe(750);
});

test("a stretch is measured over what was observed, with how much is missing, and its lowest, mean and highest in order", async () => {
  await underReview(createFakeApi());
  await choose(600, 660);
  await until(() => /\d/.test(pageText().split("Measured here")[1] ?? ""), "the numbers");
  const table = sure(screen.getByRole("heading", { name: "Measured here" }).parentElement);
  await until(() => within(table).queryByRole("table")?.getAttribute("aria-busy") === "false", "the newest");
  await settled(200);
  const fhr = sure(within(table).getAllByRole("row")[1]);
  const [, mean, lowest, highest, missing] = within(fhr)
    .getAllByRole("cell")
    .map((one) => one.textContent);
  expect(Number(lowest)).toBeLessThanOrEqual(Number(mean));
  expect(Number(mean)).toBeLessThanOrEqual(Number(highest));
  expect(missing).toMatch(/%$/);
});

test("a label is relabelled, noted, put on a channel and deleted, each a step that is taken back by key", async () => {
  const { library, first } = await firstSelected();
  const now = async () => (await labelsOf(library)).find(({ id }) => id === first.id);
  const note = screen.getByTestId("event-note");
  fireEvent.change(note, { target: { value: "after the epidural" } });
  fireEvent.blur(note);
  await settled();
  expect((await now())?.note).toBe("after the epidural");
  press("Shift+L");
  await until(() => screen.queryByTestId("relabel-bradycardia") !== null, "the labels");
  fireEvent.click(screen.getByTestId("relabel-bradycardia"));
  await settled();
  expect((await now())?.label).toBe("bradycardia");
  press("Delete");
  await settled();
  expect(await now()).toBeUndefined();
  expect(said()).toContain("deleted");
  for (let step = 0; step < 3; step++) {
    press("Mod+Z");
    await settled();
  }
  expect(await now()).toMatchObject({ label: first.label, note: first.note });
  expect(screen.getByTestId<HTMLButtonElement>("review-redo").disabled).toBe(false);
});

test("what labels exclude each other is said of the one that is selected, and is not refused", async () => {
  const library = createFakeApi();
  const before = (await labelsOf(library)).map(({ id }) => id);
  await underReview(library);
  await choose(100, 200);
  press("A");
  await settled();
  await choose(150, 260);
  press("D");
  await settled();
  expect((await labelsOf(library)).filter(({ id }) => !before.includes(id))).toHaveLength(2);
  expect(screen.getByTestId("overlap").getAttribute("role")).toBe("status");
  expect(screen.getByTestId("overlap").textContent).toContain("Acceleration (00:01:40)");
});

test("an artefact is masked, told as that, and put back; what is masked once is masked once", async () => {
  const library = createFakeApi();
  const before = (await masks(library)).length;
  const { api, held } = holding(library, "masks.add");
  await underReview(api);
  await choose(600, 660);
  const artefact = sure(screen.getByRole("button", { name: /Mark artefact/ }));
  fireEvent.click(artefact);
  fireEvent.click(artefact);
  await settled();
  expect(held).toHaveLength(1);
  await held[0]?.answer();
  await settled();
  expect(await masks(library)).toHaveLength(before + 1);
  expect(said()).toContain("Masked 00:10:00.0 to 00:11:00.0");
  press("Mod+Z");
  await settled();
  expect(await masks(library)).toHaveLength(before);
});

test("an interval begun by its key says how it is ended and given up", async () => {
  const library = createFakeApi();
  const before = (await labelsOf(library)).length;
  await underReview(library);
  await lookAt(300);
  press("A");
  await settled();
  expect(screen.getByTestId("label-acceleration").dataset["active"]).toBe("true");
  expect(pageText()).toContain("Press A again to end Acceleration, Esc to give up");
  press("Escape");
  await settled();
  expect(pageText()).not.toContain("again to end Acceleration");
  expect(await labelsOf(library)).toHaveLength(before);
});

test("who declared it read takes that back, and a stretch is declared for one group alone", async () => {
  const library = createFakeApi();
  const read = async () => unwrap(await library.request("readings.list", { recordingId: CTG }));
  const before = (await read()).length;
  await underReview(library);
  await choose(0, 1800);
  fireEvent.click(screen.getByTestId("declare-read-contractions"));
  await settled();
  expect((await read()).at(-1)).toMatchObject({ group: "contractions", onsetS: 0, durationS: 1800 });
  const mine = sure(screen.getAllByTestId("reading").find((one) => one.textContent.includes("Contractions")));
  expect(mine.textContent).toContain("K. Sato read 00:00:00–00:30:00");
  fireEvent.click(within(mine).getByRole("button", { name: "Take back" }));
  await settled();
  expect(await read()).toHaveLength(before);
});

test("a channel is hidden and moved by buttons that name it, and those at an end cannot go further", async () => {
  await underReview(createFakeApi());
  fireEvent.click(screen.getByTestId("channel-menu"));
  await until(() => screen.queryAllByTestId("channel-row").length > 0, "the channels");
  const names = (): (string | undefined)[] =>
    screen.getAllByTestId("channel-row").map(({ dataset }) => dataset["channel"]);
  expect(names()).toEqual(["FHR", "UC"]);
  const button = (name: RegExp): HTMLButtonElement => screen.getByRole("button", { name });
  expect(button(/FHR.*up|up.*FHR/i).disabled).toBe(true);
  expect(button(/UC.*down|down.*UC/i).disabled).toBe(true);
  fireEvent.click(button(/UC.*up|up.*UC/i));
  await settled();
  expect(names()).toEqual(["UC", "FHR"]);
  fireEvent.click(sure(screen.getAllByTestId("channel-row")[0]?.querySelector("input")));
  await settled();
  expect(screen.getByTestId("channel-menu").textContent).toContain("1/2");
});
