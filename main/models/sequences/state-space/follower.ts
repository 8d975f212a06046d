import { CONSTANT_UC_S, FHR_RANGE_BPM } from "../../fronts/ctg-seconds.ts";
import type { SourceChannel } from "../../fronts/front.ts";
import type { Follower } from "../../model.ts";
import { secondBins } from "../second-bins.ts";
import { namesOf, type Outlook } from "./future.ts";
import type { LearnedStateSpace } from "./learned.ts";
import { contractionLevel } from "./net/contractions.ts";
import { followedChannels } from "./seen.ts";
import { tracker } from "./track.ts";

const SPAN_S = 1800; // of contractions that a level looks back on
const ROOM = 4; // times as much is kept, so that it is moved seldom

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
  const tone = uc === undefined ? undefined : contractionsHeard();
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

/** The level of contractions second by second, by the stretch that it looks back on. */
function contractionsHeard() {
  const values = new Float32Array(ROOM * SPAN_S);
  const seen = new Uint8Array(ROOM * SPAN_S);
  let [count, same, last] = [0, 0, Number.NaN];
  return (value: number, isSeen: boolean): { level: number; isSeen: boolean } => {
    same = isSeen && value === last ? same + 1 : 0;
    last = value;
    if (count === values.length) {
      values.copyWithin(0, count - SPAN_S);
      seen.copyWithin(0, count - SPAN_S);
      count = SPAN_S;
    }
    values[count] = value;
    seen[count] = Number(isSeen && same < CONSTANT_UC_S);
    count += 1;
    const from = Math.max(0, count - SPAN_S);
    const { level, observed } = contractionLevel(values.subarray(from, count), seen.subarray(from, count));
    return { level: level[count - from - 1] ?? 0, isSeen: observed[count - from - 1] === 1 };
  };
}
