import { AppError } from "../../../../preload/contract/errors.ts";
import { CONSTANT_UC_S, FHR_RANGE_BPM } from "../../fronts/ctg-seconds.ts";
import type { SourceChannel } from "../../fronts/front.ts";
import type { Follower, Future } from "../../model.ts";
import { secondBins } from "../second-bins.ts";
import { ctgChannels } from "../seconds.ts";
import { forecastOf, forksFrom, type Members, predictiveAt } from "./ahead.ts";
import { BLOCK_S, blockReader, heardPast, INPUTS } from "./blocks.ts";
import type { Fork } from "./mixture.ts";

/** Longest time since the last value seen after which something is said yet. */
export const LONGEST_GAP_S = 300;

interface Facts {
  readonly over: string;
  readonly unit: string;
}

/** The heart rate that is looked ahead. Throws model/wrong-channels where there is none. */
export function followedRate(source: { readonly channels: readonly SourceChannel[] }): {
  readonly channel: number;
  readonly facts: Facts;
} {
  const { fhr } = ctgChannels(source);
  const own = fhr === undefined ? undefined : source.channels[fhr];
  if (fhr === undefined || own === undefined)
    throw new AppError("model/wrong-channels", "There is no heart rate to look ahead from", {});
  return { channel: fhr, facts: { over: own.label, unit: own.unit } };
}

/** What may come, from what the members say and the value that all is told from. */
export function futureOf(
  { learned: { codes, scales } }: Members,
  own: { readonly forks: readonly Fork[]; readonly last: number },
  told: Facts & { readonly fromS: number },
): Future {
  const seen = { ...own, scales };
  return { forecast: forecastOf(seen, { codes, ...told }), at: (aheadS) => predictiveAt(seen, aheadS) };
}

/**
 * Follows channels as they come. Blocks end at every second: five memories a member take turns, each a block further every five
 * seconds. Its numbers are those of the whole recording, for it takes the same steps.
 */
export function followerOf(members: Members, channels: readonly SourceChannel[]): Follower {
  const { channel, facts } = followedRate({ channels });
  const { uc } = ctgChannels({ channels });
  const [low, high] = FHR_RANGE_BPM;
  const bins = channels.map(({ sampleRate }, index) =>
    secondBins(sampleRate, index === channel ? (v) => v >= low && v <= high : () => true),
  );
  const heard = channels.map(() => 0);
  const past = heardPast();
  const isMoving = movement();
  const turns = Array.from({ length: BLOCK_S }, () => turnOf(members, blockReader(past)));
  let done = 0;
  const followOn = (): void => {
    const ready = Math.min(...[channel, uc ?? channel].map((index) => bins[index]?.ready() ?? 0));
    while (done < ready) {
      const rate = bins[channel]?.take(done);
      const tone = uc === undefined ? undefined : bins[uc]?.take(done);
      past.hear({
        ...{ fhr: rate?.value ?? 0, isFhrSeen: rate?.isSeen === true },
        ...{ uc: tone?.value ?? 0, isUcSeen: isMoving(tone?.value ?? 0, tone?.isSeen === true) },
      });
      done += 1;
      if (done >= BLOCK_S) turns[done % BLOCK_S]?.step();
    }
  };
  return {
    hear: (index, values, observed) => {
      bins[index]?.hear(values, observed);
      heard[index] = (heard[index] ?? 0) + values.length / (channels[index]?.sampleRate ?? 1);
      followOn();
    },
    get timeS() {
      return Math.min(...heard);
    },
    future: () => {
      const own = turns[done % BLOCK_S]?.said();
      return own && futureOf(members, own, { ...facts, fromS: done });
    },
  };
}

/** Blocks that follow each other, as the members remember them. */
function turnOf(members: Members, read: ReturnType<typeof blockReader>) {
  const row = new Float32Array(INPUTS);
  let memories = members.networks.map(({ start }) => start);
  let [last, gap] = [NaN, Infinity];
  return {
    step: (): void => {
      row.fill(0);
      ({ last, gap } = read(row));
      memories = members.networks.map((network, m) => network.step(memories[m] ?? network.start, row));
    },
    said: (): { readonly forks: Fork[]; readonly last: number } | undefined =>
      Number.isNaN(last) || gap > LONGEST_GAP_S
        ? undefined
        : { forks: forksFrom(members, memories, row), last },
  };
}

/** Whether contractions are seen: no more once they have stood still for a minute. */
function movement(): (value: number, isSeen: boolean) => boolean {
  let [same, last] = [0, NaN];
  return (value, isSeen) => {
    same = isSeen && value === last ? same + 1 : 0;
    last = value;
    return isSeen && same < CONSTANT_UC_S;
  };
}
