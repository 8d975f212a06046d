/** The recording backend's name in TensorFlow.js's registry. */
export const RECORDER = "kodo-recorder";
