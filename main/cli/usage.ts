import { type ErrorReport, reportOf } from "../../preload/contract/errors.ts";

/** A command line that makes no sense: exit code 2, with the usage of the command. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

export const exitCodes = { ok: 0, failed: 1, usage: 2, cancelled: 130 } as const;

interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What a schema found wrong, in one line: `field: why`, and only why where it is about the whole. */
export const problemsOf = (
  { issues }: { readonly issues: readonly Problem[] },
  named = (path: string): string => path,
): string =>
  issues
    .map(({ path, message }) =>
      path.length === 0 ? message : `${named(path.map(String).join("."))}: ${message}`,
    )
    .join("; ");

/** The one line a failure leaves on standard error, the same for programs, and the exit code. */
export function failureOf(error: unknown): {
  readonly line: string;
  readonly report: ErrorReport;
  readonly code: number;
} {
  const isUsage = error instanceof UsageError;
  const { code, message: said, detail } = reportOf(error);
  const message = oneLine(said);
  if (isUsage)
    return { line: `usage: ${message}`, report: { code: "usage", message, detail }, code: exitCodes.usage };
  const isCancelled = code.startsWith("cancelled/");
  return {
    line: `error ${code}: ${message}`,
    report: { code, message, detail },
    code: isCancelled ? exitCodes.cancelled : exitCodes.failed,
  };
}

const oneLine = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join(" ");

