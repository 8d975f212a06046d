import { minimise } from "../../convex/minimise.ts";
import { logSumExp } from "../../linear-algebra.ts";
import { fitCalibration, thinnedOut } from "../event-net/calibrate.ts";
import { againstNone, follow, type Followed, forksAt, membersOf } from "./ahead.ts";
import { HORIZONS_S } from "./blocks.ts";
import type { Network } from "./evaluate.ts";
import { type Lesson, targetOf } from "./lesson.ts";
import type { ForkCalibration, LearnedForks } from "./learned.ts";
import type { Fork } from "./mixture.ts";

const EVERY = 8; // blocks between moments by which widths are chosen: neighbours say the same

/** One horizon at one moment: what came, and the parts of the mixture. */
interface Case {
  readonly target: number;
  readonly logWeight: Float64Array;
  readonly mean: Float64Array;
  readonly spread: Float64Array;
}

/** Temperature and biases of the classes, and a width a horizon, by recordings that taught nothing. Without any, nothing is changed. */
export async function calibrate(
  learned: LearnedForks,
  lessons: readonly Lesson[],
  pause: () => Promise<void>,
): Promise<ForkCalibration> {
  if (lessons.length === 0) return learned.calibration;
  const members = membersOf(learned);
  const followed = [];
  for (const lesson of lessons) {
    followed.push({ lesson, own: follow(members, lesson.blocks) });
    await pause();
  }
  const classes = await calibratedBy(learned, followed, { networks: members.networks, pause });
  const fitted = { ...learned, calibration: { ...learned.calibration, ...classes } };
  const cases = HORIZONS_S.map((): Case[] => []);
  for (const { lesson, own } of followed) {
    for (let block = 0; block < lesson.blocks.count; block += EVERY) {
      const forks = forksAt({ ...members, learned: fitted }, own, block);
      if (forks === undefined) continue;
      cases.forEach((all, h) => {
        const target = targetOf(lesson, block, h) / (learned.scales[h] ?? 1);
        if (!Number.isNaN(target)) all.push(caseOf(forks, h, target));
      });
    }
    await pause();
  }
  return { ...fitted.calibration, widths: cases.map((all) => (all.length === 0 ? 1 : bestWidth(all))) };
}

async function calibratedBy(
  { codes, members }: LearnedForks,
  followed: readonly { readonly lesson: Lesson; readonly own: Followed }[],
  { networks, pause }: { readonly networks: readonly Network[]; readonly pause: () => Promise<void> },
): Promise<Pick<ForkCalibration, "temperature" | "biases">> {
  const width = codes.length;
  if (width === 0) return { temperature: 1, biases: [] };
  const total = followed.reduce((sum, { lesson }) => sum + lesson.blocks.count, 0);
  const logits = members.map(() => new Float32Array(total * width));
  const [truth, weight] = [new Float32Array(total * width), new Uint8Array(total)];
  let at = 0;
  for (const { lesson, own } of followed)
    for (let block = 0; block < lesson.blocks.count; block += 1, at += 1) {
      const future = lesson.future[block] ?? -1;
      if (future > 0) truth[at * width + future - 1] = 1;
      weight[at] = Number(future >= 0 && !Number.isNaN(lesson.blocks.last[block] ?? NaN));
      networks.forEach((network, m) => {
        const memory = own.memories[m]?.[block];
        if (memory !== undefined) logits[m]?.set(againstNone(network.classLogits(memory)), at * width);
      });
    }
  return fitCalibration([thinnedOut(logits, truth, weight, { codes: width })], width, pause);
}

function caseOf(forks: readonly Fork[], h: number, target: number): Case {
  const parts = forks.flatMap(({ probability, futures, components, horizons }) =>
    futures.flatMap(({ share, means, spreads }, c) =>
      Array.from({ length: components }, (_, k) => {
        const i = k * horizons + h;
        const weight = ((probability[c] ?? 0) * (share[i] ?? 0)) / forks.length;
        return { weight, mean: means[0]?.[i] ?? 0, spread: spreads[0]?.[i] ?? 1 };
      }),
    ),
  );
  return {
    target,
    logWeight: Float64Array.from(parts, ({ weight }) => Math.log(weight)),
    mean: Float64Array.from(parts, ({ mean }) => mean),
    spread: Float64Array.from(parts, ({ spread }) => spread),
  };
}

const [NARROWEST, WIDEST] = [0.5, 2];

/** The factor of all deviations under which what came is most likely. */
function bestWidth(cases: readonly Case[]): number {
  const loss = (log: number): number => cases.reduce((sum, own) => sum - logDensity(own, log), 0);
  return Math.exp(minimise(loss, Math.log(NARROWEST), Math.log(WIDEST), 2e-3));
}

function logDensity({ target, logWeight, mean, spread }: Case, logWidth: number): number {
  const width = Math.exp(logWidth);
  const each = logWeight.map((log, i) => {
    const own = width * (spread[i] ?? 1);
    return log - Math.log(own) - 0.5 * ((target - (mean[i] ?? 0)) / own) ** 2;
  });
  return logSumExp(each, 0, each.length);
}
