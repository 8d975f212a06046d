import type { Agreement, AgreementRequest, Differences, Estimate } from "../../preload/contract/agreement.ts";
import type { RecordingDetail } from "../../preload/contract/recording.ts";

const about = (value: number, width = 0.1): Estimate => ({
  value,
  interval: { low: value - width, high: value + width },
});
const differences = (mean: number, rms: number): Differences => ({
  mean: about(mean, 1),
  rms: about(rms, 1),
  median: about(mean - 0.4, 1),
});

/** Two readers who agree on all but a place or two, of one label set. */
export function agreementOfFake(
  { labelSet = "ctg-events", readers }: AgreementRequest,
  recordings: readonly RecordingDetail[],
): Agreement {
  const [a, b] = ["K. Sato", "M. Tanaka"];
  const pair = { a, b };
  const first = recordings[0]?.id ?? "";
  return {
    ...{ labelSet, labelSets: [labelSet], compared: readers ?? [a, b] },
    recordings: recordings.map(({ id, name, durationS }) => ({ id, name, durationS })),
    readers: [a, b].map((name) => ({ name, recordings: recordings.length, events: 12, readS: 3600 })),
    drawn: { unit: "blocks", units: 6 },
    groups: [
      {
        ...{ group: "heart-rate-events", commonS: 3600, alpha: about(0.71) },
        pairs: [{ ...pair, commonS: 3600, kappa: about(0.71), observed: about(0.93, 0.02) }],
        labels: [
          {
            ...{ label: "acceleration", alpha: about(0.74) },
            rule: { kind: "ends", overlapS: 5, pointS: 5 },
            pairs: [
              {
                ...{ ...pair, eventsA: 8, eventsB: 7, matched: 6 },
                ...{ f1: about(0.8), sensitivity: about(0.75), ppv: about(0.86), kappa: about(0.74) },
                ...{ onset: differences(1.2, 3.4), duration: differences(-2.1, 6.2) },
              },
            ],
          },
        ],
      },
      {
        ...{ group: "contractions", commonS: 0, alpha: null, labels: [] },
        pairs: [{ ...pair, commonS: 0, kappa: null, observed: null }],
      },
    ],
    baselines: [],
    disagreements: [
      {
        ...{ recordingId: first, group: "heart-rate-events", onsetS: 300, durationS: 42, kind: "missed" },
        opinions: [
          { reader: a, events: [{ id: "annotation-a", label: "acceleration", onsetS: 300, durationS: 42 }] },
          { reader: b, events: [] },
        ],
        decision: null,
      },
    ],
    agreed: [
      {
        ...{ recordingId: first, group: "heart-rate-events", label: "acceleration", isKept: false },
        ...{ onsetS: 120, durationS: 31 },
      },
    ],
  };
}
