import { expect, test } from "vitest";
import { unwrap } from "../../preload/contract/errors.ts";
import { createFakeApi } from "../fake/fake.ts";
import { fakeKinds } from "../fake/model-kinds.ts";
import { canOf } from "./models.ts";

test("what a run's model can do is what its kind says; of a kind that nobody describes main decides", async () => {
  const [run] = unwrap(await createFakeApi(1).request("runs.list", {}));
  const of = (kind: string) => ({ config: { ...run!.config, model: { kind } } });
  expect(canOf(of("identity-coupled"), "layers", fakeKinds)).toBe(true);
  expect(canOf(of("lda"), "layers", fakeKinds)).toBe(false);
  expect(canOf(of("lda"), "density", fakeKinds)).toBe(true);
  expect(canOf(of("oracle"), "export", fakeKinds)).toBe(true);
});
