import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LabelSet } from "../../../preload/contract/label-set.ts";
import { ModelCard } from "../../../preload/contract/model-file.ts";
import type { Prediction } from "../../../preload/contract/run.ts";
import { fitRun } from "../fit/fit-run.ts";
import { configOf, gestureRecording, libraryOf, runOf, toolsFor } from "../fit/fit.fixtures.ts";
import { openModelFile, type FileFeed } from "../../compute/onnx/file-session.ts";
import { onnx } from "../../compute/onnx/protobuf.ts";
import { unpackModel } from "./model-file.ts";
import {
  codes,
  ctgCase,
  emgCase,
  exported,
  feedsOf,
  meanCase,
  predicted,
  withLabelSets,
  type Case,
} from "./exported.fixtures.ts";
import { outputNames } from "./predict-graph.ts";
import { metadataKeys } from "./write.ts";

type Outputs = Readonly<Record<string, ArrayLike<number>>>;

const TOLERANCE = 1e-5;

/** Each window's outputs beside Kodo's prediction. A typicality may lie one step of its scale apart: a density can tie. */
function expectSame(prediction: Prediction, outputs: readonly Outputs[], densities: number): void {
  const k = prediction.classes.length;
  const assessable = Uint8Array.from(outputs, (one) => one["assessable"]?.[0] ?? 2);
  expect(assessable).toEqual(prediction.assessable);
  expect(new Set(assessable)).toEqual(new Set([0, 1])); // the case has both
  const apart = { matrix: 0, single: 0, typicality: 0 };
  const gap = (a: number, b: number): number => (Number.isNaN(a) && Number.isNaN(b) ? 0 : Math.abs(a - b));
  outputs.forEach((one, n) => {
    for (const name of ["probabilities", "low", "high"] as const)
      for (let c = 0; c < k; c += 1)
        apart.matrix = Math.max(
          apart.matrix,
          gap(one[name]?.[c] ?? Infinity, prediction[name][n * k + c] as number),
        );
    for (const name of ["aleatoric", "epistemic"] as const)
      apart.single = Math.max(apart.single, gap(one[name]?.[0] ?? Infinity, prediction[name][n] as number));
    apart.typicality = Math.max(
      apart.typicality,
      gap(one["typicality"]?.[0] ?? Infinity, prediction.typicality[n] as number),
    );
  });
  expect(apart.matrix).toBeLessThan(TOLERANCE);
  expect(apart.single).toBeLessThan(TOLERANCE);
  expect(apart.typicality).toBeLessThanOrEqual(1.01 / Math.max(1, densities));
}

async function runInNode(
  bytes: Uint8Array,
  feeds: readonly Readonly<Record<string, FileFeed>>[],
): Promise<Outputs[]> {
  const session = await openModelFile(bytes);
  try {
    expect(session.outputs).toEqual([...outputNames]);
    const outputs: Outputs[] = [];
    for (const one of feeds) outputs.push(await session.run(one));
    return outputs;
  } finally {
    await session.dispose();
  }
}

const cases: readonly (readonly [string, () => Case])[] = [
  ["emg-amplitude", emgCase],
  ["window-mean", meanCase],
  ["ctg-deviation", ctgCase],
  [
    "ctg-deviation, its labels about the heart rate alone",
    () =>
      ctgCase({
        labelSet: "ctg-events",
        labels: ["acceleration", "deceleration", "bradycardia"],
        centreS: 30,
      }),
  ],
];

describe.each(cases)("an exported model with the front %s", (_, make) => {
  const one = make();

  test("gives in plain ONNX Runtime what Kodo predicts, window for window", async () => {
    const file = await exported(one);
    const prediction = await predicted(one);
    const outputs = await runInNode(file.bytes, feedsOf(one, file, prediction.onsetS));
    expectSame(prediction, outputs, one.model.densities.length);
    expect(file.check.windows).toBeGreaterThan(4);
    expect(file.check.largestDifference).toBeLessThan(TOLERANCE);
  });

  test("uses nothing but standard operators", async () => {
    const { opsetImport, graph } = onnx.ModelProto.decode((await exported(one)).bytes);
    expect(opsetImport.map(({ domain }) => domain)).toEqual([""]);
    expect(new Set(graph?.node?.map(({ domain }) => domain))).toEqual(new Set([""]));
  });
});

