import {
  Content,
  type Curves,
  Forecast,
  type FoundEvent,
  type Series,
} from "../../preload/contract/finding.ts";
import { AppError, throwIfCancelled } from "../../preload/contract/errors.ts";
import type { ChannelRole } from "../../preload/contract/recording.ts";
import { sure } from "../../preload/contract/sure.ts";
import { pack, unpack } from "../compute/packed.ts";
import type { Runtime } from "../compute/runtime.ts";
import { sampleAt } from "../signal/window.ts";
import type { SignalSource } from "./fronts/front.ts";
import type {
  Forecaster,
  Marked,
  SequenceData,
  SequenceGroup,
  SequenceJudge,
  SequenceModel,
} from "./model.ts";
import { readBy, wrongNames } from "./named-laws.ts";
import { seededRandom } from "./random.ts";

/** A model that follows whole recordings, with settings of it that its own schema has filled. */
export interface SequenceCase {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as in the registry
  readonly model: SequenceModel<any, any>;
  readonly config: unknown;
  readonly runtime: () => Promise<Runtime>;
}

/** A law looks at one model with its settings and what it learned with them, and says what is wrong, or undefined. */
type SequenceLaw = (of: SequenceCase, learned: object) => Promise<string | undefined>;

const SEED = 11;
const LONG_S = 900;
const HZ = 4;

const RATE_CODES = ["acceleration", "deceleration"] as const;
const UTERUS_CODES = ["contraction"] as const;
const TRUST_CODES = ["false-signal", "true-signal"] as const;
/** Where the heart rate that is drawn is the mother's. */
const MOTHERS = { onsetS: 480, durationS: 120 };

/** The labels that it is given: those of what is not marked as unknown say whose heart rate it is, all others what is in it. */
function groupsFor({ labels, unmarked, most }: SequenceCase["model"]): readonly SequenceGroup[] {
  if (labels === "unused") return [];
  const all: SequenceGroup[] =
    unmarked === "unknown"
      ? [{ name: "signal-quality", role: "fhr", codes: TRUST_CODES }]
      : [
          { name: "heart-rate-events", role: "fhr", codes: RATE_CODES },
          { name: "contractions", role: "uc", codes: UTERUS_CODES },
        ];
  return all.slice(0, most?.groups);
}

/** What lies in a sample that nobody observed. */
type Behind = (sample: number) => number;

interface MadeUp {
  readonly source: SignalSource;
  readonly marks: Marked;
}

interface Change {
  readonly durationS?: number;
  readonly behind?: Behind; // gaps
  readonly isHidden?: (second: number) => boolean; // instead of the usual gaps
  readonly instead?: (second: number, role: ChannelRole) => number | undefined; // observed, of what is not hidden
}

const bell = (s: number, onsetS: number, durationS: number): number => {
  const through = (s - onsetS) / durationS;
  return through > 0 && through < 1 ? Math.sin(Math.PI * through) : 0;
};

/** Gaps of some seconds, of half a minute, and at no channel's whole seconds. */
const usualGaps = (second: number): boolean =>
  (second % 97) + 0.3 < 4 || (second >= 200.4 && second < 231.1) || (second >= 640 && second < 645);

