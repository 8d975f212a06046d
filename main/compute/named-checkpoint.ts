import type { FitCheckpoint } from "./loop.ts";
import type { Training } from "./optimiser.ts";
import type { ParameterSpec } from "./parameters.ts";
import type { TypedArray } from "./runtime.ts";

/** Where a fit stands, with the names of the parameters that lie in its state one after the other; absent in those of before. */
export type NamedCheckpoint<Score> = FitCheckpoint<Score> & {
  readonly parameters?: readonly Pick<ParameterSpec, "name" | "shape">[];
};

export const withNames = <Score>(
  checkpoint: FitCheckpoint<Score>,
  specs: readonly ParameterSpec[],
): NamedCheckpoint<Score> => ({
  ...checkpoint,
  parameters: specs.map(({ name, shape }) => ({ name, shape })),
});

/** A checkpoint whose state was found by the names of the parameters in it. Throws model/wrong-parameters as `laidOut` does. */
export function inNames<Score>(checkpoint: NamedCheckpoint<Score>, training: Training): FitCheckpoint<Score> {
  const { parameters, state, best, ...rest } = checkpoint;
  if (parameters === undefined) return checkpoint;
  const found = (of: readonly TypedArray[]): readonly TypedArray[] => training.laidOut(of, parameters);
  return { ...rest, state: found(state), best: best && { ...best, state: found(best.state) } };
}
