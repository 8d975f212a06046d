import type { NewAnnotation } from "../../preload/contract/annotation.ts";
import { LabelSet } from "../../preload/contract/label-set.ts";
import { maskReasons } from "../../preload/contract/mask.ts";
import {
  BUCKETS_PER_TILE,
  type Channel,
  type ChannelHeader,
  mostMissing,
  type RecordingDetail,
  type Tile,
} from "../../preload/contract/recording.ts";
import ctgEventsFile from "../../resources/label-sets/ctg-events.json";
import emgGesturesFile from "../../resources/label-sets/emg-gestures.json";

/** Signals, events and names of the fake library: made from a seed, marked synthetic, alike in every run. */

export type Random = () => number;

export function randomFrom(seed: number): Random {
  let a = (seed * 2654435761) >>> 0 || 1;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
export const normalFrom = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

export interface Samples {
  readonly values: Float32Array;
  readonly reasons: Uint8Array; // of the source; what a person took out lies above it
}
export interface FakeRecording {
  detail: RecordingDetail;
  readonly events: readonly Omit<NewAnnotation, "recordingId">[];
  readonly signal: (channel: number) => Samples;
  removed: boolean;
}

/** The label sets the app ships. */
export const ctgEvents: LabelSet = LabelSet.parse(ctgEventsFile);
export const emgGestures: LabelSet = LabelSet.parse(emgGesturesFile);
const gestures: readonly string[] = emgGestures.labels.map((one) => one.code);

interface Bump {
  readonly at: number;
  readonly width: number;
  readonly height: number;
}
const bumps = (list: readonly Bump[], t: number) =>
  list.reduce((sum, { at, width, height }) => {
    const z = (t - at) / width;
    return Math.abs(z) > 4 ? sum : sum + height * Math.exp(-0.5 * z * z);
  }, 0);

/** Takes stretches out: `count` gaps of up to `longest` seconds. */
function dropOut(
  reasons: Uint8Array,
  sampleRate: number,
  count: number,
  longest: number,
  reason: number,
  random: Random,
): void {
  for (let g = 0; g < count; g++) {
    const first = Math.floor(random() * reasons.length);
    const samples = Math.max(1, Math.floor(random() ** 2 * longest * sampleRate));
    reasons.fill(reason, first, Math.min(reasons.length, first + samples));
  }
}

const event = (
  labelSet: string,
  label: string,
  onsetS: number,
  durationS: number,
): Omit<NewAnnotation, "recordingId"> => ({
  label,
  labelSet,
  labelSetVersion: 1,
  onsetS: Math.round(onsetS * 100) / 100,
  durationS: Math.round(durationS * 100) / 100,
  author: "K. Sato",
  source: "import",
  note: "",
});

function channel(
  position: number,
  label: string,
  unit: string,
  sampleRate: number,
  role: Channel["role"],
  samples: Samples,
): Channel {
  let observedCount = 0;
  for (const reason of samples.reasons) if (reason === 0) observedCount += 1;
  return {
    position,
    label,
    unit,
    sampleRate,
    role,
    sampleType: "int16",
    gain: 0.01,
    offset: 0,
    sampleCount: samples.reasons.length,
    observedCount,
  };
}

function recording(
  facts: Pick<RecordingDetail, "id" | "name" | "kind" | "subject" | "study"> & { startedAt: string },
  channels: readonly Channel[],
  signals: readonly Samples[],
  events: readonly Omit<NewAnnotation, "recordingId">[],
): FakeRecording {
  const first = channels[0];
  return {
    detail: {
      ...facts,
      synthetic: true,
      importedAt: "2026-11-24T09:00:00Z",
      durationS: first ? first.sampleCount / first.sampleRate : 0,
      state: "complete",
      channels: [...channels],
      missingShare: mostMissing(channels),
      annotationCount: events.length,
      labelledS: 0, // filled in by the library from its annotations
      repairCount: 0,
      source: { format: "synthetic", file: `${facts.id}.json`, sha256: "0".repeat(64) },
      note: "",
      facts: {},
      repairs: [],
      damaged: [],
    },
    events,
    signal: (position) => signals[position] ?? { values: new Float32Array(0), reasons: new Uint8Array(0) },
    removed: false,
  };
}

/** A cardiotocogram: 4 Hz, FHR over UC, contractions every few minutes, some followed by a deceleration. */
export function fakeCtg(index: number, seed: number, minutes = 70): FakeRecording {
  const random = randomFrom(seed * 1000 + index);
  const sampleRate = 4;
  const length = minutes * 60 * sampleRate;
  const contractions: Bump[] = [];
  const changes: Bump[] = [];
  const events: Omit<NewAnnotation, "recordingId">[] = [];
  for (let t = 90; t < minutes * 60 - 60; t += 170 + random() * 130) {
    const width = 16 + random() * 9;
    contractions.push({ at: t, width, height: 45 + random() * 35 });
    events.push(event("ctg-events", "contraction", t - 2 * width, 4 * width));
    const draw = random();
    if (draw < 0.4) {
      const half = 12 + random() * 10;
      changes.push({ at: t + 12, width: half, height: -(24 + random() * 28) });
      events.push(event("ctg-events", "deceleration", t + 12 - 2 * half, 4 * half));
    } else if (draw < 0.8) {
      const half = 9 + random() * 9;
      changes.push({ at: t + 80, width: half, height: 20 + random() * 14 });
      events.push(event("ctg-events", "acceleration", t + 80 - 2 * half, 4 * half));
    }
  }
  const baseline = 128 + random() * 18;
  const fhr: Samples = { values: new Float32Array(length), reasons: new Uint8Array(length) };
  const uc: Samples = { values: new Float32Array(length), reasons: new Uint8Array(length) };
  let slow = 0;
  let quick = 0;
  for (let i = 0; i < length; i++) {
    const t = i / sampleRate;
    slow += 0.002 * (-slow + 5 * normalFrom(random));
    quick = 0.9 * quick + 1.5 * normalFrom(random);
    fhr.values[i] =
      Math.round(4 * (baseline + 20 * slow + quick + 2 * Math.sin(t / 3.1) + bumps(changes, t))) / 4;
    uc.values[i] = Math.max(0, Math.min(127, 9 + bumps(contractions, t) + 1.2 * normalFrom(random)));
  }
  // In every second recording the belt lies unplugged for a while.
  if (index % 2 === 1) uc.values.fill(0, 600 * sampleRate, 840 * sampleRate);
  dropOut(fhr.reasons, sampleRate, 26, 22, maskReasons.missingInSource, random);
  dropOut(fhr.reasons, sampleRate, 6, 60, maskReasons.deviceInvalid, random);
  dropOut(uc.reasons, sampleRate, 3, 90, maskReasons.notRecorded, random);
  const code = String(index + 1).padStart(2, "0");
  return recording(
    {
      id: `ctg-${code}`,
      name: `CTG ${code}`,
      kind: "ctg",
      subject: `C${code}`,
      study: "Sample study",
      startedAt: `2026-03-${code}T08:30:00`,
    },
    [channel(0, "FHR", "bpm", sampleRate, "fhr", fhr), channel(1, "UC", "nd", sampleRate, "uc", uc)],
    [fhr, uc],
    events.sort((a, b) => a.onsetS - b.onsetS),
  );
}

/** An armband: 8 channels, 200 Hz, each gesture twice for 4 s; every person's muscles a little elsewhere. */
export function fakeEmg(index: number, seed: number): FakeRecording {
  const random = randomFrom(seed * 2000 + index);
  const sampleRate = 200;
  const channels = 8;
  const turn = Math.floor(random() * 3);
  const order = [...gestures, ...gestures];
  const holdS = 4;
  const length = order.length * holdS * sampleRate;
  const events = order.map((code, i) => event("emg-gestures", code, i * holdS + 0.2, holdS - 0.4));
  const gain = 0.7 + random() * 0.6;
  const muscle = (c: number): Float32Array => {
    const noise = randomFrom(seed * 5000 + index * channels + c);
    return Float32Array.from({ length }, (_, i) => {
      const gesture = Math.floor(i / sampleRate / holdS) % gestures.length;
      const place = (c + turn + gesture * 1.3) % channels;
      const strength = gesture === 0 ? 2 : 4 + 34 * Math.exp(-0.5 * ((place - 3) / 1.1) ** 2);
      return Math.round(strength * gain * normalFrom(noise));
    });
  };
  const signals = Array.from({ length: channels }, (_, c): Samples => {
    const reasons = new Uint8Array(length);
    dropOut(reasons, sampleRate, 2, 0.6, maskReasons.droppedPacket, random);
    if (c === index % channels) dropOut(reasons, sampleRate, 1, 5, maskReasons.deviceInvalid, random);
    let made: Float32Array | undefined; // only when somebody looks
    return {
      get values() {
        return (made ??= muscle(c));
      },
      reasons,
    };
  });
  const code = String(index + 1).padStart(2, "0");
  return recording(
    {
      id: `emg-${code}`,
      name: `Gestures ${code}`,
      kind: "emg",
      subject: `P${code}`,
      study: "Sample study",
      startedAt: `2026-04-${code}T14:05:00`,
    },
    signals.map((one, c) => channel(c, `EMG ${c + 1}`, "uV", sampleRate, "emg", one)),
    signals,
    events,
  );
}

/** A recording that has just begun: its samples are asked for as they come. */
export function recordingUnderWay(
  facts: Pick<RecordingDetail, "id" | "name" | "kind" | "subject" | "study" | "note"> & { startedAt: string },
  headers: readonly ChannelHeader[],
  signal: (channel: number) => Samples,
): FakeRecording {
  const { id, name, kind, subject, study, note, startedAt } = facts;
  const channels = headers.map((header, position) => ({
    ...{ ...header, position, sampleCount: 0, observedCount: 0 },
  }));
  const made = recording({ id, name, kind, subject, study, startedAt }, channels, [], []);
  const source = { format: "sensor", file: "", sha256: "" };
  return { ...made, detail: { ...made.detail, note, state: "recording", source }, signal };
}

/** Its facts as far as it has come. */
export function grown({ detail, signal }: FakeRecording, isEnded: boolean): RecordingDetail {
  const channels = detail.channels.map((one) => {
    const { reasons } = signal(one.position);
    return {
      ...one,
      sampleCount: reasons.length,
      observedCount: reasons.filter((reason) => reason === 0).length,
    };
  });
  const durationS = Math.max(0, ...channels.map((one) => one.sampleCount / one.sampleRate));
  return { ...detail, channels, durationS, ...(isEnded ? { state: "complete" } : {}) };
}

/** Rows without samples, for a long table. */
export function fakeRow(index: number, seed: number): FakeRecording {
  const random = randomFrom(seed * 3000 + index);
  const ctg = random() < 0.5;
  const minutes = 20 + Math.floor(random() * 80);
  const base = recording(
    {
      id: `row-${index}`,
      name: `${ctg ? "CTG" : "EMG"} ${1000 + index}`,
      kind: ctg ? "ctg" : "emg",
      subject: `S${String(Math.floor(index / 3)).padStart(4, "0")}`,
      study: index % 7 === 0 ? "第二研究" : "Archive",
      startedAt: `2025-${String(1 + (index % 12)).padStart(2, "0")}-${String(1 + (index % 28)).padStart(2, "0")}T10:00:00`,
    },
    [],
    [],
    [],
  );
  base.detail = {
    ...base.detail,
    durationS: minutes * 60,
    missingShare: random() ** 3,
    labelledS: random() < 0.4 ? 0 : random() * minutes * 60,
  };
  return base;
}

/** Stretches of one value for a minute and longer, as the library takes them out of contraction channels. */
export function flatStretches(
  { values }: Samples,
  sampleRate: number,
): readonly { readonly onsetS: number; readonly durationS: number }[] {
  const found: { onsetS: number; durationS: number }[] = [];
  for (let from = 0, i = 1; i <= values.length; i++) {
    if (i < values.length && values[i] === values[from]) continue;
    if (i - from >= 60 * sampleRate)
      found.push({ onsetS: from / sampleRate, durationS: (i - from) / sampleRate });
    from = i;
  }
  return found;
}

/**
 * Min, max and commonest reason of each bucket, as the pyramid gives them; where `source`, the reasons without masks,
 * differs from those with them, also what lies beneath.
 */
export function tilesOf(
  { values, reasons }: Samples,
  { samplesPerBucket, firstTile, tileCount }: TileSpan,
  source: Uint8Array = reasons,
): Tile[] {
  const buckets = Math.ceil(values.length / samplesPerBucket);
  const tiles: Tile[] = [];
  for (let index = firstTile; index < firstTile + tileCount && index * BUCKETS_PER_TILE < buckets; index++) {
    const from = index * BUCKETS_PER_TILE;
    const count = Math.min(BUCKETS_PER_TILE, buckets - from);
    const [tile, beneath] = [
      emptyTile(index, samplesPerBucket, count),
      emptyTile(index, samplesPerBucket, count),
    ];
    let isHiding = false;
    for (let b = 0; b < count; b++) {
      const first = (from + b) * samplesPerBucket;
      fillBucket(tile, b, { values, reasons }, first);
      const end = Math.min(values.length, first + samplesPerBucket);
      if (!reasons.subarray(first, end).some((reason, i) => reason !== source[first + i])) continue;
      isHiding = true;
      fillBucket(beneath, b, { values, reasons: source }, first);
    }
    tiles.push(isHiding ? { ...tile, beneath: { min: beneath.min, max: beneath.max } } : tile);
  }
  return tiles;
}

interface TileSpan {
  readonly samplesPerBucket: number;
  readonly firstTile: number;
  readonly tileCount: number;
}

const emptyTile = (index: number, samplesPerBucket: number, count: number): Tile => ({
  index,
  samplesPerBucket,
  min: new Float32Array(count).fill(Number.NaN),
  max: new Float32Array(count).fill(Number.NaN),
  reason: new Uint8Array(count),
});

function fillBucket(tile: Tile, bucket: number, { values, reasons }: Samples, first: number): void {
  const end = Math.min(values.length, first + tile.samplesPerBucket);
  const seen = new Map<number, number>();
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = first; i < end; i++) {
    const reason = reasons[i] ?? 0;
    if (reason === 0) {
      const value = values[i] ?? 0;
      low = Math.min(low, value);
      high = Math.max(high, value);
    } else seen.set(reason, (seen.get(reason) ?? 0) + 1);
  }
  if (low <= high) {
    tile.min[bucket] = low;
    tile.max[bucket] = high;
  }
  let most = 0;
  for (const [reason, count] of seen) {
    if (count > most) {
      most = count;
      tile.reason[bucket] = reason;
    }
  }
}