/** A made-up cardiotocogram on the channels that a model hears, with events, a stretch of the mother's heart rate, and gaps. */
function madeUp({ hears = ["fhr", "uc"] }: SequenceCase["model"], seed: number, change: Change = {}): MadeUp {
  const { durationS = LONG_S, behind = () => 0, isHidden = usualGaps, instead } = change;
  const [random, noise] = [seededRandom(seed, 3), seededRandom(seed, 4)];
  const jitter = Float32Array.from({ length: LONG_S * HZ }, () => noise.normal());
  const events: { code: string; onsetS: number; durationS: number }[] = [];
  for (let s = 40; s < LONG_S - 80; s += 75 + 40 * random.next()) {
    events.push({ code: sure(RATE_CODES[random.below(2)]), onsetS: Math.round(s), durationS: 40 });
    events.push({ code: "contraction", onsetS: Math.round(s) - 20, durationS: 60 });
  }
  const of = (code: string, s: number): number =>
    events.reduce((sum, one) => sum + (one.code === code ? bell(s, one.onsetS, one.durationS) : 0), 0);
  const near = (s: number): number => jitter[Math.floor(s * HZ) % jitter.length] ?? 0;
  const mother = (s: number): number => 84 + 6 * Math.sin(s / 40 + seed) + near(s);
  const values: Partial<Record<ChannelRole, (s: number) => number>> = {
    fhr: (s) =>
      s >= MOTHERS.onsetS && s < MOTHERS.onsetS + MOTHERS.durationS
        ? mother(s)
        : 140 + 25 * (of("acceleration", s) - of("deceleration", s)) + 2 * near(s),
    uc: (s) => 15 + 40 * of("contraction", s) + near(s + 0.25),
    mhr: mother,
  };
  const within = sampleAt(durationS, HZ);
  const source: SignalSource = {
    durationS,
    channels: hears.map((role) => ({
      ...{ label: role, role, unit: role === "uc" ? "" : "bpm", sampleRate: HZ, sampleType: "float32" },
      ...{ gain: 1, offset: 0, sampleCount: within },
    })),
    read(channel, first, count) {
      const role = sure(hears[channel]);
      const length = Math.max(0, Math.min(first + count, within) - first);
      const observed = Uint8Array.from({ length }, (_, i) => Number(!isHidden((first + i) / HZ)));
      return {
        observed,
        values: Float32Array.from({ length }, (_, i) => {
          const s = (first + i) / HZ;
          if (observed[i] === 0) return behind(first + i);
          return instead?.(s, role) ?? values[role]?.(s) ?? 1;
        }),
      };
    },
  };
  const whose = [
    { code: "false-signal", ...MOTHERS },
    { code: "true-signal", onsetS: 0, durationS: 400 },
    { code: "true-signal", onsetS: 650, durationS: 200 },
  ];
  return {
    source,
    marks: {
      events: [...events, ...whose].sort((a, b) => a.onsetS - b.onsetS || a.code.localeCompare(b.code)),
      read: [{ onsetS: 0, durationS: LONG_S }],
      unclear: [{ code: RATE_CODES[0], onsetS: 600, durationS: 20 }],
    },
  };
}

/** Three recordings to learn from and one to set it right by; who needs no labels has them of the first two alone. */
function dataFor(model: SequenceCase["model"], behind?: Behind): SequenceData {
  const groups = groupsFor(model);
  const codes = new Set(groups.flatMap((group) => group.codes));
  return {
    groups,
    sequences: [1, 2, 3, 4].map((seed) => {
      const { source, marks } = madeUp(model, seed, { ...(behind ? { behind } : {}) });
      const own = <T extends { readonly code: string }>(all: readonly T[]): T[] =>
        all.filter(({ code }) => codes.has(code));
      const events = own(marks.events);
      const read = model.unmarked === "unknown" ? events : marks.read;
      const isLabelled = codes.size > 0 && (model.labels === "needed" || seed !== 2);
      return {
        ...{ id: `r${seed}`, subject: `s${seed}`, part: seed === 4 ? "validation" : "train", source },
        marks: isLabelled ? { events, read, unclear: own(marks.unclear) } : undefined,
      };
    }),
  };
}

interface FitHooks {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number) => void;
  readonly onCheckpoint?: (place: object) => void;
  readonly resume?: object | undefined;
}

function objectOf(value: unknown): object {
  if (typeof value === "object" && value !== null) return value;
  throw new TypeError("what is learned is no object");
}

const codeOf = (error: unknown): string => (error instanceof AppError ? error.code : String(error));

/** What it learns of four recordings; one that learns in rounds goes on until it is settled. */
export async function learnedBy(
  { model, config, runtime }: SequenceCase,
  data: SequenceData = dataFor(model),
  { signal = new AbortController().signal, onProgress, onCheckpoint, resume }: FitHooks = {},
): Promise<object> {
  const { learning } = model;
  if (learning.kind === "descent")
    return objectOf(
      await learning.fit(config, data, {
        ...{ runtime, seed: SEED, signal, resume },
        onProgress: (done) => onProgress?.(done),
        onCheckpoint: (place) => {
          onCheckpoint?.(objectOf(unpack(pack(place))));
          return Promise.resolve();
        },
      }),
    );
  let learned = resume ?? objectOf(learning.begin(config, data, SEED));
  for (let round = 0; round < learning.mostRounds; round += 1) {
    throwIfCancelled(signal);
    const next = await learning.round(learned, config, data, signal);
    learned = objectOf(next.learned);
    onProgress?.(round / learning.mostRounds);
    onCheckpoint?.(objectOf(unpack(pack(learned))));
    if (next.isSettled) break;
  }
  return learned;
}

