import type { Scalar } from "@tensorflow/tfjs-core";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { sure } from "../../../preload/contract/sure.ts";
import type { TensorSpec } from "../tensors.ts";
import { allocate, checkArrays } from "../feeds.ts";
import type { Graph, GraphValue } from "../graph.ts";
import { dealt, sumOf } from "../parts.ts";
import { recordPredict, recordStep } from "../recorder.ts";
import type { Dialect } from "../recorder.ts";
import type { CompiledStep, LossAndGradient, StepParts, TypedArray } from "../runtime.ts";
import { onnxBytes } from "./graph.ts";
import type { Lane, LaneWork } from "./lane.ts";
import type { Ort } from "./ort.ts";
import { State, copyTo, keyed, stateOf, tensorOf } from "./step.ts";

interface LaneTools {
  readonly threads: number;
  readonly words: Dialect;
  readonly state: readonly TensorSpec[];
  readonly feeds: readonly TensorSpec[];
  readonly open: (bytes: Uint8Array, threads: number) => Promise<InferenceSession>;
  readonly close: (session: InferenceSession) => Promise<void>;
  readonly openLanes: (works: readonly LaneWork[]) => Promise<readonly Lane[]>;
  readonly closeLane: (lane: Lane) => Promise<void>;
}

/**
 * The parts of a step on as many threads as there are, this one among them; then, here, what their sum makes of the
 * state. Inputs are named as recorded: `param0` for the first tensor of the state, `feed0`, …; those of the end are the
 * step's feeds and after them loss and gradient of each lane.
 */
export async function stepInLanes(
  ort: Ort,
  stepParts: StepParts,
  { threads, words, state: stateSpecs, feeds, open, close, openLanes, closeLane }: LaneTools,
): Promise<CompiledStep> {
  const first = sure(stateSpecs[0]);
  const groups = dealt(stepParts.parts, threads);
  const graphs = groups.map((group) => partGraph(group, first, { feeds, words }));
  const own = sure(graphs[0]);
  const end = endGraph(stepParts, groups.length, { state: stateSpecs, feeds, words });

  const state = new State(ort, stateSpecs);
  const part = new Local(ort, own, await open(onnxBytes(own, "part"), 1));
  const last = new Local(ort, withoutState(end), await open(onnxBytes(end, "end"), 1));
  const lanes = await openLanes(graphs.slice(1).map(laneWork));
  return {
    run: async (values) => {
      checkArrays("feeds", values, feeds);
      const valueOf = (name: string): TypedArray =>
        name === "param0" ? (sure(state.current[0]).data as TypedArray) : sure(values[feedNumber(name)]);
      for (const lane of lanes) {
        fill(lane.inputs, valueOf);
        lane.begin();
      }
      fill(part.inputs, valueOf);
      await part.run();
      for (const lane of lanes) await lane.ended();
      const sums = [part, ...lanes].flatMap(({ outputs }) => [...outputs.values()]);
      fill(last.inputs, (name) => values[feedNumber(name)] ?? sure(sums[feedNumber(name) - feeds.length]));
      await last.run(onlyRead(end, keyed("state", state.current)), keyed("next", state.next));
      state.advance();
      return sure((last.outputs.get("loss") as Float32Array)[0]);
    },
    ...stateOf(state),
    dispose: async () => {
      await Promise.all([close(part.session), close(last.session), ...lanes.map((lane) => closeLane(lane))]);
    },
  };
}

const feedNumber = (name: string): number => Number(name.slice("feed".length));

type Values = ReadonlyMap<string, TypedArray>;
const fill = (inputs: Values, valueOf: (name: string) => TypedArray): void => {
  for (const [name, array] of inputs) copyTo(array, valueOf(name));
};

const partGraph = (
  group: StepParts["parts"],
  first: TensorSpec,
  { feeds, words }: Pick<LaneTools, "feeds" | "words">,
): Graph =>
  withoutIdleInputs(
    recordPredict(
      (params, batch) => {
        const { loss, gradient } = sumOf(group.map((part) => part(sure(params[0]), batch)));
        return [loss, gradient];
      },
      [first],
      feeds,
      words,
    ),
  );

function endGraph(
  { finish }: StepParts,
  lanes: number,
  { state, feeds, words }: Pick<LaneTools, "state" | "feeds" | "words">,
): Graph {
  const made = Array.from({ length: lanes }, (): TensorSpec[] => [
    { shape: [], dtype: "float32" },
    sure(state[0]),
  ]);
  const step = (before: Parameters<typeof finish>[0], given: Parameters<typeof finish>[1]) => {
    const sums = made.map((_, lane): LossAndGradient => {
      const at = feeds.length + 2 * lane;
      return { loss: given[at] as Scalar, gradient: sure(given[at + 1]) };
    });
    return finish(before, given.slice(0, feeds.length), sumOf(sums));
  };
  return withoutIdleInputs(recordStep(step, state, [...feeds, ...made.flat()], words));
}

function withoutIdleInputs(graph: Graph): Graph {
  const read = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
  return { ...graph, inputs: graph.inputs.filter(({ name }) => read.has(name)) };
}

/** The state's tensors come by themselves: what is written in one step is read in the next. */
const withoutState = ({ inputs, outputs, ...graph }: Graph): Graph => ({
  ...graph,
  inputs: inputs.filter(({ name }) => !name.startsWith("state")),
  outputs: outputs.filter(({ name }) => !name.startsWith("next")),
});

const onlyRead = <T>({ inputs }: Graph, named: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(named).filter(([own]) => inputs.some(({ name }) => name === own)));

/** A graph on this thread, with arrays for what goes in and comes out. */
class Local {
  readonly session: InferenceSession;
  readonly inputs: Values;
  readonly outputs: Values;
  readonly #feeds: Readonly<Record<string, Tensor>>;
  readonly #fetches: Readonly<Record<string, Tensor>>;

  constructor(ort: Ort, graph: Graph, session: InferenceSession) {
    this.session = session;
    const values = (list: readonly GraphValue[]): Values =>
      new Map(list.map((value) => [value.name, allocate(specOf(value))]));
    const tensors = (list: readonly GraphValue[], arrays: Values) =>
      Object.fromEntries(
        list.map((value) => [value.name, tensorOf(ort, specOf(value), sure(arrays.get(value.name)))]),
      );
    [this.inputs, this.outputs] = [values(graph.inputs), values(graph.outputs)];
    this.#feeds = tensors(graph.inputs, this.inputs);
    this.#fetches = tensors(graph.outputs, this.outputs);
  }

  async run(
    feeds: Readonly<Record<string, Tensor>> = {},
    fetches: Readonly<Record<string, Tensor>> = {},
  ): Promise<void> {
    await this.session.run({ ...this.#feeds, ...feeds }, { ...this.#fetches, ...fetches });
  }
}

const laneWork = (graph: Graph): LaneWork => ({
  bytes: onnxBytes(graph, "part"),
  inputs: graph.inputs.map((value) => ({ ...specOf(value), name: value.name })),
  outputs: graph.outputs.map((value) => ({ ...specOf(value), name: value.name })),
});

const specOf = ({ shape, dtype }: GraphValue): TensorSpec => ({
  shape,
  dtype: dtype === "int32" ? "int32" : "float32",
});
