import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from "node:os";
import type { BenchRow } from "./training.ts";
import { onnxRuntime } from "../../main/compute/onnx/runtime.ts";
import { distance, evaluate, inputsOf } from "../../main/compute/self-check/op-battery.ts";
import type { OpResult } from "../../main/compute/self-check/op-battery.ts";
import { opCases } from "../../main/compute/self-check/op-cases.ts";
import type { OpCase } from "../../main/compute/self-check/op-cases.ts";
import { referenceRuntime } from "../../main/compute/self-check/reference.ts";
import type { Runtime } from "../../main/compute/runtime.ts";
import { INSTALL } from "../../main/compute/tensorflow/addon.ts";
import { locate } from "../../main/compute/tensorflow/place.ts";
import { tensorflowRuntime } from "../../main/compute/tensorflow/runtime.ts";

/** Both tables as Markdown: what was measured, and how far each op is from TensorFlow.js on each engine. */
export async function trainingResults(rows: readonly BenchRow[], now = new Date()): Promise<string> {
  const opened: Runtime[] = [await onnxRuntime({ threads: 1 })];
  if (locate() !== undefined) opened.push(await tensorflowRuntime({ threads: 1 }));
  const text = [
    "# Training engines: measurements",
    "Written by `npm run bench -- training --markdown`; numbers of another machine are other numbers.",
    machine(now),
    ...(isBusy() ? [BUSY] : []),
    "## Speed",
    "Forward, backward and Adam, float32, engine and peer in turns; medians of five stretches. Above 1 the engine is better than its peer, whatever the unit. Processor time says more than steps a second where the machine was busy.",
    "x2 is two threads at most: an engine takes one where two would wait for one another longer than they compute. ONNX Runtime makes several steps a call where they are small, and counts numbers below 1e-38 as zero, as TensorFlow does by itself; PyTorch does not unless it is told to, and is measured as it comes.",
    table(
      ["workload, engine", "value", "peer", "its value", "ratio"],
      rows.map(({ name, value, unit, peer, peerValue, ratio }) => [
        name,
        `${short(value)} ${unit}`,
        peer,
        short(peerValue),
        ratio.toFixed(2),
      ]),
    ),
    "## Ops",
    `Largest difference from TensorFlow.js on the op battery, relative to the largest entry (at least 1): value, then gradient; "-" where it has no gradient. Gradients are held against finite differences too, in the tests.${opened.length === 1 ? ` libtensorflow is not installed here ("${INSTALL}").` : ""}`,
    await opTable(opened),
  ].join("\n\n");
  for (const runtime of opened) await runtime.dispose();
  return `${text}\n`;
}

const BUSY =
  "**The machine was busy with other work.** Steps a second then depend on who got the cores, and rows on two threads say nothing: threads that wait for one another wait for the other work. Only the processor time of one thread can be compared.";
const isBusy = (): boolean => loadavg()[1]! > availableParallelism() + 1; // one more than the benchmark itself may keep busy

function machine(now: Date): string {
  const [processor] = cpus();
  return table(
    ["machine", ""],
    [
      ["date", now.toISOString().slice(0, 10)],
      ["processor", `${processor?.model.trim() ?? "unknown"}, ${availableParallelism()} cores`],
      ["memory", `${Math.round(totalmem() / 2 ** 30)} GiB`],
      ["system", `${platform()} ${release()} ${arch()}, Node ${process.versions.node}`],
      [
        "busy with (load over one and five minutes)",
        loadavg()
          .slice(0, 2)
          .map((load) => load.toFixed(1))
          .join(", "),
      ],
    ],
  );
}

interface Errors {
  readonly value: number;
  readonly gradient: number | undefined;
}

/** A row an op, a column an engine: the worst of its cases. */
async function opTable(runtimes: readonly Runtime[]): Promise<string> {
  const ops = [...new Set(opCases.flatMap(({ kernels }) => kernels))].sort();
  const found = new Map<OpCase, readonly (Errors | string)[]>();
  const reference = referenceRuntime();
  for (const opCase of opCases) {
    const inputs = inputsOf(opCase, 1);
    const expected = await evaluate(reference, opCase, inputs);
    const errors: (Errors | string)[] = [];
    for (const runtime of runtimes) {
      try {
        errors.push(errorsOf(opCase, await evaluate(runtime, opCase, inputs), expected));
      } catch (error) {
        errors.push(error instanceof Error ? error.message : String(error));
      }
    }
    found.set(opCase, errors);
  }
  return table(
    ["op", "cases", ...runtimes.map(({ name, version }) => `${name}, ${version}`)],
    ops.map((op) => {
      const cases = opCases.filter(({ kernels }) => kernels.includes(op));
      const cells = runtimes.map((_, index) => cellOf(cases.map((opCase) => found.get(opCase)![index]!)));
      return [op, String(cases.length), ...cells];
    }),
  );
}

function errorsOf(
  { gradient, referenceGradientWrong }: OpCase,
  actual: OpResult,
  expected: OpResult,
): Errors {
  const isCompared = gradient && referenceGradientWrong !== true;
  return {
    value: distance(actual.value, expected.value),
    gradient: isCompared
      ? Math.max(...actual.gradients.map((one, index) => distance(one, expected.gradients[index]!)))
      : undefined,
  };
}

function cellOf(results: readonly (Errors | string)[]): string {
  const failure = results.find((one) => typeof one === "string");
  if (failure !== undefined) return `fails: ${failure.replaceAll("|", "/").split("\n")[0]!}`;
  const errors = results as readonly Errors[];
  const gradients = errors.flatMap(({ gradient }) => gradient ?? []);
  const worst = (values: readonly number[]): string => {
    const largest = Math.max(...values);
    return largest === 0 ? "0" : largest.toExponential(0);
  };
  return `${worst(errors.map(({ value }) => value))}, ${gradients.length === 0 ? "-" : worst(gradients)}`;
}

const short = (value: number): string => (value < 100 ? value.toPrecision(3) : String(Math.round(value)));

/** Columns of even width, as the formatter has them. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(3, title.length, ...rows.map((cells) => cells[column]!.length)),
  );
  const line = (cells: readonly string[], filler = " "): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!, filler)).join(" | ")} |`;
  const dashes = line(
    head.map(() => ""),
    "-",
  );
  return [line(head), dashes, ...rows.map((cells) => line(cells))].join("\n");
}