const MOMENTS_S = [61, 304, 555.5, 800] as const;

/** Everything that is said of a recording: what is judged, what is looked ahead to, what is put into gaps. */
interface Said {
  readonly contents: readonly Content[];
  readonly futures: readonly (Forecast | undefined)[];
  readonly filled: Curves | undefined;
}

async function saidOf(judge: SequenceJudge, source: SignalSource): Promise<Said> {
  const { signal } = new AbortController();
  const contents = await judge.judge(source, { signal });
  const ahead = await judge.forecaster?.(source, { signal });
  return {
    contents,
    futures: MOMENTS_S.filter((s) => s <= source.durationS).map((s) => ahead?.at(s)?.forecast),
    filled: await judge.fill?.(source, { signal }),
  };
}

async function opened<T>(
  { model, runtime }: SequenceCase,
  learned: unknown,
  work: (judge: SequenceJudge) => Promise<T>,
): Promise<T> {
  const judge = await model.open(learned, runtime);
  try {
    return await work(judge);
  } finally {
    await judge.dispose();
  }
}

const saidBy = (of: SequenceCase, learned: unknown, source: SignalSource): Promise<Said> =>
  opened(of, learned, (judge) => saidOf(judge, source));

const said = new WeakMap<object, Promise<Said>>();

/** Of the stranger's recording as it is: asked for by most laws, said once. */
function plainlySaid(of: SequenceCase, learned: object): Promise<Said> {
  const own = said.get(learned) ?? saidBy(of, learned, stranger(of));
  said.set(learned, own);
  return own;
}

/** Who was never learned from. */
const stranger = (of: SequenceCase, change?: Change): SignalSource => madeUp(of.model, 9, change).source;

const sameBits = (a: unknown, b: unknown): boolean => Buffer.from(pack([a])).equals(pack([b]));

const seriesOf = ({ contents, filled }: Said): readonly Series[] => [
  ...contents.flatMap((one) => (one.kind === "curves" ? one.series : [])),
  ...(filled?.series ?? []),
];

const eventsOf = ({ contents }: Said): readonly FoundEvent[] =>
  contents.flatMap((one) => (one.kind === "events" ? one.events : []));

/** The first thing that is wrong with what is said: a value that is none, a band beside its centre, shares that are no whole. */
function wrongIn(said: Said, durationS: number): string | undefined {
  for (const one of said.contents) {
    const { error } = Content.safeParse(one);
    if (error)
      return `a content is none: ${error.issues[0]?.path.join(".") ?? ""} ${error.issues[0]?.message ?? ""}`;
  }
  return firstOf([
    ...seriesOf(said).map((one) => wrongSeries(one)),
    ...said.contents.map((one) => (one.kind === "curves" ? wrongShares(one.series) : undefined)),
    ...said.contents.map((one) => (one.kind === "window-classes" ? wrongClasses(one) : undefined)),
    ...eventsOf(said).map((one) => wrongEvent(one, durationS)),
    ...said.futures.map((one) => one && wrongForecast(one)),
  ]);
}

const firstOf = (all: readonly (string | undefined)[]): string | undefined =>
  all.find((one) => one !== undefined);

function wrongSeries({ name, unit, value, low, high, observed }: Series): string | undefined {
  for (let at = 0; at < observed.length; at += 1) {
    if (observed[at] !== 1) continue;
    const [v, least, most] = [
      value[at] ?? NaN,
      low?.[at] ?? value[at] ?? NaN,
      high?.[at] ?? value[at] ?? NaN,
    ];
    if (![v, least, most].every(Number.isFinite)) return `${name} at ${at} is ${v} from ${least} to ${most}`;
    if (least > v || v > most) return `${name} at ${at}: the band ${least} to ${most} has not ${v} in it`;
    if (unit === "probability" && (least < 0 || most > 1)) return `${name} at ${at}: ${least} to ${most}`;
  }
  return undefined;
}

function wrongShares(series: readonly Series[]): string | undefined {
  const shares = series.filter((one) => one.as === "share");
  const [first] = shares;
  for (let at = 0; at < (first?.value.length ?? 0); at += 1) {
    if (first?.observed[at] !== 1) continue;
    const sum = shares.reduce((total, one) => total + (one.value[at] ?? NaN), 0);
    if (!(Math.abs(sum - 1) < 1e-5)) return `shares at ${at} sum to ${sum}`;
  }
  return undefined;
}

