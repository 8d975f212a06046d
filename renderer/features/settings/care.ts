import { create } from "zustand";
import type {
  BackupReport,
  VerifyPart,
  VerifyProblem,
  VerifyProgress,
  VerifyReport,
} from "../../../preload/contract/care.ts";
import { type AppError, asAppError } from "../../../preload/contract/errors.ts";
import { on, request } from "../../bridge/client.ts";

/** A check, or a copy, of the whole library. Both last, so they are kept while other pages are visited. */
export type Check =
  | { readonly state: "none" }
  | { readonly state: "running"; readonly progress: VerifyProgress; readonly isStopping: boolean }
  | { readonly state: "done"; readonly report: VerifyReport }
  | { readonly state: "failed"; readonly error: AppError };
export type Copying =
  | { readonly state: "none" | "running" }
  | { readonly state: "done"; readonly report: BackupReport }
  | { readonly state: "failed"; readonly error: AppError };

export interface Care {
  readonly check: Check;
  readonly copying: Copying;
}
export const noCare: Care = { check: { state: "none" }, copying: { state: "none" } };
export const useCare = create<Care>(() => noCare);

export async function checkLibrary(): Promise<void> {
  if (useCare.getState().check.state === "running") return;
  useCare.setState({
    check: { state: "running", progress: { part: "file", done: 0 }, isStopping: false },
  });
  const stop = on("library.verifying", (progress) =>
    useCare.setState(({ check }) => (check.state === "running" ? { check: { ...check, progress } } : {})),
  );
  try {
    const report = await request("library.verify", {});
    useCare.setState({ check: { state: "done", report } });
  } catch (error) {
    useCare.setState({ check: { state: "failed", error: asAppError(error) } });
  } finally {
    stop();
  }
}

/** The check ends within a second, wherever it is; until then it is under way. */
export function stopChecking(): void {
  const { check } = useCare.getState();
  if (check.state !== "running" || check.isStopping) return;
  useCare.setState({ check: { ...check, isStopping: true } });
  request("library.cancelVerify", {}).catch(() =>
    useCare.setState(({ check: now }) =>
      now.state === "running" ? { check: { ...now, isStopping: false } } : {},
    ),
  );
}

/** Asks in the system's dialog where the copy goes. Who closes it has asked for nothing: what was said before stands. */
export async function backUpLibrary(): Promise<void> {
  const before = useCare.getState().copying;
  if (before.state === "running") return;
  useCare.setState({ copying: { state: "running" } });
  try {
    const report = await request("library.backup", {});
    useCare.setState({ copying: report === null ? before : { state: "done", report } });
  } catch (error) {
    useCare.setState({ copying: { state: "failed", error: asAppError(error) } });
  }
}

/** Problems of one kind in one place. */
export interface Finding {
  readonly recording: string | undefined; // undefined: of the library as a whole
  readonly part: VerifyPart;
  readonly count: number;
  readonly first: VerifyProblem;
}

/** What a check found, where most is first, and how many problems beyond those that are told. */
export function findingsOf(
  { problems, count }: Pick<VerifyReport, "problems" | "count">,
  most: number,
): { readonly told: readonly Finding[]; readonly more: number } {
  const found = new Map<string, Finding>();
  for (const problem of problems) {
    const { part, recordingId, recording } = problem;
    const place = `${part} ${recordingId ?? ""}`;
    const known = found.get(place) ?? { recording: recording ?? recordingId, part, count: 0, first: problem };
    found.set(place, { ...known, count: known.count + 1 });
  }
  const told = [...found.values()].sort((a, b) => b.count - a.count).slice(0, most);
  return { told, more: count - told.reduce((sum, one) => sum + one.count, 0) };
}
