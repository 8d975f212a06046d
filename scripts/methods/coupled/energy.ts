import { z } from "zod";
import { pairedSentence } from "../../../preload/contract/paired.ts";
import { pairedOverGroups } from "../../../main/training/judge/paired.ts";
import { atLeast, atMost, type CheckTools, type MethodCheck, type Outcome } from "../check.ts";
import { fewLabelsOfMyo } from "../emg/checks.ts";
import { overTests, type Judged } from "../emg/table.ts";
import {
  biasedToy,
  clusteredToy,
  deviation,
  judgedBy,
  learnedInRounds,
  mean,
  toyRows,
  verdictOf,
  type Toy,
  type ToyVerdict,
} from "./toys.ts";

const KINDS = ["coupled-softmax", "coupled-energy"] as const;
const from = { evidence: "derived", source: "gaussian-coupled-softmax.md 1, energy-based density" } as const;

interface Toys {
  readonly name: string;
  readonly seeds: number;
  readonly settings: object;
  readonly of: (seed: number) => Toy;
}

const TIED = { couplingVariance: 1, generativeWeight: 1 };
const BIASED: Toys = { name: "biased labels, σ² = 1", seeds: 20, settings: TIED, of: biasedToy };
const toys: readonly Toys[] = [
  BIASED,
  {
    name: "a class of two clusters, 3 labels, σ² = 1",
    seeds: 12,
    settings: TIED,
    of: (seed) => clusteredToy(seed, 3),
  },
  {
    name: "a class of two clusters, 20 labels, σ² = 1",
    seeds: 12,
    settings: TIED,
    of: (seed) => clusteredToy(seed, 20),
  },
  {
    name: "a class of two clusters, 20 labels, as it comes",
    seeds: 12,
    settings: {},
    of: (seed) => clusteredToy(seed, 20),
  },
];

const Verdicts = z.array(
  z.object({ accuracy: z.number(), nll: z.number(), ece: z.number(), confidence: z.number() }),
);

/** Kept as the cells of a table are; none where the time was over. */
async function verdicts(
  kind: string,
  { name, seeds, settings, of }: Toys,
  { cells }: CheckTools,
  unseen: readonly number[] = [],
): Promise<readonly ToyVerdict[]> {
  const key = { table: `Energy, ${name}`, method: kind, part: 0, made: { seeds, settings, unseen } };
  const found = await cells.of(key, Verdicts, async () => {
    const own: ToyVerdict[] = [];
    for (let seed = 0; seed < seeds; seed += 1) {
      const toy = of(seed);
      const learned = await learnedInRounds({ kind, ...settings }, toyRows(toy), seed);
      own.push(verdictOf(judgedBy(kind, learned, toy.judged, unseen)));
    }
    return own;
  });
  return found ?? [];
}

const told = (found: readonly ToyVerdict[]): string => {
  const accuracy = found.map((one) => one.accuracy);
  const of = (what: keyof ToyVerdict): string => mean(found.map((one) => one[what])).toFixed(3);
  return `${mean(accuracy).toFixed(1)} ± ${deviation(accuracy).toFixed(1)} % (lowest ${Math.min(...accuracy).toFixed(1)}), NLL ${of("nll")}, ECE ${of("ece")}`;
};

const notThere = (what: string): Outcome => ({
  ...{ what, value: "not measured", expected: "–", pass: null, ...from },
});

async function onToys(tools: CheckTools): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const toy of toys) {
    const [head, energy] = [await verdicts(KINDS[0], toy, tools), await verdicts(KINDS[1], toy, tools)];
    const what = `${toy.name} (${toy.seeds} seeds): energy, beside the coupled head`;
    if (head.length * energy.length === 0) {
      outcomes.push(notThere(what));
      continue;
    }
    const value = `${told(energy)}; coupled head ${told(head)}`;
    tools.say(`${what}: ${value}`);
    outcomes.push({ ...{ what, value, expected: "no goal", pass: true }, ...from });
  }
  return outcomes;
}

/** What is asked of the first toy: the coupled head's goals; x₂, which says nothing, and x₁, which says all, hidden. */
async function asked(tools: CheckTools): Promise<Outcome[]> {
  const hiding = { ...BIASED, seeds: 5 };
  const whole = await verdicts(KINDS[1], BIASED, tools);
  const first = await verdicts(KINDS[1], { ...hiding, name: "first input hidden" }, tools, [0]);
  const second = await verdicts(KINDS[1], { ...hiding, name: "second input hidden" }, tools, [1]);
  if (whole.length * first.length * second.length === 0) return [notThere("biased labels: what is asked")];
  const of = (found: readonly ToyVerdict[], what: keyof ToyVerdict): number =>
    mean(found.map((one) => one[what]));
  return [
    atLeast("biased labels, σ² = 1: accuracy of the energy, %", of(whole, "accuracy"), 97, from, 1),
    atMost("biased labels, σ² = 1: ECE of the energy", of(whole, "ece"), 0.01, from),
    atLeast("x₂ hidden: accuracy of the energy, %", of(second, "accuracy"), 96.5, from, 1),
    atMost("x₁ hidden: mean confidence of the energy", of(first, "confidence"), 0.56, from),
  ];
}

const PEOPLE = 6; // every second one

async function onPeople(tools: CheckTools): Promise<Outcome> {
  const splits = fewLabelsOfMyo(tools.data(), 7)
    .filter((_, i) => i % 2 === 0)
    .slice(0, PEOPLE);
  const variants = [
    { name: "coupled head", settings: { kind: KINDS[0] } },
    { name: "energy", settings: { kind: KINDS[1] } },
  ];
  const judged = await overTests(splits, variants, 7, { table: "Myo, energy", tools });
  const what = `Myo, within a person, 5 % of the labels (${PEOPLE} people): energy, beside the coupled head`;
  const told = ({ tests, seconds }: Judged): string[] =>
    tests.map(
      ({ accuracy, nll, ece, people }) =>
        `${(100 * accuracy).toFixed(1)} %, NLL ${nll.toFixed(3)}, ECE ${ece.toFixed(3)}, ${seconds.toFixed(1)} s (${people.size} people)`,
    );
  const [head = [], energy = []] = judged.map(told);
  const [others, own] = judged.map(({ tests }) => tests[0]?.people ?? new Map<string, number>());
  if (!own?.size || !others?.size) return notThere(what);
  const apart = pairedSentence(pairedOverGroups(own, others));
  const value = `${energy.join("")}; coupled head ${head.join("")}; energy − head ${apart}`;
  tools.say(value);
  const isWhole = judged.every(({ parts }) => parts === splits.length);
  return { ...{ what, value, expected: "no goal", pass: isWhole ? true : null }, ...from };
}

export const coupledEnergyCheck: MethodCheck = {
  id: "coupled-energy",
  about:
    "Energy-based variant beside the Gaussian-coupled softmax on the inputs: the toys, inputs hidden, and bracelets within a person with few labels",
  isInPieces: true,
  run: async (tools) => [...(await asked(tools)), ...(await onToys(tools)), await onPeople(tools)],
};
