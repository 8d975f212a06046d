import { ctgGroups, type EventCode } from "../../../main/models/sequences/event-net/config.ts";
import {
  chooseSettings,
  countWhereRead,
  findEvents,
  type MarkedView,
} from "../../../main/models/sequences/event-net/events.ts";
import { eventInput, type EventInput } from "../../../main/models/sequences/event-net/input.ts";
import { scoreEvents, scoreSeconds } from "../../../main/models/sequences/event-net/score.ts";
import { type Targets, targetsOf } from "../../../main/models/sequences/event-net/targets.ts";
import { ctgDynamics } from "../../../main/models/sequences/state-space/filter.ts";
import {
  eventNames,
  eventRegimes,
  LearnedEvents,
  startEvents,
  switchingWith,
} from "../../../main/models/sequences/state-space/readers/events.ts";
import { learnEvents, type ReadSeconds } from "../../../main/models/sequences/state-space/readers/learn.ts";
import { namedBy, saidBySecond } from "../../../main/models/sequences/state-space/readers/told.ts";
import { filterRegimes, smoothRegimes } from "../../../main/models/sequences/state-space/regimes.ts";
import { pairedOverGroups } from "../../../main/training/judge/paired.ts";
import { type CheckTools, figure, type MethodCheck, type Outcome } from "../check.ts";
import { type CtuRecord, ctuRecords, ctuSplit } from "../sequences/ctu.ts";

const from = { evidence: "computed", source: "recipe-ssm.md §6" } as const;
const codeOf = { ACC: "acceleration", DEC: "deceleration", BC: "bradycardia", TC: "tachycardia" } as const;
const codes = Object.values(codeOf);
const FEW = 6; // recordings that somebody read, where few are
const heartRate = ctgGroups().filter(({ name }) => name === "heart-rate");

interface Marked {
  readonly record: CtuRecord;
  readonly input: EventInput;
  readonly targets: Targets;
}

const marksOf = ({ events, annotatedS }: CtuRecord) => ({
  events: events.flatMap(({ kind, fromS, toS }) =>
    kind === "UC" ? [] : [{ code: codeOf[kind], onsetS: fromS, durationS: toS - fromS }],
  ),
  read: annotatedS > 0 ? [{ onsetS: 0, durationS: annotatedS }] : [],
  unclear: [],
});

function marked(record: CtuRecord): Marked | undefined {
  const [group] = heartRate;
  if (group === undefined || record.annotatedS === 0) return undefined;
  const input = eventInput(record.source, { bridgeFhrS: 0, bridgeUcS: 30 });
  return { record, input, targets: targetsOf(input.seconds, marksOf(record), group) };
}

/** What the records for learning are: of how many somebody says something, and how many nobody read. */
const ways = {
  "nobody read": { read: 0, unread: Infinity },
  "all read": { read: Infinity, unread: 0 },
  [`${FEW} read, the others not`]: { read: FEW, unread: Infinity },
  [`${FEW} read, no others`]: { read: FEW, unread: 0 },
} as const;

const secondsOf = (record: CtuRecord, isRead: boolean): ReadSeconds => ({
  ...{ y: record.fhr, observed: record.observed },
  said: saidBySecond(record.fhr.length, isRead ? marksOf(record) : undefined, codes),
});

/** P of each event a second, knowing all values. */
function probabilities(events: LearnedEvents, { fhr: y, observed }: CtuRecord): readonly Float32Array[] {
  const switching = switchingWith(ctgDynamics, events);
  const shares = smoothRegimes(filterRegimes({ y, observed }, switching), switching);
  return eventNames.map((name) => {
    const at = eventRegimes.indexOf(name);
    return Float32Array.from(y, (_, t) => shares[t * eventRegimes.length + at] ?? 0);
  });
}

interface Scores {
  readonly f1: number;
  readonly f1Iou: number;
  readonly auroc: number;
  readonly byRecord: {
    readonly f1: ReadonlyMap<string, number>;
    readonly auroc: ReadonlyMap<string, number>;
  };
}

async function scored(
  events: LearnedEvents,
  validation: readonly Marked[],
  test: readonly Marked[],
): Promise<readonly Scores[]> {
  const of = new Map(
    [...validation, ...test].map((one) => [one, probabilities(events, one.record)] as const),
  );
  const views = (all: readonly Marked[], code: EventCode, c: number): readonly MarkedView[] =>
    all.map((one) => {
      const [own, other] = [of.get(one)?.[c], of.get(one)?.[1 - c]];
      const probability = own ?? new Float32Array(0);
      return {
        ...{ input: one.input, code, probability },
        none: probability.map((p, t) => 1 - p - (other?.[t] ?? 0)),
        ...{ marked: one.targets.marked[c] ?? [], read: one.targets.read },
      };
    });
  const auroc = (all: readonly Marked[], c: number): number => {
    const [p, truth]: [number[], number[]] = [[], []];
    for (const one of all)
      of.get(one)?.[c]?.forEach((value, t) => {
        if (one.targets.weight[t] !== 1) return;
        p.push(value);
        truth.push(one.targets.y[t * eventNames.length + c] ?? 0);
      });
    return scoreSeconds(Float32Array.from(p), Uint8Array.from(truth)).auroc;
  };
  const all: Scores[] = [];
  for (const [c, code] of (heartRate[0]?.codes ?? []).entries()) {
    const settings = await chooseSettings(views(validation, code, c), code, "threshold");
    const counts = views(test, code, c).map((view) =>
      countWhereRead(view, findEvents(view, settings), code.matchS),
    );
    const { f1, f1Iou } = scoreEvents(counts);
    const each = <T>(values: (one: Marked, i: number) => T) =>
      new Map(test.map((one, i) => [String(one.record.id), values(one, i)] as const));
    all.push({
      ...{ f1, f1Iou, auroc: auroc(test, c) },
      byRecord: {
        f1: each((_, i) => scoreEvents(counts.slice(i, i + 1)).f1),
        auroc: each((one) => auroc([one], c)),
      },
    });
  }
  return all;
}

