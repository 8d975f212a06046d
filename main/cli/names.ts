import { AppError } from "../../preload/contract/errors.ts";
import type { RecordingSummary } from "../../preload/contract/recording.ts";
import type { Run } from "../../preload/contract/run.ts";
import { sure } from "../../preload/contract/sure.ts";
import type { Service } from "../service/service.ts";

export async function findRecording(service: Service, nameOrId: string): Promise<RecordingSummary> {
  const all = await service.library.listRecordings();
  const byId = all.find(({ id }) => id === nameOrId);
  if (byId !== undefined) return byId;
  const named = all.filter(({ name }) => name === nameOrId);
  if (named.length === 1) return sure(named[0]);
  if (named.length > 1) {
    const message = `${named.length} recordings are named ${nameOrId}; say which by id: ${named.map(({ id }) => id).join(", ")}`;
    throw new AppError("data/recording-ambiguous", message, { value: nameOrId, recordings: named.length });
  }
  throw new AppError(
    "data/recording-unknown",
    `No recording ${nameOrId} in the library (it has ${all.length})`,
    { value: nameOrId, recordings: all.length },
  );
}

export async function findRecordings(
  service: Service,
  names: readonly string[],
): Promise<RecordingSummary[]> {
  const found = new Map<string, RecordingSummary>();
  for (const name of names) {
    const recording = await findRecording(service, name);
    found.set(recording.id, recording);
  }
  return [...found.values()];
}

export async function findRun(service: Service, nameOrId: string): Promise<Run> {
  const all = await service.library.listRuns();
  const matches =
    [all.filter(({ id }) => id === nameOrId), all.filter(({ config }) => config.name === nameOrId)].find(
      (list) => list.length > 0,
    ) ?? [];
  if (matches.length === 1) return sure(matches[0]);
  if (matches.length > 1) {
    const message = `${matches.length} runs are named ${nameOrId}; say which by id: ${matches.map(({ id }) => id).join(", ")}`;
    throw new AppError("data/run-ambiguous", message, { value: nameOrId, runs: matches.length });
  }
  throw new AppError("data/run-unknown", `No run ${nameOrId} in the library (it has ${all.length})`, {
    value: nameOrId,
    runs: all.length,
  });
}
