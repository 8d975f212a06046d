import { maskReasons } from "../../preload/contract/mask.ts";
import { protocolOf } from "../../main/acquisition/protocols/registry.ts";
import { spawnLibrary } from "../../main/storage/client.ts";
import type { AsyncLibrary } from "../../main/storage/api.ts";
import type { Seen } from "./messages.ts";
import type { FaultKind, Plan } from "./plan.ts";
import {
  compared,
  damagedFrames,
  isPartlyThere,
  type Check,
  type Compared,
  type Matched,
  type SentSample,
  type StoredStream,
} from "./compare.ts";
import { latenessOf, readsOf, type Lateness, type PutTruth } from "./lateness.ts";
import { arrivalsOf, type Passed } from "./line-log.ts";
import { timeErrors } from "./time-errors.ts";

/** What was seen of a run. Times are monotonic seconds. */
export interface Happened {
  readonly recordingId: string | undefined;
  readonly problems: readonly string[];
  readonly notDone: readonly FaultKind[]; // this machine does not allow them
  readonly times: readonly { readonly kind: FaultKind; readonly fromS: number; readonly toS: number }[];
  readonly plugs: readonly { readonly atS: number; readonly isPlugged: boolean }[];
  readonly truth: readonly PutTruth[];
  readonly puts: readonly Passed[]; // what the device wrote into the line
  readonly reads: readonly Passed[]; // what the recorder read from it
  readonly beganS: number; // of the simulation, which the truth counts from
  readonly recordedS: number; // the recording had begun
  readonly loopS: number; // by which the process of the device and of this run was late at worst
  readonly beginningS: number; // until the processes of the recording had begun
  readonly askedS: number; // to stop
  readonly stoppedS: number;
  readonly seen: readonly Seen[];
  readonly counts: readonly number[];
  readonly failures: readonly string[];
}

export interface Verdict {
  readonly seed: number;
  readonly protocol: string;
  readonly faults: readonly FaultKind[]; // that happened
  readonly notDone: readonly FaultKind[]; // that were planned, and this machine does not allow
  readonly problems: readonly string[]; // none: the run was a success
  readonly samples: number; // of all streams, stored as they were sent
  readonly lostSamples: number;
  readonly unmarkedGaps: number;
  readonly damagedTaken: number; // values of damaged frames, which nothing in them showed
  readonly untoldGaps: number; // that were counted wrong, or not seen, where the protocol cannot tell
  readonly timeErrorsMs: readonly number[]; // against what the line gave the clock to learn from
  readonly lineErrorsMs: readonly number[]; // the same with what the line itself held up
  readonly lateness: Lateness;
  readonly excusedSamples: number; // not there, and never read by the recorder: under way when the line broke
  readonly shows: readonly { readonly fault: FaultKind; readonly ms: number }[];
  readonly resumes: readonly { readonly fault: FaultKind; readonly ms: number }[];
}

/** A stretch in which samples may be lost: until the first that came after it. */
interface Outage {
  readonly kind: FaultKind;
  readonly fromS: number;
  readonly toS: number; // the cause is gone
  readonly isShown: boolean; // long enough for it to be seen
}

/** For so long what was never read may have been under way when the line was pulled out: buffers of the line, and frames that are put together first. */
const UNDER_WAY_S = 1;
/** How late a sample may be read that is on the line. */
const READ_S = 0.1;
const NO_RETURN_S = 8;
/** By then an outage has to be shown. */
const SHOWN_S = 1.5;
const IS_SLOW = "has not taken all samples yet";
/** Shorter than this a calm says nothing of whether it came back. */
const CALM_S = 3;

