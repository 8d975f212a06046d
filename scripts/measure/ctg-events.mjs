// npm run measure -- ctg-events [held=A,B] [share=0.05] [from=0] [folds=5] [members=2] [models=FOLDER] [--json]
// Events over whole recordings of CTU-UHB never seen, a second at a time and event by event, beside a logistic floor of
// the same recordings. Folds are those of clinical.csv. With models= what was learned is kept there, and taken from
// there instead of being learned again; a measurement that was stopped goes on from there too.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pack, unpack } from "../../main/compute/packed.ts";
import { onnxRuntime } from "../../main/compute/onnx/runtime.ts";
import { calibratedProbabilities, uncalibrated } from "../../main/models/sequences/event-net/calibrate.ts";
import { ctgGroups, EventNetConfig } from "../../main/models/sequences/event-net/config.ts";
import { countWhereRead } from "../../main/models/sequences/event-net/events.ts";
import { eventInput } from "../../main/models/sequences/event-net/input.ts";
import { LearnedEventNet } from "../../main/models/sequences/event-net/learned.ts";
import { fitLocal, localLogits } from "../../main/models/sequences/event-net/local.ts";
import { ruleEvents } from "../../main/models/sequences/event-net/rule-events.ts";
import { settleEventNet } from "../../main/models/sequences/event-net/settle.ts";
import { scoreEvents, scoreSeconds } from "../../main/models/sequences/event-net/score.ts";
import { targetsOf } from "../../main/models/sequences/event-net/targets.ts";
import { seededRandom, shuffle } from "../../main/models/random.ts";
import { fitEventNet } from "../../main/models/sequences/event-net/fit.ts";
import { eventJudge } from "../../main/models/sequences/event-net/judge.ts";
import { leaveOutGroups } from "../../main/training/data/split.ts";
import { ctgRecordings } from "./data.mjs";
import { compared, given, mean, option, people, show, told } from "./measuring.mjs";

const SPLIT_SEED = 100;
const VALIDATION_SHARE = 0.17;
const HIDDEN_SHARE = 0.2;

const share = option("share", 1);
const chosenGroups = ctgGroups()
  .filter(({ name }) => !given.group || given.group === name)
  .map((group) => ({ ...group, ...overridden(group.name) }));
const config = EventNetConfig.parse({
  groups: chosenGroups,
  seed: option("seed", 0),
  members: option("members", 2),
  ...Object.fromEntries(
    ["bridgeFhrS", "bridgeUcS", "dropout", "averaging", "weightDecay", "cropS", "guidedBelow"].flatMap(
      (key) => (given[key] === undefined ? [] : [[key, Number(given[key])]]),
    ),
  ),
});

/** steps=..., or heart-rate.steps=... for one group alone. */
function overridden(name) {
  const numbers = ["steps", "rate", "pretrainSteps", "pretrainRate", "aroundEvents", "hiddenShare"];
  return Object.fromEntries(
    [...numbers, "augmentation", "finding", "pretrainOn"].flatMap((key) => {
      const value = given[`${name}.${key}`] ?? given[key];
      return value === undefined ? [] : [[key, numbers.includes(key) ? Number(value) : value]];
    }),
  );
}

const { held, kept } = people(ctgRecordings());
const recordings = kept.map((recording) => ({
  id: recording.id,
  fold: recording.fold,
  recording,
  input: eventInput(sourceOf(recording), config),
  labels: {
    events: recording.annotations.map(asMark),
    read: recording.readings,
    unclear: recording.unclear.map(asMark),
  },
}));
const runtime = await onnxRuntime({ threads: option("threads", 1) });

function asMark({ label, onsetS, durationS }) {
  return { code: label, onsetS, durationS };
}

function sourceOf({ channels }, hidden = []) {
  return {
    channels: channels.map((channel) => ({ ...channel, sampleCount: channel.values.length })),
    durationS: channels[0].values.length / channels[0].sampleRate,
    read(channel, first, count) {
      const values = channels[channel].values.slice(first, first + count);
      const observed = new Uint8Array(values.length);
      for (let i = 0; i < observed.length; i += 1) {
        const isMissing = (channels[channel].reasons?.[first + i] ?? 0) !== 0;
        observed[i] = Number(!isMissing && hidden[channel]?.[first + i] !== 1);
      }
      return { values, observed };
    },
  };
}

/** A fifth of each channel's samples, in bursts of 2 to 28 s, each channel apart. */
function hiddenSamples({ id, channels }) {
  return channels.map(({ values, sampleRate }, channel) => {
    const random = seededRandom(Number(id), channel + 1);
    const hidden = new Uint8Array(values.length);
    for (let left = HIDDEN_SHARE * values.length; left > 0;) {
      const from = random.below(values.length);
      const to = Math.min(values.length, from + Math.round(sampleRate * (2 + 26 * random.next())));
      for (let i = from; i < to; i += 1) {
        left -= 1 - hidden[i];
        hidden[i] = 1;
      }
    }
    return hidden;
  });
}

