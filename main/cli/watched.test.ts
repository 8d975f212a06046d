import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

/*
 * What the shipped command line and every process and thread it starts ask of the kernel: a library linked into them may
 * do what none of our code does.
 */
const cli = process.env.KODO_CLI ?? resolve(import.meta.dirname, "../../out/main/cli.js");
const hasTracer =
  process.platform === "linux" && spawnSync("strace", ["-f", "-qq", "-o", "/dev/null", "true"]).status === 0;
const watched = test.skipIf(!hasTracer || !existsSync(cli));
if (!hasTracer)
  console.warn(
    "SKIPPED: what leaves this machine is not watched: no strace (Debian: apt-get install -y strace)",
  );
if (!existsSync(cli))
  console.warn(`SKIPPED: what leaves this machine needs a build (npm run build): no ${cli}`);

/** Where libtensorflow was installed for whoever runs the tests; what is run here has a home of its own. */
const engines = join(
  process.env.KODO_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "kodo"),
);
const hasTensorflow = ["cpu", "cuda"].some((one) =>
  existsSync(join(engines, "tensorflow", one, "installed.json")),
);
if (!hasTensorflow)
  console.warn("SKIPPED: libtensorflow is not watched: it is not installed here (npm run tensorflow)");

const CALLS = [
  "openat,open,creat,mkdir,mkdirat,mknod,mknodat,rename,renameat,renameat2,link,linkat,symlink,symlinkat",
  "connect,bind,sendto,sendmsg,sendmmsg",
].join(",");

let folder: string;
const place = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "kodo-watched-")));
  for (const name of ["home", "tmp", "study", "out"]) mkdirSync(place(name));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Seen {
  readonly created: readonly string[];
  readonly sockets: readonly string[];
  readonly lookups: readonly string[];
  readonly libraries: readonly string[]; // that were opened
  readonly calls: number;
}

/** Runs one command to its end under the tracer, with a home and a folder for temporary files that are empty. */
function run(library: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Seen {
  const trace = place("trace");
  const { status, stderr } = spawnSync(
    "strace",
    [
      "-f",
      "-qq",
      "-y",
      "-s",
      "300",
      "-e",
      `trace=${CALLS}`,
      "-o",
      trace,
      process.execPath,
      cli,
      ...args,
      "--quiet",
    ],
    {
      cwd: place("out"),
      encoding: "utf8",
      env: {
        ...process.env,
        HOME: place("home"),
        TMPDIR: place("tmp"),
        XDG_CACHE_HOME: "",
        KODO_CACHE: "",
        KODO_LIBRARY: place(join("study", library)),
        ORT_DISABLE_TELEMETRY: "0", // whoever set this before has no say
        ...environment,
      },
    },
  );
  expect([args[0], status, status === 0 ? "" : stderr]).toEqual([args[0], 0, ""]);
  return read(readFileSync(trace, "utf8"));
}

/** Files that were made, and sockets that reach further than this machine. */
function read(trace: string): Seen {
  const tried = wholeCalls(trace);
  const calls = tried.filter((line) => !/ = -1 E/.test(line));
  return {
    libraries: calls.flatMap((line) => /"([^"]*\.(?:so|node)[.\d]*)"/.exec(line)?.[1] ?? []),
    // Whoever looks up a host asks the system for who answers, whether or not anybody does.
    lookups: tried.filter((line) =>
      /"\/etc\/(resolv\.conf|hosts|host\.conf)"|\/nscd\/|io\.systemd\.Resolve/.test(line),
    ),
    calls: calls.length,
    created: calls.flatMap((line) => createdIn(line) ?? []),
    sockets: calls.filter((line) => /sa_family=AF_INET6?,/.test(line) && !/"127\.0\.0\.1"|"::1"/.test(line)),
  };
}