export async function judge(
  plan: Plan,
  happened: Happened,
  files: { readonly libraryPath: string; readonly storageWorker: string },
): Promise<Verdict> {
  const { notDone } = happened;
  const head = {
    ...{ seed: plan.seed, protocol: plan.protocol, notDone },
    faults: plan.faults.map(({ kind }) => kind).filter((kind) => !notDone.includes(kind)),
  };
  const nothing = { samples: 0, lostSamples: 0, unmarkedGaps: 0, damagedTaken: 0, untoldGaps: 0 };
  const { recordingId } = happened;
  const none = {
    ...{ ...head, ...nothing, excusedSamples: 0, timeErrorsMs: [], lineErrorsMs: [], shows: [], resumes: [] },
    lateness: latenessOf(happened, []),
  };
  if (recordingId === undefined) return { ...none, problems: happened.problems };
  const storage = spawnLibrary(files.libraryPath, files.storageWorker);
  try {
    return { ...head, ...(await judged(plan, happened, recordingId, storage.library)) };
  } catch (error) {
    return { ...none, problems: [...happened.problems, `it cannot be read: ${String(error)}`] };
  } finally {
    await storage.close();
  }
}

async function judged(
  plan: Plan,
  happened: Happened,
  recordingId: string,
  library: AsyncLibrary,
): Promise<Omit<Verdict, "seed" | "protocol" | "faults" | "notDone">> {
  const problems = [...happened.problems];
  const { state, channels } = await library.getRecording(recordingId);
  const short = channels.findIndex(({ sampleCount }, i) => sampleCount < (happened.counts[i] ?? 0));
  if (short >= 0) problems.push(`channel ${short} lacks samples that were said to be stored`);
  const [fits, arrivals] = await Promise.all([
    library.listClockFits(recordingId),
    library.listArrivals(recordingId),
  ]);
  const outages = outagesOf(plan, happened);
  const streams = await storedStreams(plan, recordingId, library);
  const { puts, reads: read } = happened;
  const line = {
    cameS: arrivalsOf(puts, read),
    slackS: UNDER_WAY_S + standstillS(happened),
  };
  const results = streams.map((stored, at) => {
    const sent = sentOf(happened, at, stored.rate);
    const check = { ...checkOf(plan), outages: outages.filter(({ kind }) => kind !== "host-stall") };
    const result = compared(stored, sent, check, happened.recordedS);
    const stands = { stored, sent, matched: result.matched, outages };
    const { lost, excused } = lostOf(plan, happened, stands, line);
    const own = { fits: ofStream(stored, fits), arrivals: ofStream(stored, arrivals) };
    const times = timeErrors(result.matched, sent, own.fits, outages[0]);
    const which = new Map(result.matched.map((one) => [one.at, one.sent]));
    const reads = readsOf(own.arrivals, (sample) => sent[which.get(sample) ?? -1]);
    return { result, lost, excused, times, reads };
  });
  for (const [at, { result, lost }] of results.entries()) problems.push(...problemsOf(at, result, lost));
  const [first] = results;
  const matched = first?.result.matched ?? [];
  const mayBeCut =
    plan.faults.some(({ kind }) => kind === "all-killed" || kind === "locked-at-stop") ||
    happened.failures.some((one) => one.includes(IS_SLOW)) || // the rest came with the next start
    outages.some(({ kind, toS }) => kind === "recorder-killed" && isAway(matched, toS)); // ended before it went on
  if (state !== "complete" && !(mayBeCut && state === "interrupted")) problems.push(`it is ${state}`);
  const resumes = resumesOf(outages, matched, happened);
  for (const { fault, ms } of resumes)
    if (ms > NO_RETURN_S * 1000) problems.push(`after ${fault} nothing came any more`);
  const shows = showsOf(outages, happened);
  for (const { fault, ms } of shows) if (ms === Infinity) problems.push(`${fault} was never shown`);
  const said = happened.failures.filter((one) => !one.includes("DTR and RTS")); // of a virtual port
  if (problems.length > 0 && said.length > 0) problems.push(`it said: ${[...new Set(said)].join(" | ")}`);
  const sum = (of: (one: (typeof results)[number]) => number): number =>
    results.reduce((total, one) => total + of(one), 0);
  return {
    problems,
    samples: sum(({ result }) => result.matched.length),
    lostSamples: sum(({ lost }) => lost.length),
    unmarkedGaps: sum(({ result }) => result.unmarked.length),
    damagedTaken: sum(({ result }) => result.damagedTaken),
    untoldGaps: sum(({ result }) => result.untold),
    timeErrorsMs: results.flatMap(({ times }) => times.clockMs),
    lineErrorsMs: results.flatMap(({ times }) => times.lineMs),
    lateness: latenessOf(happened, first?.reads ?? []),
    excusedSamples: sum(({ excused }) => excused),
    shows: shows.map(({ fault, ms }) => ({ fault, ms: Math.min(ms, NO_RETURN_S * 1000) })),
    resumes,
  };
}

