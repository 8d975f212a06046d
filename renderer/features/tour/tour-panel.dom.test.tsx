// @vitest-environment happy-dom
import { screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import { unwrap } from "../../../preload/contract/errors.ts";
import { createFakeApi } from "../../fake/fake.ts";
import { holding, listening, onPage, pageText, press, says, settled, until } from "../../fake/on-page.tsx";
import { noJobs, useJobs } from "../../state/jobs.ts";
import { atStart, useSession } from "../../state/session.ts";
import { endTour, startTour, useTour } from "../../state/tour.ts";
import { steps } from "./steps.ts";
import { TourPanel } from "./tour-panel.tsx";

beforeEach(() => {
  useSession.setState(atStart, true);
  useJobs.setState(noJobs, true);
  endTour();
  startTour();
});
const step = (): string | undefined => screen.queryByTestId("tour-panel")?.dataset["step"];
const ON = "Mod+PageDown";
const BACK = "Mod+PageUp";

test("the tour leads over the real pages by key, there and back, with the focus in what it says", async () => {
  const library = createFakeApi();
  onPage(<TourPanel />, library);
  await says("Everything begins here");
  await settled();
  const panel = screen.getByTestId("tour-panel");
  expect(document.activeElement).toBe(panel);
  expect(panel.querySelector("[aria-live=polite]")?.textContent).toContain("Each row is a recording.");
  expect(pageText()).toContain(`Tour · 1 of ${steps.length}`);
  press(BACK); // there is nothing before the first
  await settled();
  expect(step()).toBe("library");
  press(ON);
  await settled();
  expect(step()).toBe("review");
  const { page, recordingId = "" } = useSession.getState();
  expect(page).toBe("review");
  expect(unwrap(await library.request("recordings.get", { id: recordingId }))).toMatchObject({
    synthetic: true,
    kind: "ctg",
  });
  press(BACK);
  await settled();
  expect([step(), useSession.getState().page]).toEqual(["library", "library"]);
});

test("beyond the last step the tour is over, and it can be ended on every one", async () => {
  onPage(<TourPanel />, createFakeApi());
  await says("Everything begins here");
  await settled();
  for (let at = 1; at < steps.length; at++) {
    press(ON);
    await settled();
  }
  expect(step()).toBe("own");
  expect(screen.getByTestId("tour-next").textContent).toContain("Done");
  press(ON);
  await settled();
  expect(step()).toBeUndefined();
  startTour();
  await says("Everything begins here");
  press("Mod+.");
  await settled();
  expect(useTour.getState().step).toBeUndefined();
});

test("an empty library gets its study by itself, once, and nobody goes on before it is there", async () => {
  const { api, asked } = listening(createFakeApi(1, { empty: true, tickMs: 20 }));
  onPage(<TourPanel />, api);
  await says("The synthetic study is being made");
  expect(screen.getByTestId<HTMLButtonElement>("tour-next").disabled).toBe(true);
  press(ON);
  await settled();
  expect(step()).toBe("library");
  await until(() => !screen.getByTestId<HTMLButtonElement>("tour-next").disabled, "the study");
  expect(asked.filter(({ name }) => name === "sample.open")).toHaveLength(1);
});

test("a study that could not be made says so aloud, and is made when asked again", async () => {
  const { api, held } = holding(createFakeApi(1, { empty: true, tickMs: 20 }), "sample.open");
  onPage(<TourPanel />, api);
  await until(() => held.length > 0, "the question");
  await held[0]?.refuse({ code: "storage/disk-full", message: "No space left", detail: {} });
  await says("The synthetic study was not made.");
  expect(
    screen
      .getAllByRole("alert")
      .map((one) => one.textContent)
      .join(),
  ).toContain("was not made");
  expect(held, "it is not tried again by itself").toEqual([]);
  press(ON);
  await settled();
  expect(held).toHaveLength(1);
  await held[0]?.answer();
  await until(() => screen.getByTestId("tour-next").textContent.includes("Next"), "the study");
});

test("a library with recordings of its own is asked first, and one who ends the tour has had nothing made", async () => {
  const library = createFakeApi();
  const { api, asked } = listening(library);
  const { rows } = unwrap(await library.request("recordings.page", {}));
  const own: typeof api.request = async (name, params) => {
    const told = await api.request(name, params);
    if (name !== "recordings.page" || !told.ok) return told;
    return {
      ...told,
      value: { ...(told.value as object), rows: rows.map((one) => ({ ...one, synthetic: false })) } as never,
    };
  };
  onPage(<TourPanel />, { ...api, on: api.on.bind(api), request: own });
  await says("The tour needs a small synthetic study");
  expect(screen.getByTestId("tour-next").textContent).toContain("Make the study");
  press("Mod+.");
  await settled();
  expect(asked.map(({ name }) => name)).not.toContain("sample.open");
  expect(step()).toBeUndefined();
});
