// @vitest-environment happy-dom
import { fireEvent, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Agreement, Disagreement, GroupAgreement } from "../../../preload/contract/agreement.ts";
import type { Api, Params } from "../../../preload/contract/channels.ts";
import { LabelSet } from "../../../preload/contract/label-set.ts";
import { unwrap } from "../../../preload/contract/errors.ts";
import { sure } from "../../../preload/contract/sure.ts";
import decisionsFile from "../../../resources/label-sets/decisions.json";
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
} from "../../fake/on-page.tsx";
import { ctgEvents } from "../../fake/study.ts";
import { useQuestion } from "../../state/questions.ts";
import { atStart, openAgreement, useSession } from "../../state/session.ts";
import { setLanguage } from "../../ui/words.ts";
import { AgreementPage } from "./agreement-page.tsx";

const sets = [ctgEvents, LabelSet.parse(decisionsFile)]; // of which both are shipped

beforeEach(() => {
  useSession.setState(atStart, true);
  useQuestion.setState(useQuestion.getInitialState(), true);
  openAgreement(["ctg-01"]);
});
afterEach(() => void setLanguage("en"));

const acceleration = (id: string, onsetS: number, durationS: number) =>
  ({ id, label: "acceleration", onsetS, durationS }) as const;
const place = (onsetS: number, how: Partial<Disagreement> = {}): Disagreement => ({
  ...{ recordingId: "ctg-01", group: "heart-rate-events", onsetS, durationS: 40, kind: "missed" },
  opinions: [
    { reader: "K. Sato", events: [acceleration(`s${onsetS}`, onsetS, 40)] },
    { reader: "M. Tanaka", events: [] },
  ],
  decision: null,
  ...how,
});
const decided = { id: "d1", label: "nothing", note: "decided by K. Sato" };

/** The page of a report that is the made-up one but for what is given. */
async function reported(how: (report: Agreement) => Partial<Agreement>, around = (api: Api): Api => api) {
  const library = createFakeApi();
  const report = unwrap(await library.request("agreement.report", { recordingIds: ["ctg-01"] }));
  const told = { ...report, ...how(report) };
  const { api, asked } = listening(
    around(answering(library, { "agreement.report": told, "labelSets.list": sets })),
  );
  onPage(<AgreementPage />, api);
  await says("How far they agree");
  const sent = <N extends "agreement.decide" | "annotations.remove" | "agreement.report">(name: N) =>
    asked.flatMap((one) => (one.name === name ? [one.params as Params<N>] : []));
  return { library, sent, report };
}
const own = (): HTMLButtonElement => screen.getByTestId("decide-own");
const field = (name: string): HTMLInputElement => screen.getByRole("textbox", { name });

test("the number of a reader takes what that reader has, nothing where that was it, and none where it was several", async () => {
  const several = [acceleration("x", 900, 10), acceleration("y", 920, 10)];
  const { sent } = await reported(() => ({
    disagreements: [
      place(300),
      place(600),
      place(900, {
        kind: "number",
        opinions: [
          { reader: "K. Sato", events: [acceleration("z", 900, 40)] },
          { reader: "M. Tanaka", events: several },
        ],
      }),
    ],
  }));
  press("1");
  await settled();
  press("2");
  await settled();
  press("2"); // M. Tanaka has two there
  await settled();
  expect(sent("agreement.decide").map(({ choice }) => choice)).toEqual([
    { kind: "label", label: "acceleration", onsetS: 300, durationS: 40 },
    { kind: "verdict", verdict: "nothing" },
  ]);
  const ways = screen.getAllByTestId("decide-reader").map((one) => one.textContent);
  expect(ways).toEqual(["As K. Sato has it1", "As M. Tanaka has it", "As M. Tanaka has it"]);
  expect(screen.getAllByTestId("disagreement")[2]?.textContent).toContain("M. Tanaka: 2 × Acceleration");
});

