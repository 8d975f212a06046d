import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CtgSettings } from "../../preload/contract/ctg.ts";
import type { EventName } from "../../preload/contract/channels.ts";
import { maskReasons } from "../../preload/contract/mask.ts";
import type { ChannelHeader } from "../../preload/contract/recording.ts";
import { createAcquisition } from "../acquisition/process/host.ts";
import { createCtgThread } from "../ctg/host.ts";
import { createExchange } from "../exchange/host.ts";
import { spawnLibrary } from "../storage/client.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import { createTrainer } from "../training/process/host.ts";
import { createEngines } from "../training/process/engines.ts";
import { createService, type Service } from "./service.ts";

const settings = CtgSettings.parse({});

interface World {
  readonly service: Service;
  readonly library: AsyncLibrary;
  readonly heard: { readonly name: EventName; readonly payload: unknown }[];
}

/** A service with real threads for the library and for reading; nothing is trained. */
async function withService(work: (world: World) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "kodo-ctg-"));
  const path = join(folder, "library.kodo");
  const storageWorker = new URL("../storage/worker.ts", import.meta.url);
  const storage = spawnLibrary(path, storageWorker);
  const never = "never-started";
  const service = createService({
    library: storage.library,
    exchange: createExchange({
      library: storage.library,
      openLibraryPort: () => storage.port(),
      fontFolder: "",
      workerFile: new URL("../exchange/worker.ts", import.meta.url),
    }),
    trainer: createTrainer({ libraryPath: path, workerFile: never }),
    engines: createEngines({ workerFile: never }),
    acquisition: createAcquisition({
      ...{ libraryPath: path, workerFile: never, storageWorker: never },
      failed: () => undefined,
    }),
    ctg: createCtgThread({
      openLibraryPort: () => storage.port(),
      workerFile: new URL("../ctg/worker.ts", import.meta.url),
    }),
    openReader: () => spawnLibrary(path, storageWorker, { readOnly: true }),
    codeVersion: "0+test",
    failed: () => undefined,
  });
  const heard: World["heard"] = [];
  service.on((name, payload) => heard.push({ name, payload }));
  try {
    await work({ service, library: storage.library, heard });
  } finally {
    await service.close();
    await storage.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface MadeChannel extends Partial<Omit<ChannelHeader, "role">> {
  readonly role: ChannelHeader["role"];
  readonly valueAt: (s: number) => number | undefined; // undefined: unobserved
}

/** A recording of these channels, quarter units, at 4 Hz unless a channel says another rate. */
async function record(
  library: AsyncLibrary,
  seconds: number,
  channels: readonly MadeChannel[],
  kind: "ctg" | "emg" = "ctg",
): Promise<string> {
  const headers = channels.map(({ role, label, unit, sampleRate = 4 }): ChannelHeader => ({
    ...{ label: label ?? role.toUpperCase(), unit: unit ?? "bpm", role, sampleRate },
    ...{ sampleType: "int16", gain: 0.25, offset: 0 },
  }));
  const facts = { "Gest. weeks": "40" };
  const id = await library.createRecording({
    header: { name: "made", kind, subject: "S1", startedAt: undefined, channels: headers, facts },
    ...{ subject: "S1", study: "", synthetic: true, state: "importing" },
    source: { format: "test", file: "made", sha256: "" },
  });
  const blocks = channels.flatMap(({ valueAt, sampleRate = 4 }, channel) => {
    const samples = new Int16Array(Math.round(seconds * sampleRate));
    if (samples.length === 0) return [];
    const mask: { first: number; count: number; reason: number }[] = [];
    samples.forEach((_, i) => {
      const value = valueAt(i / sampleRate);
      if (value === undefined) mask.push({ first: i, count: 1, reason: maskReasons.missingInSource });
      else samples[i] = Math.round(4 * value);
    });
    return [{ channel, firstSample: 0, samples, mask }];
  });
  if (blocks.length > 0) await library.appendBlocks(id, blocks);
  await library.closeRecording(id, { state: "complete", repairs: [] });
  return id;
}

const calm: MadeChannel = { role: "fhr", valueAt: (s) => 140 + 6 * Math.sin(s / 2.3) };

test("a baseline by rule is kept with its settings, told of, and made anew in its own place", () =>
  withService(async ({ service: { handlers }, library, heard }) => {
    const recordingId = await record(library, 1800, [calm]);
    const ask = { recordingId, settings, rules: ["ctg/baseline" as const] };
    const [found, ...others] = await handlers["ctg.read"](ask);
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      origin: { kind: "rule", rule: "ctg/baseline", config: { baseline: "wmfb" } },
      isOutdated: false,
    });
    const { content } = await library.getFinding(found?.id ?? "");
    if (content.kind !== "curves") throw new Error("a baseline is a curve");
    expect(content.series[0]?.observed.every((one) => one === 1)).toBe(true);
    expect(Math.abs((content.series[0]?.value[3600] ?? 0) - 140)).toBeLessThan(2);
    const steps = heard.filter(({ name }) => name === "ctg.progress");
    expect(steps.length).toBeGreaterThan(1);
    expect(heard.at(-1)).toEqual({ name: "findings.changed", payload: { recordingId } });
    await handlers["ctg.setContext"]({
      recordingId,
      context: { isLabour: true, anchors: [{ atS: 900, bpm: 150 }] },
    });
    expect(await library.listFindings(recordingId)).toMatchObject([{ isOutdated: true }]);
    const [again] = await handlers["ctg.read"](ask);
    const listed = await library.listFindings(recordingId);
    expect(listed.map(({ id, isOutdated }) => [id, isOutdated])).toEqual([[again?.id, false]]);
    const anchored = (await library.getFinding(again?.id ?? "")).content;
    if (anchored.kind !== "curves") throw new Error("a baseline is a curve");
    expect(Math.abs((anchored.series[0]?.value[3600] ?? 0) - 150)).toBeLessThan(1);
  }));

test.each([
  ["an EMG", [{ ...calm, role: "emg" }] as const, "emg", 60],
  ["without a heart rate", [{ ...calm, role: "uc" }] as const, "ctg", 60],
  ["without a sample", [calm] as const, "ctg", 0],
] as const)("a recording %s is refused in words, and nothing of it is kept", (_, channels, kind, seconds) =>
  withService(async ({ service: { handlers }, library }) => {
    const recordingId = await record(library, seconds, channels, kind);
    await expect(handlers["ctg.read"]({ recordingId, settings })).rejects.toMatchObject({
      code: "data/no-cardiotocogram",
    });
    expect(await library.listFindings(recordingId)).toEqual([]);
  }),
);

test("a reading that is cancelled leaves nothing, and the next one is whole", () =>
  withService(async ({ service, library, heard }) => {
    const recordingId = await record(library, 1800, [calm]);
    service.on((name) => {
      if (name === "ctg.progress") void service.handlers["ctg.cancel"]({ recordingId });
    });
    await expect(service.handlers["ctg.read"]({ recordingId, settings })).rejects.toMatchObject({
      code: "cancelled/by-user",
    });
    expect(await library.listFindings(recordingId)).toEqual([]);
    expect(heard.filter(({ name }) => name === "findings.changed")).toEqual([]);
  }));

test("settings that name no run for what they want of one are refused", () =>
  withService(async ({ service: { handlers }, library }) => {
    const recordingId = await record(library, 60, [calm]);
    await expect(
      handlers["ctg.read"]({ recordingId, settings: { ...settings, baseline: "run" } }),
    ).rejects.toMatchObject({ code: "model/no-run-chosen" });
  }));