describe("an exported model that was really trained", () => {
  const people = ["p1", "p2", "p3", "p4", "p5"];
  const library = withLabelSets(
    libraryOf(
      people.map((subject, i) =>
        gestureRecording(subject, 10 + i, { reasons: (c, i) => (c < 3 && i % 500 < 90 ? 1 : 0) }),
      ),
    ),
  );

  test("gives what Kodo predicts for a person it never saw", async () => {
    const { run, model } = await fitRun(runOf(configOf(people, { minObserved: 0.7 })), toolsFor(library));
    const trained: Case = { run, model: unpackModel(model), library, recordingId: "rec-p5" };
    const file = await exported(trained);
    const prediction = await predicted(trained);
    const outputs = await runInNode(file.bytes, feedsOf(trained, file, prediction.onsetS));
    expectSame(prediction, outputs, trained.model.densities.length);
  });
});

describe("the card of an exported model", () => {
  test("says everything a stranger needs to run it, and nothing a person wrote in private", async () => {
    const { bytes, card } = await exported(emgCase());
    const { metadataProps, docString } = onnx.ModelProto.decode(bytes);
    const metadata = new Map(metadataProps.map(({ key, value }) => [key, value]));
    expect(ModelCard.parse(JSON.parse(metadata.get(metadataKeys.card) ?? ""))).toEqual(card);
    expect(docString).toContain("Research use only");
    expect(docString).toContain("研究用");
    expect(card).toMatchObject({
      runId: "run",
      codeVersion: "test",
      windowS: 0.5,
      temperature: 1.3,
      front: "emg-amplitude",
      context: null,
      places: [],
      inputs: [{ signal: "signal", observed: "observed", sampleRate: 100, samples: 50 }],
      calibration: { subjects: ["S1", "S2"].map(codes.subject), windows: 40, eceAfter: 0.03 },
      test: { subjects: 1 },
      labelSet: { id: "emg-gestures" },
    });
    expect(card.channels.map(({ label, unit, role, sampleRate }) => [label, unit, role, sampleRate])).toEqual(
      [1, 2, 3, 4].map((i) => [`EMG${i}`, "uV", "emg", 100]),
    );
    expect([...metadata.values()].join(" ")).not.toMatch(/private/i);
  });

  test("holds no code, name or score of a single person, and no label but its classes, in any byte", async () => {
    const one = emgCase();
    const { run } = one;
    const planted = ["Tq7recording", "Tq7subject", "Tq7tested", "Tq7validated", "Tq7calibrated", "Tq7fold"];
    const [recording, subject, tested, validated, calibrated, fold] = planted as [string, ...string[]];
    const report = {
      ...run.metrics!.test,
      perSubject: [{ subject: tested!, windows: 1, accuracy: 0.123456789, nll: 1, ece: 1 }],
    };
    const metrics = {
      ...run.metrics!,
      ...{ test: report, lda: report, supervisedOnly: report, transductive: report },
      causal: { test: report, guided: report, after: [], parts: {} },
      paired: {
        score: "accuracy" as const,
        against: {
          lda: {
            ...{ groups: 1, difference: 0.123456789, interval: null, better: 1, worse: 0, equal: 0 },
            verdict: "too-few" as const,
          },
        },
      },
      calibration: { ...run.metrics!.calibration, subjects: [calibrated!] },
      folds: [{ ...report, subjects: [fold!], temperature: 1 }],
    };
    const typed = LabelSet.parse({
      ...one.library.listLabelSets()[0]!,
      labels: [
        ...one.library.listLabelSets()[0]!.labels,
        {
          code: "tq7label",
          name: { en: "Tq7label", ja: "Tq7label" },
          letter: "",
          colour: "#000000",
          shape: "point",
          group: "all",
        },
      ],
    });
    const { bytes } = await exported({
      ...one,
      library: { ...one.library, listLabelSets: () => [typed] },
      run: {
        ...run,
        config: {
          ...run.config,
          split: { testSubjects: [tested!], validationSubjects: [validated!] },
        },
        data: [{ ...run.data[0]!, recording, subject: subject! }],
        note: "Tq7note",
        error: { code: "data/x", message: "Tq7error" },
        metrics,
      },
    });
    const all = Buffer.from(bytes).toString("latin1");
    expect(all).toContain(codes.subject(subject!)); // the search sees what is there
    expect(all).not.toMatch(/tq7/i);
    expect(all).not.toContain("0.123456789");
  });

  test("names one pair of inputs for each rate, and the place of the window where the front looks around it", async () => {
    expect((await exported(meanCase())).card.inputs).toEqual([
      { signal: "signal1", observed: "observed1", channels: ["A"], sampleRate: 50, samples: 100 },
      { signal: "signal2", observed: "observed2", channels: ["B"], sampleRate: 20, samples: 40 },
    ]);
    const { card } = await exported(ctgCase());
    expect(card.places.map(({ name }) => name)).toEqual(["window_onset", "recording_end"]);
    expect(card.context).toEqual({ fromS: 975, toS: 990, stepS: 15, lengthS: 2100 });
  });
});

