import { searched, searchFrom } from "../../../main/models/convex/lbfgs.ts";
import { softmaxLogits, softmaxLoss, type Design } from "../../../main/models/convex/softmax-regression.ts";
import { softmaxRows } from "../../../main/models/linear-algebra.ts";
import { seededRandom } from "../../../main/models/random.ts";
import { effectiveWeights, posteriorOf } from "../../../main/models/sdgm/components.ts";
import { begun, learn } from "../../../main/models/sdgm/learn.ts";
import { standardised, targetOf, type Points } from "../points.ts";
import { designOf } from "../sdgm/fitted.ts";

const CLASSES = 2;

/** A way to predict, with the choices that are made within the training records. */
export interface Way {
  readonly name: string;
  readonly choices: readonly number[];
  /** Probability of class 1 for each row of `test`. */
  fit(train: Points, test: Points, choice: number): Promise<Float64Array>;
}

/** Softmax regression; the choice is its ridge. */
export const logistic: Way = {
  name: "logistic",
  choices: [0.001, 0.01, 0.1, 1],
  fit(train, test, ridge) {
    const [own, other] = standardised(train, test);
    const design = { ...linear(own), y: targetOf(own, CLASSES) };
    const objective = softmaxLoss(design, ridge);
    const start = searchFrom(new Float64Array(CLASSES * design.features), objective);
    const { at } = searched(start, objective, { steps: 200, tolerance: 1e-7 });
    return Promise.resolve(second(softmaxRows(softmaxLogits(linear(other), at), CLASSES, 1)));
  },
};

function linear({ x, labels, width }: Points): Omit<Design, "y" | "weights"> {
  return {
    ...{ count: labels.length, features: width + 1, classes: CLASSES, isPerClass: false },
    fill(_c, first, rows, out) {
      for (let row = 0; row < rows; row += 1) {
        out[row * (width + 1)] = 1;
        for (let i = 0; i < width; i += 1) out[row * (width + 1) + i + 1] = x[(first + row) * width + i] ?? 0;
      }
    },
  };
}

/** A sparse discriminative mixture on squares of the features; the choice is how many components a class has. */
export const sdgm: Way = {
  name: "SDGM",
  choices: [1, 2],
  async fit(train, test, each) {
    const [own, other] = standardised(train, test);
    const task = { form: "diagonal", classes: CLASSES, each, steps: 100 } as const;
    const design = designOf(own, own, task);
    const start = begun(design, own.x, { each, random: seededRandom(0) });
    const { components } = await learn(design, start, { steps: task.steps, pause: () => Promise.resolve() });
    const asked = designOf(other, own, task);
    const { logClass } = posteriorOf(asked, components, effectiveWeights(components, asked));
    return second(logClass.map((log) => Math.exp(log)));
  },
};

const second = (probabilities: Float64Array): Float64Array =>
  probabilities.filter((_p, at) => at % CLASSES === 1);
