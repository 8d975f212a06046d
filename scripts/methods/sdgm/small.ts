import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { atMost, figure, type CheckTools, type MethodCheck, type Outcome } from "../check.ts";
import { rowsOf, standardised, type Points } from "../points.ts";
import { best, measured, meanOf, sdOf, starts, type SdgmTask } from "./fitted.ts";

interface SmallSet {
  readonly name: string;
  readonly train: number; // rows to learn from
  readonly form: "diagonal" | "quadratic";
  readonly hasHeader: boolean;
  readonly isPacked: boolean;
  readonly positive?: readonly string[]; // labels joined to class 1; absent: the second of two in their order
  readonly recalled: string; // error % / weights or vectors of others, on splits of their own
}

const plain = { hasHeader: false, isPacked: false } as const;
const sets: readonly SmallSet[] = [
  {
    ...plain,
    name: "breast-cancer",
    train: 200,
    form: "diagonal",
    recalled: "SVM 26.9 / 116.7, RVM 29.9 / 6.3",
  },
  { ...plain, name: "pima-indians-diabetes", train: 468, form: "diagonal", recalled: "SVM 23.5" },
  { ...plain, name: "german", train: 700, form: "diagonal", recalled: "SVM 23.6" },
  { ...plain, name: "new-thyroid", train: 140, form: "quadratic", positive: ["2", "3"], recalled: "SVM 4.8" },
  {
    ...plain,
    name: "titanic",
    train: 150,
    form: "quadratic",
    hasHeader: true,
    recalled: "SVM 22.1 / 93.7, RVM 23.0 / 65.3",
  },
  {
    ...plain,
    name: "ringnorm",
    train: 400,
    form: "diagonal",
    hasHeader: true,
    isPacked: true,
    recalled: "SVM 1.7",
  },
  {
    ...plain,
    name: "waveform",
    train: 400,
    form: "diagonal",
    isPacked: true,
    positive: ["1", "2"],
    recalled: "SVM 10.3 / 146.4, RVM 10.9 / 14.6",
  },
];

