// @vitest-environment happy-dom
import { fireEvent, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Api } from "../../../preload/contract/channels.ts";
import {
  BESIDE,
  type ComparedMethod,
  type Comparison,
  type HolmComparison,
} from "../../../preload/contract/comparison.ts";
import { unwrap } from "../../../preload/contract/errors.ts";
import type { ModelDescription } from "../../../preload/contract/model.ts";
import type { RunSummary } from "../../../preload/contract/run.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { answering } from "../../fake/drawn.tsx";
import { createFakeApi } from "../../fake/fake.ts";
import { fakeKinds } from "../../fake/model-kinds.ts";
import { holding, listening, onPage, pageText, press, says, settled, until } from "../../fake/on-page.tsx";
import { atStart, useSession } from "../../state/session.ts";
import { setLanguage } from "../../ui/words.ts";
import { openCompare, useCompare } from "./compare-store.ts";
import { showNew, useTrain } from "./draft-store.ts";
import { TrainPage } from "./train-page.tsx";

beforeEach(() => {
  useSession.setState(atStart, true);
  useTrain.setState(useTrain.getInitialState(), true);
  useCompare.setState(useCompare.getInitialState(), true);
});
afterEach(() => void setLanguage("en"));

const kinds = ["lda", "qda", "logistic", "sdgm"] as const;

const also = (kind: string, en: string, how: Partial<ModelDescription> = {}): ModelDescription => ({
  ...sure(fakeKinds.find((one) => one.kind === "lda")),
  ...{ kind, name: { en, ja: en } },
  ...how,
});
const models = [
  ...fakeKinds,
  also("qda", "Quadratic discriminant (QDA)"),
  also("logistic", "Logistic regression"),
  also("sdgm", "Sparse mixtures (SDGM)"),
  also("event-net", "Event network", { over: "sequences" }),
  also("rates", "Of heart rates", { kinds: ["ctg"] }),
];
const without = ({ score, ...rest }: RunSummary, how: Partial<RunSummary>): RunSummary =>
  score === undefined ? rest : { ...rest, ...how };

/** A library in which four methods were compared; `told` is what came of it. */
async function comparedLibrary(change: (run: RunSummary) => RunSummary = (run) => run) {
  const library = answering(createFakeApi(1, { tickMs: 1 }), { "models.list": models });
  const [first] = unwrap(await library.request("runs.list", {}));
  const { data, split, seed, engine } = sure(first).config;
  const chosen = kinds.map((kind) => ({ kind }));
  const asked = { name: "Comparison of 4 methods", data, split, seed, engine, models: chosen };
  const made = unwrap(await library.request("comparisons.start", asked)).map(({ id }) => id);
  const over = async (): Promise<readonly RunSummary[]> =>
    unwrap(await library.request("runs.list", {})).filter(({ id }) => made.includes(id));
  while ((await over()).some(({ phase }) => phase !== "done"))
    await new Promise((next) => setTimeout(next, 3));
  const runs = (await over()).map(change);
  return {
    library,
    runs,
    idOf: (kind: string) => sure(runs.find((one) => one.config.model.kind === kind)).id,
  };
}
type Compared = Awaited<ReturnType<typeof comparedLibrary>>;

const pair = (difference: number, verdict: HolmComparison["verdict"], half = 0.02): HolmComparison => ({
  ...{ groups: 8, difference, better: 4, worse: 4, equal: 0, verdict, level: 0.98 },
  interval: verdict === "too-few" ? null : { low: difference - half, high: difference + half },
});

/** QDA better than LDA, SDGM worse, logistic regression as may be. */
async function toldOf({ library, runs, idOf }: Compared, how: Partial<Comparison> = {}): Promise<Comparison> {
  const runIds = runs.map(({ id }) => id);
  const report = unwrap(await library.request("comparisons.report", { runIds }));
  const lda = idOf("lda");
  const against = (kind: string, one: HolmComparison) => ({ a: idOf(kind), b: lda, pair: one });
  return {
    ...report,
    people: 8,
    pairs: [
      against("qda", pair(0.05, "better")),
      against("logistic", pair(0.01, "no-difference-shown")),
      against("sdgm", pair(-0.04, "worse")),
      { a: idOf("qda"), b: idOf("sdgm"), pair: pair(0.09, "better") },
    ],
    ...how,
  };
}
async function shown(api: Api, runs?: readonly RunSummary[]): Promise<() => void> {
  openCompare();
  const leave = onPage(<TrainPage />, runs ? answering(api, { "runs.list": [...runs] }) : api);
  await says("In this comparison");
  return leave;
}
const row = (kind: string): HTMLElement =>
  sure(screen.getAllByTestId("compared-row").find(({ dataset }) => dataset["kind"] === kind));
