/** The recording backend's name in TensorFlow.js's registry. */
export const RECORDER = "kodo-recorder";

/** Recording backends in other words than ONNX's begin with the same name. */
export const isRecorder = (name: string): boolean => name.startsWith(RECORDER);