/** Columns of numbers stay one input; of words, one for each word but the first; what is missing among words is a word. */
function points(folder: string, { name, hasHeader, isPacked, positive }: SmallSet): Points {
  const bytes = readFileSync(join(folder, `${name}.csv${isPacked ? ".gz" : ""}`));
  const lines = (isPacked ? gunzipSync(bytes) : bytes)
    .toString("utf8")
    .trim()
    .split(/\r?\n/)
    .slice(hasHeader ? 1 : 0);
  const rows = lines.map((line) => line.split(",").map((cell) => cell.replace(/['"]/g, "").trim()));
  const width = (rows[0]?.length ?? 1) - 1;
  const columns = Array.from({ length: width }, (_, i) => {
    const cells = rows.map((row) => row[i] ?? "");
    if (cells.every((cell) => Number.isFinite(Number(cell)))) return [cells.map(Number)];
    const words = [...new Set(cells)].sort().slice(1);
    return words.map((word) => cells.map((cell) => (cell === word ? 1 : 0)));
  }).flat();
  const names = [...new Set(rows.map((row) => row[width] ?? ""))].sort();
  const ones = positive ?? names.slice(1);
  return {
    x: Float64Array.from(rows.flatMap((_, n) => columns.map((column) => column[n] ?? 0))),
    labels: Int32Array.from(rows, (row) => (ones.includes(row[width] ?? "") ? 1 : 0)),
    width: columns.length,
  };
}

/** The split of the data's description: rows by the SHA-256 of NAME/split/row. */
function splitOf(name: string, split: number, count: number): number[] {
  const hash = (row: number): string => createHash("sha256").update(`${name}/${split}/${row}`).digest("hex");
  return [...new Array(count).keys()]
    .map((row) => ({ row, key: hash(row) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ row }) => row);
}

const SPLITS = 10;
const STARTS = 3;
const STEPS = 60;

const Sdgm = z.object({ error: z.number(), weights: z.number(), seconds: z.number() });
interface Vectors {
  readonly error: number;
  readonly vectors: number;
}

async function ofSet(folder: string, set: SmallSet, { cells, say }: CheckTools): Promise<Outcome[]> {
  const all = points(folder, set);
  const own: z.infer<typeof Sdgm>[] = [];
  const pairs: { readonly sdgm: number; readonly svm: Vectors }[] = [];
  for (let split = 1; split <= SPLITS; split += 1) {
    const order = splitOf(set.name, split, all.labels.length);
    const [train, test] = standardised(
      rowsOf(all, order.slice(0, set.train)),
      rowsOf(all, order.slice(set.train)),
    );
    const task: SdgmTask = { form: set.form, classes: 2, each: 2, steps: STEPS };
    const made = { form: set.form, train: set.train, rows: all.labels.length, starts: STARTS, steps: STEPS };
    const key = { table: "SDGM, small sets", method: `sdgm, ${set.name}`, part: split - 1, made };
    const found = await cells.of(key, Sdgm, async () => {
      const began = performance.now();
      const { learned } = best(await starts(train, task, STARTS), "evidence");
      const { error, weights } = measured(learned.components, train, test, task);
      return { error, weights, seconds: figure((performance.now() - began) / 1000, 1) };
    });
    if (found === undefined) continue;
    own.push(found);
    const svm = supportVectors(train, test);
    if (svm) pairs.push({ sdgm: found.error, svm });
  }
  if (own.length === 0) return [openRow(set, "not measured", "–")];
  const mean = (values: readonly number[]): number => figure(meanOf(values), 1);
  const beside =
    pairs.length > 0
      ? `SVM on ${pairs.length} of the same splits ${mean(pairs.map(({ svm }) => svm.error))} % with ${figure(meanOf(pairs.map(({ svm }) => svm.vectors)), 0)} vectors; `
      : "";
  const errors = own.map(({ error }) => error);
  const weights = mean(own.map((one) => one.weights));
  const seconds = mean(own.map((one) => one.seconds));
  const value = `${figure(meanOf(errors), 2)}${errors.length > 1 ? ` ± ${figure(sdOf(errors), 2)}` : ""} / ${weights} (${own.length} splits, ${seconds} s each)`;
  const expected = `${beside}recalled, on other splits: ${set.recalled}`;
  say(`${set.name}: ${value}; ${expected}`);
  return [
    { ...openRow(set, value, expected), pass: own.length === SPLITS ? true : null },
    ...(pairs.length === SPLITS
      ? [
          atMost(
            `${set.name}: error less that of the SVM, points`,
            meanOf(pairs.map(({ sdgm, svm }) => sdgm - svm.error)),
            2,
            { evidence: "derived", source: "our judgement" },
            2,
          ),
        ]
      : []),
  ];
}

const openRow = ({ name }: SmallSet, value: string, expected: string): Outcome => ({
  ...{ what: `${name}: error, % ± sd over splits / weights`, value, expected, pass: null },
  ...{ evidence: "recalled", source: "sdgm.md §3, data README 3.3; nothing is demanded" },
});

/** scikit-learn's SVC with its usual settings, where KODO_PYTHON names a Python that has it. */
function supportVectors(
  train: Points,
  test: Points,
): { readonly error: number; readonly vectors: number } | undefined {
  const python = process.env["KODO_PYTHON"];
  if (!python) return undefined;
  const script =
    "import sys,json,numpy as np\nfrom sklearn.svm import SVC\nd=json.load(sys.stdin)\nx,y,u,v=(np.array(d[k]) for k in ('x','y','u','v'))\nx=x.reshape(len(y),-1);u=u.reshape(len(v),-1)\nm=SVC().fit(x,y)\nprint(json.dumps([float((m.predict(u)!=v).mean()*100),int(m.n_support_.sum())]))";
  const input = JSON.stringify({
    x: [...train.x],
    y: [...train.labels],
    u: [...test.x],
    v: [...test.labels],
  });
  const { stdout, status } = spawnSync(python, ["-c", script], {
    input,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  if (status !== 0) return undefined;
  const [error = NaN, vectors = NaN] = JSON.parse(stdout) as number[];
  return { error, vectors };
}

export const sdgmSmall: MethodCheck = {
  id: "sdgm-small",
  about:
    "SDGM on small sets of the literature, two components a class, best evidence of 3 starts; RVM and SVM beside, recalled and on splits of their own",
  isInPieces: true,
  async run(tools) {
    const folder = join(tools.data(), "bench-small");
    const outcomes: Outcome[] = [];
    for (const set of sets) outcomes.push(...(await ofSet(folder, set, tools)));
    return outcomes;
  },
};
