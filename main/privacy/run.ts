import type { PairedComparisons } from "../../preload/contract/paired.ts";
import type { Run, RunMetrics } from "../../preload/contract/run.ts";
import type { Pseudonyms } from "./pseudonyms.ts";

/**
 * A run as it may leave its library: people under their codes, nothing about one person alone, no notes, no names of
 * recordings or files. What the model is called, its labels and its channels stay: without them nobody can use it.
 */
export function runWithoutPeople(run: Run, codes: Pseudonyms): Run {
  const { config, metrics, events, imported } = run;
  const shared: Run = {
    ...run,
    config: {
      ...config,
      split: {
        ...config.split,
        testSubjects: config.split.testSubjects.map(codes.subject),
        validationSubjects: config.split.validationSubjects.map(codes.subject),
      },
    },
    data: run.data.map(({ recordingId, subject, checksum, labels }) => ({
      recordingId,
      subject: codes.subject(subject),
      checksum,
      ...(labels === undefined ? {} : { labels }),
    })),
    ...(events === undefined
      ? {}
      : {
          events: {
            ...events,
            subjects: events.subjects.map(codes.subject),
            validation: events.validation.map(codes.subject),
            labels: events.labels.map(({ floor, ...label }) => ({
              ...label,
              ...(floor !== undefined && events.subjects.length > 1 && floor.auroc.groups > 1
                ? { floor }
                : {}),
            })),
          },
        }),
    ...(metrics === undefined ? {} : { metrics: metricsWithoutPeople(metrics, codes) }),
    ...(imported === undefined ? {} : { imported: { ...imported, file: `${codes.run(run.id)}.onnx` } }),
  };
  delete shared.note;
  delete shared.error; // its message names recordings
  return shared;
}

/** Comparisons over several people: over one, the difference is that person's own. */
const ofSeveral = (against: PairedComparisons["against"]): PairedComparisons["against"] =>
  Object.fromEntries(Object.entries(against).filter(([, { groups }]) => groups > 1));

/** Scores over all tested people; of a cross-validation the spread, since a fold may be one person. */
function metricsWithoutPeople(metrics: RunMetrics, codes: Pseudonyms): RunMetrics {
  const { test, lda, supervisedOnly, transductive, causal, paired, calibration } = metrics;
  const pooled = <Report extends RunMetrics["test"]>(report: Report): Report => ({
    ...report,
    perSubject: [],
  });
  const shared: RunMetrics = {
    ...metrics,
    test: pooled(test),
    lda: pooled(lda),
    ...(supervisedOnly === undefined ? {} : { supervisedOnly: pooled(supervisedOnly) }),
    ...(transductive === undefined ? {} : { transductive: pooled(transductive) }),
    ...(causal === undefined
      ? {}
      : {
          causal: {
            ...causal,
            test: pooled(causal.test),
            guided: causal.guided === null ? null : pooled(causal.guided),
          },
        }),
    ...(paired === undefined ? {} : { paired: { ...paired, against: ofSeveral(paired.against) } }),
    calibration: { ...calibration, subjects: calibration.subjects.map(codes.subject) },
  };
  delete shared.folds;
  return shared;
}
