import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onnxRuntime } from "../../../main/compute/onnx/runtime.ts";
import { pack, unpack } from "../../../main/compute/packed.ts";
import { EventNetConfig } from "../../../main/models/sequences/event-net/config.ts";
import { fitEventNet } from "../../../main/models/sequences/event-net/fit.ts";
import { eventInput, type EventInput } from "../../../main/models/sequences/event-net/input.ts";
import { eventJudge, type GroupJudgement } from "../../../main/models/sequences/event-net/judge.ts";
import { LearnedEventNet } from "../../../main/models/sequences/event-net/learned.ts";
import type { EventRecording } from "../../../main/models/sequences/event-net/lessons.ts";
import { settleEventNet } from "../../../main/models/sequences/event-net/settle.ts";
import { seededRandom, shuffle } from "../../../main/models/random.ts";
import { leaveOutGroups } from "../../../main/training/data/split.ts";
import { type CtuRecord, ctuFolds, ctuRecords } from "../sequences/ctu.ts";

export const FOLDS = [0, 1, 2, 3, 4] as const;

const NUMBERED_WRONGLY = 1433; // its deceleration marks (data README 1.1)
const SPLIT_SEED = 100;
const VALIDATION_SHARE = 0.17; // of the records outside the fold

/** Records of one fold of clinical.csv, and which of the others choose settings. None is in two parts. */
export interface Fold {
  readonly fold: number;
  readonly test: readonly CtuRecord[];
  readonly validation: readonly CtuRecord[];
  readonly train: readonly CtuRecord[];
}

/** Every record but 1433 that was annotated. `data`: the folder of development data. */
export const annotatedRecords = (data: string): readonly CtuRecord[] => {
  const ids = [...ctuFolds(data).keys()].filter((id) => id !== NUMBERED_WRONGLY).sort((a, b) => a - b);
  return ctuRecords(data, ids).filter(({ annotatedS }) => annotatedS > 0);
};

export function foldOf(
  records: readonly CtuRecord[],
  folds: ReadonlyMap<number, number>,
  fold: number,
): Fold {
  const by = new Map(records.map((record) => [record.id, record]));
  const others = shuffle(
    [...by.keys()].filter((id) => folds.get(id) !== fold),
    seededRandom(SPLIT_SEED, fold),
  );
  const validation = others.splice(0, Math.round(VALIDATION_SHARE * others.length));
  const those = (ids: readonly number[]): readonly CtuRecord[] => ids.flatMap((id) => by.get(id) ?? []);
  return {
    fold,
    test: records.filter(({ id }) => folds.get(id) === fold),
    validation: those(validation),
    train: those(others),
  };
}

/** A fold as the application learns: of the other records each network leaves an eighth out, and those choose settings. */
export interface FoldInTurn extends Fold {
  readonly leftOutBy: ReadonlyMap<number, number>; // network of each validation record
}

export function foldInTurn(
  records: readonly CtuRecord[],
  folds: ReadonlyMap<number, number>,
  fold: number,
): FoldInTurn {
  const others = records.filter(({ id }) => folds.get(id) !== fold);
  const ids = others.map(({ id }) => String(id));
  const groups = leaveOutGroups(ids, ids, config);
  const leftOutBy = new Map(
    others.flatMap(({ id }) => {
      const network = groups.get(String(id)) ?? -1;
      return network < 0 ? [] : [[id, network] as const];
    }),
  );
  return {
    ...{ fold, leftOutBy },
    test: records.filter(({ id }) => folds.get(id) === fold),
    validation: others.filter(({ id }) => leftOutBy.has(id)),
    train: others.filter(({ id }) => !leftOutBy.has(id)),
  };
}

/** Probabilities that a network gives, a second each. */
export interface SecondProbabilities {
  readonly acceleration: Float32Array;
  readonly deceleration: Float32Array;
  readonly contraction: Float32Array;
}

const config = EventNetConfig.parse({});
const inputOf = ({ source }: CtuRecord): EventInput => eventInput(source, config);
const codes: Partial<Record<string, string>> = {
  ACC: "acceleration",
  DEC: "deceleration",
  UC: "contraction",
};

/**
 * What networks that learned from the other records say of those for test, all together, and of each validation record
 * the one that left it out, by their numbers. Networks that are kept are settled anew.
 */
export async function networksOf(
  fold: FoldInTurn,
  kept: string, // folder of networks that were learned before
  say: (line: string) => void,
): Promise<ReadonlyMap<number, SecondProbabilities>> {
  const runtime = await onnxRuntime({ threads: 1 });
  const file = join(kept, `ctu-fold-${fold.fold}.kodo`);
  const lessons = lessonsOf(fold);
  if (!existsSync(file)) {
    say(`fold ${fold.fold}: networks learn from ${lessons.length} records`);
    mkdirSync(kept, { recursive: true });
    writeFileSync(file, pack(await fitEventNet(lessons, config, { runtime })));
  }
  const found = LearnedEventNet.parse(unpack(readFileSync(file)));
  const networks = await settleEventNet(lessons, found, { runtime });
  const said = new Map<number, SecondProbabilities>();
  const judge = async (learned: LearnedEventNet, records: readonly CtuRecord[]): Promise<void> => {
    const own = await eventJudge(learned, runtime);
    for (const record of records)
      said.set(record.id, secondsOf(record, (await own.judge(inputOf(record))).perSecond));
    await own.dispose();
  };
  await judge(networks, fold.test);
  for (let member = 0; member < config.members; member += 1)
    await judge(
      alone(networks, member),
      fold.validation.filter(({ id }) => fold.leftOutBy.get(id) === member),
    );
  return said;
}

const alone = ({ config, groups }: LearnedEventNet, member: number): LearnedEventNet => ({
  config,
  groups: groups.map((group) => ({ ...group, members: group.members.slice(member, member + 1) })),
});

function secondsOf({ seconds }: CtuRecord, perSecond: readonly GroupJudgement[]): SecondProbabilities {
  const of = (code: string): Float32Array => {
    const group = perSecond.find(({ classes }) => classes.includes(code));
    const [c = -1, width = 0] = [group?.classes.indexOf(code), group?.classes.length];
    return Float32Array.from({ length: seconds }, (_, t) => group?.probability[t * width + c] ?? 0);
  };
  return {
    acceleration: of("acceleration"),
    deceleration: of("deceleration"),
    contraction: of("contraction"),
  };
}

const lessonsOf = ({ train, validation, leftOutBy }: FoldInTurn): EventRecording[] =>
  [...train, ...validation].map((record) => ({
    ...{ id: String(record.id), input: inputOf(record), part: "train", leftOutBy: leftOutBy.get(record.id) },
    labels: {
      events: record.events.flatMap(({ kind, fromS, toS }) => {
        const code = codes[kind];
        return code === undefined ? [] : [{ code, onsetS: fromS, durationS: toS - fromS }];
      }),
      read: [{ onsetS: 0, durationS: record.annotatedS }],
      unclear: [],
    },
  }));
