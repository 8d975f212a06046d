import type { Content } from "../../../preload/contract/finding.ts";
import { ownNames } from "../../../preload/contract/own-names.ts";
import { sequenceModelOf } from "../../models/registry.ts";
import { signalSource, soundRecording, wantedOf } from "../data/dataset.ts";
import { unpackSequenceModel } from "../model-file/sequence-file.ts";
import type { Tools, Trained } from "../work.ts";

/** What a model that follows whole recordings says of one. */
export async function findInRecording(
  { run, model: bytes, recordingId }: Trained & { readonly recordingId: string },
  { library, runtimeFor, signal }: Tools,
): Promise<readonly Content[]> {
  const { kind, learned } = unpackSequenceModel(bytes);
  const judge = await sequenceModelOf(kind).open(
    learned,
    async () => (await runtimeFor(run.config.engine)).runtime,
  );
  try {
    const detail = soundRecording(library, recordingId);
    const said = await judge.judge(signalSource(run, library, detail), { signal });
    const { labelSet } = run.config.data;
    const { content } = ownNames(wantedOf(run, library), detail.channels);
    return said.map((one) => content(one.kind === "events" ? { ...one, labelSet } : one));
  } finally {
    await judge.dispose();
  }
}
