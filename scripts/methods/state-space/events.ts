import { calibratedProbabilities, uncalibrated } from "../../../main/models/sequences/event-net/calibrate.ts";
import { ctgGroups, type EventCode } from "../../../main/models/sequences/event-net/config.ts";
import type { Example } from "../../../main/models/sequences/event-net/crops.ts";
import {
  chooseSettings,
  countWhereRead,
  findEvents,
  type MarkedView,
} from "../../../main/models/sequences/event-net/events.ts";
import { eventInput, type EventInput } from "../../../main/models/sequences/event-net/input.ts";
import {
  fitLocal,
  type LocalFeatures,
  localFeatures,
  localLogits,
} from "../../../main/models/sequences/event-net/local.ts";
import { scoreEvents, scoreSeconds } from "../../../main/models/sequences/event-net/score.ts";
import { targetsOf, type Targets } from "../../../main/models/sequences/event-net/targets.ts";
import {
  ctgDynamics,
  noiseScale,
  MEMORY,
  state,
  STATES,
} from "../../../main/models/sequences/state-space/filter.ts";
import {
  filterRegimes,
  smoothRegimes,
  switchingOf,
  variabilityRegimes,
} from "../../../main/models/sequences/state-space/regimes.ts";
import { smoothStates } from "../../../main/models/sequences/state-space/smoother.ts";
import { pairedOverGroups } from "../../../main/training/judge/paired.ts";
import { atLeast, type CheckTools, figure, type MethodCheck, type Outcome } from "../check.ts";
import { type CtuRecord, ctuRecords, ctuSplit } from "../sequences/ctu.ts";

const LEARNS = 30; // validation records that are learned from besides; by the others settings are chosen
const from = { evidence: "computed", source: "recipe-ssm.md §6" } as const;

const heartRate = ctgGroups().filter(({ name }) => name === "heart-rate");
const codeOf = { ACC: "acceleration", DEC: "deceleration" } as const;

interface Marked {
  readonly id: number;
  readonly input: EventInput;
  readonly states: readonly Float32Array[];
  readonly targets: Targets;
}

const switching = switchingOf(ctgDynamics, variabilityRegimes);

/** Smoothed states, regimes and how they move around each second: [features][seconds], 0 before a level is known. */
function stateFeatures({ fhr: y, observed }: CtuRecord): readonly Float32Array[] {
  const kept = filterRegimes({ y, observed }, switching);
  const { mean } = smoothStates(kept, ctgDynamics);
  const shares = smoothRegimes(kept, switching);
  const row = (of: (t: number) => number): Float32Array => Float32Array.from(y, (_, t) => of(t));
  const at = (name: keyof typeof state) => (t: number) => mean[t * STATES + state[name]] ?? 0;
  const away = row((t) => (at("a")(t) + at("v")(t)) / 15);
  const [short, long] = [averaged(away, 7), averaged(away, 31)];
  return [
    row((t) => at("a")(t) / 10),
    ...[short, long, short.map((v) => Math.max(0, v)), long.map((v) => Math.max(0, v))],
    ...[-30, -15, 15, 30].map((lag) => short.map((_, t) => short[t + lag] ?? 0)),
    row((t) => (at("b")(t) === 0 ? 0 : (at("b")(t) - 140) / 15)),
    row((t) => Math.log(noiseScale(kept.after, t * MEMORY))),
    ...[0, 2].map((k) => row((t) => shares[t * variabilityRegimes.length + k] ?? 0)),
  ];
}

function averaged(values: Float32Array, width: number): Float32Array {
  const half = (width - 1) / 2;
  const sums = new Float64Array(values.length + 1);
  values.forEach((v, t) => (sums[t + 1] = (sums[t] ?? 0) + v));
  return values.map((_, t) => {
    const [low, high] = [Math.max(0, t - half), Math.min(values.length, t + half + 1)];
    return ((sums[high] ?? 0) - (sums[low] ?? 0)) / (high - low);
  });
}

function marked(record: CtuRecord): Marked | undefined {
  const [group] = heartRate;
  if (group === undefined || record.annotatedS === 0) return undefined;
  const input = eventInput(record.source, { bridgeFhrS: 0, bridgeUcS: 30 });
  const events = record.events.flatMap(({ kind, fromS, toS }) =>
    kind === "ACC" || kind === "DEC" ? [{ code: codeOf[kind], onsetS: fromS, durationS: toS - fromS }] : [],
  );
  const read = [{ onsetS: 0, durationS: record.annotatedS }];
  return {
    ...{ id: record.id, input, states: stateFeatures(record) },
    targets: targetsOf(input.seconds, { events, read, unclear: [] }, group),
  };
}

interface Said {
  readonly views: readonly (readonly MarkedView[])[]; // a code, a record
  readonly auroc: readonly number[]; // a code, over all seconds read
}

