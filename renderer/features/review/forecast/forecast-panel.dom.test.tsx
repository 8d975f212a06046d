// @vitest-environment happy-dom
import { fireEvent, screen, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import type { Api } from "../../../../preload/contract/channels.ts";
import { unwrap } from "../../../../preload/contract/errors.ts";
import type { ForecastReport } from "../../../../preload/contract/forecast-report.ts";
import { sure } from "../../../../preload/contract/sure.ts";
import { answering } from "../../../fake/drawn.tsx";
import { createFakeApi } from "../../../fake/fake.ts";
import { holding, listening, pageText, press, says, settled, until } from "../../../fake/on-page.tsx";
import { useSession } from "../../../state/session.ts";
import { CTG, lookAt, openTab, place, said, underReview } from "../review-page.fixtures.tsx";
import { useForecastView } from "./forecast-view.ts";

beforeEach(() => useForecastView.setState(useForecastView.getInitialState(), true));

const panel = (): HTMLElement => screen.getByTestId("forecast-panel");
async function lookingAhead(around = (api: Api): Api => api) {
  const library = createFakeApi(1, { forecasts: true });
  const { api, asked } = listening(around(library));
  await underReview(api);
  await openTab(/Forecast/);
  return { library, asked };
}
/** The run that looks ahead, with what it was judged to hold changed. */
async function judged(change: (report: ForecastReport) => ForecastReport | undefined): Promise<Api> {
  const library = createFakeApi(1, { forecasts: true });
  const runs = unwrap(await library.request("runs.list", {}));
  const all = await Promise.all(runs.map(({ id }) => library.request("runs.get", { id })));
  const run = sure(all.map(unwrap).find(({ forecast }) => forecast !== undefined));
  const { forecast, ...rest } = run;
  const next = change(sure(forecast));
  return answering(library, { "runs.get": next === undefined ? rest : { ...rest, forecast: next } });
}

test("what may come is a sentence with its unit and probability, said as the cursor stands, with numbers behind it", async () => {
  await lookingAhead();
  expect(pageText()).toContain("Put the cursor where the forecast should begin");
  await lookAt(1500);
  await until(() => panel().dataset["assessed"] === "true", "the forecast");
  const sentence = screen.getByTestId("forecast-sentence");
  expect(sentence.getAttribute("role")).toBe("status");
  expect(sentence.textContent).toMatch(/futures are open.*bpm/);
  expect(sentence.textContent).toMatch(/no event \(0\.61\).*Deceleration \(0\.26\)/);
  expect(panel().querySelector("h2")?.textContent).toBe("Forecast at 00:25:00");
  const bands = within(screen.getByTestId("forecast-bands"));
  expect(bands.getAllByRole("columnheader").map((one) => one.textContent)).toContain("90 %");
  for (const cell of bands.getAllByRole("cell")) expect(cell.textContent).toMatch(/^\d+–\d+$/);
  expect(screen.getByTestId("forecast-spread").textContent).toMatch(/noise.*fork.*model unsure/);
  expect(screen.getByTestId("forecast-assumes").textContent).toContain("UC beyond the cursor is unknown");
});

test("where too little was seen nothing is forecast, and that is said with what to do", async () => {
  await lookingAhead((api) => answering(api, { "forecasts.at": null }));
  await lookAt(1500);
  await says("Cannot be assessed here");
  expect(screen.getByTestId("forecast-cannot").getAttribute("role")).toBe("status");
  expect(screen.queryByTestId("forecast-bands")).toBeNull();
  expect(panel().dataset["assessed"]).toBe("false");
});

test("of several moments asked one after another the newest is shown; what cannot be asked says why", async () => {
  const waits = { held: [] as ReturnType<typeof holding>["held"] };
  await lookingAhead((api) => {
    const { api: next, held } = holding(api, "forecasts.at");
    waits.held = held;
    return next;
  });
  await lookAt(1500);
  await lookAt(1600);
  await lookAt(1700);
  expect(waits.held.map(({ params }) => JSON.stringify(params)).join()).toMatch(/"atS":1500/);
  expect(panel().getAttribute("aria-busy")).toBe("true");
  await waits.held[0]?.answer();
  await settled();
  expect(waits.held, "the one between is never asked").toHaveLength(1);
  expect(JSON.stringify(waits.held[0]?.params)).toContain('"atS":1700');
  await waits.held[0]?.refuse({ code: "storage/disk-full", message: "No space left", detail: {} });
  await says("storage/disk-full");
  expect(screen.queryByTestId("forecast-sentence")).toBeNull();
});

test("without a run that looks ahead the way to one is told; one of other channels is told apart from none", async () => {
  const library = createFakeApi();
  await underReview(library);
  await openTab(/Forecast/);
  await says("No model looks ahead yet");
  fireEvent.click(screen.getByRole("button", { name: "Train a model" }));
  expect(useSession.getState().page).toBe("train");
});

test("the forecast and its parts are turned by key, each says so, and off nothing is asked", async () => {
  const { asked } = await lookingAhead();
  await lookAt(1500);
  await until(() => panel().dataset["assessed"] === "true", "the forecast");
  const turn = (part: string): HTMLElement => screen.getByTestId(`turn-${part}`);
  for (const part of ["forks", "came", "regimes", "baseline", "fills"]) {
    press(sure(turn(part).getAttribute("aria-keyshortcuts")));
    await settled();
    expect(turn(part).getAttribute("aria-pressed"), part).toBe("false");
    expect(said()).toContain(sure(turn(part).querySelector("span")).textContent);
  }
  press("Y");
  await settled();
  expect(useForecastView.getState().isOn).toBe(false);
  const times = asked.filter(({ name }) => name === "forecasts.at").length;
  await lookAt(1800);
  expect(asked.filter(({ name }) => name === "forecasts.at")).toHaveLength(times);
});

test("whether bands hold is said of what was judged alone: where nothing was, nobody knows", async () => {
  const held = async (change: (report: ForecastReport) => ForecastReport | undefined): Promise<string> => {
    const api = await judged(change);
    const leave = await underReview(api);
    await openTab(/Forecast/);
    await lookAt(1500);
    await until(() => screen.queryByTestId("forecast-hold") !== null, "the bands");
    await settled();
    const text = screen.getByTestId("forecast-hold").textContent;
    leave();
    return text;
  };
  const reaching = (by: number | null) => (report: ForecastReport) => ({
    ...report,
    coverage: report.coverage.map((one) => ({
      ...one,
      reached: one.reached.map(() => (by === null ? null : one.share + by)),
    })),
  });
  expect(await held(reaching(0))).toContain("Yes: at every horizon");
  expect(await held(reaching(-0.05))).toMatch(/No: .*at most by 5.*read them as too narrow/);
  expect(await held(reaching(null)), "nothing was observed there").toContain(
    "nobody knows whether its bands hold",
  );
  expect(await held(() => undefined)).toContain("nobody knows whether its bands hold");
});

test("gaps are filled once, drawn apart and never stored; the same key takes the fills away", async () => {
  const waits = { held: [] as ReturnType<typeof holding>["held"] };
  const { library } = await lookingAhead((api) => {
    const { api: next, held } = holding(api, "findings.fill");
    waits.held = held;
    return next;
  });
  const gaps = (): HTMLElement => screen.getByTestId("gaps");
  expect(gaps().textContent).toContain("Missing samples are left as gaps.");
  fireEvent.click(screen.getByTestId("fill-gaps"));
  press("Shift+G");
  await settled();
  expect(waits.held).toHaveLength(1);
  await waits.held[0]?.answer();
  await until(() => gaps().dataset["filled"] === "true", "the fills");
  await says(/gaps? filled/);
  expect(gaps().textContent).toContain("nothing is written into the samples");
  press("Shift+G");
  await until(() => gaps().dataset["filled"] === "false", "their end");
  const found = unwrap(await library.request("findings.list", { recordingId: CTG }));
  const series = found.flatMap(({ content }) => (content.kind === "curves" ? content.series : []));
  expect(series.filter(({ as }) => as === "filled")).toEqual([]);
  expect(place.selection.getState().cursorS).toBeUndefined();
});
