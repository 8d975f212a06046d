import { expect, test } from "vitest";
import type { Api } from "../../preload/contract/channels.ts";
import { AppError } from "../../preload/contract/errors.ts";
import {
  installApi,
  on,
  pathOf,
  request,
  savingNow,
  watchInFlight,
  watchSaving,
  zoomFactor,
} from "./client.ts";
import { createFakeApi } from "../fake/fake.ts";

const failing: Api = {
  request: () =>
    Promise.resolve({
      ok: false as const,
      error: { code: "storage/disk-full", message: "No space left", detail: { freeBytes: 0 } },
    }),
  on: () => () => undefined,
  pathOf: () => "",
  zoomFactor: () => 1,
};

test("an expected failure arrives as an AppError with code, message and numbers", async () => {
  installApi(failing);
  const error: unknown = await request("labelSets.list", {}).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({
    code: "storage/disk-full",
    message: "No space left",
    detail: { freeBytes: 0 },
  });
});

test("requests under way are counted up and down, failures too", async () => {
  const counts: number[] = [];
  const stop = watchInFlight((count) => counts.push(count));
  installApi(failing);
  await request("labelSets.list", {}).catch(() => undefined);
  installApi(createFakeApi(1, { empty: true }));
  await Promise.all([request("labelSets.list", {}), request("runs.list", {})]);
  stop();
  expect(counts).toEqual([0, 1, 0, 1, 2, 1, 0]);
});

test("a change is saving until it is saved, and stays not saved until a later one is", async () => {
  const states: string[] = [];
  const stop = watchSaving(() => states.push(savingNow()));
  installApi(failing);
  await request("settings.set", { theme: "dark" }).catch(() => undefined);
  await request("labelSets.list", {}).catch(() => undefined); // a read changes nothing
  installApi(createFakeApi(1, { empty: true }));
  await request("settings.set", { theme: "dark" });
  stop();
  expect(states).toEqual(["saving", "failed", "saving", "saved"]);
});

test("where the library can only be read a change is refused in its own words, and nothing waits to be saved", async () => {
  const states: string[] = [];
  const stop = watchSaving(() => states.push(savingNow()));
  installApi(createFakeApi(1, { readOnly: true }));
  const refused: unknown = expect.objectContaining({
    code: "storage/read-only",
    message: "library.kodo can only be read here; nothing was changed",
  });
  await expect(request("recordings.remove", { id: "ctg-01" })).rejects.toEqual(refused);
  await expect(request("annotations.undo", { recordingId: "ctg-01" })).rejects.toEqual(refused);
  stop();
  expect(states).toEqual(["saving", "saved", "saving", "saved"]);
  expect((await request("recordings.page", {})).rows.map(({ id }) => id)).toContain("ctg-01");
});

test("events reach the listener until it stops listening", async () => {
  installApi(createFakeApi(1, { empty: true }));
  const seen: string[] = [];
  const stop = on("settings.changed", (settings) => seen.push(settings.theme));
  await request("settings.set", { theme: "dark" });
  stop();
  await request("settings.set", { theme: "light" });
  expect(seen).toEqual(["dark"]);
});

test("a dropped file has the path main gives it", () => {
  installApi({ ...failing, pathOf: (file) => `/home/${String(file)}`, zoomFactor: () => 2 });
  expect(zoomFactor()).toBe(2);
  expect(pathOf("a.edf")).toBe("/home/a.edf");
});