const python = process.env["KODO_PYTHON"] ?? "python3";
const hasPython = ((): boolean => {
  try {
    execFileSync(python, ["-c", "import numpy, onnxruntime"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();
if (!hasPython)
  console.warn(
    `SKIPPED: model files in Python's onnxruntime: ${python} has no onnxruntime and numpy (KODO_PYTHON names another Python)`,
  );

const script = `
import json, sys, numpy, onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
card = json.loads(session.get_modelmeta().custom_metadata_map["kodo.card"])
names = [one["name"] for one in card["outputs"]]
rows = []
for window in json.load(open(sys.argv[2])):
    feeds = {name: numpy.array([numpy.nan if v is None else v for v in feed["values"]], numpy.float32).reshape(feed["shape"]) for name, feed in window.items()}
    rows.append({name: [None if v != v else float(v) for v in value.ravel()] for name, value in zip(names, session.run(names, feeds))})
print(json.dumps(rows))
try:
    import onnx
    onnx.checker.check_model(sys.argv[1], full_check=True)
except ImportError:
    pass
`;

describe.skipIf(!hasPython)("an exported model in Python's onnxruntime", () => {
  test.each(cases)("with the front %s gives what Kodo predicts", async (_, make) => {
    const folder = mkdtempSync(join(tmpdir(), "kodo-onnx-"));
    try {
      const one = make();
      const file = await exported(one);
      const prediction = await predicted(one);
      const feeds = feedsOf(one, file, prediction.onsetS).map((feed) =>
        Object.fromEntries(
          Object.entries(feed).map(([name, { shape, values }]) => [name, { shape, values: [...values] }]),
        ),
      );
      const paths = [join(folder, "model.onnx"), join(folder, "feeds.json")] as const;
      writeFileSync(paths[0], file.bytes);
      writeFileSync(paths[1], JSON.stringify(feeds));
      const said = execFileSync(python, ["-c", script, ...paths], { maxBuffer: 1 << 28 }).toString();
      const rows = JSON.parse(said) as Record<string, (number | null)[]>[];
      const outputs = rows.map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, values]) => [name, values.map((value) => value ?? Number.NaN)]),
        ),
      );
      expectSame(prediction, outputs, one.model.densities.length);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
