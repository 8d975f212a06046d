import { z } from "zod";
import { ErrorReport } from "./errors.ts";

export const EngineName = z.enum([
  "onnxruntime",
  "libtensorflow",
  "onnxruntime-webgpu",
  "onnxruntime-directml",
  "reference",
]);
export type EngineName = z.infer<typeof EngineName>;

/** As an English sentence names them. */
export const engineTitles: Readonly<Record<EngineName, string>> = {
  onnxruntime: "ONNX Runtime",
  libtensorflow: "libtensorflow",
  "onnxruntime-webgpu": "ONNX Runtime on WebGPU",
  "onnxruntime-directml": "ONNX Runtime on DirectML",
  reference: "the op-by-op reference",
};

/** Which build of libtensorflow: for the processor, or for NVIDIA graphics cards. */
export const EngineVariant = z.enum(["cpu", "cuda"]);
export type EngineVariant = z.infer<typeof EngineVariant>;

/** Gradients of small models against the op-by-op reference, relative to a tensor's largest entry. */
export const SelfTest = z.object({
  largestError: z.number().nonnegative(),
  tolerance: z.number().positive(),
  seconds: z.number().nonnegative(),
});
export type SelfTest = z.infer<typeof SelfTest>;

/** What of libtensorflow lies on this machine. */
export const InstalledEngine = z.object({
  variant: EngineVariant,
  version: z.string(),
  bytes: z.number().int().nonnegative(), // on the disk
  licence: z.string(),
  source: z.string(), // where it came from, in words
});
export type InstalledEngine = z.infer<typeof InstalledEngine>;

/** One engine as found on this machine, opened and tested in a process of its own. */
export const EngineReport = z.object({
  name: EngineName,
  state: z.enum(["ready", "absent", "failed"]), // absent: not installed
  version: z.string().optional(),
  device: z.string().optional(), // "cpu", "cuda", "webgpu", "directml"
  threads: z.number().int().positive().optional(),
  selfTest: SelfTest.optional(),
  installed: InstalledEngine.optional(), // what Kodo installed and can remove
  error: ErrorReport.optional(), // of one that is not ready: why
});
export type EngineReport = z.infer<typeof EngineReport>;

/** What could be installed here, and what it takes. */
export const EngineOffer = z.object({
  variant: EngineVariant,
  version: z.string(),
  downloadBytes: z.number().int().positive().optional(), // known for the builds of PyPI
  diskBytes: z.number().int().positive().optional(), // at most, while it is being installed
  licence: z.string(),
});
export type EngineOffer = z.infer<typeof EngineOffer>;

export const Engines = z.object({ engines: z.array(EngineReport), offers: z.array(EngineOffer) });
export type Engines = z.infer<typeof Engines>;

export const InstallStep = z.enum(["download", "check", "unpack", "compile", "test"]);
export type InstallStep = z.infer<typeof InstallStep>;

export const EngineInstall = z.object({
  variant: EngineVariant,
  state: z.enum(["running", "done", "failed", "cancelled"]),
  step: InstallStep,
  done: z.number().min(0).max(1), // of the step
  error: ErrorReport.optional(),
});
export type EngineInstall = z.infer<typeof EngineInstall>;
