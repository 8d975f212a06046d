import { AppError, throwIfCancelled } from "../../../preload/contract/errors.ts";
import type { ImportOptions } from "../../../preload/contract/exchange.ts";
import { maskReasons, type MaskRun } from "../../../preload/contract/mask.ts";
import { repairOf, ChannelHeader } from "../../../preload/contract/recording.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { sampleArrays, type ReportRepair, type SampleBlock } from "../../signal/block.ts";
import { checkSampleRate, checkScaling } from "../bounds.ts";
import { parseNumber } from "../csv/numbers.ts";
import type { ByteSource, FormatReader, OpenRecording } from "../format.ts";
import { runsOf } from "../mask-runs.ts";
import { sampleLimits } from "../sample-limits.ts";
import { withoutGaps } from "../split-blocks.ts";
import { JsonHeader, SCHEMA } from "./document.ts";
import { badJson, outline, type Outline } from "./scan.ts";

/** Recordings as our JSON writer makes them; keys in any order, however indented. */
export const jsonReader: FormatReader = {
  id: "json",
  title: "JSON (Kodo)",
  extensions: [".json"],
  recognises: (head, name) =>
    /\.json$/i.test(name) && new RegExp(`"schema"\\s*:\\s*"${SCHEMA}"`).test(new TextDecoder().decode(head)),
  open: openJson,
};

const BLOCK = 16_384;
const CHUNK = 1024 * 1024;

async function openJson(
  source: ByteSource,
  options: ImportOptions,
  repair: ReportRepair,
): Promise<OpenRecording> {
  const { values, skippedAt, isWhole } = await outline(source, { keep: headerKeys, skip: "samples" });
  const header = headerOf(source.name, values);
  if (!isWhole) {
    repair(
      repairOf("JSON_CUT", "warning", { file: source.name }, { file: source.name, offset: source.size }),
    );
  }
  const channels = header.channels.map((channel) => ChannelHeader.parse(channel));
  const annotations = header.annotations.map(({ onsetS, durationS, label, code, channel, author, note }) => ({
    onsetS,
    durationS,
    label,
    code,
    author,
    channel: typeof channel === "number" && channel < channels.length ? channel : undefined,
    note,
  }));
  return {
    header: {
      name: header.name,
      kind: options.kind ?? header.kind,
      subject: header.subject ?? undefined,
      startedAt: header.startedAt ?? undefined,
      channels,
      facts: header.facts,
    },
    blocks: (done, signal) =>
      readSamples({ source, from: skippedAt ?? source.size, channels, masks: header.masks }, done, signal),
    annotations: () => Promise.resolve(annotations),
    ...(header.readings === undefined ? {} : { readings: header.readings }),
  };
}

const headerKeys: ReadonlySet<string> = new Set(Object.keys(JsonHeader.shape));

function headerOf(file: string, values: Outline["values"]): JsonHeader {
  const object: { [key: string]: unknown } = {};
  for (const [key, { text, at }] of values) {
    try {
      object[key] = JSON.parse(text);
    } catch {
      throw new AppError("data/bad-json", `${file}, byte ${at}: the value of "${key}" is not JSON`, {
        file,
        offset: at,
        key,
      });
    }
  }
  const parsed = JsonHeader.safeParse(object);
  if (parsed.success) {
    for (const { label, sampleRate, gain, offset } of parsed.data.channels) {
      const place = { file, offset: values.get("channels")?.at, channel: label };
      checkSampleRate(sampleRate, place);
      checkScaling(gain, offset, place);
    }
    return parsed.data;
  }
  const issue = parsed.error.issues[0];
  const path = issue?.path.join(".") ?? "";
  const at = values.get(String(issue?.path[0]))?.at;
  throw new AppError(
    "data/bad-json",
    `${file}: ${path === "" ? "the object" : `"${path}"`} does not fit the schema ${SCHEMA}: ${issue?.message ?? ""}`,
    { file, ...(at === undefined ? {} : { offset: at }), key: path, allowed: issue?.message ?? SCHEMA },
  );
}

interface Reading {
  readonly source: ByteSource;
  readonly from: number;
  readonly channels: readonly ChannelHeader[];
  readonly masks: JsonHeader["masks"];
}

/** Samples of one channel on their way to blocks. */
class ChannelSamples {
  private readonly values = new Float64Array(BLOCK);
  private readonly reasons = new Uint8Array(BLOCK);
  private first = 0;
  private length = 0;
  private run = 0;
  private readonly channel: number;
  private readonly header: ChannelHeader;
  private readonly mask: readonly MaskRun[];

  constructor(channel: number, header: ChannelHeader, mask: readonly MaskRun[]) {
    this.channel = channel;
    this.header = header;
    this.mask = mask;
  }

  get position(): number {
    return this.first + this.length;
  }

