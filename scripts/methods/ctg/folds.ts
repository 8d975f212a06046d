import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onnxRuntime } from "../../../main/compute/onnx/runtime.ts";
import { pack, unpack } from "../../../main/compute/packed.ts";
import type { Runtime } from "../../../main/compute/runtime.ts";
import { EventNetConfig } from "../../../main/models/sequences/event-net/config.ts";
import { fitEventNet } from "../../../main/models/sequences/event-net/fit.ts";
import { eventInput, type EventInput } from "../../../main/models/sequences/event-net/input.ts";
import { eventJudge } from "../../../main/models/sequences/event-net/judge.ts";
import { LearnedEventNet } from "../../../main/models/sequences/event-net/learned.ts";
import { seededRandom, shuffle } from "../../../main/models/random.ts";
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

/** What a network that learned from the fold's training records says of those for validation and test, by their numbers. */
export async function networkOf(
  fold: Fold,
  kept: string, // folder of networks that were learned before
  say: (line: string) => void,
): Promise<ReadonlyMap<number, SecondProbabilities>> {
  const runtime = await onnxRuntime({ threads: 1 });
  const file = join(kept, `ctu-fold-${fold.fold}.kodo`);
  if (!existsSync(file)) {
    say(`fold ${fold.fold}: a network learns from ${fold.train.length} records`);
    mkdirSync(kept, { recursive: true });
    writeFileSync(file, pack(await learned(fold, runtime)));
  }
  const judge = await eventJudge(LearnedEventNet.parse(unpack(readFileSync(file))), runtime);
  const said = new Map<number, SecondProbabilities>();
  for (const record of [...fold.validation, ...fold.test]) {
    const { perSecond } = await judge.judge(inputOf(record));
    const of = (code: string): Float32Array => {
      const group = perSecond.find(({ classes }) => classes.includes(code));
      const [c = -1, width = 0] = [group?.classes.indexOf(code), group?.classes.length];
      return Float32Array.from({ length: record.seconds }, (_, t) => group?.probability[t * width + c] ?? 0);
    };
    said.set(record.id, {
      acceleration: of("acceleration"),
      deceleration: of("deceleration"),
      contraction: of("contraction"),
    });
  }
  await judge.dispose();
  return said;
}

function learned({ train, validation }: Fold, runtime: Runtime): Promise<LearnedEventNet> {
  const lesson = (part: "train" | "validation") => (record: CtuRecord) => ({
    ...{ id: String(record.id), input: inputOf(record), part },
    labels: {
      events: record.events.flatMap(({ kind, fromS, toS }) => {
        const code = codes[kind];
        return code === undefined ? [] : [{ code, onsetS: fromS, durationS: toS - fromS }];
      }),
      read: [{ onsetS: 0, durationS: record.annotatedS }],
      unclear: [],
    },
  });
  const lessons = [...train.map(lesson("train")), ...validation.map(lesson("validation"))];
  return fitEventNet(lessons, config, { runtime });
}