const ofStream = <T extends { readonly channel: number }>({ channel }: StoredStream, of: readonly T[]): T[] =>
  of.filter((one) => one.channel === channel);

/** For so long the line itself stood still at worst: the device's process, with socat beside it, is this machine's. */
const standstillS = ({ loopS, truth }: Happened): number =>
  truth.reduce(
    (worst, { fate, putS, dueS }) => (fate === "sent" ? Math.max(worst, putS - dueS) : worst),
    loopS,
  );

/** What a protocol's frames can tell of damage and loss. */
function checkOf({ protocol, setup, faults }: Plan): Omit<Check, "outages"> {
  const isNoisy = faults.some(({ kind }) => kind === "noise");
  if (protocol === "cobs" || protocol === "series50")
    return { isNoisy, isChecked: true, isCounted: true, turn: Infinity };
  if (protocol === "bitalino") return { isNoisy, isChecked: false, isCounted: true, turn: 16 };
  return {
    isNoisy,
    isChecked: false,
    isCounted: protocol !== "corometrics",
    turn: setup["board"] === "cyton-daisy" ? 128 : 256,
  };
}

/** Places are samples of the recording; of what is lost, seconds of the recording's time. */
function problemsOf(
  stream: number,
  { invented, misplaced, unmarked }: Compared,
  lost: readonly number[],
): string[] {
  const told = (what: string, found: readonly (number | string)[]): string[] =>
    found.length === 0 ? [] : [`stream ${stream}: ${found.length} ${what}, the first at ${found[0] ?? ""}`];
  return [
    ...told("values that were never sent, or twice", invented),
    ...told("gaps of another length than was lost", misplaced),
    ...told("gaps without a mask", unmarked),
    ...told(
      "samples lost",
      lost.map((atS) => `${atS.toFixed(3)} s`),
    ),
  ];
}

/** As it came: who reads it for use is given each sample at its place by the first stream's clock, and of two on one place one. */
async function storedStreams(plan: Plan, id: string, library: AsyncLibrary): Promise<StoredStream[]> {
  const protocol = protocolOf(plan.protocol);
  const shapes = protocol.streams(protocol.setup.parse(plan.setup));
  const streams: StoredStream[] = [];
  let channel = 0;
  for (const { rate, channels } of shapes) {
    const stored = [];
    for (const at of channels.keys()) stored.push(await storedChannel(id, channel + at, library));
    streams.push({ channel, rate, channels: stored });
    channel += channels.length;
  }
  return streams;
}

async function storedChannel(
  id: string,
  channel: number,
  library: AsyncLibrary,
): Promise<StoredStream["channels"][number]> {
  const [samples, reasons]: [number[], number[]] = [[], []];
  for (;;) {
    const blocks = await library.storedBlocks(id, channel, samples.length);
    if (blocks.length === 0) return { samples, reasons: Uint8Array.from(reasons) };
    for (const block of blocks) {
      for (; samples.length < block.firstSample; samples.push(0)) reasons.push(maskReasons.notRecorded);
      const own = new Uint8Array(block.samples.length);
      for (const { first, count, reason } of block.mask) own.fill(reason, first, first + count);
      for (const [i, sample] of block.samples.entries()) {
        samples.push(sample);
        reasons.push(own[i] ?? 0);
      }
    }
  }
}