/** One line a call: where another thread came between, the tracer writes its beginning and its end apart. */
function wholeCalls(trace: string): string[] {
  const begun = new Map<string, string>();
  return trace.split("\n").flatMap((line) => {
    const [, thread = "", rest = ""] = /^(\d+) +(\S.*)$/.exec(line) ?? [];
    const beginning = /^(.*) <unfinished \.\.\.>$/.exec(rest)?.[1];
    if (beginning !== undefined) {
      begun.set(thread, beginning);
      return [];
    }
    const end = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)?.[1];
    if (end === undefined) return rest === "" ? [] : [rest];
    const whole = `${begun.get(thread) ?? ""}${end}`;
    begun.delete(thread);
    return [whole];
  });
}

function createdIn(line: string): string | undefined {
  const made =
    /(?:openat|mkdirat|mknodat)\((?:AT_FDCWD|\d+)(?:<([^>]*)>)?, "([^"]*)", ?(.*)/.exec(line) ??
    /(?:open|creat|mkdir|mknod)\(()"([^"]*)", ?(.*)/.exec(line);
  if (made !== null) {
    const [, at = "", name = "", flags = ""] = made;
    // SQLite's own temporary files (O_TMPFILE) have no name and end with the process.
    if (/\bopen(at)?\(/.test(line) && !flags.includes("O_CREAT")) return undefined;
    return isAbsolute(name) ? name : join(at, name);
  }
  return /(?:rename|link|symlink)[a-z0-9]*\(.*"([^"]*)"[^"]*$/.exec(line)?.[1];
}

/** Everything Kodo may write: beside the library, where the command was told, its own temporary folder, the bin. */
const isOurs = (path: string): boolean =>
  [place("study/"), place("out/"), place("tmp/kodo-")].some((ours) => path.startsWith(ours)) ||
  path === "/dev/null";

const held = ["--validation-subjects", "SYN-04", "--test-subjects", "SYN-05"];
const training = [
  ...["train", "--name", "one", "--label-set", "emg-gestures"],
  ...["--window", "0.5", "--stride", "0.5", "--epochs", "2", ...held],
];
const commands: readonly (readonly string[])[] = [
  ["sample"],
  training,
  ["predict", "one", "synthetic-emg-02", "--out", "said.json"],
  ["models", "export", "one", "--to", "one.onnx"],
  ["models", "import", "one.onnx"],
  ["engines"],
];

/** What a command left, and whom it asked, that it had no business with. */
function expectQuiet(command: readonly string[], { created, sockets, lookups, calls }: Seen): void {
  expect(calls, "the tracer saw the command open files").toBeGreaterThan(50);
  expect([command[0], ...sockets, ...lookups]).toEqual([command[0]]);
  expect([command[0], ...created.filter((path) => !isOurs(path))]).toEqual([command[0]]);
}

function expectNothingLeft(): void {
  expect(readdirSync(place("home"))).toEqual([]);
  expect(readdirSync(place("tmp"))).toEqual([]);
}

watched(
  "learning, predicting, model files and engines speak to nobody and leave nothing outside our folders",
  { timeout: 240_000 },
  () => {
    for (const command of commands) {
      // A model is taken back where it is not known yet.
      const seen = run(command[1] === "import" ? "other.kodo" : "library.kodo", command);
      expectQuiet(command, seen);
      expect(seen.created.some((path) => path.startsWith(place("study/"))) || command[0] === "engines").toBe(
        true,
      );
    }
    expectNothingLeft();
  },
);

test.skipIf(!hasTracer || !existsSync(cli) || !hasTensorflow)(
  "nor does libtensorflow, where it trains",
  { timeout: 240_000 },
  () => {
    const installed = { KODO_CACHE: engines, ORT_DISABLE_TELEMETRY: "" };
    run("tensorflow.kodo", ["sample"]);
    for (const command of [[...training, "--engine", "libtensorflow"], ["engines"]]) {
      const seen = run("tensorflow.kodo", command, installed);
      expectQuiet(command, seen);
      expect(seen.libraries.some((path) => path.startsWith(join(engines, "tensorflow")))).toBe(true);
    }
    expectNothingLeft();
  },
);
