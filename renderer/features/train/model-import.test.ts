import { beforeEach, expect, test, vi } from "vitest";
import type { Api } from "../../../preload/contract/channels.ts";
import { installApi } from "../../bridge/client.ts";
import { createFakeApi } from "../../fake/fake.ts";
import { goTo, useSession } from "../../state/session.ts";
import { notify, notifyFailure } from "../../ui/notify.tsx";
import { showNew, useTrain } from "./draft-store.ts";
import { chooseAndImportModel, useModelImport } from "./model-import.ts";

vi.mock("../../ui/notify.tsx", () => ({ notify: vi.fn(), notifyFailure: vi.fn() }));

const fake = createFakeApi(1);
type Answer = (name: string, params: unknown) => Promise<unknown>;

/** The fake library, where some requests are answered otherwise. */
const answering = (answers: Readonly<Record<string, () => unknown>>) => {
  const asked = vi.fn<Answer>((name, params) =>
    name in answers ? Promise.resolve(answers[name]!()) : (fake.request as Answer)(name, params),
  );
  installApi({ ...fake, request: asked } as unknown as Api);
  return asked;
};

beforeEach(() => {
  vi.mocked(notify).mockClear();
  vi.mocked(notifyFailure).mockClear();
  goTo("library");
  showNew();
});

test("an imported model is a run of the list, and is the one shown", async () => {
  answering({});
  await chooseAndImportModel();
  const { runId, isNew } = useTrain.getState();
  const outcome = await fake.request("runs.list", {});
  const found = outcome.ok ? outcome.value.find((run) => run.id === runId) : undefined;
  expect(found?.imported?.file).toMatch(/\.onnx$/);
  expect(isNew).toBe(false);
  expect(useSession.getState().page).toBe("train");
  expect(notify).toHaveBeenCalledWith(expect.stringContaining(found!.config.name));
});

test("a file that is refused is said with its reason, and the page stays", async () => {
  const error = { code: "data/foreign-model", message: "a.onnx holds a model made by pytorch", detail: {} };
  answering({ "models.import": () => ({ ok: false, error }) });
  await chooseAndImportModel();
  expect(vi.mocked(notifyFailure).mock.calls[0]?.[0]).toMatchObject(error);
  expect(useTrain.getState().isNew).toBe(true);
  expect(useSession.getState().page).toBe("library");
  expect(useModelImport.getState().isImporting).toBe(false);
});

test("a dialog left without a choice asks for nothing more and says nothing", async () => {
  const asked = answering({ "models.choose": () => ({ ok: true, value: null }) });
  await chooseAndImportModel();
  expect(asked.mock.calls.map(([name]) => name)).toEqual(["models.choose"]);
  expect(notify).not.toHaveBeenCalled();
  expect(notifyFailure).not.toHaveBeenCalled();
});

test("asking again while a file is chosen or read opens no second dialog", async () => {
  const asked = answering({ "models.choose": () => ({ ok: true, value: null }) });
  await Promise.all([chooseAndImportModel(), chooseAndImportModel()]);
  expect(asked).toHaveBeenCalledTimes(1);
});
