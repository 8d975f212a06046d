import type { JudgedWindow } from "../../../preload/contract/acquisition.ts";
import type { SecondsJudge, SequenceJudge } from "../../models/model.ts";
import { type Interval, sampleAt } from "../../signal/window.ts";
import { lastArrivalS, type LiveTail, sourceOf } from "./live-tail.ts";
import { LiveWork } from "./live-work.ts";

/** Of what comes at once, as after a gap, so many seconds are told. */
const TOLD_S = 60;

interface SecondsParts {
  readonly judge: SequenceJudge;
  readonly seconds: SecondsJudge;
  readonly tails: readonly LiveTail[];
  readonly tell: (judged: readonly JudgedWindow[]) => void;
}

/** A recording under way, judged second by second. Of one that is entered later what came before counts as unobserved. */
export function liveSeconds({ judge, seconds, tails, tell }: SecondsParts): LiveWork<Interval> {
  const source = sourceOf(tails);
  let toldS: number | undefined;
  return new LiveWork<Interval>({
    tails,
    next: () => {
      const beginS = tails.map(({ begin, channel }) => (begin ?? NaN) / channel.sampleRate);
      if (beginS.some(Number.isNaN)) return undefined;
      toldS ??= Math.ceil(Math.max(...beginS) - 1e-9);
      const reachedS = Math.min(...tails.map(({ reached, channel }) => reached / channel.sampleRate));
      const endS = Math.floor(reachedS + 1e-9);
      const onsetS = Math.max(toldS, endS - TOLD_S);
      return endS > onsetS ? { onsetS, durationS: endS - onsetS } : undefined;
    },
    judge: async (span) => {
      const said = await seconds.judge(source, span);
      tell(
        said.map((one) => ({
          said: one,
          arrivedS: lastArrivalS(tails, (rate) => sampleAt(one.onsetS + one.durationS, rate)),
        })),
      );
      toldS = span.onsetS + span.durationS;
      for (const tail of tails) tail.drop(sampleAt(toldS - seconds.pastS, tail.channel.sampleRate));
    },
    dispose: async () => {
      await seconds.dispose();
      await judge.dispose();
    },
  });
}