  /** Adds a physical value, or NaN for null; gives a block when one is full. */
  add(value: number): SampleBlock[] {
    const sample = this.position;
    while (
      this.run < this.mask.length &&
      sample >= (this.mask[this.run] as MaskRun).first + (this.mask[this.run] as MaskRun).count
    )
      this.run++;
    const run = this.mask[this.run];
    const [low, high] = sampleLimits[this.header.sampleType];
    const count = Number.isNaN(value) ? 0 : digital(value, this.header);
    const isHeld = count >= low && count <= high; // 1000 in an int8 would become -24
    const reason =
      run !== undefined && sample >= run.first
        ? run.reason
        : Number.isNaN(value)
          ? maskReasons.missingInSource
          : isHeld
            ? maskReasons.observed
            : maskReasons.outOfRange;
    this.reasons[this.length] = reason;
    this.values[this.length++] = isHeld ? count : 0;
    return this.length === BLOCK ? this.flush() : [];
  }

  flush(): SampleBlock[] {
    if (this.length === 0) return [];
    const samples = new sampleArrays[this.header.sampleType](this.length);
    for (let i = 0; i < this.length; i++) samples[i] = sure(this.values[i]);
    const block = {
      channel: this.channel,
      firstSample: this.first,
      samples,
      mask: runsOf(this.reasons.subarray(0, this.length)),
    };
    this.first += this.length;
    this.length = 0;
    return withoutGaps(block);
  }
}

function digital(value: number, { gain, offset, sampleType }: ChannelHeader): number {
  if (gain === 1 && offset === 0) return value;
  const exact = (value - offset) / gain;
  return sampleType.startsWith("float") ? exact : Math.round(exact);
}

/** Second pass: `[[1.5,null,...],...]` from its first bracket, number by number. */
async function* readSamples(
  { source, from, channels, masks }: Reading,
  done: (bytes: number) => void,
  signal?: AbortSignal,
): AsyncGenerator<SampleBlock> {
  let [depth, channel] = [0, -1];
  let rest = new Uint8Array(0);
  let current: ChannelSamples | undefined;
  let ready: SampleBlock[] = [];
  for (let offset = from; offset < source.size;) {
    throwIfCancelled(signal);
    const chunk = await source.read(offset, CHUNK);
    if (chunk.length === 0) break;
    const bytes = new Uint8Array(rest.length + chunk.length);
    bytes.set(rest);
    bytes.set(chunk, rest.length);
    const base = offset - rest.length;
    offset += chunk.length;
    let token = -1;
    for (let i = 0; i < bytes.length; i++) {
      const byte = sure(bytes[i]);
      const isEnd = byte === 44 || byte === 93 || byte === 32 || byte === 9 || byte === 10 || byte === 13;
      if (isEnd && token >= 0) {
        if (current === undefined) throw badJson(source.name, base + token, "an array of samples a channel");
        ready.push(...current.add(valueOf(source.name, bytes, token, i, base)));
        token = -1;
      }
      if (byte === 91) {
        if (++depth > 2) throw badJson(source.name, base + i, "a number or null");
        if (depth === 2) {
          const header = channels[++channel];
          if (header === undefined)
            throw badJson(source.name, base + i, `samples of ${channels.length} channel(s)`);
          current = new ChannelSamples(channel, header, maskOf(masks[channel] ?? []));
        }
      } else if (byte === 93) {
        if (depth === 2) {
          ready.push(...(current?.flush() ?? []));
          current = undefined;
        }
        if (--depth <= 0) {
          yield* ready;
          done(source.size);
          return;
        }
      } else if (!isEnd && token < 0) token = i;
      if (token >= 0 && i - token > 64) throw badJson(source.name, base + token, "a number or null");
    }
    rest = token >= 0 ? bytes.slice(token) : new Uint8Array(0);
    yield* ready;
    ready = [];
    done(offset);
  }
  yield* current?.flush() ?? [];
}

function valueOf(file: string, bytes: Uint8Array, start: number, end: number, base: number): number {
  if (
    end - start === 4 &&
    bytes[start] === 110 &&
    bytes[start + 1] === 117 &&
    bytes[start + 2] === 108 &&
    bytes[start + 3] === 108
  )
    return NaN;
  const value = parseNumber(bytes, start, end, 46);
  if (Number.isFinite(value)) return value;
  throw badJson(file, base + start, "a number or null");
}

/** Runs in order and apart: overlaps of a damaged file are cut. */
function maskOf(runs: readonly (readonly [number, number, number])[]): MaskRun[] {
  const mask: MaskRun[] = [];
  let end = 0;
  for (const [first, count, reason] of [...runs].sort((a, b) => a[0] - b[0])) {
    const from = Math.max(first, end);
    if (first + count > from) mask.push({ first: from, count: first + count - from, reason });
    end = Math.max(end, first + count);
  }
  return mask;
}
