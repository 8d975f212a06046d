import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { RunConfig, type Run } from "../../../preload/contract/run.ts";
import { identityCoupled } from "../../models/identity-coupled.ts";
import { openLibrary } from "../../storage/open-library.ts";
import { gestures } from "../../synthesis/emg.ts";
import type { ReadLibrary } from "../dataset.ts";
import { chooseRuntime } from "../engine/choose.ts";
import type { TypedArray } from "../engine/runtime.ts";
import { fitRun } from "../fit-run.ts";
import { rateSpec, trainingStep } from "../optimiser.ts";
import type { FitTools } from "../work.ts";
import { CHANNELS, ensureArchive, LABEL_SET } from "./bench-archive.ts";
import { feedBatches, feedShape, type FeedBatch, type FeedOptions } from "./batches.ts";
import { Feed } from "./feed.ts";
import { channelScales } from "./sample-reader.ts";
import { indexWindows } from "./window-index.ts";

interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly peer: string;
  readonly peerValue: number;
  readonly ratio: number; // above 1: better than the peer, whatever the unit
}

/** What one process measured of itself. */
interface Measured {
  readonly windows: number;
  readonly seconds: number; // over those windows
  readonly before: number; // seconds until the first of them was there
  readonly peakMb: number; // of the whole process, threads and native memory with it
}

const modes = ["samples", "samples-in-memory", "features", "features-in-memory"] as const;
type Mode = (typeof modes)[number];

const PEER = "all samples read into memory first";
const archive = join(tmpdir(), "kodo-bench-24h.kodo");
/** Steps of training on samples: enough for the feed to have turned its stretches over. */
const STEPS = 400;

/**
 * Training on a day of eight channels at 1 kHz, streamed, beside the same training with every sample in memory. Each in
 * a process of its own, whose peak is what the system says of it.
 */
export function benchFeed(mode = process.env["KODO_BENCH_FEED"]): Promise<Row[] | Measured> {
  if (modes.some((known) => known === mode)) return measure(mode as Mode);
  console.error(`the archive of 24 h lies at ${archive}: 1.4 GB, kept for the next time`);
  ensureArchive(archive);
  const measured = Object.fromEntries(modes.map((one) => [one, inProcess(one)])) as Record<Mode, Measured>;
  return Promise.resolve([
    ...rowsOf(
      "samples of 8 channels, 100 ms a window, two layers",
      measured.samples,
      measured["samples-in-memory"],
    ),
    ...rowsOf("features, a whole run of one epoch", measured.features, measured["features-in-memory"]),
  ]);
}

function rowsOf(name: string, ours: Measured, peer: Measured): Row[] {
  const pace = ({ windows, seconds }: Measured): number => windows / seconds;
  return [
    {
      name: `feed: ${name}`,
      value: pace(ours),
      unit: "windows/s",
      peer: PEER,
      peerValue: pace(peer),
      ratio: pace(ours) / pace(peer),
    },
    {
      name: `feed: ${name}, until the first step`,
      value: ours.before,
      unit: "s",
      peer: PEER,
      peerValue: peer.before,
      ratio: peer.before / ours.before,
    },
    {
      name: `feed: ${name}, most memory of the process`,
      value: ours.peakMb,
      unit: "MB",
      peer: PEER,
      peerValue: peer.peakMb,
      ratio: peer.peakMb / ours.peakMb,
    },
  ];
}

function inProcess(mode: Mode): Measured {
  const code = `import(${JSON.stringify(import.meta.url)}).then(async (bench) => {
    process.stdout.write(JSON.stringify(await Object.values(bench)[0](${JSON.stringify(mode)})));
    process.exit(0);
  })`;
  const child = spawnSync(process.execPath, ["-e", code], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 1e8,
  });
  if (child.status !== 0) throw new Error(`measuring ${mode} ended with ${child.signal ?? child.status}`);
  return JSON.parse(child.stdout) as Measured;
}

function configOf(
  windowS: number,
  recordingIds: readonly string[],
  testSubjects: readonly string[],
): RunConfig {
  return RunConfig.parse({
    name: "bench",
    recordingIds,
    labelSet: LABEL_SET,
    labels: [...gestures],
    channels: CHANNELS,
    windowS,
    strideS: windowS,
    testSubjects,
    validationSubjects: [],
    sampling: "classes",
    augmentation: "mild",
    members: 2,
    layers: 3,
    epochs: 1,
  });
}