test("another label can be decided for another place; what is emptied is no zero, and is not sent", async () => {
  const { sent } = await reported(() => ({ disagreements: [place(300)] }));
  expect(field("from, s").value).toBe("300");
  fireEvent.change(field("from, s"), { target: { value: "" } });
  await settled();
  expect(field("from, s").value).toBe("");
  expect(own().disabled).toBe(true);
  fireEvent.click(own());
  fireEvent.change(field("from, s"), { target: { value: "310.5" } });
  fireEvent.change(field("length, s"), { target: { value: "15" } });
  await settled();
  fireEvent.click(own());
  await settled();
  expect(sent("agreement.decide").map(({ choice }) => choice)).toEqual([
    { kind: "label", label: "acceleration", onsetS: 310.5, durationS: 15 },
  ]);
});

test("what was decided is told with who did, cannot be decided again, and is taken back once", async () => {
  const waits = { held: [] as ReturnType<typeof holding>["held"] };
  const { sent } = await reported(
    () => ({ disagreements: [place(300, { decision: decided }), place(600)] }),
    (api) => {
      const { api: next, held } = holding(api, "annotations.remove");
      waits.held = held;
      return next;
    },
  );
  expect(screen.getByTestId("decision").textContent).toContain("Nothing there");
  expect(pageText()).toContain("decided by K. Sato");
  expect(pageText()).toContain("1 open of 2");
  expect(screen.queryByTestId("decide-nothing")).toBeNull();
  press("N");
  press("1");
  await settled();
  expect(sent("agreement.decide")).toEqual([]);
  press("Delete");
  press("Delete");
  fireEvent.click(screen.getByTestId("take-back"));
  await settled();
  expect(sent("annotations.remove")).toEqual([{ id: "d1", evenOfOthers: true }]);
  press("ArrowDown");
  await settled();
  press("Delete"); // nothing is decided of this one
  await settled();
  expect(waits.held).toHaveLength(1);
});

test("places are gone through by key, which is announced, and one is shown in the review where it lies", async () => {
  await reported(() => ({ disagreements: [place(300), place(600), place(900)] }));
  const current = (): (string | null)[] =>
    screen.getAllByTestId("disagreement").map((one) => one.getAttribute("aria-current"));
  press("ArrowUp");
  press("ArrowDown");
  await settled();
  expect(current()).toEqual(["false", "true", "false"]);
  expect(announced()).toContain("00:10:00.0 – 00:10:40.0");
  fireEvent.click(sure(screen.getAllByTestId("disagreement")[2]));
  await settled();
  press("ArrowDown");
  await settled();
  expect(current()).toEqual(["false", "false", "true"]);
  press("S");
  await settled();
  expect(useSession.getState()).toMatchObject({ page: "review", recordingId: "ctg-01" });
  expect(JSON.stringify(useSession.getState())).toContain("900");
});

test("what cannot be assessed is said in words, never as a number; what nobody read in common has no row", async () => {
  const none = { mean: null, rms: null, median: null };
  const figures = { f1: null, sensitivity: null, ppv: null, kappa: null, onset: none, duration: none };
  await reported(({ groups: [first, ...rest] }) => {
    const [label] = sure(first).labels;
    const [pair] = sure(label).pairs;
    const unknown: GroupAgreement = {
      ...sure(first),
      ...{ alpha: null, pairs: sure(first).pairs.map((one) => ({ ...one, kappa: null, observed: null })) },
      labels: [{ ...sure(label), alpha: null, pairs: [{ ...sure(pair), ...figures, matched: 0 }] }],
    };
    return {
      groups: [unknown, ...rest],
      baselines: [{ a: "K. Sato", b: "", recordings: 1, seconds: 90, icc: null, difference: null }],
    };
  });
  const [row] = screen.getAllByTestId("agreement-label");
  const cells = within(sure(row)).getAllByRole("cell");
  expect(cells.map((one) => one.textContent)).toEqual([
    "8 · 7 · 0 both",
    ...Array.from({ length: 6 }, () => "not assessable"),
  ]);
  const [group, contractions] = screen.getAllByTestId("agreement-group");
  expect(group?.textContent).toContain("α not assessable");
  expect(group?.textContent).toContain("the same in not assessable of the seconds");
  expect(contractions?.textContent).toContain("Not assessable: nothing of this group was read by both.");
  expect(screen.getAllByTestId("agreement-label")).toHaveLength(1);
  expect(screen.getByTestId("baseline-agreement").textContent).toContain("ICC(2,1) not assessable");
  expect(pageText()).not.toMatch(/NaN|Infinity|undefined|null/);
});

