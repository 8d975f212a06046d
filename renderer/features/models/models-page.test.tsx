import { expect, test } from "vitest";
import type { Api } from "../../../preload/contract/channels.ts";
import { unwrap } from "../../../preload/contract/errors.ts";
import type { Run } from "../../../preload/contract/run.ts";
import { answering, drawn, textIn } from "../../fake/drawn.tsx";
import { createFakeApi } from "../../fake/fake.ts";
import { ModelsPage } from "./models-page.tsx";

const page = (api: Api): Promise<string> => drawn(<ModelsPage />, api, [["runs.list", {}]]);

/** Methods whose card shows what the newest run learned. */
const pictured = (html: string): readonly (string | undefined)[] =>
  html
    .split("data-model=")
    .slice(1)
    .filter((card) => /\bpicture\b|_picture_/.test(card))
    .map((card) => /^"([^"]+)"/.exec(card)?.[1]);

async function finished(): Promise<{ readonly api: Api; readonly run: Run }> {
  const api = createFakeApi();
  const [run] = unwrap(await api.request("runs.list", {}));
  if (!run) throw new Error("the study has a run");
  return { api, run };
}

test("without a run every method is explained and none claims to have learned anything", async () => {
  const { api } = await finished();
  const html = await page(answering(api, { "runs.list": [] }));
  expect(textIn(html)).toContain("No run yet");
  expect(html.match(/data-model=/g)).toHaveLength(5);
  expect(pictured(html)).toEqual([]);
});

test("a method is pictured by a run that used it, and by no other", async () => {
  const { api, run } = await finished();
  expect(pictured(await page(api))).toEqual(["identity", "coupled", "lda", "temperature", "ensemble"]);
  const { metrics } = run;
  if (!metrics) throw new Error("it is finished");
  const { supervisedOnly, ...others } = metrics;
  expect(supervisedOnly).toBeDefined();
  const lda = {
    ...run,
    config: { ...run.config, model: { kind: "lda" } },
    metrics: { ...others, distanceFromIdentity: [] },
  };
  expect(pictured(await page(answering(api, { "runs.list": [lda] })))).toEqual(["temperature", "ensemble"]);
});

test("a run of whole recordings has none of these pictures, and a list that cannot be read says why", async () => {
  const { api, run } = await finished();
  const events = { recordings: 0, subjects: [], validation: [], labels: [] };
  const html = await page(answering(api, { "runs.list": [{ ...run, metrics: undefined, events }] }));
  expect(textIn(html)).toContain(`Newest run: ${run.config.name}`);
  expect(pictured(html)).toEqual([]);
  const failed = textIn(await page(createFakeApi(1, { failing: ["runs.list"] })));
  expect(failed).toContain("storage/disk-full");
  expect(failed).not.toContain("No run yet");
});
