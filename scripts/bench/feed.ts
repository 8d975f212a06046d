import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RunConfig, type Run, settingsSeen } from "../../preload/contract/run.ts";
import { openLibrary } from "../../main/storage/open-library.ts";
import { gestures } from "../../main/synthesis/emg.ts";
import type { ReadLibrary } from "../../main/training/data/dataset.ts";
import { chooseRuntime } from "../../main/compute/choose.ts";
import { fitRun } from "../../main/training/fit/fit-run.ts";
import type { FitTools } from "../../main/training/work.ts";
import { CHANNELS, ensureArchive, LABEL_SET } from "./feed-archive.ts";

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
  readonly windows: number; // trained on, in all epochs
  readonly seconds: number; // of the whole run
  readonly before: number; // of them until training began
  readonly peakMb: number; // of the whole process, threads and native memory with it
}

const modes = ["varied", "varied-in-memory", "recorded", "recorded-in-memory"] as const;
type Mode = (typeof modes)[number];

const PEER = "all samples read into memory first";
/** The first sees the samples as they were recorded, the others each vary them. */
const VARIED_EPOCHS = 3;
const archive = join(tmpdir(), "kodo-bench-24h.kodo");

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
      `a whole run of ${VARIED_EPOCHS} epochs, samples varied`,
      measured.varied,
      measured["varied-in-memory"],
    ),
    ...rowsOf("a whole run of one epoch", measured.recorded, measured["recorded-in-memory"]),
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
      name: `feed: ${name}, until training begins`,
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
  isVaried: boolean,
  recordingIds: readonly string[],
  testSubjects: readonly string[],
): RunConfig {
  return RunConfig.parse({
    name: "bench",
    recordingIds,
    labelSet: LABEL_SET,
    labels: [...gestures],
    channels: CHANNELS,
    windowS: 0.25,
    strideS: 0.25,
    testSubjects,
    validationSubjects: [],
    sampling: "classes",
    augmentation: "mild",
    members: 2,
    layers: 3,
    epochs: isVaried ? VARIED_EPOCHS : 1,
    ...(isVaried ? { variation: { shiftS: 0.05, gainSd: 0.1, lossesPerMinute: 1, lossS: 0.5 } } : {}),
  });
}

async function measure(mode: Mode): Promise<Measured> {
  const library = openLibrary(archive, { readOnly: true });
  const ids = library.listRecordings().map(({ id }) => id);
  const feedFile = new URL("feed-worker.js", import.meta.url);
  const isVaried = mode.startsWith("varied");
  try {
    return mode.endsWith("in-memory")
      ? await train({ ...library, ...inMemory(library, ids) }, ids, isVaried, undefined)
      : await train(library, ids, isVaried, feedFile);
  } finally {
    library.close();
  }
}

async function train(
  library: ReadLibrary & FitTools["library"],
  ids: readonly string[],
  isVaried: boolean,
  feedFile: URL | undefined,
): Promise<Measured> {
  const config = configOf(isVaried, ids, [library.getRecording(ids[0] as string).subject]);
  const run: Run = {
    id: "bench",
    config,
    classes: config.data.labels,
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
    windows: (settingsSeen(config).epochs ?? 1) * (labelled + unlabelled),
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
    listReadings: (id) => library.listReadings(id),
    listLabelSets: () => library.listLabelSets(),
    getLabelSet: (id, version) => library.getLabelSet(id, version),
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
