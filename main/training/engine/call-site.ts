/**
 * The first line of a stack that lies outside TensorFlow.js and the recorder: where the model asked for the op.
 * In a bundle file names are lost, but an op `add` is always a frame `add_` under a frame `add__op`.
 */
export function callSite(stack: string | undefined): string {
  const frames = (stack ?? "").split("\n").filter((line) => /^\s*at /.test(line));
  const own = frames.find((line) => !isInner(line));
  return own === undefined ? "at an unknown place" : own.trim();
}

const isInner = (frame: string): boolean =>
  /tfjs|node:internal|training\/engine\/(recorder|backend|call-site|graph|kernels)/.test(frame) ||
  /at (?:async )?(?:Engine|RecordingBackend|Tensor|Object|Module|DataStorage|NodeJS)?\.?(?:\w+_|\w+__op|runKernel\w*|kernelFunc\w*|forwardFunc|scopedRun|tidy|gradFunc|\$?grad\w*|der\w*|readSync|read|dataSync|data|arraySync|array|bufferSync|forwardSaveFunc|assert|<anonymous>)\s/.test(
    frame,
  );
