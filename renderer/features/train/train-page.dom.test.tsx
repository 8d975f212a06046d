// @vitest-environment happy-dom
import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import type { Api } from "../../../preload/contract/channels.ts";
import { type Outcome, unwrap } from "../../../preload/contract/errors.ts";
import type { Roster } from "../../../preload/contract/listing.ts";
import { packed, type PackedPreview, unpacked } from "../../../preload/contract/run.ts";
import { createFakeApi } from "../../fake/fake.ts";
import { holding, listening, onPage, pageText, press, says, settled, until } from "../../fake/on-page.tsx";
import { useAgreement } from "../../state/cluster.ts";
import { atStart, useSession } from "../../state/session.ts";
import { useCompare } from "./compare-store.ts";
import { changeDraft, setWhere, shownDraft, showNew, useTrain } from "./draft-store.ts";
import { TrainPage } from "./train-page.tsx";

beforeEach(() => {
  useSession.setState(atStart, true);
  useTrain.setState(useTrain.getInitialState(), true);
  useCompare.setState(useCompare.getInitialState(), true);
  useAgreement.setState({ asked: undefined });
});

const LATER_MS = 320; // what is typed is counted a little later

/** The page of a new training, of the kind of the first recordings, as soon as it is drawn. */
async function newTraining(api: Api): Promise<() => void> {
  showNew();
  const leave = onPage(<TrainPage />, api);
  await says("What it would train on");
  return leave;
}
const button = (): HTMLButtonElement | undefined =>
  screen.getAllByTestId<HTMLButtonElement>("start-training").at(-1);
const canStart = (): Promise<void> => until(() => button()?.disabled === false, "the start");
const runs = async (api: Api): Promise<number> => unwrap(await api.request("runs.list", {})).length;

test("nothing starts before it is counted what would be trained on, and then it starts once", async () => {
  const library = createFakeApi();
  const before = await runs(library);
  const { api, held } = holding(library, "runs.preview", "runs.start");
  await newTraining(api);
  await until(() => held.length > 0, "the question");
  press("Mod+Enter");
  await settled();
  expect(button()?.disabled).toBe(true);
  expect(held.map(({ name }) => name)).not.toContain("runs.start");
  while (button()?.disabled !== false) {
    for (const one of [...held]) await one.answer();
    await settled();
  }
  press("Mod+Enter");
  press("Mod+Enter");
  await settled();
  press("Mod+Enter");
  await settled();
  expect(held.map(({ name }) => name)).toEqual(["runs.start"]);
  await held[0]?.answer();
  await settled();
  expect(await runs(library)).toBe(before + 1);
  expect(useTrain.getState().isNew).toBe(false);
});

test("counts are of what is chosen now, whichever answer comes last", async () => {
  const { api, held } = holding(createFakeApi(), "runs.preview");
  await newTraining(api);
  await until(() => held.length > 0, "the question");
  const first = held[0];
  fireEvent.click(screen.getAllByText("None")[0] ?? document.body);
  const [box] = screen.getAllByTestId("train-recording").map((one) => one.querySelector("input"));
  if (box) fireEvent.click(box);
  await until(() => held.length > 1, "the second question");
  const newest = held.at(-1);
  expect(newest).not.toBe(first);
  await newest?.answer();
  await settled();
  const counted = screen.getByTestId("train-preview").dataset["labelled"];
  await first?.answer();
  await settled();
  expect(screen.getByTestId("train-preview").dataset["labelled"]).toBe(counted);
  expect(screen.getByTestId("train-preview").getAttribute("aria-busy")).toBe("false");
});

test("what cannot be counted or started says why, and can be started again", async () => {
  const { api, held } = holding(createFakeApi(), "runs.start");
  await newTraining(api);
  await canStart();
  press("Mod+Enter");
  await settled();
  await held[0]?.refuse({ code: "storage/disk-full", message: "No space left", detail: {} });
  await says("storage/disk-full");
  expect(button()?.disabled).toBe(false);
  await newTraining(createFakeApi(1, { failing: ["runs.preview"] }));
  await settled(LATER_MS);
  expect(button()?.disabled).toBe(true);
});

test("what is being put together stays when the page is left before its recordings are read", async () => {
  const { api, held } = holding(createFakeApi(), "recordings.roster");
  showNew();
  const leave = onPage(<TrainPage />, api);
  await settled();
  leave();
  for (const one of [...held]) await one.answer();
  expect(useTrain.getState().drafts).toEqual({});
  await newTraining(createFakeApi());
  await settled();
  const draft = shownDraft(useTrain.getState());
  expect(draft?.recordingIds.length).toBeGreaterThan(0);
});

test("before the first recording leaves this machine it is asked, and given up nothing is started", async () => {
  const library = createFakeApi(1, { cluster: "connected" });
  const { api, asked } = listening(library);
  setWhere("there");
  await newTraining(api);
  const gestures = document.querySelector("input[value=emg]");
  if (gestures) fireEvent.click(gestures);
  await settled();
  changeDraft({ folds: 5 });
  await canStart();
  press("Mod+Enter");
  await settled();
  expect(useAgreement.getState().asked?.name).toBe("db.example.org/kodo");
  useAgreement.getState().asked?.answer(false);
  await settled();
  expect(asked.map(({ name }) => name)).not.toContain("runs.startThere");
  press("Mod+Enter");
  await settled();
  useAgreement.getState().asked?.answer(true);
  await settled(60);
  expect(asked.filter(({ name }) => name === "runs.startThere")).toHaveLength(1);
});

