// @vitest-environment happy-dom
import { fireEvent, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { sure } from "../../../preload/contract/sure.ts";
import { createFakeApi } from "../../fake/fake.ts";
import { holding, onPage, pageText, press, says, settled, until } from "../../fake/on-page.tsx";
import { setLanguage } from "../../ui/words.ts";
import { ModelsPage } from "./models-page.tsx";

afterEach(() => void setLanguage("en"));
const shown = (): string | undefined =>
  screen.getAllByTestId("model-card").find((one) => one.getAttribute("aria-current") === "true")?.dataset[
    "model"
  ];

test("methods are gone through by key to the last and no further, each with all it says of itself", async () => {
  onPage(<ModelsPage />, createFakeApi());
  await until(() => screen.queryAllByTestId("model-card").length > 0, "the methods");
  const kinds = screen.getAllByTestId("model-card").map(({ dataset }) => dataset["model"]);
  expect(shown()).toBe(kinds[0]);
  press("ArrowUp");
  await settled();
  expect(shown()).toBe(kinds[0]);
  for (const kind of kinds) {
    expect(shown()).toBe(kind);
    const titles = screen.getAllByRole("heading", { level: 3 }).map((one) => one.textContent);
    expect(titles, kind).toEqual(
      expect.arrayContaining(["Idea", "Assumes", "Missing values", "What is claimed", "References"]),
    );
    press("ArrowDown");
    await settled();
  }
  expect(shown()).toBe(kinds.at(-1));
});

test("what a claim rests upon is said beside it, in the words of the language", async () => {
  onPage(<ModelsPage />, createFakeApi());
  await says("Temperature calibration");
  fireEvent.click(
    sure(screen.getAllByTestId("model-card").find(({ dataset }) => dataset["model"] === "temperature")),
  );
  await says("calibration error on test people 0.058");
  const marks = [...document.querySelectorAll<HTMLElement>("[data-evidence]")];
  expect(marks.map(({ dataset }) => dataset["evidence"])).toEqual(["recalled", "computed"]);
  const said = marks.map(({ textContent }) => textContent);
  expect(new Set(said).size).toBe(2);
  void setLanguage("ja");
  await says("温度による較正");
  const there = [...document.querySelectorAll<HTMLElement>("[data-evidence]")].map(
    ({ textContent }) => textContent,
  );
  for (const one of there) expect(one).not.toMatch(/[a-z]{3,}/);
});

test("scores stand beside what every method has to beat; a run that cannot be read says why and is read again", async () => {
  const { api, held } = holding(createFakeApi(), "runs.get");
  onPage(<ModelsPage />, api);
  await until(() => held.length > 0, "the question");
  await held[0]?.refuse({ code: "storage/corrupt", message: "Damaged", detail: {} });
  await says("storage/corrupt");
  expect(pageText()).toContain("Gestures, first run");
  fireEvent.click(sure(screen.getAllByRole("button", { name: "Try again" })[0]));
  await settled();
  for (const one of [...held]) await one.answer();
  await says(/LDA.*\d %|Linear.*\d %/);
});
