import { pairedSentence } from "../../../preload/contract/paired.ts";
import { seededRandom, shuffle } from "../../../main/models/random.ts";
import { pairedOverGroups } from "../../../main/training/judge/paired.ts";
import type { CheckTools, MethodCheck, Outcome } from "../check.ts";
import { over, unseen, type Split } from "../emg/checks.ts";
import { fitted, peopleOf, type Variant } from "../emg/fitted.ts";
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
    ...{ count, width: 2, recordings: points.map(() => ""), people: points.map(() => "") },
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

async function onPeople({ data, say }: CheckTools): Promise<Outcome[]> {
  const whole = unseen(myo(data()));
  const few = whole.map((split, i): Split => ({
    ...split,
    known: someSegments(split.train, LABEL_SEED + i),
  }));
  const floor = await over(few, FLOOR, 7);
  const people = peopleOf(floor.report);
  const outcomes: Outcome[] = [];
  const tell = async (variant: Variant, splits: readonly Split[], name = variant.name): Promise<void> => {
    const { report, seconds } = variant === FLOOR && splits === few ? floor : await over(splits, variant, 7);
    const difference =
      splits === few && variant === FLOOR
        ? []
        : [`− ${FLOOR.name} ${pairedSentence(pairedOverGroups(peopleOf(report), people))}`];
    const percent = (share: number): string => (100 * share).toFixed(1);
    const value = [
      `${percent(report.subjectAccuracy)} %, balanced ${percent(report.balancedAccuracy)}`,
      `NLL ${report.nll.toFixed(3)}, ECE ${report.ece.toFixed(3)}, ${seconds.toFixed(1)} s a fold`,
      ...difference,
    ].join("; ");
    say(`${name}: ${value}`);
    outcomes.push({
      what: `Myo, 5 % of the labels: ${name}`,
      value,
      expected: "no goal",
      pass: true,
      ...from,
    });
  };
  for (const variant of METHODS) await tell(variant, few);
  await tell(FLOOR, whole, "small-network, every label");
  await tell({ name: "lda", settings: { kind: "lda" } }, whole, "lda, every label");
  return outcomes;
}

export const coupledComparatorsCheck: MethodCheck = {
  id: "coupled-comparators",
  about:
    "Methods for few labels on the same splits: the toy with biased labels (5 seeds), and gestures of people never seen with 5 % of the segments labelled (Myo, 26 people, five folds)",
  async run(tools) {
    const outcomes: Outcome[] = [];
    const toy = async (name: string, value: Promise<string>): Promise<void> => {
      const said = await value;
      tools.say(`toy, ${name}: ${said}`);
      outcomes.push({ what: `toy: ${name}`, value: said, expected: "no goal", pass: true, ...from });
    };
    for (const variant of METHODS) await toy(variant.name, onToy(variant));
    await toy("small-network, every label", onToy(FLOOR, allLabelled));
    return [...outcomes, ...(await onPeople(tools))];
  },
};