export const help = `kodo <command> [options]

  import PATH...                      recordings, folders, tables of annotations into the library
  sample                              the synthetic sample study into the library
  annotations import FILE...          tables recording,label,onset_s,duration_s[,channel], and EDF+ files without
                                      signals (--recording NAME: the one they belong to; --read-complete: whoever made them
                                      read the recordings completely)
  annotations export [RECORDING...]   all annotations as such a table (--out FILE); of one recording as EDF+ (.edf)
                                      (--deidentify: codes in place of names and typed text)
  annotations complete RECORDING...   declares them read completely for --label-set ID: where no label lies there was none
                                      (--from S --to S: a stretch, --group CODE: one group of labels,
                                      --reader NAME, --undo)
  list                                recordings and runs (--study NAME; --bin: what lies in the bin)
  export RECORDING... --out FOLDER    --format edf|wfdb|csv|json [--annotations] [--mask] [--findings]
                                      [--filled] [--deidentify]
  report RECORDING... --pdf FILE|FOLDER  cardiotocograms on paper, true to scale [--png] [--csv] [--speed 1|2|3] [--scale 20|30]
                                      [--from S] [--to S] [--plain | --overlays --annotations] [--lang en|ja] [--apart] [--deidentify]
                                      (--out FOLDER in place of --pdf: pictures or tables alone)
  train [RECORDING...]                --config run.json and/or options below
  compare RUN RUN...                  stored runs of one split, person by person (--csv)
  compare --models KIND,KIND...       trains each on the same windows first (options of train)
  sweep GRID.json [RECORDING...]      trains every configuration of a grid on the same people (--folds N, --seeds A,B, --preview,
                                      --on here|cluster; options of train); the same command goes on where it was stopped
  predict RUN RECORDING...            probabilities a window, or the events found (--format json|csv, --out FILE, --adaptation NAME)
                                      (predict RUN --on cluster [--study NAME] [--search TEXT]: of the archive, by workers)
  forecast RECORDING --run RUN --at S what may come, seen from S seconds after the start: bands, ways it may part into
  fill RECORDING... --run RUN         what may have been where samples are missing, beside the recording, never in it (--remove)
  models export RUN --to FILE.onnx    a trained run as a model file that runs anywhere
  models import FILE                  such a file as a run of this library
  engines                             what trains here: versions, devices, threads, self-tests
  engines install [--cuda]            libtensorflow into the cache, from PyPI; "engines remove" removes it
  evaluate RUN                        scores on the run's test subjects
  analyse RECORDING... | --all        cardiotocograms by rule: baseline, events, variability, classes a minute (--baseline METHOD,
                                      --rules figo,nichd,jsog,antepartum, --events rule|network|both --run RUN, --draws N,
                                      --baseline-run RUN, --false-signal-run RUN; --reasons: also why; --csv: a line a minute;
                                      --reference TABLE.csv|none: centiles that the antepartum criteria need;
                                      --on cluster [--study NAME] [--search TEXT]: of the archive, by workers)
  masks lay RECORDING... | --all      takes out, of recordings that are here, contraction signal that keeps one value for a minute
                                      and longer (--study NAME, --rule flat-uc; --dry-run: only says what it would change)
  masks lift RECORDING... | --all     what that rule took out is observed again (--study NAME, --dry-run)
  masks undo PASS                     takes such a pass back, as far as readers left it as it was
  agreement RECORDING...              how far readers agree where they read completely: events, kappa and alpha by second, each
                                      with its interval; where they differ (--readers A,B --label-set ID --labels A,B)
  describe RECORDING|RUN|schemas      everything known about it; schemas: what --json prints, as JSON Schema
  label-sets [ID]                     label sets; "label-sets save FILE.json" adds or changes one
  devices                             ports, and protocols spoken there; "--device KIND --port PATH": who answers
                                      (--impedance: how the electrodes of a cyton lie, in kOhm; nothing is recorded)
  record --device KIND --port PATH    into the library, until Ctrl-C or for --seconds N (--subject CODE, --setup JSON, --baud N;
                                      several devices, guided: --session FILE.json). simulated:KIND needs no device.
                                      --live RUN: a trained run decides meanwhile (--adaptation none|causal)
  replay FILE --device KIND           a captured line through the same recorder (--speed N)
  capture --port PATH --out FILE      every byte of a line with its time (--baud N, --seconds N); nothing is sent
  log [--limit N]                     the event log, newest first
  purge RECORDING... | --bin          deletes recordings, or all in the bin, for good: no byte of them stays
  verify                              checks every block, row and log entry; exit code 1 where something is damaged
  backup FILE                         a checked copy of the library (--replace: in the place of another file)
  restore FILE                        puts such a copy in the library's place; that is set aside (--anyway: a damaged one)
  cluster init                        makes the archive of a department at KODO_CLUSTER, or brings it up to date
  archive push RECORDING... | --all   recordings with labels, masks, history and findings into it (--study NAME, --run RUN)
  archive pull RECORDING...           out of it (--study NAME, --search TEXT, --manifest FILE, --run RUN)
  archive list                        what it has (--study NAME, --search TEXT, --limit N)
  train ... --folds N --on cluster    its fits by workers at KODO_CLUSTER, pooled here (--priority N)
  worker [--lanes N] [--cache-mb N] [--until-idle]   does fits, and judges recordings, for others
  jobs [--cancel ID]                  runs on the cluster and who works there
  request NAME [JSON]                 any request of the window, by name

  --library PATH   the library file (else KODO_LIBRARY, else the window's own)
  --read-only      open it to look at; every change is refused
  --json           one JSON document on standard output; of a failure {"error": {"code", "message", "detail"}}
  --quiet          no progress on standard error

  import: --study NAME --subject CODE --kind ctg|emg|other --synthetic --read-complete --header-encoding NAME --table FILE.json
          --sample-rate HZ --encoding NAME --separator S --decimal S --header-rows N --time-column N|none --missing A,B
  train:  --name --label-set --labels A,B --readers A,B|consensus --channels A,B --window S --stride S --centre S --background RULE
          --min-overlap --min-observed --labelled-share --test-subjects A,B --validation-subjects A,B --folds N --seed
          --epochs --patience N --sampling windows|classes|people|people-of-classes --members --layers --batch-size
          --model KIND --learning-rate --generative-weight --coupling-variance --augmentation --front --adaptation --engine
          --study NAME --preview --resume RUN
  --adaptation: none, transductive-balanced (the whole recording), causal (what came before each window) or causal-guided
          (causal, and the first minute holds every class)

Exit code: 0 done, 1 the data or the model did not allow it, 2 the command makes no sense, 130 cancelled.`;
