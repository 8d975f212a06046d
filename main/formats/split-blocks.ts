import { maskReasons, type MaskRun } from "../../preload/contract/mask.ts";
import type { SampleBlock } from "../signal/block.ts";

/** A block without its notRecorded stretches: what was not recorded is covered by no block. */
export function withoutGaps(block: SampleBlock): SampleBlock[] {
  if (!block.mask.some(isGap)) return [block];
  const parts: SampleBlock[] = [];
  let from = 0;
  for (const gap of [...block.mask.filter(isGap), { first: block.samples.length, count: 0 }]) {
    if (gap.first > from) parts.push(part(block, from, gap.first));
    from = gap.first + gap.count;
  }
  return parts;
}

const isGap = (run: MaskRun): boolean => run.reason === maskReasons.notRecorded;

function part(block: SampleBlock, from: number, to: number): SampleBlock {
  const mask = block.mask.flatMap((run): MaskRun[] => {
    const first = Math.max(run.first, from);
    const end = Math.min(run.first + run.count, to);
    return end > first ? [{ first: first - from, count: end - first, reason: run.reason }] : [];
  });
  return {
    channel: block.channel,
    firstSample: block.firstSample + from,
    samples: block.samples.slice(from, to),
    mask,
  };
}