/** What a logistic regression, learned from `lessons`, says of other records. */
async function saidBy(
  lessons: readonly Marked[],
  featuresOf: LocalFeatures,
): Promise<(records: readonly Marked[]) => Said> {
  const codes = heartRate[0]?.codes ?? [];
  const local = await fitLocal(
    lessons.map(({ input, targets }): Example => ({ input, targets })),
    codes.length,
    undefined,
    featuresOf,
  );
  return (records) => {
    const each = records.map(({ input }) =>
      calibratedProbabilities(localLogits(local, input, featuresOf), uncalibrated(codes.length)),
    );
    const width = codes.length + 1;
    const column = (p: Float32Array, c: number): Float32Array =>
      Float32Array.from({ length: p.length / width }, (_, t) => p[t * width + c] ?? 0);
    const views = codes.map((code, c) =>
      records.map(({ input, targets }, i): MarkedView => {
        const p = each[i] ?? new Float32Array(0);
        return {
          ...{ input, code, probability: column(p, c + 1), none: column(p, 0) },
          ...{ marked: targets.marked[c] ?? [], read: targets.read },
        };
      }),
    );
    const auroc = views.map((own, c) => {
      const [p, truth]: [number[], number[]] = [[], []];
      own.forEach(({ probability }, i) => {
        const { weight, y } = records[i]?.targets ?? { weight: [], y: [] };
        probability.forEach((value, t) => {
          if (weight[t] !== 1) return;
          p.push(value);
          truth.push(y[t * codes.length + c] ?? 0);
        });
      });
      return scoreSeconds(Float32Array.from(p), Uint8Array.from(truth)).auroc;
    });
    return { views, auroc };
  };
}

type Counts = ReturnType<typeof countWhereRead>;

/** Settings by the validation records, events of the others. */
async function counted(
  code: EventCode,
  choose: readonly MarkedView[],
  test: readonly MarkedView[],
): Promise<Counts[]> {
  const settings = await chooseSettings(choose, code, "hybrid");
  return test.map((view) => countWhereRead(view, findEvents(view, settings), code.matchS));
}

const f1ByRecord = (records: readonly Marked[], counts: readonly Counts[]): ReadonlyMap<string, number> =>
  new Map(
    records.map(({ id }, i) => {
      const own = counts[i];
      return [String(id), own === undefined ? Number.NaN : scoreEvents([own]).f1];
    }),
  );

export const ssmEvents: MethodCheck = {
  id: "ssm-events",
  about:
    "Smoothed states and regimes as further inputs of what accepts events: a rule proposes, a logistic regression accepts, with and without them (CTU-UHB)",
  async run({ data, say }: CheckTools): Promise<readonly Outcome[]> {
    const split = ctuSplit(data());
    const read = (ids: readonly number[]): Marked[] =>
      ctuRecords(data(), ids).flatMap((record) => marked(record) ?? []);
    const val = read(split.val);
    const lessons = [...read(split.fit), ...val.slice(0, LEARNS)];
    const parts = { test: read(split.test), rest: read(split.rest) };
    const everything = [...lessons, ...val, ...parts.test, ...parts.rest];
    const statesOf = new Map(everything.map(({ input, states }) => [input, states]));
    const both: LocalFeatures = (input) => [...localFeatures(input), ...(statesOf.get(input) ?? [])];
    const [plain, withStates] = [await saidBy(lessons, localFeatures), await saidBy(lessons, both)];
    const outcomes: Outcome[] = [];
    const codes = heartRate[0]?.codes ?? [];
    for (const [name, records] of Object.entries({
      "60 test": parts.test,
      "test and rest": [...parts.test, ...parts.rest],
    })) {
      const [choosing, choosingBoth] = [plain(val.slice(LEARNS)), withStates(val.slice(LEARNS))];
      const [own, ownBoth] = [plain(records), withStates(records)];
      for (const [c, code] of codes.entries()) {
        const counts = await counted(code, choosing.views[c] ?? [], own.views[c] ?? []);
        const countsBoth = await counted(code, choosingBoth.views[c] ?? [], ownBoth.views[c] ?? []);
        const [without, having] = [scoreEvents(counts), scoreEvents(countsBoth)];
        const paired = pairedOverGroups(f1ByRecord(records, countsBoth), f1ByRecord(records, counts));
        const interval =
          paired.interval === null
            ? ""
            : ` [${figure(paired.interval.low)}, ${figure(paired.interval.high)}]`;
        const told = `${code.code}: F1 ${figure(without.f1)} (IoU ${figure(without.f1Iou)}) without states, ${figure(having.f1)} (${figure(having.f1Iou)}) with; AUROC ${figure(own.auroc[c] ?? 0)} and ${figure(ownBoth.auroc[c] ?? 0)}; F1 of a record ${figure(paired.difference)}${interval}`;
        say(`  ${name}, ${told}`);
        const expected =
          code.code === "deceleration"
            ? name === "60 test"
              ? 0.6
              : 0.589
            : name === "60 test"
              ? 0.4
              : 0.415;
        outcomes.push(
          atLeast(`F1 with states, ${records.length} records, ${told}`, having.f1, expected, from),
        );
      }
    }
    return outcomes;
  },
};
