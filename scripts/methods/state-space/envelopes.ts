import { contractionLevel } from "../../../main/models/sequences/state-space/net/contractions.ts";
import { cropsOf } from "../../../main/models/sequences/state-space/composite.ts";
import { fitFloor, floorForeseer, floorNames } from "../../../main/models/sequences/state-space/floors.ts";
import { learnDynamics } from "../../../main/models/sequences/state-space/learn.ts";
import { type SeenSeconds, unitOf } from "../../../main/models/sequences/state-space/seen.ts";
import { pairedOverGroups } from "../../../main/training/judge/paired.ts";
import { figure, type MethodCheck, type Outcome } from "../check.ts";
import { type EmgRecording, grouped, myo } from "../emg/windows.ts";
import { plainFilter, widened } from "./real.ts";
import { type Cards, crpsByRecord, natsByRecord, type Says, scoreCards } from "./scores.ts";

const STEP_S = 0.05;
const AHEAD = [1, 6, 20, 60]; // steps: 50 ms, 300 ms, 1 s and 3 s
/** People in the order of their names: those to learn from, those for widths; the others test. */
const [FIT, VALIDATION] = [10, 5];
const CROP = 900;

const from = { evidence: "computed", source: "our own; nothing is demanded" } as const;

interface Envelope {
  readonly id: number;
  readonly person: string;
  readonly seen: SeenSeconds;
}

/** How strong all electrodes are together, a root mean square a step. */
function envelopeOf({ samples, electrodes, sampleRate, person }: EmgRecording, id: number): Envelope {
  const width = Math.round(STEP_S * sampleRate) * electrodes;
  const y = Float64Array.from({ length: Math.floor(samples.length / width) }, (_, step) => {
    const of = samples.subarray(step * width, (step + 1) * width);
    return Math.sqrt(of.reduce((sum, v) => sum + v * v, 0) / width);
  });
  const none = new Float32Array(y.length);
  const contractions = contractionLevel(none, new Uint8Array(y.length));
  return { id, person, seen: { y, observed: new Uint8Array(y.length).fill(1), contractions, uc: none } };
}

const inUnit = ({ id, seen }: Envelope, unit: number) => ({
  ...{ id, observed: seen.observed, y: seen.y.map((v) => v / unit) },
});
type Scored = ReturnType<typeof inUnit>;

/** The mean of each person's recordings, by their numbers. */
const byPerson = (all: readonly Envelope[], scores: ReadonlyMap<string, number>): Map<string, number> =>
  new Map(
    [...grouped(all, ({ person }) => person)].flatMap(([person, own]) => {
      const found = own.flatMap(({ id }) => scores.get(String(id)) ?? []);
      return found.length === 0 ? [] : [[person, found.reduce((a, b) => a + b, 0) / found.length]];
    }),
  );

/** Differences paired over people, the filter less another method. */
function paired(what: string, all: readonly Envelope[], own: Cards, other: Cards): Outcome[] {
  return AHEAD.flatMap((h) => {
    const [a, b] = [own.get(h), other.get(h)];
    if (a === undefined || b === undefined) return [];
    return (
      [
        ["NLL", natsByRecord],
        ["CRPS", crpsByRecord],
      ] as const
    ).map(([name, of]): Outcome => {
      const { difference, interval } = pairedOverGroups(byPerson(all, of(a)), byPerson(all, of(b)));
      return {
        what: `filter less ${what}, ${name}, ${figure(h * STEP_S, 2)} s ahead`,
        value: `${figure(difference)} [${figure(interval?.low ?? Number.NaN)}, ${figure(interval?.high ?? Number.NaN)}]`,
        ...{ expected: "below 0: a gain", pass: null, ...from },
      };
    });
  });
}

export const stateSpaceEnvelopes: MethodCheck = {
  id: "ssm-envelopes",
  about:
    "The filter on envelopes of muscles (Myo, all electrodes together, 20 values a second), what moves learned from 10 people, widths from 5, tested on 11 others; beside a level that wanders and an autoregression with the same tails",
  async run({ data, say }) {
    const all = myo(data()).map(envelopeOf);
    const people = [...new Set(all.map(({ person }) => person))].sort();
    const of = (first: number, end?: number): Envelope[] =>
      all.filter(({ person }) => people.slice(first, end).includes(person));
    const fit = of(0, FIT);
    const unit = unitOf(
      fit.map(({ seen }) => seen),
      false,
    );
    const train = fit.map(({ seen }): SeenSeconds => ({ ...seen, y: seen.y.map((v) => v / unit) }));
    const [validation, test] = [of(FIT, FIT + VALIDATION), of(FIT + VALIDATION)].map((some) =>
      some.map((one) => inUnit(one, unit)),
    );
    if (validation === undefined || test === undefined) return [];
    const signal = new AbortController().signal;
    const dynamics = await learnDynamics(train, { signal, onStep: () => undefined });
    const score = (says: (one: Scored) => Says, name: string): Cards => {
      const cards = scoreCards(test, says, AHEAD);
      say(`${name}: ${[...cards.values()].map(({ whole }) => figure(whole.nats / whole.count)).join(" ")}`);
      return cards;
    };
    const own = score(widened(plainFilter(dynamics), validation), "filter");
    const crops = cropsOf(train, CROP, FIT);
    const outcomes: Outcome[] = [];
    for (const name of floorNames) {
      const floor = widened(floorForeseer(name, await fitFloor(name, crops, signal)), validation);
      outcomes.push(...paired(name, all, own, score(floor, name)));
    }
    return outcomes;
  },
};