const selected = (): string | undefined =>
  screen.getAllByTestId("compared-row").find((one) => one.getAttribute("aria-selected") === "true")?.dataset[
    "kind"
  ];

test("what the comparison shows is a sentence: who is better, who may be, who is worse, and who beats whom", async () => {
  const made = await comparedLibrary();
  await shown(answering(made.library, { "comparisons.report": await toldOf(made) }));
  await says("QDA is better than LDA on people never seen.");
  expect(pageText()).toMatch(/Logistic regression may or may not be\./);
  expect(pageText()).toMatch(/SDGM\S* is worse\./);
  expect(pageText()).toMatch(/QDA is better than SDGM/);
  expect(row("lda").dataset["verdict"]).toBe("reference");
  expect(within(row("qda")).getByRole("img").getAttribute("aria-label")).toBe("+5.0 (+3.0 – +7.0)");
  expect(row("qda").querySelector("[data-shown]")?.getAttribute("data-shown")).toBe("true");
  expect(row("logistic").querySelector("[data-shown]")?.getAttribute("data-shown")).toBe("false");
  expect(pageText()).toContain("Paired bootstrap over 8 people, intervals of 98 %.");
});

test("with too few people nothing is said to be better, and no interval is drawn", async () => {
  const made = await comparedLibrary();
  const few = kinds
    .filter((kind) => kind !== "lda")
    .map((kind) => ({ a: made.idOf(kind), b: made.idOf("lda"), pair: pair(0.2, "too-few") }));
  const told = await toldOf(made, { people: 4, pairs: few });
  await shown(answering(made.library, { "comparisons.report": told }));
  await says("Too few people for an interval: 4 were tested, six are needed.");
  expect(pageText()).not.toContain("is better");
  expect(pageText()).toContain("Differences over these 4 people alone, without intervals.");
  expect(within(row("qda")).getByRole("img").getAttribute("aria-label")).toBe("+20.0");
});

test("methods are gone through by key, one is taken into use, and then says so", async () => {
  const made = await comparedLibrary();
  const told = await toldOf(made);
  await shown(answering(made.library, { "comparisons.report": told }));
  await says("In words");
  const order = told.methods.map(({ kind }) => kind);
  expect([order[0], selected()], "the first that is not the reference").toEqual(["lda", order[1]]);
  press("ArrowUp");
  press("ArrowUp");
  await settled();
  expect(selected()).toBe("lda");
  for (let row = 0; row <= kinds.length; row++) {
    press("ArrowDown");
    await settled();
  }
  expect(selected()).toBe(order[3]);
  fireEvent.click(within(row("qda")).getByRole("button"));
  await settled();
  press("Enter");
  await settled();
  expect(useSession.getState().runId).toBe(made.idOf("qda"));
  expect(pageText()).toContain("This model is in use.");
  expect(screen.queryByTestId("use-compared")).toBeNull();
});

test("what was fitted beside a run cannot be used, and says what to do", async () => {
  const made = await comparedLibrary();
  const report = await toldOf(made);
  const methods = report.methods.map((one): ComparedMethod =>
    one.kind === "lda" ? { ...one, id: BESIDE, name: "LDA" } : one,
  );
  const pairs = report.pairs.map((one) => (one.b === made.idOf("lda") ? { ...one, b: BESIDE } : one));
  const told = { ...report, reference: BESIDE, methods, pairs };
  await shown(answering(made.library, { "comparisons.report": told }));
  await says("In words");
  press("ArrowUp");
  await settled();
  expect(selected()).toBe("lda");
  expect(pageText()).toContain("train LDA itself to use it");
  expect(screen.queryByTestId("use-compared")).toBeNull();
  press("Enter");
  await settled();
  expect(useSession.getState().runId).not.toBe(BESIDE);
});

test("the table is saved where the dialog says; given up nothing is said, and what fails says why", async () => {
  const made = await comparedLibrary();
  const told = answering(made.library, { "comparisons.report": await toldOf(made) });
  const leave = await shown(told);
  await says("In words");
  press("E");
  await says("Table saved: /fake/comparison.csv");
  leave();
  const { api, held } = holding(answering(told, { "comparisons.saveTable": null }), "comparisons.saveTable");
  await shown(api);
  await says("In words");
  press("E");
  press("E");
  await settled();
  press("E");
  await settled();
  expect(held, "one dialog at a time").toHaveLength(1);
  await held[0]?.answer();
  await settled();
  expect(pageText()).not.toContain("Table saved: null");
  press("E");
  await settled();
  await held[0]?.refuse({ code: "storage/disk-full", message: "No space left", detail: {} });
  await says("storage/disk-full");
});

