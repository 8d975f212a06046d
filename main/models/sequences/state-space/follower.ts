import { CONSTANT_UC_S, FHR_RANGE_BPM } from "../../fronts/ctg-seconds.ts";
import type { SourceChannel } from "../../fronts/front.ts";
import type { Follower } from "../../model.ts";
import { secondBins } from "../second-bins.ts";
import { namesOf, type Outlook } from "./future.ts";
import type { LearnedStateSpace } from "./learned.ts";
import { contractionsHeard } from "./net/contractions.ts";
import { followedChannels } from "./seen.ts";
import { tracker } from "./track.ts";

/** Follows channels as they come. Its numbers are those of the whole recording, for it takes the same steps. */
export function followerOf(
  learned: LearnedStateSpace,
  ahead: Outlook,
  channels: readonly SourceChannel[],
): Follower {
  const { own, uc } = followedChannels(channels);
  const isRate = channels[own]?.role === "fhr";
  const [low, high] = FHR_RANGE_BPM;
  const bins = channels.map(({ sampleRate }, index) =>
    secondBins(sampleRate, index === own && isRate ? (v) => v >= low && v <= high : () => true),
  );
  const track = tracker(learned);
  const tone = uc === undefined ? undefined : levelsHeard();
  const heard = channels.map(() => 0);
  let done = 0;
  const followOn = (): void => {
    const ready = Math.min(...[own, uc ?? own].map((index) => bins[index]?.ready() ?? 0));
    for (; done < ready; done += 1) {
      const value = bins[own]?.take(done);
      const contraction = uc === undefined ? undefined : bins[uc]?.take(done);
      const level = tone?.(contraction?.value ?? 0, contraction?.isSeen === true);
      track.push({
        ...{ y: (value?.value ?? 0) / learned.unit, isSeen: value?.isSeen === true },
        ...{ uc: contraction?.value ?? 0, level: level?.level ?? 0, isLevelSeen: level?.isSeen === true },
      });
    }
  };
  return {
    hear: (channel, values, observed) => {
      bins[channel]?.hear(values, observed);
      heard[channel] = (heard[channel] ?? 0) + values.length / (channels[channel]?.sampleRate ?? 1);
      followOn();
    },
    get timeS() {
      return Math.min(...heard);
    },
    future: () => ahead.at(track.track, done, namesOf({ channels }, { own, uc })),
  };
}

/** The level of contractions second by second; a transducer that stands still tells none. */
function levelsHeard() {
  const levelAfter = contractionsHeard();
  let [same, last] = [0, Number.NaN];
  return (value: number, isSeen: boolean): { level: number; isSeen: boolean } => {
    same = isSeen && value === last ? same + 1 : 0;
    last = value;
    const level = levelAfter(value, isSeen && same < CONSTANT_UC_S);
    return { level: Math.fround(level ?? 0), isSeen: level !== undefined };
  };
}