async function run({ data, say, cells }: CheckTools): Promise<readonly Outcome[]> {
  const split = ctuSplit(data());
  const fit = ctuRecords(data(), split.fit).filter(({ annotatedS }) => annotatedS > 0);
  const read = (ids: readonly number[]): Marked[] =>
    ctuRecords(data(), ids).flatMap((record) => marked(record) ?? []);
  const [validation, test] = [read(split.val), read(split.test)];
  const { signal } = new AbortController();
  const found = new Map<string, { readonly events: LearnedEvents; readonly scores: readonly Scores[] }>();
  for (const [part, [name, way]] of Object.entries(ways).entries()) {
    const lessons = fit.flatMap((record, i) =>
      i < way.read ? [secondsOf(record, true)] : i < way.read + way.unread ? [secondsOf(record, false)] : [],
    );
    const isMixed = way.read < fit.length && way.read > 0 && way.unread > 0;
    const made = { start: startEvents, records: lessons.length, ...(isMixed ? { unread: "weighed" } : {}) };
    const events = await cells.of(
      { table: "ssm-readers", method: name, part, made },
      LearnedEvents,
      async () => {
        const learned = await learnEvents(lessons, ctgDynamics, {
          ...{ named: namedBy(codes), strength: 1, signal },
          onRound: (round, own, nats) =>
            say(
              `${name}, round ${round}: ${eventNames.map((one) => own[one].target.toFixed(1)).join(" ")} bpm, ${nats.toFixed(0)} nats`,
            ),
        });
        if (learned === undefined) throw new Error("too little was observed");
        return learned;
      },
    );
    if (events === undefined) continue;
    const scores = await scored(events, validation, test);
    found.set(name, { events, scores });
    eventNames.forEach((one, c) => {
      const { target, begins, ends } = events[one];
      say(
        `${name}, ${one}: ${target.toFixed(1)} bpm, ${(3600 * begins).toFixed(1)} an hour, ${(1 / ends).toFixed(0)} s; F1 ${figure(scores[c]?.f1 ?? 0)} (IoU ${figure(scores[c]?.f1Iou ?? 0)}), AUROC ${figure(scores[c]?.auroc ?? 0)}`,
      );
    });
  }
  return [...meaning(found, fit), ...gains(found)];
}

type Found = ReadonlyMap<string, { readonly events: LearnedEvents; readonly scores: readonly Scores[] }>;

/** Whether regimes of events mean what readers mark: as often and as long, within a factor of two. */
function meaning(found: Found, fit: readonly CtuRecord[]): Outcome[] {
  const hours = fit.reduce((sum, { annotatedS }) => sum + annotatedS, 0) / 3600;
  const isNear = (a: number, b: number): boolean => Math.abs(Math.log(a / b)) <= Math.log(2);
  return [...found].flatMap(([name, { events, scores }]) =>
    eventNames.map((one, c) => {
      const { target, begins, ends } = events[one];
      const marks = fit.flatMap((record) => marksOf(record).events.filter(({ code }) => code === one));
      const often = marks.length / hours;
      const long = marks.reduce((sum, { durationS }) => sum + durationS, 0) / marks.length;
      const told = (rate: number, seconds: number): string =>
        `${figure(rate, 1)} an hour, ${figure(seconds, 0)} s`;
      const own = scores[c];
      const reached = `F1 ${figure(own?.f1 ?? 0)} (IoU ${figure(own?.f1Iou ?? 0)}), AUROC ${figure(own?.auroc ?? 0)}`;
      return {
        what: `${name}: regime of ${one} (${figure(target, 1)} bpm from the baseline; ${reached})`,
        value: told(3600 * begins, 1 / ends),
        expected: `${told(often, long)} (readers), within a factor of 2`,
        pass: isNear(3600 * begins, often) && isNear(1 / ends, long),
        ...from,
      };
    }),
  );
}

/** What marks bring, and recordings that nobody read beside few that somebody did. */
function gains(found: Found): Outcome[] {
  const pairs = [
    ["all read", "nobody read"],
    [`${FEW} read, the others not`, "nobody read"],
    [`${FEW} read, the others not`, `${FEW} read, no others`],
  ] as const;
  return pairs.flatMap(([a, b]) =>
    eventNames.flatMap((one, c) =>
      (["f1", "auroc"] as const).flatMap((score) => {
        const [own, other] = [
          found.get(a)?.scores[c]?.byRecord[score],
          found.get(b)?.scores[c]?.byRecord[score],
        ];
        if (own === undefined || other === undefined) return [];
        const { difference, interval } = pairedOverGroups(own, other);
        const [low, high] = [interval?.low ?? Number.NaN, interval?.high ?? Number.NaN];
        return {
          what: `${one}, ${score === "f1" ? "F1" : "AUROC"} of a record, ${a} less ${b}`,
          value: `${figure(difference)} [${figure(low)}, ${figure(high)}]`,
          expected: "interval above 0",
          pass: low > 0,
          ...from,
        };
      }),
    ),
  );
}

export const ssmReaders: MethodCheck = {
  id: "ssm-readers",
  about:
    "Regimes of accelerations and decelerations beside those of variability, learned from 60 labour records of CTU-UHB of which nobody, a reader, or a reader in a few says where events lie; P(regime) on 60 others, thresholds by validation",
  isInPieces: true,
  run,
};
