import { z } from "zod";
import { seededRandom, shuffle } from "../../../main/models/random.ts";
import type { CheckTools, MethodCheck, Outcome } from "../check.ts";
import { unseen } from "../emg/checks.ts";
import { amplitudeLayout, fitted, type Variant } from "../emg/fitted.ts";
import { tables, type Split } from "../emg/table.ts";
import { grouped, myo, type EmgWindows } from "../emg/windows.ts";
import { biasedToy, deviation, mean, toyRows, verdictOf, type Toy, type ToyVerdict } from "./toys.ts";

const SPEC = "gaussian-coupled-softmax.md 4";
const from = { evidence: "computed", source: SPEC } as const;
const TOY_SEEDS = 5;
const UNIT = 0.2; // the toy in units that networks expect
const SHARE = 0.05;
const LABEL_SEED = 3;

const network = (kind: string, more: object = {}): Variant => ({
  name: kind,
  settings: { kind, augmentation: "mild", epochs: 24, ...more },
});

/** Labels alone first: the others are paired with it. */
const FLOOR = network("small-network");
const METHODS: readonly Variant[] = [
  FLOOR,
  network("pseudo-label"),
  { name: "curriculum-labelling", settings: { kind: "curriculum-labelling" } },
  network("fix-match"),
  network("vae-m2", { epochs: 12, latent: 2 }),
  { name: "lda", settings: { kind: "lda" } },
  { name: "coupled-softmax", settings: { kind: "coupled-softmax" } },
];

/** The points of a toy as windows of somebody. */
function toyWindows(points: Toy["judged"]): EmgWindows {
  const count = points.length;
  return {
    ...{
      count,
      width: 2,
      layout: amplitudeLayout(2),
      recordings: points.map(() => ""),
      people: points.map(() => ""),
    },
    x: Float32Array.from(points.flat(), (value) => UNIT * value),
    observed: new Uint8Array(2 * count).fill(1),
    labels: Int32Array.from({ length: count }, (_, n) => n % 2),
    segments: new Int32Array(count),
  };
}

/** All labels of the unlabelled points given: what a semi-supervised method can hope for. */
const allLabelled = ({ unlabelled, judged }: Toy): Toy => ({ labelled: unlabelled, unlabelled: [], judged });

async function onToy(variant: Variant, changed: (toy: Toy) => Toy = (toy) => toy): Promise<string> {
  const verdicts: ToyVerdict[] = [];
  for (let seed = 0; seed < TOY_SEEDS; seed += 1) {
    const toy = changed(biasedToy(seed));
    const rows = toyRows(toy);
    const method = await fitted(variant, { ...rows, x: rows.x.map((value) => UNIT * value) }, seed);
    verdicts.push(verdictOf(Float64Array.from(await method.judge(toyWindows(toy.judged)))));
  }
  const accuracy = verdicts.map((one) => one.accuracy);
  const of = (what: keyof ToyVerdict): string => mean(verdicts.map((one) => one[what])).toFixed(3);
  return `${mean(accuracy).toFixed(1)} ± ${deviation(accuracy).toFixed(1)} %, NLL ${of("nll")}, ECE ${of("ece")}`;
}

/** Whole segments keep their labels, one in twenty of each gesture and at least one. */
function someSegments({ labels, segments }: EmgWindows, seed: number): (n: number) => boolean {
  const random = seededRandom(seed, 44);
  const windows = Array.from(labels, (label, n) => ({ label, segment: segments[n] ?? 0 }));
  const kept = new Set<number>();
  for (const own of grouped(windows, ({ label }) => String(label)).values()) {
    const all = Int32Array.from(new Set(own.map(({ segment }) => segment)));
    const count = Math.max(1, Math.round(SHARE * all.length));
    for (const segment of shuffle(all, random).subarray(0, count)) kept.add(segment);
  }
  return (n) => kept.has(segments[n] ?? -1);
}

function onPeople(tools: CheckTools): Promise<Outcome[]> {
  const folds = unseen(myo(tools.data()));
  const from = (some: boolean): Split[] =>
    folds.map(({ people, windows }, i) => ({
      people,
      windows: () => {
        const { train, tests } = windows();
        const own = { train, tests: tests.slice(0, 1) };
        return some ? { ...own, known: someSegments(train, LABEL_SEED + i) } : own;
      },
    }));
  const usual = { classes: 7, goals: {}, less: [], source: SPEC, beside: [FLOOR.name] };
  return tables(
    [
      { ...usual, about: "Myo, 5 % of the segments", splits: from(true), variants: METHODS },
      {
        ...{ ...usual, about: "Myo, every segment", splits: from(false) },
        variants: [FLOOR, { name: "lda", settings: { kind: "lda" } }],
      },
    ],
    tools,
  );
}

export const coupledComparatorsCheck: MethodCheck = {
  id: "coupled-comparators",
  about:
    "Methods for few labels on the same splits: the toy with biased labels (5 seeds), and gestures of people never seen with 5 % of the segments labelled (Myo, 26 people, five folds)",
  isInPieces: true,
  async run(tools) {
    const toys: Outcome[] = [];
    const toy = async (name: string, variant: Variant, changed?: (toy: Toy) => Toy): Promise<void> => {
      const made = { settings: variant.settings, seeds: TOY_SEEDS };
      const key = { table: "Coupled, toy with biased labels", method: name, part: 0, made };
      const value = await tools.cells.of(key, z.string(), () => onToy(variant, changed));
      tools.say(`toy, ${name}: ${value ?? "not measured"}`);
      toys.push(
        value === undefined
          ? { what: `toy: ${name}`, value: "not measured", expected: "–", pass: null, ...from }
          : { what: `toy: ${name}`, value, expected: "no goal", pass: true, ...from },
      );
    };
    for (const variant of METHODS) await toy(variant.name, variant);
    await toy("small-network, every label", FLOOR, allLabelled);
    return [...toys, ...(await onPeople(tools))];
  },
};
