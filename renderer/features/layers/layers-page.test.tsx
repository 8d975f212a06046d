import { expect, test } from "vitest";
import type { Api } from "../../../preload/contract/channels.ts";
import { unwrap } from "../../../preload/contract/errors.ts";
import { answering, buttonsIn, drawn, standing, textIn } from "../../fake/drawn.tsx";
import { createFakeApi } from "../../fake/fake.ts";
import { useSession, type Session } from "../../state/session.ts";
import { LayersPage } from "./layers-page.tsx";

const listed = async (api: Api) => unwrap(await api.request("recordings.page", {})).rows;

/** The page with what is open, its lists answered, and the layers of the first run at a moment where they are asked. */
async function page(api: Api, open: Partial<Session> = {}, isExplained = false): Promise<string> {
  const [run] = unwrap(await api.request("runs.list", {}));
  const asked = { runId: run?.id ?? "", recordingId: open.recordingId ?? "", timeS: open.layersAtS ?? 0 };
  return drawn(
    <LayersPage />,
    api,
    [
      ["runs.list", {}],
      ["runs.reads", {}],
      ["recordings.some", { ids: open.recordingId === undefined ? [] : [open.recordingId] }],
      ["recordings.page", { view: { kind: "emg" }, limit: 200 }],
      ["labelSets.list", {}],
      ["models.list", {}],
      ...(isExplained ? [["layers.get", asked] as const] : []),
    ],
    [standing(useSession, open)],
  );
}

test("without a model the way to one is offered; a finished one that has no layers is not taken for none", async () => {
  const api = createFakeApi();
  const none = await page(answering(api, { "runs.list": [] }));
  expect(textIn(none)).toContain("No model yet");
  expect(buttonsIn(none)).toContain("Go to training");
  const models = unwrap(await api.request("models.list", {}));
  const plain = await page(answering(api, { "models.list": models.map((one) => ({ ...one, can: [] })) }));
  expect(textIn(plain)).toContain("No finished run has layers");
  expect(textIn(plain)).not.toContain("No model yet");
});

test("an open recording that no model reads is said so, and no other is explained in its place", async () => {
  const api = createFakeApi();
  const ctg = (await listed(api)).find(({ kind }) => kind === "ctg");
  const html = await page(api, { recordingId: ctg?.id });
  expect(textIn(html)).toContain("No model can read the open recording");
  expect(html).not.toContain("aria-busy");
  expect(textIn(html)).not.toContain("Relevance");
});

test("a list that cannot be read is a failure with its code, not an empty page", async () => {
  const text = textIn(await page(createFakeApi(1, { failing: ["models.list"] })));
  expect(text).toContain("storage/disk-full");
  expect(text).not.toContain("No model yet");
});

test("every layer is drawn and one of them selected; where they cannot be had, that is said and none is drawn", async () => {
  const api = createFakeApi();
  const emg = (await listed(api)).find(({ kind }) => kind === "emg");
  const [run] = unwrap(await api.request("runs.list", {}));
  const open = { recordingId: emg?.id, layersAtS: 4 };
  const report = unwrap(
    await api.request("layers.get", { runId: run?.id ?? "", recordingId: emg?.id ?? "", timeS: 4 }),
  );
  const html = await page(api, open, true);
  expect([...html.matchAll(/data-layer="(\d+)"/g)].map(([, layer]) => Number(layer))).toEqual(
    report.layers.map((_, at) => at + 1),
  );
  expect(html.match(/aria-pressed="true"/g)).toHaveLength(1);
  const text = textIn(html);
  expect(text).not.toContain("NaN");
  expect(text).not.toContain("undefined");
  const failed = await page(createFakeApi(1, { failing: ["layers.get"] }), open, true);
  expect(textIn(failed)).toContain("storage/disk-full");
  expect(failed).not.toContain("data-layer");
});
