import type { InferenceSession } from "onnxruntime-node";
import { sure } from "../../../preload/contract/sure.ts";
import type { TensorSpec } from "../tensors.ts";
import { checkArrays } from "../feeds.ts";
import type { Graph } from "../graph.ts";
import { recordStep } from "../recorder.ts";
import type { Dialect } from "../recorder.ts";
import type { CompiledStep, StepsApart, TypedArray } from "../runtime.ts";
import { stepsBytes } from "./graph.ts";
import type { Lane, LaneValue, LaneWork } from "./lane.ts";
import type { Ort } from "./ort.ts";
import { compiledSteps, copyTo } from "./step.ts";

interface ApartTools {
  readonly words: Dialect;
  readonly state: readonly TensorSpec[];
  readonly feeds: readonly TensorSpec[];
  readonly count: (graph: Graph) => number; // steps a call, at most
  readonly open: (bytes: Uint8Array, threads: number) => Promise<InferenceSession>;
  readonly close: (session: InferenceSession) => Promise<void>;
  readonly openLanes: (works: readonly LaneWork[]) => Promise<readonly Lane[]>;
  readonly closeLane: (lane: Lane) => Promise<void>;
}

type Batch = readonly TypedArray[];

/** Steps that share nothing, each on a thread: the first on this one. Each thread keeps its state. */
export async function stepsOnThreads(
  ort: Ort,
  apart: StepsApart,
  { words, state, feeds, count: countOf, open, close, openLanes, closeLane }: ApartTools,
): Promise<CompiledStep> {
  const specsOf = (own: readonly number[]): TensorSpec[] => own.map((feed) => sure(feeds[feed]));
  const steps = apart.steps.map((one) => ({
    ...one,
    graph: recordStep(one.step, one.state, specsOf(one.feeds), words),
  }));
  const [first, others] = [sure(steps[0]), steps.slice(1)];
  const count = countOf(first.graph);
  const session = await open(stepsBytes(first.graph, "steps"), 1);
  const here = compiledSteps(ort, session, {
    state: first.state,
    feeds: specsOf(first.feeds),
    count,
    close: () => close(session),
  });
  const opened = await openLanes(
    others.map((one) => ({
      bytes: stepsBytes(one.graph, "steps"),
      inputs: [...named("state", one.state), ...named("feed", specsOf(one.feeds), count)],
      outputs: [
        ...named("next", one.state).map((value, at) => ({ ...value, at: `state${at}/all` })),
        { name: "loss/all", shape: [], dtype: "float32", steps: count },
      ],
    })),
  );
  const lanes = others.map(({ feeds: own, state: specs }, index) => {
    const lane = sure(opened[index]);
    return { lane, feeds: own, arrays: specs.map((_, at) => sure(lane.inputs.get(`state${at}/all`))) };
  });
  const runMany = async (batches: readonly Batch[]): Promise<readonly number[]> => {
    for (const batch of batches) checkArrays("feeds", batch, feeds);
    for (const { lane, feeds: own } of lanes) {
      own.forEach((feed, at) => {
        const stacked = sure(lane.inputs.get(`feed${at}/all`));
        for (const [step, batch] of batches.entries()) {
          const values = sure(batch[feed]);
          copyTo(stacked, values, step * values.length);
        }
      });
      lane.begin(batches.length);
    }
    const ownFeeds = (batch: Batch): Batch => first.feeds.map((feed) => sure(batch[feed]));
    const losses = [...(await here.runMany(batches.map(ownFeeds)))];
    for (const { lane } of lanes) {
      await lane.ended();
      const own = sure(lane.outputs.get("loss/all"));
      losses.forEach((loss, step) => (losses[step] = loss + sure(own[step])));
    }
    return losses;
  };
  return {
    stepsPerCall: count,
    runMany,
    run: async (batch) => sure((await runMany([batch]))[0]),
    read: async () => apart.join([await here.read(), ...lanes.map(({ arrays }) => arrays)]),
    write: async (values) => {
      checkArrays("state", values, state);
      const parts = apart.split(values);
      await here.write(sure(parts[0]));
      for (const [lane, { arrays }] of lanes.entries()) {
        const own = sure(parts[lane + 1]);
        arrays.forEach((array, at) => copyTo(array, sure(own[at])));
      }
    },
    dispose: async () => {
      await Promise.all([here.dispose(), ...lanes.map(({ lane }) => closeLane(lane))]);
    },
  };
}

const named = (prefix: string, specs: readonly TensorSpec[], steps?: number): LaneValue[] =>
  specs.map((spec, index) => ({
    ...spec,
    name: `${prefix}${index}/all`,
    ...(steps === undefined ? {} : { steps }),
  }));
