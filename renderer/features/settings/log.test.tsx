import { expect, test } from "vitest";
import type { Api } from "../../../preload/contract/channels.ts";
import { unwrap } from "../../../preload/contract/errors.ts";
import { answering, drawn, textIn } from "../../fake/drawn.tsx";
import { createFakeApi } from "../../fake/fake.ts";
import { Log } from "./log.tsx";
import { settingsWords } from "./words.ts";

async function read(api: Api): Promise<string> {
  const log = await api.request("app.log", { limit: 100 });
  const ids = log.ok ? [...new Set(log.value.map(({ subject }) => subject))] : [];
  return textIn(
    await drawn(<Log />, api, [
      ["app.log", { limit: 100 }],
      ["recordings.names", { ids }],
      ["runs.list", {}],
      ["runs.bin", {}],
      ["labelSets.list", {}],
    ]),
  );
}

test("the log names what it is about as it is called now, also what lies in the bin", async () => {
  const api = createFakeApi();
  const [first] = unwrap(await api.request("recordings.page", {})).rows;
  if (!first) throw new Error("the study has recordings");
  await api.request("recordings.change", { id: first.id, name: "Renamed 7" });
  await api.request("recordings.remove", { id: first.id });
  const log = unwrap(await api.request("app.log", { limit: 100 }));
  expect(log.some(({ subject }) => subject === first.id)).toBe(true);
  const text = await read(api);
  expect(text).toContain("moved recording Renamed 7 to the bin");
});

test("an empty log says so; one that cannot be read is a failure and not empty", async () => {
  const empty = await read(answering(createFakeApi(), { "app.log": [] }));
  expect(empty).toContain(settingsWords.en.logEmpty);
  const failed = await read(createFakeApi(1, { failing: ["app.log"] }));
  expect(failed).toContain("storage/disk-full");
  expect(failed).not.toContain(settingsWords.en.logEmpty);
});
