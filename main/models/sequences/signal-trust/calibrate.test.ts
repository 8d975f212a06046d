import { expect, test } from "vitest";
import { seededRandom } from "../../random.ts";
import { fitCalibration, probabilitiesOf } from "./calibrate.ts";
import { TrustCalibration } from "./learned.ts";

type Known = Parameters<typeof fitCalibration>[0];

interface MadeUp {
  readonly recordings: number;
  readonly unseen: number; // of them, the first
  readonly share?: (recording: number) => number; // of false signal
  readonly factor?: number; // of the logits
  readonly shift?: number; // of the logits
  readonly hasMhr?: (recording: number) => 0 | 1;
}

const SAMPLES = 200; // of a recording
const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** Recordings whose logits would be right but for a factor and a shift. */
function madeUp({
  recordings,
  unseen,
  share = () => 0.2,
  factor = 1,
  shift = 0,
  hasMhr = () => 1,
}: MadeUp): Known {
  const random = seededRandom(7);
  const of = Array.from({ length: recordings * SAMPLES }, (_, i) => Math.floor(i / SAMPLES));
  const right = of.map((one) => 2 * random.normal() + Math.log(share(one) / (1 - share(one))));
  return {
    recording: Int32Array.from(of),
    isFalse: Uint8Array.from(right, (z) => (random.next() < sigmoid(z) ? 1 : 0)),
    logit: Float32Array.from(right, (z) => factor * z + shift),
    hasMhr: Uint8Array.from(of, hasMhr),
    isUnseen: Uint8Array.from(of, (one) => (one < unseen ? 1 : 0)),
  };
}

const saidOf = (known: Known): number => {
  const p = probabilitiesOf(known.logit, known.hasMhr, fitCalibration(known));
  return p.reduce((sum, one) => sum + one, 0) / p.length;
};
const markedIn = ({ isFalse }: Known): number => isFalse.reduce((sum, is) => sum + is, 0) / isFalse.length;

test("false signal that is said too often is said as often as it is marked, whatever a few unseen recordings hold", () => {
  const known = madeUp({ recordings: 400, unseen: 20, shift: 1, share: (one) => (one < 20 ? 0.02 : 0.2) });
  expect(saidOf(known)).toBeCloseTo(markedIn(known), 2);
  const { withMhr, biases } = fitCalibration(known);
  expect(withMhr).toBeLessThan(1.3);
  expect(biases.withMhr).toBeCloseTo(-1, 0);
});

test("logits too large by a factor are divided by it, by unseen recordings alone", () => {
  expect(fitCalibration(madeUp({ recordings: 400, unseen: 300, factor: 2 })).withMhr).toBeCloseTo(2, 0);
  expect(fitCalibration(madeUp({ recordings: 400, unseen: 0, factor: 2 })).withMhr).toBe(1);
});

test("nothing is said more surely than the networks say it, and few recordings move little", () => {
  expect(fitCalibration(madeUp({ recordings: 400, unseen: 300, factor: 0.5 })).withMhr).toBeCloseTo(1, 2);
  const [few, many] = [2, 400].map((recordings) =>
    Math.abs(fitCalibration(madeUp({ recordings, unseen: 1, shift: 2 })).biases.withMhr),
  );
  expect(few).toBeLessThan(1);
  expect(many).toBeGreaterThan(1.8);
});

test("with and without a maternal heart rate are apart, and where one kind of signal alone is marked nothing is learned", () => {
  const { isFalse, ...known } = madeUp({
    recordings: 60,
    unseen: 30,
    shift: 1,
    hasMhr: (one) => (one % 2 ? 1 : 0),
  });
  const onlyTrue = isFalse.map((is, i) => (known.hasMhr[i] === 1 ? is : 0));
  const found = fitCalibration({ ...known, isFalse: onlyTrue });
  expect([found.withoutMhr, found.biases.withoutMhr]).toEqual([1, 0]);
  expect(found.biases.withMhr).toBeLessThan(-0.5);
});

test("a file from before there were biases says what it said, to the bit", () => {
  const old = { withMhr: 1.0487, withoutMhr: 1.31 };
  const { logit, hasMhr } = madeUp({ recordings: 4, unseen: 0, hasMhr: (one) => (one % 2 ? 1 : 0) });
  const before = logit.map((z, i) => sigmoid(z / (hasMhr[i] === 1 ? old.withMhr : old.withoutMhr)));
  expect(probabilitiesOf(logit, hasMhr, TrustCalibration.parse(old))).toEqual(before);
});

test("a bias that no fit can give is refused", () => {
  for (const bias of [Number.NaN, Infinity, 5.1, -6])
    expect(
      TrustCalibration.safeParse({
        ...{ withMhr: 1, withoutMhr: 1 },
        biases: { withMhr: 0, withoutMhr: bias },
      }).success,
    ).toBe(false);
});