test("a reader without a name is an earlier reader wherever readers are named", async () => {
  await reported(({ groups, readers }) => {
    const unnamed = <T,>(of: T): T => JSON.parse(JSON.stringify(of).replaceAll("K. Sato", "")) as T;
    return {
      groups: unnamed(groups),
      readers: unnamed(readers),
      ...{ compared: ["", "M. Tanaka"], disagreements: unnamed([place(300)]) },
      baselines: [{ a: "", b: "M. Tanaka", recordings: 1, seconds: 90, icc: null, difference: null }],
    };
  });
  expect(screen.getByTestId("baseline-agreement").textContent).toContain(
    "an earlier reader against M. Tanaka",
  );
  expect(pageText()).toContain("take an earlier reader as the reference");
  expect(pageText()).toContain("an earlier reader and M. Tanaka both read 60.0 min");
  expect(screen.getByTestId("disagreement").textContent).toContain("an earlier reader: Acceleration");
  expect(screen.getByTestId("decide-reader").textContent).toContain("As an earlier reader has it");
  const [box] = screen.getAllByTestId("compared-reader");
  expect(box?.closest(".mantine-Checkbox-root")?.textContent).toContain("an earlier reader: 12 labels");
});

test("who is compared is chosen; a report that then cannot be made says why and is asked for again", async () => {
  const library = createFakeApi();
  const { api, held } = holding(library, "agreement.report");
  onPage(<AgreementPage />, api);
  await settled();
  await held[0]?.answer();
  await says("How far they agree");
  fireEvent.click(sure(screen.getAllByTestId<HTMLInputElement>("compared-reader")[1]));
  await settled();
  expect(held[0]?.params).toEqual({ recordingIds: ["ctg-01"], readers: ["K. Sato"] });
  expect(pageText(), "what was shown stands meanwhile").toContain("How far they agree");
  await held[0]?.refuse({ code: "storage/disk-full", message: "No space left", detail: {} });
  await says("storage/disk-full");
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  await settled();
  await held[0]?.answer();
  await says("Fewer than two readers");
});

test("what belongs to another reader is asked about before it is undone, and given up nothing is", async () => {
  const library = createFakeApi();
  const { api, held } = holding(library, "annotations.undo");
  onPage(<AgreementPage />, api);
  await says("How far they agree");
  press("Mod+Z");
  await settled();
  const detail = { reader: "M. Tanaka", what: "undo" };
  await held[0]?.refuse({ code: "data/other-reader", message: "It is M. Tanaka's", detail });
  await settled();
  expect(useQuestion.getState().asked?.question).toMatchObject({ kind: "of-other", reader: "M. Tanaka" });
  useQuestion.getState().asked?.answer(undefined);
  await settled();
  expect(held).toEqual([]);
  expect(pageText(), "who gives up is told nothing").not.toContain("data/other-reader");
  press("Mod+Z");
  await settled();
  await held[0]?.answer();
  await says("Nothing to take back");
});

test("in Japanese the page is Japanese, what cannot be assessed and what is decided too", async () => {
  void setLanguage("ja");
  const library = createFakeApi();
  const report = unwrap(await library.request("agreement.report", { recordingIds: ["ctg-01"] }));
  const told = { ...report, disagreements: [place(300, { decision: decided }), place(600)] };
  onPage(<AgreementPage />, answering(library, { "agreement.report": told, "labelSets.list": sets }));
  await says("CTG 01");
  await settled();
  const words = [...pageText().matchAll(/[A-Za-z]{3,}/g)].map(([word]) => word);
  const names = ["CTG", "Sato", "Tanaka", "PPV", "RMS", "decided", "consensus", "Del"];
  expect(words.filter((word) => !names.includes(word))).toEqual([]);
});
