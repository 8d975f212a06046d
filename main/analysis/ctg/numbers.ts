import type { CtgMeasured, CtgNumbers, CtgSignalLoss } from "../../../preload/contract/ctg-reading.ts";
import { baselineFigure } from "./baseline/figures.ts";
import { foundEvents } from "./found-events.ts";
import { shareOf } from "./moving.ts";
import { eventsSeen } from "./contents.ts";
import type { CtgReading } from "./reading.ts";
import { CTG_HZ, isLikely, type Minute } from "./trace.ts";

/** Why each sample of a channel is not observed; 0: it is. */
interface Loss {
  readonly reasons: Uint8Array;
  readonly sampleRate: number;
}

interface Stretch {
  readonly fromS: number;
  readonly toS: number;
}

/** Below it a number is not told (ctg.md §2, [own]). */
const LEAST_SUPPORT = 0.5;
/** Contractions are counted over so long, of which so much must be seen (ctg.md §7, [own]). */
const RATE = { overS: 1800, least: 0.7, perS: 600 } as const;

/** Numbers of a stretch, each with what it rests upon. Times beyond the recording's end are cut off. */
export function numbersOf(
  reading: CtgReading,
  loss: { readonly fhr: Loss; readonly uc: Loss | undefined },
  asked: Stretch,
): CtgNumbers {
  const { evidence } = reading;
  const toS = Math.max(1 / CTG_HZ, Math.min(asked.toS, evidence.durationS));
  const stretch = { fromS: Math.min(asked.fromS, toS - 1 / CTG_HZ), toS };
  const within = evidence.minutes.filter(
    ({ fromS }) => fromS + 30 >= stretch.fromS && fromS + 30 < stretch.toS,
  );
  const mean = (of: (minute: Minute) => number | undefined): CtgMeasured =>
    measured(
      within.flatMap((minute) => of(minute) ?? []),
      within.length,
    );
  return {
    ...stretch,
    fhr: lossOf(loss.fhr, stretch),
    ...(loss.uc === undefined ? {} : { uc: lossOf(loss.uc, stretch) }),
    baseline: baselineIn(reading, stretch),
    bandwidth: mean(({ bandwidthBpm }) => bandwidthBpm),
    stvMs: mean(({ stvMs }) => stvMs),
    rangeMs: mean(({ rangeMs }) => rangeMs),
    abnormalStv: mean(({ abnormalStvShare }) => abnormalStvShare),
    abnormalLtv: mean(({ abnormalLtvShare }) => abnormalLtvShare),
    events: countsOf(reading, stretch),
    eventSupport: shareOf(
      eventsSeen(reading),
      Math.round(stretch.fromS * CTG_HZ),
      Math.round(stretch.toS * CTG_HZ),
    ),
    contractionRate: rateOf(reading, stretch),
  };
}

/** Mean of what could be told of `count` parts; none where it is less than half of them. */
function measured(values: readonly number[], count: number): CtgMeasured {
  const support = count === 0 ? 0 : Math.min(1, values.length / count);
  const isTold = values.length > 0 && support >= LEAST_SUPPORT;
  return { value: isTold ? values.reduce((sum, one) => sum + one, 0) / values.length : null, support };
}

function lossOf({ reasons, sampleRate }: Loss, { fromS, toS }: Stretch): CtgSignalLoss {
  const part = reasons.subarray(Math.round(fromS * sampleRate), Math.ceil(toS * sampleRate));
  const counts = new Map<number, number>();
  let [missing, run, longest] = [0, 0, 0];
  for (const reason of part) {
    run = reason === 0 ? 0 : run + 1;
    longest = Math.max(longest, run);
    if (reason === 0) continue;
    missing += 1;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const share = (count: number): number => (part.length === 0 ? 0 : count / part.length);
  return {
    missing: part.length === 0 ? 1 : share(missing),
    longestGapS: longest / sampleRate,
    masked: [...counts]
      .map(([reason, count]) => ({ reason, share: share(count) }))
      .sort((a, b) => b.share - a.share),
  };
}

function baselineIn({ baseline, trace, evidence }: CtgReading, stretch: Stretch): CtgNumbers["baseline"] {
  const { minutes, accelerations, decelerations } = evidence;
  const events = {
    accelerations: accelerations.filter(isLikely),
    decelerations: decelerations.filter(isLikely),
  };
  const { fromS, toS, figoBpm, nichdBpm, identifiableS } = baselineFigure(
    baseline,
    trace.fhr,
    { events, minutes },
    stretch,
  );
  return {
    figo: { value: figoBpm ?? null, support: shareOf(baseline.observed, fromS * CTG_HZ, toS * CTG_HZ) },
    nichd: { value: nichdBpm ?? null, support: Math.min(1, identifiableS / (toS - fromS)) },
  };
}

/** Those that begin in the stretch, by code. */
function countsOf(reading: CtgReading, { fromS, toS }: Stretch): CtgNumbers["events"] {
  const counts = new Map<string, number>();
  for (const { code, onsetS } of foundEvents(reading.evidence, { fhr: "", uc: undefined }))
    if (onsetS >= fromS && onsetS < toS) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts].map(([code, count]) => ({ code, count }));
}

/** Counted by their peaks, and scaled to the time in which they could be seen. */
function rateOf({ evidence }: CtgReading, { fromS, toS }: Stretch): CtgMeasured {
  const window = { fromS: Math.min(fromS, toS - RATE.overS), toS };
  const minutes = evidence.minutes.filter((one) => one.fromS >= window.fromS && one.fromS + 60 <= toS);
  const seenS = minutes.reduce((sum, { ucSupport }) => sum + 60 * ucSupport, 0);
  const support = Math.min(1, seenS / (toS - window.fromS));
  const peaks = evidence.contractions.filter(
    (one) => isLikely(one) && one.peakS >= window.fromS && one.peakS < toS,
  );
  return { value: support >= RATE.least ? (RATE.perS * peaks.length) / seenS : null, support };
}