/** What was sent, sample by sample. A sample that two frames share came whole where both did. */
function sentOf({ truth, beganS }: Happened, stream: number, rate: number): SentSample[] {
  const rows = truth.filter((one) => one.stream === stream);
  const sent: (SentSample & { readonly key: string })[] = [];
  for (const [frame, row] of rows.entries()) {
    const { session, first, madeS, values, fate, putS, put, parts = 1 } = row;
    const next = rows.slice(frame + 1, frame + 3).find((one) => one.first > first);
    const isNext = next?.session === session && next.first === first + values.length;
    const stepS = isNext ? (next.madeS - madeS) / values.length : 1 / rate;
    for (const [i, own] of values.entries()) {
      const key = `${session}/${first + i}`;
      const times = { atS: beganS + madeS + i * stepS, putS: beganS + putS, isLast: i === values.length - 1 };
      const last = sent.at(-1);
      const isSame = last?.key === key;
      const one = { key, ...times, values: own, fate, isWhole: parts === 1 || isSame, session, frame, put };
      if (!isSame) sent.push(one);
      else if (last.fate === "sent") sent[sent.length - 1] = one;
    }
  }
  return sent;
}

function outagesOf(
  { faults, protocol, setup }: Plan,
  { times, plugs, recordedS, beginningS }: Happened,
): Outage[] {
  const usual = protocolOf(protocol);
  const silenceS = Math.max(1, usual.silenceS(usual.setup.parse(setup)));
  const outages: Outage[] = [];
  for (const [at, { atS, isPlugged }] of plugs.entries()) {
    const back = plugs[at + 1];
    if (!isPlugged && back !== undefined)
      outages.push({ kind: "unplug", fromS: atS, toS: back.atS, isShown: true });
  }
  for (const { atS, durationS } of faults.filter(({ kind }) => kind === "device-stall")) {
    const [fromS, toS] = [recordedS + atS, recordedS + atS + durationS];
    outages.push({ kind: "device-stall", fromS, toS, isShown: durationS > silenceS + 0.5 });
  }
  for (const { kind, fromS, toS } of times) {
    if (kind === "host-stall") outages.push({ kind, fromS, toS, isShown: false });
    if (kind === "recorder-killed") {
      const beganS = toS + 2 * beginningS; // another may have by then
      const closed = times.filter(
        (one) => /locked|full/.test(one.kind) && one.fromS < beganS && one.toS > toS,
      );
      outages.push({ kind, fromS, toS: Math.max(toS, ...closed.map((one) => one.toS)), isShown: true });
    }
    if (kind === "main-killed" || kind === "all-killed") outages.push({ kind, fromS, toS, isShown: false });
  }
  return outages.toSorted((a, b) => a.fromS - b.fromS);
}

/** What the line did with what it was given. */
interface Line {
  /** When each write of the device had been read whole, where it was. */
  readonly cameS: readonly (number | undefined)[];
  /** For so long before a fault what was not read may have been under way. */
  readonly slackS: number;
}

/**
 * When samples were made that were put on the line whole and acknowledged, and are not there, without a fault that took
 * them. What the recorder read has to be there up to the moment of the fault; what it never read may have been under way
 * when the line was pulled out, and is counted as excused.
 */
