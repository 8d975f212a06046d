import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { AppError } from "../../../../preload/contract/errors.ts";
import { binding } from "./packages.ts";
import type { Wheel } from "./packages.ts";
import { ProgramError, installError, runProgram } from "./program.ts";

export interface FetchOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (done: number) => void; // share of the bytes
}

/** The wheels are for this Python whatever the machine's own is: only the libraries in them are used. */
const PLATFORMS = ["manylinux_2_27_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"];
const FOR_PYTHON = [
  "--only-binary=:all:",
  "--implementation=cp",
  "--python-version=3.12",
  "--abi=cp312",
  "--abi=none",
  ...PLATFORMS.map((platform) => `--platform=${platform}`),
];
const POLL_MS = 250;

/** The Python whose pip fetches. */
export async function pythonWithPip(signal: AbortSignal): Promise<string> {
  let reason = "";
  for (const python of ["python3", "python"]) {
    try {
      await runProgram(python, ["-m", "pip", "--version"], { signal });
      return python;
    } catch (error) {
      if (!(error instanceof ProgramError)) throw error;
      reason ||= error.isMissing ? "" : error.message;
    }
  }
  throw new AppError(
    "model/engine-tools",
    `Python with pip is needed to fetch from PyPI (Debian: apt-get install python3-pip)${reason === "" ? "" : `: ${reason}`}`,
    { program: "python3, pip" },
  );
}

/** Fetches a wheel through pip, which compares it with its pinned checksum; answers its file. */
export async function fetchWheel(
  python: string,
  { name, version, sha256, bytes }: Wheel,
  folder: string,
  { signal, onProgress }: FetchOptions,
): Promise<string> {
  const temporary = join(folder, "pip");
  await mkdir(temporary, { recursive: true });
  const list = join(folder, "requirements.txt");
  await writeFile(list, `${name}==${version} --hash=sha256:${sha256}\n`);
  // Older pips have no progress that a program can read; what lies on the disk says it for all of them.
  const timer = setInterval(() => {
    void bytesIn(temporary).then((so) => onProgress(Math.min(1, so / bytes)));
  }, POLL_MS);
  try {
    const options = ["--quiet", "--no-deps", "--no-cache-dir", "--disable-pip-version-check"];
    const patience = ["--retries=1", "--timeout=20"];
    const what = ["--require-hashes", ...FOR_PYTHON, `--dest=${folder}`, `--requirement=${list}`];
    await runProgram(python, ["-m", "pip", "download", ...options, ...patience, ...what], {
      signal,
      env: { ...process.env, TMPDIR: temporary },
    });
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    throw installError(`PyPI did not give ${name} ${version}: ${error.message}`, error);
  } finally {
    clearInterval(timer);
  }
  const start = `${name.replaceAll("-", "_")}-${version}-`;
  const file = (await readdir(folder)).find((one) => one.toLowerCase().startsWith(start));
  if (file === undefined) throw installError(`pip brought no ${name} ${version}`);
  return join(folder, file);
}

/** Bytes of all files below a folder; one that goes while they are counted counts nothing. */
export async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) =>
      stat(join(parentPath, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((total, size) => total + size, 0);
}

/** Compares a file with its pinned checksum, whatever the program that fetched it did. */
export async function checkFile(
  file: string,
  algorithm: "sha256" | "sha512",
  encoding: "hex" | "base64",
  expected: string,
): Promise<void> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file), hash);
  const found = hash.digest(encoding);
  if (found !== expected)
    throw new AppError(
      "model/engine-pin",
      `${basename(file)} has the checksum ${found}, not the pinned ${expected}; nothing was installed`,
      { file, value: found, expected },
    );
}

/** The sources of the binding, out of the npm registry; answers their folder. */
export async function fetchBinding(folder: string, signal: AbortSignal): Promise<string> {
  try {
    const out = await runProgram(
      "npm",
      ["pack", binding.package, "--loglevel=error", "--ignore-scripts", "--pack-destination", folder],
      { signal, cwd: folder },
    );
    const tarball = join(folder, out.trim().split("\n").at(-1) ?? "");
    await checkFile(tarball, "sha512", "base64", binding.integrity.replace("sha512-", ""));
    await runProgram("tar", ["xzf", tarball, "-C", folder, "package/binding"], { signal });
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    throw installError(`The npm registry did not give ${binding.package}: ${error.message}`, error);
  }
  return join(folder, "package", "binding");
}

const UNPACK = `
import sys, zipfile
wheel, target, *beginnings = sys.argv[1:]
with zipfile.ZipFile(wheel) as whole:
    for name in whole.namelist():
        if name.startswith(tuple(beginnings)):
            whole.extract(name, target)
`;

export async function unpackWheel(
  python: string,
  file: string,
  { take }: Wheel,
  target: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await runProgram(python, ["-c", UNPACK, file, target, ...take], { signal });
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    throw installError(`${file} could not be unpacked: ${error.message}`, error);
  }
}
