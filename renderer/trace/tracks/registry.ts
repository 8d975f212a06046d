import { anchorsKind } from "./anchors.ts";
import { annotationKind } from "./annotation.ts";
import { axisKind } from "./axis.ts";
import { barsKind } from "./bars.ts";
import { classRibbonKind } from "./class-ribbon.ts";
import { contractionsKind } from "./contractions.ts";
import { curveKind } from "./curve.ts";
import { eventFillsKind } from "./event-fills.ts";
import { falseSignalKind } from "./false-signal.ts";
import { filledKind } from "./filled.ts";
import { foundEventsKind } from "./found-events.ts";
import { itemOf, type ShownFinding, type TrackItem, type TrackKind } from "./kind.ts";
import { minuteValuesKind } from "./minute-values.ts";
import { predictionKind } from "./prediction.ts";
import { proposalsKind } from "./proposals.ts";
import { ribbonKind } from "./ribbon.ts";
import { signalKind } from "./signal.ts";

/** A kind as the registry knows it: what it draws of a finding. */
export interface KnownKind {
  readonly name: string;
  itemsOf(finding: ShownFinding): readonly TrackItem[];
}

export const known = <Content, Placed, Found>(kind: TrackKind<Content, Placed, Found>): KnownKind => ({
  name: kind.name,
  itemsOf: (finding) => (kind.ofFinding?.(finding) ?? []).map((content) => itemOf(kind, content)),
});

/** Every kind of track. A new one is its file and its line here. */
const kinds: KnownKind[] = [
  known(signalKind), // with its grid and its gaps
  known(annotationKind),
  known(predictionKind),
  known(filledKind), // beneath lines that cross it
  known(proposalsKind),
  known(falseSignalKind),
  known(eventFillsKind),
  known(curveKind),
  known(ribbonKind),
  known(barsKind),
  known(anchorsKind),
  known(contractionsKind),
  known(minuteValuesKind),
  known(classRibbonKind),
  known(foundEventsKind),
  known(axisKind),
];

export const trackKinds = (): readonly KnownKind[] => kinds;

/** What there is to draw of a finding, of whatever kind, in the order of the registry. */
export const itemsOfFinding = (finding: ShownFinding): readonly TrackItem[] =>
  kinds.flatMap((kind) => kind.itemsOf(finding));

/** Does `work` while a further kind is registered. For tests. */
export function registered<T>(kind: KnownKind, work: () => T): T {
  kinds.push(kind);
  try {
    return work();
  } finally {
    kinds.splice(kinds.indexOf(kind), 1);
  }
}
