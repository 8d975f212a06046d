// @vitest-environment happy-dom
import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import type { Agreement, Disagreement } from "../../../preload/contract/agreement.ts";
import type { Api, RequestName } from "../../../preload/contract/channels.ts";
import { unwrap } from "../../../preload/contract/errors.ts";
import { answering } from "../../fake/drawn.tsx";
import { createFakeApi, type FakeOptions } from "../../fake/fake.ts";
import { holding, listening, onPage, press, says, settled, until } from "../../fake/on-page.tsx";
import { useQuestion } from "../../state/questions.ts";
import { atStart, openAgreement, useSession } from "../../state/session.ts";
import { AgreementPage } from "./agreement-page.tsx";

beforeEach(() => {
  useSession.setState(atStart, true);
  openAgreement(["ctg-01"]);
});

/** Three places where the readers differ; what is held waits. */
async function compared(options: FakeOptions = {}, ...waits: readonly RequestName[]) {
  const library = createFakeApi(1, options);
  const report = unwrap(await library.request("agreement.report", { recordingIds: ["ctg-01"] }));
  const [first] = report.disagreements;
  if (first === undefined) throw new Error("the made-up readers differ");
  const at = (onsetS: number): Disagreement => ({ ...first, onsetS });
  const three: Agreement = { ...report, disagreements: [at(300), at(600), at(900)] };
  const { api, asked } = listening(answering(library, { "agreement.report": three }));
  const waiting = holding(api, ...waits);
  return { library, asked, ...waiting };
}
const shown = async (api: Api): Promise<void> => {
  onPage(<AgreementPage />, api);
  await says("00:05:00.0 – 00:05:42.0");
};
/** That is being decided. */
const place = (): string | null | undefined =>
  screen.getByTestId("decide").querySelector("strong")?.textContent;
const count = (asked: readonly { readonly name: RequestName }[], name: RequestName): number =>
  asked.filter((one) => one.name === name).length;

test("a decision is made once, however often its key is pressed before the report says so", async () => {
  const { api, asked, held } = await compared({}, "agreement.decide");
  await shown(api);
  press("N");
  await settled();
  press("N");
  press("1");
  await settled();
  expect(held).toHaveLength(1);
  await held[0]?.answer();
  await says("Decided: Nothing there");
  expect(count(asked, "agreement.decide")).toBe(1);
});

test("after a decision the next place is shown, unless another was chosen meanwhile", async () => {
  const { api, held } = await compared({}, "agreement.decide");
  await shown(api);
  press("C");
  await settled();
  await held[0]?.answer();
  await until(() => place() === "00:10:00.0 – 00:10:42.0", "the next place");
  press("N");
  await settled();
  press("ArrowUp");
  await settled();
  await held[0]?.answer();
  await settled(100);
  expect(place()).toBe("00:05:00.0 – 00:05:42.0");
});

test("what could not be decided says why and can be decided again", async () => {
  const { api, held } = await compared({}, "agreement.decide");
  await shown(api);
  press("N");
  await settled();
  await held[0]?.refuse({ code: "storage/disk-full", message: "No space left", detail: {} });
  await says("storage/disk-full");
  press("N");
  await settled();
  expect(held).toHaveLength(1);
});

test("nobody decides without a name: one who gives up has decided nothing", async () => {
  const { api, asked } = await compared({ settings: { author: "" } });
  await shown(api);
  press("N");
  await settled();
  expect(useQuestion.getState().asked?.question).toEqual({ kind: "name" });
  useQuestion.getState().asked?.answer(undefined);
  await settled();
  expect(count(asked, "agreement.decide")).toBe(0);
  press("N");
  await settled();
  useQuestion.getState().asked?.answer("M. Tanaka");
  await settled();
  expect(count(asked, "agreement.decide")).toBe(1);
});

test("what all agree on is kept once", async () => {
  const { api, held, library } = await compared({}, "agreement.keep");
  const before = unwrap(await library.request("annotations.list", { recordingId: "ctg-01" })).length;
  await shown(api);
  fireEvent.click(screen.getByTestId("keep-agreed"));
  fireEvent.click(screen.getByTestId("keep-agreed"));
  await settled();
  expect(held).toHaveLength(1);
  await held[0]?.answer();
  await settled();
  expect(unwrap(await library.request("annotations.list", { recordingId: "ctg-01" }))).toHaveLength(
    before + 1,
  );
});

test("a report that cannot be made says why; without two readers, recordings or sight of others there is none", async () => {
  onPage(<AgreementPage />, createFakeApi(1, { failing: ["agreement.report"] }));
  await says("storage/disk-full");
  const { api, library } = await compared();
  const report = unwrap(await library.request("agreement.report", { recordingIds: ["ctg-01"] }));
  onPage(<AgreementPage />, answering(api, { "agreement.report": { ...report, compared: ["K. Sato"] } }));
  await says("Fewer than two readers");
  const blind = [{ recordingId: "ctg-01", reader: "K. Sato" }];
  onPage(<AgreementPage />, createFakeApi(1, { settings: { blind } }));
  await says("You read CTG 01 blind");
  openAgreement([]);
  onPage(<AgreementPage />, createFakeApi());
  await says("No recordings to compare readers of");
});
