// @vitest-environment happy-dom
import { fireEvent, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { unwrap } from "../../../../preload/contract/errors.ts";
import { sure } from "../../../../preload/contract/sure.ts";
import { createFakeApi } from "../../../fake/fake.ts";
import {
  announced,
  holding,
  listening,
  pageText,
  press,
  says,
  settled,
  until,
} from "../../../fake/on-page.tsx";
import {
  choose,
  CTG,
  labelsOf,
  lookAt,
  openTab,
  place,
  said,
  underReview,
} from "../review-page.fixtures.tsx";

const panel = (): HTMLElement => screen.getByTestId("reading-panel");
async function readPanel(options: Parameters<typeof createFakeApi>[1] = {}) {
  const library = createFakeApi(1, { reading: true, ...options });
  const { api, asked } = listening(library);
  await underReview(api);
  await openTab(/Reading/);
  await until(() => panel().dataset["read"] === "true", "the reading");
  return { library, asked };
}
const context = async (library: ReturnType<typeof createFakeApi>) =>
  unwrap(await library.request("ctg.context", { recordingId: CTG })).context;

/** Whose reading waits: the facts can be said before it is there. */
async function unread() {
  const library = createFakeApi();
  const { api, held } = holding(library, "ctg.read", "ctg.cancel");
  await underReview(api);
  await openTab(/Reading/);
  await until(() => held.some(({ name }) => name === "ctg.read"), "the question");
  return { library, held };
}

test("what is being read says so, how far it is without saying it aloud, and can be stopped and asked for again", async () => {
  const { held } = await unread();
  expect(screen.getByTestId("reading-progress").textContent).toMatch(/\d %/);
  expect(announced()).toContain("Reading the CTG by rule");
  expect(announced()).not.toMatch(/\d %/);
  fireEvent.click(screen.getByTestId("reading-cancel"));
  await settled();
  expect(held.map(({ name }) => name)).toEqual(["ctg.read", "ctg.cancel"]);
  await held[0]?.refuse({ code: "cancelled/by-user", message: "Stopped", detail: {} });
  await says("Cancelled");
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  await settled();
  expect(held.map(({ name }) => name)).toEqual(["ctg.cancel", "ctg.read"]);
});

test("a reading that cannot be made says why and is asked for again", async () => {
  const { held } = await unread();
  await held[0]?.refuse({ code: "storage/disk-full", message: "No space left", detail: {} });
  await says("storage/disk-full");
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  await settled();
  await held[0]?.answer();
  await until(() => panel().dataset["read"] === "true", "the reading");
});

test("cues are gone through by key, in order of time or of doubt, and each is said", async () => {
  await readPanel();
  const cues = (): HTMLElement[] => within(screen.getByTestId("cues")).getAllByRole("listitem");
  const times = (): string[] => cues().map((one) => sure(/^\d\d:\d\d(:\d\d)?/.exec(one.textContent))[0]);
  expect(screen.getByTestId("cue-order").textContent).toBe("least sure first");
  press("Shift+O");
  await settled();
  expect(screen.getByTestId("cue-order").textContent).toBe("by time");
  expect(times()).toEqual([...times()].sort());
  press("]");
  await settled();
  const first = screen.getByTestId("cue").dataset["onset"];
  expect(said()).not.toBe("");
  expect(cues().filter((one) => one.querySelector("[aria-current=true]"))).toHaveLength(1);
  press("]");
  await settled();
  expect(Number(screen.getByTestId("cue").dataset["onset"])).toBeGreaterThan(Number(first));
  press("[");
  await settled();
  expect(screen.getByTestId("cue").dataset["onset"]).toBe(first);
});

test("a cue that is an event is accepted once as the reader's own label, or taken for another", async () => {
  const { library } = await readPanel();
  const before = (await labelsOf(library)).map(({ id }) => id);
  press("]");
  for (let step = 0; step < 9 && screen.queryByTestId("cue")?.dataset["code"] === undefined; step++) {
    await settled();
    press("]");
  }
  await settled();
  const { code, onset } = screen.getByTestId("cue").dataset;
  expect(screen.getByTestId("cue-features").textContent).not.toMatch(/NaN|undefined/);
  expect(pageText()).toMatch(/no reader has marked it|\S marked: /);
  press("Enter");
  press("Enter");
  await settled();
  const made = (await labelsOf(library)).filter(({ id }) => !before.includes(id));
  expect(made).toMatchObject([{ label: code, author: "K. Sato" }]);
  expect(made[0]?.onsetS).toBeCloseTo(Number(onset), 0);
});

test("numbers of a stretch say what each rests upon; what cannot be assessed is no number", async () => {
  await readPanel();
  await choose(600, 1200);
  await until(
    () => screen.queryByTestId("ctg-numbers")?.getAttribute("aria-busy") === "false",
    "the numbers",
  );
  const row = (name: string): string =>
    sure(within(screen.getByTestId("ctg-numbers")).getByRole("row", { name: new RegExp(`^${name}`) }))
      .textContent;
  expect(row("baseline, FIGO")).toBe("baseline, FIGO138.4 bpm97 % seen");
  expect(row("contractions in 10 min")).toBe("contractions in 10 minnot assessable60 % seen");
  expect(row("UC missing")).toContain(
    "40 % · longest gap 3 min · one value for 60 s or longer, no UC signal",
  );
  expect(row("beginning here")).toMatch(/Acceleration 2, Late deceleration 1/);
});

test("of a moment every rule says its class and why, or that it says none", async () => {
  await readPanel();
  await lookAt(60);
  const early = screen.getByTestId("classes-at").textContent;
  expect(early.match(/not assessable/gi)).toHaveLength(3);
  expect(early).toContain("Would be needed:1 min recorded so far; 10 min are needed");
  await lookAt(2000);
  const verdicts = screen.getAllByTestId("verdict");
  expect(verdicts.map(({ dataset }) => dataset["engine"])).toEqual(["figo-2015", "nichd-2008", "jsog-2010"]);
  for (const one of verdicts) {
    if (one.dataset["code"] === "") expect(one.textContent).toMatch(/not assessable/i);
    else expect(one.textContent).toMatch(/P \d\.\d\d/);
    expect(one.querySelectorAll("p").length, "its reasons").toBeGreaterThan(0);
  }
});

test("weeks beyond what is possible are not stored as typed; what is emptied is unknown again", async () => {
  const { library } = await unread();
  const weeks = screen.getByTestId<HTMLInputElement>("fact-weeks");
  const type = async (value: string): Promise<void> => {
    fireEvent.change(screen.getByTestId("fact-weeks"), { target: { value } });
    fireEvent.blur(screen.getByTestId("fact-weeks"));
    await settled();
  };
  expect(weeks.value === "" || Number(weeks.value) > 0).toBe(true);
  await type("39");
  expect((await context(library)).gestationDays).toBe(273);
  await type("60");
  const { gestationDays } = await context(library);
  expect(screen.getByTestId<HTMLInputElement>("fact-weeks").value).toBe("46");
  expect(gestationDays, "what is shown is what is stored").toBe(46 * 7);
  expect(pageText()).not.toContain("contract/");
  await type("");
  expect((await context(library)).gestationDays).toBeUndefined();
  press("Mod+Z");
  await settled(60);
  expect((await context(library)).gestationDays).toBe(46 * 7);
});

test("a second stage outside the recording is refused with its reason; one inside is stored and undone by key", async () => {
  const { library } = await unread();
  const stage = (): HTMLInputElement => screen.getByTestId("fact-second-stage");
  const before = (await context(library)).secondStageFromS;
  fireEvent.change(stage(), { target: { value: "9:99:99" } });
  fireEvent.blur(stage());
  await settled();
  expect(pageText()).toContain("“9:99:99” is no time of this recording");
  expect((await context(library)).secondStageFromS).toBe(before);
  fireEvent.change(stage(), { target: { value: "40:00" } });
  fireEvent.blur(stage());
  await settled();
  expect((await context(library)).secondStageFromS).toBe(2400);
  press("Mod+Z");
  await settled(60);
  expect((await context(library)).secondStageFromS).toBe(before);
});

test("what of the reading is drawn is turned off and on by key, and said", async () => {
  await readPanel();
  const toggle = (): HTMLElement => screen.getByTestId("turn-ctg-baseline");
  const keys = sure(toggle().getAttribute("aria-keyshortcuts"));
  const before = toggle().getAttribute("aria-pressed");
  press(keys);
  await settled();
  expect(toggle().getAttribute("aria-pressed")).not.toBe(before);
  expect(said()).toContain("Baseline with its 90 % band");
  press(keys);
  await settled();
  expect(toggle().getAttribute("aria-pressed")).toBe(before);
});

test("a stretch is pinned above and taken away by the same key", async () => {
  await readPanel();
  const pin = (): HTMLElement => screen.getByTestId("pin");
  const keys = sure(pin().getAttribute("aria-keyshortcuts")); // P is a label here
  press(keys);
  await settled();
  expect(pin().getAttribute("aria-pressed")).toBe("true");
  expect(said()).toContain("Pinned above");
  press(keys);
  await settled();
  expect(pin().getAttribute("aria-pressed")).toBe("false");
  expect(place.viewport.getState().startS).toBe(0);
});

test("a blind reader sees no reading, and no way to it", async () => {
  const blind = [{ recordingId: CTG, reader: "K. Sato" }];
  await underReview(createFakeApi(1, { reading: true, settings: { blind } }));
  await choose(600, 1200);
  expect(screen.queryByRole("radio", { name: /Reading/ })).toBeNull();
  expect(screen.queryByRole("radio", { name: /Forecast/ })).toBeNull();
  expect(screen.queryByTestId("ctg-numbers")).toBeNull();
  expect(screen.queryByTestId("reading-bar")).toBeNull();
  expect(screen.getByTestId("blind").textContent).toContain("Reading blind");
  fireEvent.click(screen.getByTestId("blind-leave"));
  await says("No longer reading blind");
  expect(screen.getByRole("radio", { name: /Reading/ })).toBeDefined();
});