test("methods are unticked and ticked; below two it says what to do, and what was compared before comes back", async () => {
  const made = await comparedLibrary();
  await shown(made.library);
  await says("In words");
  const boxes = (): HTMLInputElement[] => screen.getAllByRole<HTMLInputElement>("checkbox");
  const names = boxes().map((one) => one.closest("label")?.textContent);
  expect(names.every((one) => /\d %$/.test(one ?? ""))).toBe(true);
  for (const box of boxes().slice(1)) fireEvent.click(box);
  await says("Tick two runs at least.");
  expect(screen.queryByTestId("comparison")).toBeNull();
  fireEvent.click(sure(boxes()[2]));
  await until(() => screen.queryByTestId("comparison")?.dataset["methods"] === "2", "the two");
});

test("runs that are still trained, failed or are not told to a blind reader are said to be that", async () => {
  const waiting = await comparedLibrary((run) => without(run, { phase: "training" }));
  await shown(waiting.library, waiting.runs);
  await says("The table appears once two methods are done.");
  const failed = await comparedLibrary((run) =>
    run.config.model.kind === "lda" ? run : without(run, { phase: "failed" }),
  );
  await shown(failed.library, failed.runs);
  await says("Fewer than two methods were trained to the end.");
  fireEvent.click(sure(screen.getAllByText("failed")[0]));
  await settled();
  expect(useCompare.getState().isOpen, "it opens where it says why").toBe(false);
  const blind = await comparedLibrary((run) => without(run, { isUntold: true }));
  await shown(blind.library, blind.runs);
  await says("You read a recording blind that these were judged on.");
  expect(screen.getAllByText("Not told while you read blind")).toHaveLength(kinds.length);
});

test("a comparison that cannot be made says why and is asked for again", async () => {
  const made = await comparedLibrary();
  const { api, held } = holding(made.library, "comparisons.report");
  await shown(api);
  await until(() => held.length > 0, "the question");
  await held[0]?.refuse({ code: "storage/disk-full", message: "No space left", detail: {} });
  await says("storage/disk-full");
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  await settled();
  await held[0]?.answer();
  await says("In words");
});

test("a method that cannot judge these windows cannot be chosen and says why; Escape leads back step by step", async () => {
  const made = await comparedLibrary();
  const { api, asked } = listening(made.library);
  await shown(api);
  await says("In words");
  press("N");
  await says("Methods on the same windows");
  const methods = screen.getAllByTestId<HTMLInputElement>("compare-method");
  const off = methods.filter(({ disabled }) => disabled);
  expect(off.map((one) => one.closest("label")?.textContent)).toEqual([
    "Event networkFollows whole recordings and judges no windows",
    "Of heart ratesNot for recordings of this kind",
  ]);
  expect(methods.filter(({ checked }) => checked).map(({ dataset }) => dataset["kind"])).toContain("lda");
  press("Escape");
  await says("In words");
  expect(useCompare.getState()).toMatchObject({ isOpen: true, isNew: false });
  press("Escape");
  await settled();
  expect(useCompare.getState().isOpen).toBe(false);
  expect(asked.map(({ name }) => name)).not.toContain("comparisons.start");
});

test("without data the comparison cannot start and says what is missing", async () => {
  showNew();
  openCompare();
  const { api, asked } = listening(createFakeApi());
  onPage(<TrainPage />, api);
  await says("Methods on the same windows");
  await settled();
  const [draft] = Object.values(useTrain.getState().drafts);
  expect(draft).toBeDefined();
  fireEvent.click(sure(screen.getAllByRole("button", { name: /Change data and split/ })[0]));
  await says("What it would train on");
  fireEvent.click(sure(screen.getAllByText("None")[0]));
  await settled();
  press("C");
  await says("The data of the training are not complete yet.");
  press("Mod+Enter");
  await settled();
  expect(asked.map(({ name }) => name)).not.toContain("comparisons.start");
});

test("in Japanese the verdict is a Japanese sentence with its names joined as there", async () => {
  const made = await comparedLibrary();
  const lda = made.idOf("lda");
  const pairs = ["qda", "logistic"].map((kind) => ({
    a: made.idOf(kind),
    b: lda,
    pair: pair(0.05, "better"),
  }));
  void setLanguage("ja");
  openCompare();
  onPage(<TrainPage />, answering(made.library, { "comparisons.report": await toldOf(made, { pairs }) }));
  await until(() => screen.queryByTestId("comparison") !== null, "the table");
  const lead = screen.getByTestId("comparison").querySelector("p")?.textContent ?? "";
  expect(lead).toContain("QDA");
  expect(lead).toMatch(/。$/);
  expect(lead).not.toMatch(/better|people| and /);
});