function splitsOf() {
  if (held.length > 0) return [{ name: "held", isTest: ({ id }) => held.includes(id) }];
  const from = option("from", 0);
  return [0, 1, 2, 3, 4]
    .slice(from, from + option("folds", 5))
    .map((fold) => ({ name: `fold ${fold}`, number: fold, isTest: (one) => one.fold === fold }));
}

/**
 * Test, validation and training recordings; with a share, that part of the training recordings is marked and nothing else.
 * Several networks leave training recordings out in turn, as in the application: then none are for validation alone.
 */
function partsOf({ isTest, number = 0 }) {
  const test = recordings.filter(isTest);
  const others = shuffle(
    recordings.filter((one) => !isTest(one)),
    seededRandom(SPLIT_SEED, number),
  );
  const validation = others.splice(0, Math.round(VALIDATION_SHARE * others.length));
  if (share === 1 && config.members > 1) others.push(...validation.splice(0));
  const marked = share < 1 ? Math.max(2, Math.round(share * others.length)) : others.length;
  return { test, validation: share < 1 ? [] : validation, train: others, marked };
}

async function learn(split, { validation, train, marked }) {
  const key = createHash("sha256")
    .update(JSON.stringify([split.name, share, config, given.held, given.without, "in turn"]))
    .digest("hex")
    .slice(0, 16);
  const kept = given.models && join(given.models, key);
  const ids = train.map(({ id }) => id);
  const leftOut = leaveOutGroups(ids, ids.slice(0, marked), config);
  const lessons = [
    ...train.map(({ id, input, labels }, i) => ({
      id,
      input,
      labels: i < marked ? labels : undefined,
      part: "train",
      leftOutBy: leftOut.get(id) < 0 ? undefined : leftOut.get(id),
    })),
    ...validation.map((one) => ({ ...one, part: "validation" })),
  ];
  if (kept && existsSync(`${kept}.kodo`))
    return settleEventNet(lessons, LearnedEventNet.parse(unpack(readFileSync(`${kept}.kodo`))), { runtime });
  if (kept) mkdirSync(given.models, { recursive: true });
  const start = performance.now();
  const processor = process.cpuUsage();
  let reported = 0;
  const learned = await fitEventNet(lessons, config, {
    runtime,
    onProgress: ({ group, member, stage, done, loss }) => {
      if (performance.now() - reported < 20_000) return;
      reported = performance.now();
      told(`${split.name}: ${group} ${member} ${stage} ${(100 * done).toFixed(0)} % loss ${loss.toFixed(4)}`);
    },
    ...(kept && {
      resume: existsSync(`${kept}.place`) ? unpack(readFileSync(`${kept}.place`)) : undefined,
      onCheckpoint: (place) => writeFileSync(`${kept}.place`, pack(place)),
    }),
  });
  const { user, system } = process.cpuUsage(processor);
  told(
    `${split.name}: learned in ${((performance.now() - start) / 1000).toFixed(0)} s, ${((user + system) / 1e6).toFixed(0)} s of processor time`,
  );
  if (kept) writeFileSync(`${kept}.kodo`, pack(learned));
  return learned;
}

/** Probabilities and events of a method on the test recordings: [{ probability: [seconds, classes], events }] a group. */
async function judged(learned, test, inputOf) {
  const judge = await eventJudge(learned, runtime);
  const out = [];
  for (const one of test) out.push(await judge.judge(inputOf(one)));
  await judge.dispose();
  return config.groups.map((group, g) =>
    out.map(({ perSecond, events }) => ({
      probability: perSecond[g].probability,
      assessable: perSecond[g].assessable,
      events: group.codes.map(({ code }) =>
        events
          .filter((event) => event.code === code)
          .map(({ onsetS, durationS }) => ({ from: onsetS, to: onsetS + durationS })),
      ),
    })),
  );
}

async function floor({ train, marked, test }, inputOf) {
  const found = [];
  for (const group of config.groups) {
    const codes = group.codes.length;
    const examples = train
      .slice(0, marked)
      .map(({ input, labels }) => ({ input, targets: targetsOf(input.seconds, labels, group) }));
    const local = await fitLocal(examples, codes);
    found.push(
      test.map((one) => ({
        probability: calibratedProbabilities(localLogits(local, inputOf(one)), uncalibrated(codes)),
        assessable: one.input[group.channel].observed,
      })),
    );
  }
  return found;
}

const byRule = (test) =>
  config.groups.map((group) =>
    test.map(({ input }) => ({ events: group.codes.map((code) => ruleEvents(input, group, code)) })),
  );

