import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { reportOf, throwIfCancelled } from "../../preload/contract/errors.ts";
import { findingOf } from "../../preload/contract/finding.ts";
import type { StudyFailure, StudyOrder } from "../../preload/contract/study.ts";
import type { Cluster, Judgement, StudyPart } from "../cluster/cluster.ts";
import { type CtgThread, createCtgThread } from "../ctg/host.ts";
import type { AsyncLibrary } from "../storage/api.ts";
import { spawnLibrary } from "../storage/client.ts";
import { createTrainer } from "../training/process/host.ts";
import type { Trainer } from "../training/process/host-api.ts";
import { CtgReadings } from "./ctg.ts";
import { ServiceEvents } from "./events.ts";

type Said = Judgement["findings"];
type Judge = (recordingId: string, signal: AbortSignal) => Promise<Said>;

export interface StudyPlace {
  readonly cluster: Cluster;
  readonly folder: string; // of its own, gone afterwards
  readonly processes: string; // folder of the built ones
  readonly isPassing: (code: string) => boolean; // of a failure that says nothing about a recording
}

/** Some recordings of a study, judged in a library of their own by what judges them on any machine. One that cannot be judged says why and hides none of the others. */
export async function judgePart(
  { cluster, folder, processes, isPassing }: StudyPlace,
  part: StudyPart,
  signal: AbortSignal,
): Promise<{ readonly judged: readonly Judgement[]; readonly failures: readonly StudyFailure[] }> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700, recursive: true });
  const path = join(folder, "study.kodo");
  const storage = spawnLibrary(path, join(processes, "storage-worker.js"));
  const { library } = storage;
  const trainer = createTrainer({ libraryPath: path, workerFile: join(processes, "trainer.js") });
  const ctg = createCtgThread({
    openLibraryPort: () => storage.port(),
    workerFile: join(processes, "ctg-worker.js"),
  });
  try {
    await cluster.studies.bring(library, part);
    const judges = { library, trainer, ctg };
    const judge =
      part.order.kind === "predict" ? await predictor(judges, part.order) : reader(judges, part.order);
    const [judged, failures]: [Judgement[], StudyFailure[]] = [[], []];
    for (const recording of part.recordings) {
      throwIfCancelled(signal);
      try {
        await cluster.studies.pull(library, recording, signal);
        judged.push({ recording, findings: await judge(recording.archived, signal) });
      } catch (error) {
        const report = reportOf(error);
        if (signal.aborted || isPassing(report.code)) throw error;
        failures.push({ recording: await nameOf(library, recording.archived), error: report });
      }
    }
    return { judged, failures };
  } finally {
    await Promise.all([trainer.dispose(), ctg.close()]);
    await storage.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const nameOf = async (library: AsyncLibrary, id: string): Promise<string> =>
  library.getRecording(id).then(
    ({ name }) => name,
    () => id,
  );

interface Judges {
  readonly library: AsyncLibrary;
  readonly trainer: Trainer;
  readonly ctg: CtgThread;
}

type Order<Kind extends StudyOrder["kind"]> = Extract<StudyOrder, { kind: Kind }>;

/** As one machine predicts: windows with the adaptation that is asked for, or what a model of whole recordings says. */
async function predictor(
  { library, trainer }: Judges,
  { runId, adaptation }: Order<"predict">,
): Promise<Judge> {
  const { config } = await library.getRun(runId);
  const model = (await trainer.models()).find(({ kind }) => kind === config.model.kind);
  if (model?.over === "sequences")
    return async (recordingId) => {
      const said = await trainer.find({ runId, recordingId });
      return said.map((content) => ({ origin: { kind: "run", runId, adaptation: "none" }, content }));
    };
  return async (recordingId) => {
    const { origin, content } = findingOf(await trainer.predict({ runId, recordingId, adaptation }));
    return [{ origin, content }];
  };
}

/** As one machine reads by rule; what runs said on the way belongs to it. */
function reader({ library, trainer, ctg }: Judges, { settings, rules }: Order<"analyse">): Judge {
  const readings = new CtgReadings({
    ...{ library, thread: ctg, events: new ServiceEvents() },
    find: async ({ runId, recordingId }) => {
      const said = await trainer.find({ runId, recordingId });
      const origin = { kind: "run", runId, adaptation: "none" } as const;
      return library.saveFindings(said.map((content) => ({ recordingId, origin, content })));
    },
  });
  return async (recordingId, signal) => {
    const cancel = (): void => void readings.handlers["ctg.cancel"]({ recordingId });
    signal.addEventListener("abort", cancel, { once: true });
    try {
      await readings.handlers["ctg.read"]({ recordingId, settings, rules });
    } finally {
      signal.removeEventListener("abort", cancel);
    }
    const found: Said[number][] = [];
    for (const { id } of await library.listFindings(recordingId)) {
      const { origin, content } = await library.getFinding(id);
      found.push({ origin, content });
    }
    return found;
  };
}