export function lostOf(
  { protocol, setup }: Pick<Plan, "protocol" | "setup">,
  { seen, askedS, times, recordedS }: Pick<Happened, "seen" | "askedS" | "times" | "recordedS">,
  {
    stored,
    sent,
    matched,
    outages,
  }: {
    readonly stored: StoredStream;
    readonly sent: readonly SentSample[];
    readonly matched: readonly Matched[];
    readonly outages: readonly Outage[];
  },
  { cameS, slackS }: Line,
): { readonly lost: number[]; readonly excused: number } {
  const [first] = matched;
  if (first === undefined) return { lost: sent.map(({ atS }) => atS - recordedS), excused: 0 };
  const beganS = Math.min(
    ...seen.filter(({ elapsedS }) => elapsedS > 0).map(({ atS, elapsedS }) => atS - elapsedS),
  );
  const durable = (untilS: number): number =>
    beganS + Math.max(0, ...seen.filter(({ atS }) => atS <= untilS).map(({ durableS }) => durableS));
  const cut = times.find(({ kind }) => kind === "all-killed");
  const endS =
    cut === undefined
      ? Math.min(askedS, ...times.filter(({ kind }) => kind === "main-killed").map(({ fromS }) => fromS))
      : durable(cut.fromS);
  const usual = protocolOf(protocol);
  const isStarted = usual.start(usual.setup.parse(setup)).length > 0; // a device that sends by itself is not heard before it is greeted
  const anewS = (toS: number): number => {
    const before = sent.findLast(({ atS }) => atS <= toS)?.session;
    return isStarted
      ? (sent.find(({ atS, session }) => atS > toS && session !== before)?.atS ?? Infinity)
      : Infinity;
  };
  const takes = outages.filter(({ kind }) => kind !== "host-stall"); // what the line does not take then is unread
  const windows = takes.map(({ kind, fromS, toS }) => ({
    fromS: kind === "recorder-killed" ? Math.min(fromS, durable(fromS)) - READ_S : fromS,
    toS: Math.min(anewS(toS), matched.find(({ atS }) => atS > toS)?.atS ?? Infinity),
  }));
  const there = new Set(matched.map((one) => one.sent));
  const damaged = damagedFrames(sent);
  const missing = [...sent.entries()].filter(
    ([at, { atS, putS, fate, isWhole, values }]) =>
      atS > first.atS &&
      putS < endS - READ_S &&
      fate === "sent" &&
      !there.has(at) &&
      (isWhole || !isPartlyThere(stored, matched, { at, values })) &&
      !damaged(at) &&
      !windows.some(({ fromS, toS }) => atS >= fromS && atS <= toS),
  );
  const isUnderWay = ({ atS, putS, put }: SentSample): boolean => {
    const readS = cameS[put];
    const isFaultNext = (fromS: number): boolean =>
      readS === undefined ? putS >= fromS - slackS : readS >= fromS;
    return windows.some(({ fromS, toS }) => isFaultNext(fromS) && atS <= toS) || isFaultNext(endS - READ_S);
  };
  const lost = missing.filter(([, one]) => !isUnderWay(one)).map(([, { atS }]) => atS - recordedS);
  return { lost, excused: missing.length - lost.length };
}

/**
 * From a fault to the first state that shows it; Infinity where none did. Who would have shown it and was killed before it
 * had to says nothing of it.
 */
export function showsOf(
  outages: readonly Outage[],
  { seen, times }: Pick<Happened, "seen" | "times">,
): { fault: FaultKind; ms: number }[] {
  return outages
    .filter(({ isShown }) => isShown)
    .flatMap(({ kind, fromS }) => {
      const shows = (one: Seen): boolean =>
        kind === "recorder-killed"
          ? one.alarms.includes("recorder-restarted")
          : one.link === "silent" || one.link === "unplugged";
      const first = seen.find((one) => one.atS >= fromS && shows(one));
      const isOver = times.some(
        (one) => /^(main|all)-killed$/.test(one.kind) && one.fromS >= fromS && one.fromS < fromS + SHOWN_S,
      );
      if (first === undefined && isOver) return [];
      return [{ fault: kind, ms: ((first?.atS ?? Infinity) - fromS) * 1000 }];
    });
}

/** Nothing that came between is stored. */
const isAway = (matched: readonly Matched[], fromS: number, untilS = Infinity): boolean =>
  !matched.some(({ atS }) => atS >= fromS && atS < untilS);

/** From the return to the first sample that was stored after it; what was still under way does not count. */
function resumesOf(
  outages: readonly Outage[],
  matched: readonly Matched[],
  { askedS }: Happened,
): { fault: FaultKind; ms: number }[] {
  return outages.flatMap(({ kind, toS }, at) => {
    if (kind === "main-killed" || kind === "all-killed" || kind === "host-stall") return []; // nothing of it was away
    const endS = outages[at + 1]?.fromS ?? askedS; // of the calm after it
    const first = matched.find(({ atS }) => atS >= toS);
    if (endS < toS + CALM_S && (first === undefined || first.atS > endS)) return []; // the next came before it could
    return [{ fault: kind, ms: ((first?.atS ?? toS + NO_RETURN_S + 1) - toS) * 1000 }];
  });
}
