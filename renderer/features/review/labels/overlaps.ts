import { IMPORTED_SET, type LabelGroup, type LabelSet } from "../../../../preload/contract/label-set.ts";
import { setHolding, type LabelBook, type ReviewEvent } from "./events.ts";

/** Labels that exclude each other, given to the same moment by the same reader. */
export interface Overlap {
  readonly group: LabelGroup;
  readonly others: readonly ReviewEvent[]; // in order of onset, at most so many as can be said
}

/** More of them say no more. */
const SAID = 3;

/**
 * Of intervals, by the id of each that shares time with another of its group. Events must be in order of onset. Two
 * readers may differ and two channels show two signals: neither is an overlap. What files called their events are words
 * of which nobody said that they exclude each other.
 */
export function overlapsOf(
  events: readonly ReviewEvent[],
  sets: { readonly sets: readonly LabelSet[]; readonly book: LabelBook },
): ReadonlyMap<string, Overlap> {
  const open = new Map<string, ReviewEvent[]>();
  const found = new Map<string, { readonly group: LabelGroup; readonly others: ReviewEvent[] }>();
  const note = (group: LabelGroup, event: ReviewEvent, other: ReviewEvent): void => {
    const known = found.get(event.id) ?? { group, others: [] };
    found.set(event.id, known);
    if (known.others.length < SAID) known.others.push(other);
  };
  for (const event of events) {
    const { annotation, onsetS, durationS } = event;
    if (durationS === 0 || annotation.labelSet === IMPORTED_SET) continue;
    const held = setHolding(annotation, sets);
    const group = held?.set.groups.find(({ code }) => code === held.label.group);
    if (group === undefined) continue;
    const key = JSON.stringify([annotation.source, annotation.author, annotation.labelSet, group.code]);
    const before = (open.get(key) ?? []).filter((one) => one.onsetS + one.durationS > onsetS);
    const shared = before.filter((one) => areOfOneSignal(one, event)).slice(-SAID);
    for (const other of shared) {
      note(group, other, event);
      note(group, event, other);
    }
    open.set(key, [...before, event]);
  }
  return found;
}

/** An annotation without a channel speaks of the whole recording. */
const areOfOneSignal = (a: ReviewEvent, b: ReviewEvent): boolean => {
  const [one, other] = [a.annotation.channel, b.annotation.channel];
  return one === undefined || other === undefined || one === other;
};
