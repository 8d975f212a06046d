import type { Content, Series } from "../../../../preload/contract/finding.ts";
import { pause } from "../../../compute/pause.ts";
import type { SignalSource } from "../../fronts/front.ts";
import type { Forecaster, Future, SequenceJudge } from "../../model.ts";
import { classesOf, follow, forksAt, indexOf, type Members, membersOf } from "./ahead.ts";
import { BLOCK_S, blocksOf, HORIZONS_S } from "./blocks.ts";
import { followerOf, followedRate, futureOf, LONGEST_GAP_S } from "./follower.ts";
import type { LearnedForks } from "./learned.ts";
import { ctgChannels, type Seconds, secondsOf } from "../seconds.ts";

export function forkJudge(learned: LearnedForks): SequenceJudge {
  const members = membersOf(learned);
  return {
    judge: async (source, { signal }) => {
      const seconds = secondsOf(source);
      await pause(signal);
      const { fhr } = ctgChannels(source);
      return curvesOf(members, seconds, fhr === undefined ? undefined : source.channels[fhr]?.label);
    },
    forecaster: async (source, { signal }) => {
      await pause(signal);
      return forecasterOf(members, source);
    },
    follower: (channels) => Promise.resolve(followerOf(members, channels)),
    dispose: () => Promise.resolve(),
  };
}

/** The probability of each future at the end of every block, and how much of a fork it is. */
function curvesOf(members: Members, seconds: Seconds, over: string | undefined): Content[] {
  const followed = follow(members, blocksOf(seconds));
  const { count, gap } = followed.blocks;
  const { codes } = members.learned;
  const at = Array.from({ length: count }, (_, block) =>
    (gap[block] ?? 0) > LONGEST_GAP_S ? undefined : forksAt(members, followed, block),
  );
  const classes = at.map((forks) => (forks === undefined ? undefined : classesOf(forks)));
  const observed = Uint8Array.from(classes, (own) => Number(own !== undefined));
  const common = { sampleRate: 1 / BLOCK_S, observed, ...(over === undefined ? {} : { over }) };
  if (count === 0 || codes.length === 0) return [];
  const row = (c: number, of: "p" | "low" | "high"): Float32Array =>
    Float32Array.from(classes, (own) => own?.[c]?.[of] ?? 0);
  const shares = ["none", ...codes].map((name, c): Series => ({
    ...{
      name,
      unit: "probability",
      value: row(c, "p"),
      low: row(c, "low"),
      high: row(c, "high"),
      as: "share",
    },
    ...common,
  }));
  const index = Float32Array.from(at, (forks) =>
    forks === undefined ? 0 : Math.max(...HORIZONS_S.map((_, h) => indexOf(forks, h))),
  );
  const forkIndex: Series = { name: "fork-index", unit: "", value: index, as: "bars", ...common };
  return [{ kind: "curves", series: [...shares, forkIndex], forecasts: [] }];
}

/** Blocks end where it is asked from: five ways to lay them over a recording, each followed when it is first needed. */
function forecasterOf(members: Members, source: SignalSource): Forecaster {
  const { channel, facts } = followedRate(source);
  const seconds = secondsOf(source);
  const byPhase = new Map<number, ReturnType<typeof follow>>();
  const followedAt = (phase: number): ReturnType<typeof follow> => {
    const followed = byPhase.get(phase) ?? follow(members, blocksOf(seconds, phase));
    byPhase.set(phase, followed);
    return followed;
  };
  return {
    channel,
    at: (timeS): Future | undefined => {
      const whole = Math.floor(timeS + 1e-6);
      const phase = ((whole % BLOCK_S) + BLOCK_S) % BLOCK_S;
      const followed = followedAt(phase);
      const block = (whole - phase) / BLOCK_S - 1;
      const { last, gap } = followed.blocks;
      if ((gap[block] ?? Infinity) > LONGEST_GAP_S) return undefined;
      const forks = forksAt(members, followed, block);
      return forks && futureOf(members, { forks, last: last[block] ?? 0 }, { ...facts, fromS: timeS });
    },
  };
}