/** Scores of one code over the seconds of the test recordings, and of each recording. */
function secondScores(group, c, test, results, seen = () => true) {
  const classes = group.codes.length + 1;
  const [all, perRecording] = [{ p: [], y: [] }, []];
  test.forEach(({ id, input, labels }, i) => {
    const targets = targetsOf(input.seconds, labels, group);
    const own = { p: [], y: [] };
    for (let second = 0; second < input.seconds; second += 1) {
      if (targets.weight[second] !== 1 || !seen(results[i], second)) continue;
      own.p.push(results[i].probability[second * classes + c + 1]);
      own.y.push(targets.y[second * (classes - 1) + c]);
    }
    all.p.push(own.p);
    all.y.push(own.y);
    perRecording.push([id, scoreSeconds(Float32Array.from(own.p), Uint8Array.from(own.y))]);
  });
  const pooled = scoreSeconds(Float32Array.from(all.p.flat()), Uint8Array.from(all.y.flat()));
  return { ...pooled, perRecording };
}

function eventScores(group, c, test, results) {
  const counts = test.map(({ input, labels }, i) => {
    const targets = targetsOf(input.seconds, labels, group);
    const view = { marked: targets.marked[c], read: targets.read };
    return countWhereRead(view, results[i].events[c], group.codes[c].matchS);
  });
  return scoreEvents(counts);
}

const measures = []; // one a split, method and code
for (const split of splitsOf()) {
  const parts = partsOf(split);
  const learned = await learn(split, parts);
  const { test } = parts;
  const plain = ({ input }) => input;
  const hiddenInputs = new Map(
    test.map((one) => [one.id, eventInput(sourceOf(one.recording, hiddenSamples(one.recording)), config)]),
  );
  const hidden = ({ id }) => hiddenInputs.get(id);
  const methods = {
    network: await judged(learned, test, plain),
    "network, 20 % hidden": await judged(learned, test, hidden),
    "logistic floor": await floor(parts, plain),
    rule: byRule(test),
  };
  config.groups.forEach((group, g) => {
    group.codes.forEach(({ code }, c) => {
      for (const [method, results] of Object.entries(methods)) {
        const own = { split: split.name, code, method };
        if (results[g][0].probability) {
          const assessable = (result, second) => result.assessable[second] === 1;
          own.seconds = secondScores(group, c, test, results[g]);
          own.assessable = secondScores(group, c, test, results[g], assessable);
        }
        if (results[g][0].events) own.events = eventScores(group, c, test, results[g]);
        measures.push(own);
        told(
          `${split.name} ${code} ${method}: ${[
            own.seconds &&
              `AUROC ${own.seconds.auroc.toFixed(4)} AP ${own.seconds.averagePrecision.toFixed(4)}`,
            own.seconds && `ECE ${own.seconds.ece.toFixed(4)} NLL ${own.seconds.nll.toFixed(4)}`,
            own.events && `F1 ${own.events.f1.toFixed(3)} IoU ${own.events.f1Iou.toFixed(3)}`,
            own.events && `Se ${own.events.sensitivity.toFixed(3)} PPV ${own.events.precision.toFixed(3)}`,
          ]
            .filter(Boolean)
            .join(", ")}`,
        );
      }
      if (learned.groups[g].settings[c]) told(JSON.stringify(learned.groups[g].settings[c]));
    });
    told(JSON.stringify(learned.groups[g].calibration));
  });
}

const spread = (values) => {
  const centre = mean(values);
  return Math.sqrt(
    mean(values.map((value) => (value - centre) ** 2)) * (values.length / (values.length - 1)),
  );
};
const figure = (values) =>
  values.length > 1 ? `${mean(values).toFixed(4)} +- ${spread(values).toFixed(4)}` : values[0].toFixed(4);

const rows = [];
const comparisons = [];
for (const group of config.groups) {
  for (const { code } of group.codes) {
    const of = (method) => measures.filter((one) => one.code === code && one.method === method);
    for (const method of new Set(measures.map((one) => one.method))) {
      const own = of(method);
      const seconds = (key, part = "seconds") => figure(own.map((one) => one[part][key]));
      const events = (key) => figure(own.map((one) => one.events[key]));
      rows.push({
        code,
        method,
        ...(own[0].seconds && {
          auroc: seconds("auroc"),
          ap: seconds("averagePrecision"),
          ece: seconds("ece"),
          nll: seconds("nll"),
          "auroc, assessable": seconds("auroc", "assessable"),
        }),
        ...(own[0].events && {
          se: events("sensitivity"),
          ppv: events("precision"),
          f1: events("f1"),
          "f1, iou": events("f1Iou"),
          "false an hour": events("falseAnHour"),
        }),
      });
    }
    const perRecording = (method, key) =>
      new Map(
        of(method)
          .flatMap(({ seconds }) => seconds.perRecording)
          .filter(([, score]) => Number.isFinite(score[key]))
          .map(([id, score]) => [id, key === "nll" ? -score[key] : score[key]]),
      );
    for (const [key, words] of [
      ["auroc", "AUROC a recording"],
      ["nll", "likelihood a second"],
    ])
      comparisons.push(
        compared(
          [`${code}, ${words}: network`, perRecording("network", key)],
          ["logistic floor", perRecording("logistic floor", key)],
        ),
      );
  }
}
show({ rows, comparisons });
process.exit(0);
