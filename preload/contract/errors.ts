import { z } from "zod";

/** `kind/reason`: the kind says what the caller does about it (see README, Errors). */
export type ErrorCode =
  `${"device" | "data" | "storage" | "model" | "contract" | "cancelled" | "internal"}/${string}`;
export type ErrorDetail = Readonly<Record<string, string | number | boolean | null>>;

/** An expected failure: a code for programs, a sentence for people, and the numbers that matter. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;
  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "AppError";
    this.code = code;
    this.detail = detail;
  }
}

export const ErrorReport = z.object({
  code: z.string(),
  message: z.string(),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});
export type ErrorReport = z.infer<typeof ErrorReport>;

/** What crosses a process boundary instead of a thrown error, which would keep only its message. */
export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ErrorReport };

export function reportOf(error: unknown): ErrorReport {
  if (error instanceof AppError) return { code: error.code, message: error.message, detail: error.detail };
  const message = error instanceof Error ? error.message : String(error);
  return { code: "internal/unexpected", message, detail: {} };
}

export const errorFrom = (report: ErrorReport): AppError =>
  new AppError(report.code as ErrorCode, report.message, report.detail);

/** Whatever was thrown, as what is shown to a person. */
export const asAppError = (error: unknown): AppError =>
  error instanceof AppError ? error : new AppError("internal/unexpected", reportOf(error).message, {}, error);

/** Runs `work` and turns whatever it throws into an Outcome. */
export async function settle<T>(work: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: reportOf(error) };
  }
}

export function unwrap<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw errorFrom(outcome.error);
}

/** Stops a long piece of work that its caller no longer wants. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AppError("cancelled/by-user", "Cancelled");
}