test("an empty library has nothing to train on; one that cannot be read says why and is read again", async () => {
  onPage(<TrainPage />, createFakeApi(1, { empty: true }));
  await says("Nothing to train on yet");
  onPage(<TrainPage />, createFakeApi(1, { failing: ["models.list"] }));
  await says("storage/disk-full");
});

test("a run that was removed comes back with one key, and is what is shown", async () => {
  const library = createFakeApi();
  onPage(<TrainPage />, library);
  await says("Gestures, first run");
  await settled();
  const [run] = unwrap(await library.request("runs.list", {}));
  press("Delete");
  await settled(60);
  expect(await runs(library)).toBe(0);
  press("Mod+Z");
  await settled(60);
  expect(await runs(library)).toBe(1);
  expect(useTrain.getState().runId).toBe(run?.id);
});

test("methods are compared from two on, started once, and what is refused is said", async () => {
  const { api, held } = holding(createFakeApi(), "comparisons.start");
  await newTraining(api);
  await settled(LATER_MS);
  press("C");
  await says("Methods");
  press("N");
  await settled();
  const boxes = screen.getAllByTestId<HTMLInputElement>("compare-method").filter((one) => !one.disabled);
  for (const one of boxes.filter((box) => box.checked)) fireEvent.click(one);
  await says("Choose two methods at least.");
  press("Mod+Enter");
  await settled();
  expect(held).toHaveLength(0);
  for (const one of boxes.slice(0, 2)) fireEvent.click(one);
  await settled();
  press("Mod+Enter");
  press("Mod+Enter");
  await settled();
  press("Mod+Enter");
  await settled();
  expect(held).toHaveLength(1);
  await held[0]?.refuse({ code: "model/too-few-labels", message: "Too few labels", detail: {} });
  await says("model/too-few-labels");
  press("Escape");
  await settled();
  expect(useCompare.getState().isOpen).toBe(false);
  expect(pageText()).toContain("What it would train on");
});

test("whom the run itself sets aside for validation is told beside the part that was chosen", async () => {
  const library = createFakeApi();
  const setAside: Api["request"] = async (name, params) => {
    const told = await library.request(name, params);
    if (name !== "runs.preview" || !told.ok) return told;
    const preview = unpacked(told.value as PackedPreview);
    for (const one of preview.subjects.slice(0, 1)) one.part = "validation";
    return { ...told, value: packed(preview) as typeof told.value };
  };
  await newTraining({ ...holding(library).api, request: setAside });
  await says("set aside for validation");
  const people = Object.keys(shownDraft(useTrain.getState())?.parts ?? {});
  changeDraft({ parts: Object.fromEntries(people.map((subject) => [subject, "validation"])) });
  await until(() => !pageText().includes("set aside for validation"), "the end of that");
});

/** The same library with so many recordings more as a list holds: of each of them there are `times`. */
function timesOver(api: Api, times: number): Api {
  const request = async (name: never, params: never): Promise<unknown> => {
    const asked: unknown = JSON.parse(JSON.stringify(params).replaceAll(/#\d+"/g, '"'));
    const outcome = await (api.request as (name: never, params: unknown) => Promise<Outcome<Roster>>)(
      name,
      asked,
    );
    if (name !== "recordings.roster" || !outcome.ok) return outcome;
    const rows = Array.from({ length: times }, (_, i) =>
      outcome.value.rows.map((row) => ({ ...row, id: `${row.id}#${i}` })),
    ).flat();
    return { ...outcome, value: { ...outcome.value, rows } };
  };
  return { ...api, request: request as Api["request"] };
}

test("a large training is estimated at once, counted when asked, and the counting can be stopped", async () => {
  const { api, held } = holding(createFakeApi(), "runs.preview", "runs.stopCounting");
  await newTraining(timesOver(api, 101));
  await says("Count exactly");
  expect(screen.getByTestId("train-estimate").textContent).toMatch(/about \d/);
  expect(held).toEqual([]);
  expect(button()?.disabled).toBe(true);
  fireEvent.click(screen.getByTestId("train-count"));
  await says("Counted 0 of");
  fireEvent.click(screen.getByTestId("train-stop-count"));
  await until(() => held.some(({ name }) => name === "runs.stopCounting"), "the stop");
  await says("Count exactly");
  fireEvent.click(screen.getByTestId("train-count"));
  await says("Counted 0 of");
  const [first] = held.filter(({ name }) => name === "runs.preview");
  await first?.refuse({ code: "cancelled/by-user", message: "Stopped", detail: {} });
  await says("Count exactly"); // the answer of the one that was stopped is no failure of the next
  fireEvent.click(screen.getByTestId("train-count"));
  await until(() => held.some((one) => one.name === "runs.preview" && one !== first), "another question");
});
