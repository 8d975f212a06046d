/**
 * The first line of a stack that lies outside TensorFlow.js and the recorder: where the model asked for the op.
 * In a bundle file names are lost, but an op `add` is always a frame `add_` under a frame `add__op`.
 */
export function callSite(stack: string | undefined): string {
  const frames = (stack ?? "").split("\n").filter((line) => /^\s*at /.test(line));
  const own = frames.find((line) => !isInner(line));
  return own === undefined ? "at an unknown place" : own.trim();
}

/** Runs `work` with stacks deep enough to reach through TensorFlow.js to the model; ten frames would not. */
export function withDeepStacks<T>(work: () => T): T {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 60;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = before;
  }
}

const isInner = (frame: string): boolean =>
  isOurs(frame) || (!/\.tsx?:\d/.test(frame) && isNamedInner(frame));

const isOurs = (frame: string): boolean =>
  /tfjs|node:internal|main\/compute\/(?:kernels\/|(?:recorder|backend|call-site|gradients)\.ts)/.test(frame);

/** By function name, for a bundle, where every file is one. */
const isNamedInner = (frame: string): boolean =>
  /at (?:async )?(?:Engine|RecordingBackend|DataStorage|Tensor\d*|Object|Module|NodeJS)\.|at (?:\w+_|\w+__op|kernelFunc|forwardFunc|gradFunc|\w*Grad|grad\w*|der[A-Z]?|failed|record\w*|<anonymous>)(?:\$\d+)? \(|at (?:file|\/|node:)/.test(
    frame,
  );