function wrongClasses(one: Content & { readonly kind: "window-classes" }): string | undefined {
  const k = one.classes.length;
  const n = one.onsetS.length;
  for (let window = 0; window < n; window += 1) {
    if (one.assessable[window] !== 1) continue;
    const row = [...one.probabilities.subarray(window * k, (window + 1) * k)];
    if (!row.every((p) => p >= 0 && p <= 1) || !(Math.abs(row.reduce((a, b) => a + b, 0) - 1) < 1e-5))
      return `window ${window} has ${row.join(", ")}`;
  }
  return undefined;
}

function wrongEvent(event: FoundEvent, durationS: number): string | undefined {
  const { code, onsetS, durationS: lasts, probability: p = 0.5, low = p, high = p } = event;
  if (onsetS < 0 || lasts <= 0 || onsetS + lasts > durationS + 1)
    return `${code} from ${onsetS} lasting ${lasts} s of ${durationS}`;
  return 0 <= low && low <= p && p <= high && high <= 1 ? undefined : `${code}: ${p} in ${low} to ${high}`;
}

function wrongForecast(given: Forecast): string | undefined {
  const { data, error } = Forecast.safeParse(given);
  if (data === undefined) return `a forecast is none: ${error.issues[0]?.message ?? ""}`;
  const steps = Math.round(data.horizonS / data.stepS);
  const isWhole = (values: Float32Array): boolean => values.length === steps && values.every(Number.isFinite);
  const quantiles = [data, ...data.branches].map((one) =>
    [...one.quantiles].sort((a, b) => a.share - b.share).map(({ value }) => value),
  );
  const said = [...quantiles.flat(), ...data.branches.map(({ value }) => value)];
  if (!said.every(isWhole)) return `of ${data.fromS} s: values of no number, or not of every step`;
  for (const own of quantiles)
    for (let i = 1; i < own.length; i += 1)
      for (let step = 0; step < steps; step += 1)
        if (sure(own[i]?.[step]) < sure(own[i - 1]?.[step]))
          return `of ${data.fromS} s: quantiles cross at ${step}`;
  const sum = data.branches.reduce((total, { probability }) => total + probability, 0);
  if (data.branches.length > 0 && !(Math.abs(sum - 1) < 1e-5))
    return `of ${data.fromS} s: ways sum to ${sum}`;
  const beside = data.branches.find(
    ({ low = 0, probability, high = 1 }) => low > probability || probability > high,
  );
  if (beside) return `of ${data.fromS} s: the band of ${beside.code ?? ""} has not its probability in it`;
  const { spread } = data;
  for (let step = 0; spread !== undefined && step < steps; step += 1) {
    const parts = sure(spread.noise[step]) + sure(spread.fork[step]) + sure(spread.model[step]);
    if (!(Math.abs(parts - 1) < 1e-4)) return `of ${data.fromS} s: parts of the spread sum to ${parts}`;
  }
  return undefined;
}

/** The recording as it was when it was so old. */
const cut = (source: SignalSource, durationS: number): SignalSource => ({
  ...source,
  durationS,
  channels: source.channels.map((one) => ({ ...one, sampleCount: sampleAt(durationS, one.sampleRate) })),
  read: (channel, first, count) =>
    source.read(channel, first, Math.max(0, Math.min(count, sampleAt(durationS, HZ) - first))),
});

const isGarbage: Behind = (sample) => [NaN, 1e30, -77, Infinity, 139.5][sample % 5] ?? 0;

/** Each for twenty seconds, one after the other. */
const ABSURD = [NaN, Infinity, -Infinity, 1e30, -1e30, 3e38] as const;

/** Laws that learn again: for one choice of settings of a model. */
export const fitLaws: Readonly<Record<string, SequenceLaw>> = {
  "stopped and gone on from where it stood, the same seed gives the same bits": async (of, learned) => {
    const stop = new AbortController();
    let place: object | undefined;
    const broken = await learnedBy(of, undefined, {
      signal: stop.signal,
      onProgress: (done) => {
        if (done > 0.5) stop.abort();
      },
      onCheckpoint: (at) => {
        place = at;
        stop.abort();
      },
    }).then(() => "ended", codeOf);
    if (broken !== "cancelled/by-user") return `a fit that was cancelled: ${broken}`;
    const again = await learnedBy(of, undefined, { resume: place });
    return sameBits(learned, again) ? undefined : "what is learned differs";
  },
  "the same seed gives the same bits, whatever lies behind the masks, and after a fit that was cancelled":
    async (of, learned) => {
      const again = await learnedBy(of, dataFor(of.model, isGarbage));
      return sameBits(learned, again) ? undefined : "what is learned differs";
    },
};

