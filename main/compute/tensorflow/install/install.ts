import { mkdir, mkdtemp, readdir, rename, rm, statfs, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { EngineVariant, InstallStep } from "../../../../preload/contract/engine.ts";
import { AppError, throwIfCancelled } from "../../../../preload/contract/errors.ts";
import { sure } from "../../../../preload/contract/sure.ts";
import { NOTE, tensorflowFolder } from "../place.ts";
import type { InstallNote } from "../place.ts";
import { bytesIn, checkFile, fetchBinding, fetchWheel, pythonWithPip, unpackWheel } from "./fetch.ts";
import { binding, fromPypiHere, licenceOf, offerOf, wheelsOf } from "./packages.ts";
import { ProgramError, installError, runProgram } from "./program.ts";

export interface InstallOptions {
  readonly variant: EngineVariant;
  readonly signal: AbortSignal;
  readonly onProgress: (step: InstallStep, done: number) => void;
  /** Loads what was installed in a process of its own and tests it; throws where it is not fit for use. */
  readonly test: () => Promise<void>;
  readonly root?: string;
  readonly sources?: readonly Source[];
}

/** What a source leaves in the folder it is given. */
export type Brought = Pick<InstallNote, "version" | "licence" | "source" | "addon">;

/** A place that libtensorflow can be had from. */
export interface Source {
  bring(folder: string, work: string, options: InstallOptions): Promise<Brought>;
}

/**
 * Installs libtensorflow into the cache, from PyPI, on Linux x64. What was installed before stays until the new one has passed its test.
 */
export async function installTensorflow(options: InstallOptions): Promise<void> {
  const { variant, signal, root = tensorflowFolder(), sources = sourcesHere() } = options;
  if (sources.length === 0) throw notHere();
  await mkdir(root, { recursive: true });
  await enoughRoom(root, variant);
  const work = await mkdtemp(join(root, "new-"));
  try {
    const fresh = join(work, "library");
    const brought = await fromFirst(sources, fresh, work, options);
    const note: InstallNote = { variant, bytes: await bytesIn(fresh), ...brought };
    throwIfCancelled(signal);
    const before = join(work, "before");
    await mkdir(before);
    for (const one of ["cpu", "cuda"])
      await rename(join(root, one), join(before, one)).catch(() => undefined);
    const folder = join(root, variant);
    try {
      await rename(fresh, folder);
      await writeFile(join(folder, NOTE), JSON.stringify(note, null, 2)); // last: its presence says the folder is whole
      options.onProgress("test", 0);
      await options.test();
      throwIfCancelled(signal);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      for (const one of await readdir(before)) await rename(join(before, one), join(root, one));
      throw error;
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Removes all that was ever installed, what a killed installation left included. Answers how many bytes it was. */
export async function removeTensorflow(root = tensorflowFolder()): Promise<number> {
  const bytes = await bytesIn(root);
  await rm(root, { recursive: true, force: true });
  return bytes;
}

async function enoughRoom(root: string, variant: EngineVariant): Promise<void> {
  const needed = offerOf(variant).diskBytes ?? 0;
  const { bavail, bsize } = await statfs(root);
  const free = bavail * bsize;
  if (free >= needed) return;
  throw new AppError(
    "model/engine-disk",
    `${inGigabytes(needed)} are needed in ${root}; ${inGigabytes(free)} are free`,
    { value: inGigabytes(free), allowed: `≥ ${inGigabytes(needed)}`, folder: root },
  );
}

const notHere = (): AppError => {
  const { platform, arch } = process;
  return new AppError(
    "model/engine-unsupported",
    `libtensorflow can be installed on Linux x64 only, where its builds are pinned by checksum; this is ${platform} ${arch}`,
    { platform, architecture: arch },
  );
};

const inGigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

async function fromFirst(
  sources: readonly Source[],
  fresh: string,
  work: string,
  options: InstallOptions,
): Promise<Brought> {
  const failures: AppError[] = [];
  for (const source of sources) {
    await rm(fresh, { recursive: true, force: true });
    await mkdir(fresh);
    try {
      return await source.bring(fresh, work, options);
    } catch (error) {
      const isFinal = error instanceof AppError && /^cancelled\/|^model\/engine-pin$/.test(error.code);
      if (!(error instanceof AppError) || isFinal) throw error;
      failures.push(error);
    }
  }
  const [first] = failures;
  const reasons = failures.map(({ message }) => message).join("; ");
  throw new AppError(
    first?.code ?? "model/engine-install",
    `libtensorflow could not be installed: ${reasons}`,
    first?.detail,
    first,
  );
}

/** Only what is pinned by checksum: where it cannot be had, or is another than the pinned one, nothing takes its place. */
const sourcesHere = (): readonly Source[] => (fromPypiHere ? [fromPypi] : []);

/** The libraries out of PyPI's wheels, and tfjs-node's binding compiled against them. */
const fromPypi: Source = {
  bring: async (folder, work, options) => {
    const { variant, signal, onProgress } = options;
    const python = await pythonWithPip(signal);
    await compilerReady(signal);
    const wheels = wheelsOf(variant);
    const total = wheels.reduce((sum, { bytes }) => sum + bytes, 0);
    let before = 0;
    for (const wheel of wheels) {
      const share = (done: number): number => (before + done * wheel.bytes) / total;
      onProgress("download", share(0));
      const file = await fetchWheel(python, wheel, work, {
        signal,
        onProgress: (done) => onProgress("download", share(done)),
      });
      onProgress("check", share(0));
      await checkFile(file, "sha256", "hex", wheel.sha256);
      onProgress("unpack", share(0));
      await unpackWheel(python, file, wheel, folder, signal);
      await rm(file);
      before += wheel.bytes;
    }
    onProgress("compile", 0);
    const addon = await compileBinding(folder, await fetchBinding(work, signal), signal);
    const { name, version } = sure(wheels[0]);
    return { version, licence: licenceOf(variant), source: `PyPI, ${name} ${version}`, addon };
  },
};

async function compilerReady(signal: AbortSignal): Promise<void> {
  try {
    await runProgram(COMPILER, ["--version"], { signal });
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    throw new AppError(
      "model/engine-tools",
      "A C++ compiler is needed (Debian: apt-get install g++)",
      { program: COMPILER },
      error,
    );
  }
}

const COMPILER = "g++";

/** Two files, a few seconds; node-gyp is not needed. Answers the addon's place below the folder. */
async function compileBinding(folder: string, sources: string, signal: AbortSignal): Promise<string> {
  const addon = join("binding", "tfjs_binding.node");
  await mkdir(join(folder, "binding"));
  const libraries = join(folder, "tensorflow");
  const headers = (createRequire(import.meta.url)("node-api-headers") as { readonly include_dir: string })
    .include_dir;
  const flags = ["-O2", "-std=c++17", "-fPIC", "-shared", "-w", "-DNAPI_VERSION=8"];
  const includes = [sources, join(libraries, "include"), headers].map((one) => `-I${one}`);
  const linked = ["-l:libtensorflow_cc.so.2", "-l:libtensorflow_framework.so.2"];
  try {
    await runProgram(
      COMPILER,
      [
        ...flags,
        ...includes,
        ...binding.sources.map((one) => join(sources, one)),
        `-o${join(folder, addon)}`,
        `-L${libraries}`,
        "-Wl,-rpath,$ORIGIN/../tensorflow",
        ...linked,
      ],
      { signal },
    );
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    throw installError(`The binding could not be compiled: ${error.message}`, error);
  }
  await rename(join(libraries, "include", "LICENSE"), join(libraries, "LICENSE"));
  await rm(join(libraries, "include"), { recursive: true });
  return addon;
}
