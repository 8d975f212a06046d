import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventName } from "../../preload/contract/channels.ts";
import { maskReasons } from "../../preload/contract/mask.ts";
import type { ChannelHeader } from "../../preload/contract/recording.ts";
import { createClusterThread } from "../cluster/process/host.ts";
import { createAcquisition } from "../acquisition/process/host.ts";
import { createCtgThread } from "../ctg/host.ts";
import { createExchange } from "../exchange/host.ts";
import { spawnLibrary } from "../storage/client.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import type { Trainer } from "../training/process/host-api.ts";
import { createTrainer } from "../training/process/host.ts";
import { createEngines } from "../training/process/engines.ts";
import { createService, type Service } from "./service.ts";

const never = "never-started";

export interface World {
  readonly service: Service;
  readonly library: AsyncLibrary;
  readonly heard: { readonly name: EventName; readonly payload: unknown }[];
}

/** A service with real threads for the library and for reading; without a trainer nothing is trained. */
export async function withService(
  work: (world: World) => Promise<void>,
  trainerOf = (libraryPath: string): Trainer => createTrainer({ libraryPath, workerFile: never }),
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "kodo-ctg-"));
  const path = join(folder, "library.kodo");
  const storageWorker = new URL("../storage/worker.ts", import.meta.url);
  const storage = spawnLibrary(path, storageWorker);
  const service = createService({
    library: storage.library,
    exchange: createExchange({
      library: storage.library,
      openLibraryPort: () => storage.port(),
      fontFolder: "",
      workerFile: new URL("../exchange/worker.ts", import.meta.url),
    }),
    trainer: trainerOf(path),
    engines: createEngines({ workerFile: never }),
    acquisition: createAcquisition({
      ...{ libraryPath: path, workerFile: never, storageWorker: never },
      failed: () => undefined,
    }),
    ctg: createCtgThread({
      openLibraryPort: () => storage.port(),
      workerFile: new URL("../ctg/worker.ts", import.meta.url),
    }),
    cluster: createClusterThread({ openLibraryPort: () => storage.port(), workerFile: never }),
    openReader: () => ({ ...spawnLibrary(path, storageWorker, { readOnly: true }), kill: () => undefined }),
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

export interface MadeChannel extends Partial<Omit<ChannelHeader, "role">> {
  readonly role: ChannelHeader["role"];
  readonly valueAt: (s: number) => number | undefined; // undefined: unobserved
}

/** A recording of these channels, quarter units, at 4 Hz unless a channel says another rate. */
export async function record(
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

export const calm: MadeChannel = { role: "fhr", valueAt: (s) => 140 + 6 * Math.sin(s / 2.3) };

/** A level with a bandwidth of about 12 that is no wave, the same every time. */
export const level =
  (bpm: number) =>
  (s: number): number =>
    bpm + 3 * Math.sin(s / 1.7) + 2 * Math.sin(s / 0.9 + 1) + 1.5 * Math.sin(s / 4.3 + 2);