export const sequenceLaws: Readonly<Record<string, SequenceLaw>> = {
  "saved and read it says the same to the bit": async (of, learned) => {
    const read: unknown = of.model.file.parse(unpack(pack(learned)));
    if (!sameBits(read, of.model.file.parse(learned))) return "what is read is not what was saved";
    return sameBits(await plainlySaid(of, learned), await saidBy(of, read, stranger(of)))
      ? undefined
      : "what is said differs";
  },
  "saved by name: in whatever order its arrays lie, it is the same; one that is none of them or wrong is refused by its name":
    ({ model }, learned) => Promise.resolve(wrongNames(learned, readBy(model.file))),
  "what lies behind the masks changes nothing that is said": async (of, learned) => {
    const plain = await plainlySaid(of, learned);
    const spoiled = await saidBy(of, learned, stranger(of, { behind: isGarbage }));
    return sameBits(plain, spoiled) ? undefined : "what is said differs";
  },
  "of a recording in which nothing was observed nothing is said": async (of, learned) => {
    const source = stranger(of, { isHidden: () => true, behind: isGarbage });
    const said = await saidBy(of, learned, source);
    const seen = seriesOf(said).find(({ observed }) => observed.includes(1));
    if (seen) return `${seen.name} is said somewhere`;
    if (eventsOf(said).length > 0) return "events are said";
    if (said.futures.some((one) => one !== undefined)) return "a future is said";
    const isJudged = said.contents.some((one) => one.kind === "window-classes" && one.assessable.includes(1));
    return isJudged ? "a window is judged" : firstOf(said.contents.map((one) => unsaid(one, of, source)));
  },
  "what is said of a recording does not depend on others before it": async (of, learned) => {
    const [one, other] = [stranger(of), madeUp(of.model, 8, { durationS: 700 }).source];
    const alone = await plainlySaid(of, learned);
    const among = await opened(of, learned, async (judge) => {
      await saidOf(judge, other);
      return saidOf(judge, one);
    });
    return sameBits(among, alone) ? undefined : "what is said differs";
  },
  "bands hold their centre, probabilities lie in 0 to 1 and shares sum to one": async (of, learned) => {
    return wrongIn(await plainlySaid(of, learned), LONG_S);
  },
  "one that is cancelled says so, and the next says the same": async (of, learned) => {
    const source = stranger(of);
    const plain = await plainlySaid(of, learned);
    return opened(of, learned, async (judge) => {
      const signal = AbortSignal.abort();
      const calls = [
        judge.judge(source, { signal }),
        judge.forecaster?.(source, { signal }),
        judge.fill?.(source, { signal }),
      ];
      for (const call of calls) {
        if (call === undefined) continue;
        const ended = await call.then(() => "ended", codeOf);
        if (ended !== "cancelled/by-user") return `what was cancelled: ${ended}`;
      }
      return sameBits(await saidOf(judge, source), plain) ? undefined : "what is said differs";
    });
  },
  "numbers that are none, and far too large ones, reach nothing that is said": async (of, learned) => {
    for (const only of of.model.hears ?? ["fhr", "uc"]) {
      const instead = (s: number, role: ChannelRole): number | undefined =>
        role === only && s >= 300 ? ABSURD[Math.floor((s - 300) / 20)] : undefined;
      const source = stranger(of, { instead });
      const found = wrongIn(await saidBy(of, learned, source), source.durationS);
      if (found !== undefined) return `in ${only}: ${found}`;
    }
    return undefined;
  },
  "hardly any recording does no harm": async (of, learned) => {
    for (const durationS of [0, 1, 64]) {
      const source = stranger(of, { durationS });
      const found = wrongIn(await saidBy(of, learned, source), durationS);
      if (found !== undefined) return `${durationS} s: ${found}`;
    }
    return undefined;
  },
  "a channel that may be missing may be": async (of, learned) => {
    for (const role of of.model.mayLack ?? []) {
      const whole = stranger(of);
      const kept = [...whole.channels.keys()].filter((at) => whole.channels[at]?.role !== role);
      const source: SignalSource = {
        ...whole,
        channels: kept.map((at) => sure(whole.channels[at])),
        read: (channel, first, count) => whole.read(sure(kept[channel]), first, count),
      };
      const found = wrongIn(await saidBy(of, learned, source), source.durationS);
      if (found !== undefined) return `without ${role}: ${found}`;
    }
    return undefined;
  },
  "what comes later changes nothing of what is foreseen, and who hears it come foresees the same": async (
    of,
    learned,
  ) => {
    const source = stranger(of);
    const { signal } = new AbortController();
    return opened(of, learned, async (judge) => {
      const whole = await judge.forecaster?.(source, { signal });
      if (whole === undefined || judge.forecaster === undefined) return undefined;
      let said = 0;
      for (const s of [61, 304, 555]) {
        const early = await judge.forecaster(cut(source, s), { signal });
        if (!sameBits(whole.at(s)?.forecast, early.at(s)?.forecast)) return `at ${s} s it differs`;
        said += whole.at(s) === undefined ? 0 : 1;
      }
      return said === 0 ? "nothing is foreseen" : heardLikewise(judge, source, whole);
    });
  },
  "what judges by the past alone says of it what it will say once more has come": async (of, learned) => {
    const source = stranger(of);
    return opened(of, learned, async (judge) => {
      const seconds = await judge.seconds?.();
      if (seconds === undefined) return undefined;
      try {
        const span = { onsetS: 300, durationS: 60 };
        const [early, late] = [
          await seconds.judge(cut(source, 360), span),
          await seconds.judge(source, span),
        ];
        if (late.length === 0) return "nothing is said";
        if (!sameBits(early, late)) return "what is said of a second differs once more has come";
        const { signal } = new AbortController();
        const [part, whole] = [
          { contents: await judge.judge(cut(source, 360), { signal }), futures: [], filled: undefined },
          { contents: await judge.judge(source, { signal }), futures: [], filled: undefined },
        ];
        return firstOf(seriesOf(part).map((one, i) => wrongPast(one, sure(seriesOf(whole)[i]))));
      } finally {
        await seconds.dispose();
      }
    });
  },
};