async function measure(mode: Mode): Promise<Measured> {
  const library = openLibrary(archive, { readOnly: true });
  const ids = library.listRecordings().map(({ id }) => id);
  const feedFile = new URL("feed-worker.js", import.meta.url);
  try {
    switch (mode) {
      case "samples": {
        const feed = new Feed(feedFile, archive);
        const result = await trainOnSamples(async (config, options) => {
          const shape = await feed.open(config, options);
          return { shape, batches: feed.epoch(0) };
        }, ids);
        await feed.close();
        return result;
      }
      case "samples-in-memory":
        return await trainOnSamples((config, options) => {
          const index = indexWindows(config, inMemory(library, ids));
          const shape = feedShape(index, { ...options, config }, channelScales(index, config.seed));
          return Promise.resolve({ shape, batches: feedBatches(index, shape, { ...options, config }, 0) });
        }, ids);
      case "features":
        return await trainOnFeatures(library, ids, feedFile);
      case "features-in-memory":
        return await trainOnFeatures({ ...library, ...inMemory(library, ids) }, ids, undefined);
    }
  } finally {
    library.close();
  }
}

const augmentations: FeedOptions["augmentations"] = [
  { kind: "time-shift", columns: 10 },
  { kind: "amplitude-scale", sd: 0.2 },
  { kind: "random-mask", probability: 0.1, longest: 30 },
];

type Open = (
  config: RunConfig,
  options: Omit<FeedOptions, "config">,
) => Promise<{
  readonly shape: ReturnType<typeof feedShape>;
  readonly batches: Iterable<FeedBatch> | AsyncIterable<FeedBatch>;
}>;

async function trainOnSamples(open: Open, ids: readonly string[]): Promise<Measured> {
  const begun = performance.now();
  const config = configOf(0.1, ids, []);
  const { shape, batches } = await open(config, { augmentations });
  const width = shape.channels * shape.columns;
  const estimator = identityCoupled({
    features: width,
    classes: shape.classes,
    layers: 2,
    maskInputs: true,
    generativeWeight: 0.1,
    couplingVariance: 10,
    labelledCount: shape.labelled,
  });
  const { specs, values } = estimator.init(0);
  const loss = (params: readonly Tensor[], feeds: readonly Tensor[]): Scalar => {
    const [x, observed, y, weight] = feeds as Tensor2D[];
    return estimator.loss(params, { x: x!, observed: observed!, y: y!, weight: weight! });
  };
  const training = trainingStep(loss, specs, { kind: "adam" });
  const { runtime } = await chooseRuntime("onnxruntime", undefined, { threads: 1 });
  const columns = [width, width, shape.classes, 1];
  const compiled = await runtime.compile(training.step, training.state, [
    rateSpec,
    ...columns.map((count) => ({ shape: [shape.rows, count], dtype: "float32" as const })),
  ]);
  await compiled.write(training.initialState(values));
  let [steps, first] = [0, 0];
  for await (const batch of batches) {
    await compiled.run([Float32Array.of(1e-3), ...(batch as readonly TypedArray[])]);
    if (steps === 0) first = performance.now();
    if (++steps > STEPS) break;
  }
  const seconds = (performance.now() - first) / 1000;
  await runtime.dispose();
  return { windows: STEPS * shape.rows, seconds, before: (first - begun) / 1000, peakMb: peakMb() };
}

async function trainOnFeatures(
  library: ReadLibrary & FitTools["library"],
  ids: readonly string[],
  feedFile: URL | undefined,
): Promise<Measured> {
  const config = configOf(0.25, ids, [library.getRecording(ids[0] as string).subject]);
  const run: Run = {
    id: "bench",
    config,
    classes: config.labels,
    phase: "waiting",
    createdAt: new Date().toISOString(),
    codeVersion: "bench",
    data: [],
    curve: [],
    hasCheckpoint: false,
  };
  const begun = performance.now();
  let first = 0;
  const fitted = await fitRun(
    run,
    {
      library,
      signal: new AbortController().signal,
      resume: undefined,
      runtimeFor: () => chooseRuntime("onnxruntime", undefined, { threads: 1 }),
      onCheckpoint: () => Promise.resolve(),
      onProgress: ({ phase }) => {
        if (first === 0 && phase === "training") first = performance.now();
      },
    },
    feedFile ? { feedFile } : {},
  );
  const { labelled = 0, unlabelled = 0 } = fitted.run.windows ?? {};
  return {
    windows: labelled + unlabelled,
    seconds: (performance.now() - begun) / 1000,
    before: (first - begun) / 1000,
    peakMb: peakMb(),
  };
}

/** Every sample and its mask as arrays, read before anything else is done. */
function inMemory(library: ReadLibrary, ids: readonly string[]): ReadLibrary {
  const whole = new Map(
    ids.map((id) => [
      id,
      library
        .getRecording(id)
        .channels.map(({ position, sampleCount }) => library.samples(id, position, 0, sampleCount)),
    ]),
  );
  return {
    getRecording: (id) => library.getRecording(id),
    listAnnotations: (id) => library.listAnnotations(id),
    listMasks: (id) => library.listMasks(id),
    checksum: (id) => library.checksum(id),
    samples: (id, channel, first, count) => {
      const { values, reasons } = whole.get(id)![channel]!;
      return {
        first,
        values: values.slice(first, first + count),
        reasons: reasons.slice(first, first + count),
      };
    },
  };
}

const peakMb = (): number => process.resourceUsage().maxRSS / 1024;
