// @vitest-environment happy-dom
import { act, fireEvent, screen, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import type { Api } from "../../../preload/contract/channels.ts";
import { unwrap } from "../../../preload/contract/errors.ts";
import type { Run, RunProgress } from "../../../preload/contract/run.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { answering } from "../../fake/drawn.tsx";
import { createFakeApi } from "../../fake/fake.ts";
import {
  announced,
  holding,
  listening,
  onPage,
  pageText,
  press,
  says,
  settled,
  until,
} from "../../fake/on-page.tsx";
import { noRuns, useLiveRuns, withProgress } from "../../state/runs.ts";
import { atStart, useSession } from "../../state/session.ts";
import { useCompare } from "./compare-store.ts";
import { showRun, useTrain } from "./draft-store.ts";
import { nothingNext, useNextWindows } from "./label-next.ts";
import { TrainPage } from "./train-page.tsx";

beforeEach(() => {
  useSession.setState(atStart, true);
  useTrain.setState(useTrain.getInitialState(), true);
  useCompare.setState(useCompare.getInitialState(), true);
  useLiveRuns.setState(noRuns, true);
  useNextWindows.setState(nothingNext, true);
});

const library = createFakeApi();
const [summary] = unwrap(await library.request("runs.list", {}));
const id = sure(summary).id;
const done = unwrap(await library.request("runs.get", { id }));
const noSpace = { code: "storage/disk-full" as const, message: "No space left", detail: {} };

/** The page of the run as it is given. */
async function shown(run: Run, around = (api: Api): Api => api): Promise<() => void> {
  showRun(id);
  const { phase, config, error } = run;
  const list = [{ ...sure(summary), config, phase, ...(error ? { error } : {}) }];
  const leave = onPage(
    <TrainPage />,
    around(answering(createFakeApi(), { "runs.get": run, "runs.list": list })),
  );
  await says(config.name);
  await settled();
  return leave;
}
const begun: Run = { ...done };
delete begun.metrics; // it has not come to its end
delete begun.finishedAt;
const underWay = (how: Partial<Run> = {}): Run => ({ ...begun, phase: "training", curve: [], ...how });
const progress = (how: Partial<RunProgress> = {}): void =>
  act(() =>
    useLiveRuns.setState(
      withProgress(noRuns, {
        ...{
          runId: id,
          phase: "training",
          done: 0.4,
          epoch: 5,
          epochs: 12,
          stepsPerSecond: 41.5,
          secondsLeft: 80,
          curve: [],
        },
        ...how,
      }),
    ),
  );

test("how far a training is stands in words and as a bar with its name; before it begins, what it waits for", async () => {
  await shown(underWay());
  progress({ phase: "waiting", ahead: 2 });
  await says("Begins when 2 other runs have ended or are paused.");
  expect(screen.queryByRole("progressbar")).toBeNull();
  progress();
  await says("Epoch 5 of 12");
  const bar = screen.getByRole("progressbar", { name: done.config.name });
  expect(bar.getAttribute("aria-valuenow")).toBe("40");
  expect(pageText()).toContain("80 s left");
});

test("a training is paused once and stopped once, however often the key is pressed", async () => {
  let held: ReturnType<typeof holding>["held"] = [];
  await shown(underWay(), (api) => {
    const waits = holding(api, "runs.pause", "runs.cancel");
    held = waits.held;
    return waits.api;
  });
  progress();
  press("P");
  press("P");
  press("X");
  press("X");
  await settled();
  press("P");
  await settled();
  expect(held.map(({ name }) => name)).toEqual(["runs.pause", "runs.cancel"]);
  await held[0]?.refuse(noSpace);
  await says("storage/disk-full");
  press("P");
  await settled();
  expect(held.map(({ name }) => name)).toEqual(["runs.cancel", "runs.pause"]);
});

test("one that is paused says whether anything is lost, and goes on by key; one that is stopped for good cannot", async () => {
  let held: ReturnType<typeof holding>["held"] = [];
  const around = (api: Api): Api => {
    const waits = holding(api, "runs.resume");
    held = waits.held;
    return waits.api;
  };
  await shown(underWay({ phase: "paused", hasCheckpoint: true }), around);
  await says("Paused. It can go on from its last checkpoint.");
  press("Enter");
  press("Enter");
  await settled();
  expect(held).toHaveLength(1);
  await shown(underWay({ phase: "paused", hasCheckpoint: false }), around);
  await says("No checkpoint was reached yet; it begins again.");
  expect(screen.getAllByTestId("resume-training").at(-1)?.textContent).toContain("Begin again");
});

test("a training that failed says why with its code, and offers no pause", async () => {
  const error = { code: "model/diverged", message: "The loss is not a number after epoch 3", detail: {} };
  await shown(underWay({ phase: "failed", hasCheckpoint: false, error }));
  await says("model/diverged");
  expect(pageText()).toContain("No checkpoint was reached; start it again.");
  expect(screen.queryByTestId("pause-training")).toBeNull();
  expect(screen.queryByTestId("resume-training")).toBeNull();
  expect(announced()).toContain("model/diverged");
});

test("a run is put in the bin once, however often its key is pressed", async () => {
  let held: ReturnType<typeof holding>["held"] = [];
  await shown(done, (api) => {
    const waits = holding(api, "runs.remove");
    held = waits.held;
    return waits.api;
  });
  press("Delete");
  press("Delete");
  await settled();
  expect(held).toHaveLength(1);
  await held[0]?.answer();
  await says("is in the bin");
});

test("a run is named by key; an empty name is none and the old one comes back, what is typed and given up too", async () => {
  const { api, asked } = listening(answering(createFakeApi(), { "runs.get": done }));
  showRun(id);
  onPage(<TrainPage />, api);
  await says(done.config.name);
  await settled();
  const field = (): HTMLInputElement => screen.getByTestId("run-name");
  const changes = () => asked.filter(({ name }) => name === "runs.change").map(({ params }) => params);
  press("F2");
  fireEvent.change(field(), { target: { value: "  " } });
  await settled();
  expect(field().getAttribute("aria-invalid")).toBe("true");
  fireEvent.blur(field());
  await settled();
  expect(field().value).toBe(done.config.name);
  fireEvent.change(field(), { target: { value: "other" } });
  fireEvent.keyDown(field(), { key: "Escape" });
  await settled();
  expect(field().value).toBe(done.config.name);
  expect(changes()).toEqual([]);
  fireEvent.change(field(), { target: { value: " Ward 2, first " } });
  fireEvent.blur(field());
  await settled();
  expect(changes()).toEqual([{ id, name: "Ward 2, first" }]);
});

test("a run's record and model are saved where the dialog says; a dialog that was closed says nothing, and there is one at a time", async () => {
  let held: ReturnType<typeof holding>["held"] = [];
  await shown(done, (api) => {
    const waits = holding(
      answering(api, { "export.chooseDirectory": null }),
      "runs.saveRecord",
      "export.chooseDirectory",
    );
    held = waits.held;
    return waits.api;
  });
  press("Mod+S");
  press("Mod+S");
  press("Mod+E");
  press("Mod+E");
  await settled();
  expect(held.map(({ name }) => name)).toEqual(["runs.saveRecord", "export.chooseDirectory"]);
  await held[1]?.answer();
  await settled();
  expect(pageText()).not.toContain("Saved as");
  await held[0]?.answer();
  await says("Saved as");
});

test("what cannot be assessed of a class is a dash and not 0 or NaN, and who was worst stands first", async () => {
  const metrics = sure(done.metrics);
  const none = metrics.test.auroc.map((value, i) => (i === 0 ? null : value)); // the first class does not occur
  const test = { ...metrics.test, auroc: none, recall: none };
  delete test.intervals;
  await shown({ ...done, metrics: { ...metrics, test } });
  await until(() => screen.queryByTestId("run-result") !== null, "the results");
  const cells = (name: string): string[][] =>
    within(screen.getByRole("region", { name }))
      .getAllByRole("row")
      .slice(1)
      .map((row) =>
        within(row)
          .getAllByRole("cell")
          .map((one) => one.textContent),
      );
  const [first] = cells("Classes");
  expect([first?.[2], first?.[4]]).toEqual(["–", "–"]);
  const right = cells("People never seen").map((row) => Number(sure(row[2]).split(" ")[0]));
  expect(right.length).toBeGreaterThan(1);
  expect(right).toEqual([...right].sort((a, b) => a - b));
  expect(screen.getByTestId("run-result").textContent).not.toMatch(/NaN|undefined|Infinity/);
  expect(pageText()).toContain("No intervals: fewer than six people were tested");
});

test("what to label next leads to its window, the key goes on to the next, and what cannot be listed says why", async () => {
  await shown(done);
  await until(() => screen.queryAllByTestId("next-window").length > 1, "the windows");
  const rows = screen.getAllByTestId("next-window");
  expect(rows.filter(({ dataset }) => dataset["next"] === "true")).toHaveLength(1);
  expect(rows[0]?.textContent).toMatch(/nat/);
  fireEvent.click(sure(rows[0]));
  await settled();
  const { page, recordingId } = useSession.getState();
  expect([page, recordingId]).toEqual(["review", rows[0]?.dataset["recording"]]);
  await shown(done, (api) => answering(api, { "windows.next": [] }));
  await says("Every window this model can judge has a label.");
});

test("a blind reader is not told what came out of a run on what is read blind", async () => {
  const blind: Run = { ...begun, phase: "done", isUntold: true };
  await shown(blind);
  expect(screen.queryByTestId("run-result")).toBeNull();
  expect(pageText()).toMatch(/blind/i);
  expect(pageText()).not.toMatch(/Right on people never seen|ECE/);
});