/** Heard in pieces of no even size, up to three moments. */
async function heardLikewise(
  judge: SequenceJudge,
  source: SignalSource,
  whole: Forecaster,
): Promise<string | undefined> {
  const follower = await judge.follower?.(source.channels);
  if (follower === undefined) return undefined;
  let first = 0;
  for (const untilS of [61, 304, 555]) {
    while (first < untilS * HZ) {
      const count = Math.min(53, untilS * HZ - first);
      source.channels.forEach((_, channel) => {
        const { values, observed } = source.read(channel, first, count);
        follower.hear(channel, values, observed);
      });
      first += count;
    }
    if (follower.timeS !== untilS) return `${untilS} s were heard, it says ${follower.timeS}`;
    if (!sameBits(follower.future()?.forecast, whole.at(untilS)?.forecast))
      return `heard up to ${untilS} s it differs`;
  }
  return undefined;
}

function wrongPast(part: Series, whole: Series): string | undefined {
  for (let at = 0; at < part.value.length; at += 1) {
    if (part.observed[at] !== whole.observed[at]) return `${part.name} at ${at} is said at one time alone`;
    if (part.observed[at] === 1 && Math.abs(sure(part.value[at]) - sure(whole.value[at])) > 1e-5)
      return `${part.name} at ${at}: ${part.value[at]}, later ${whole.value[at]}`;
  }
  return undefined;
}

/** Of a recording without a single sample that was observed: who says events has to say that it can say none, of the whole. */
function unsaid(one: Content, { model }: SequenceCase, { durationS }: SignalSource): string | undefined {
  if (one.kind !== "events") return undefined;
  const codes = groupsFor(model).flatMap((group) => group.codes);
  const without = codes.find((code) => {
    const own = one.notAssessable.filter((stretch) => stretch.codes.includes(code));
    return own.reduce((sum, stretch) => sum + stretch.durationS, 0) < Math.floor(durationS);
  });
  return without === undefined ? undefined : `of ${without} it is not said that it cannot be assessed`;
}
