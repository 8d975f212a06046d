import iconv from "iconv-lite";
import { throwIfCancelled } from "../../../preload/contract/errors.ts";
import { maskReasons } from "../../../preload/contract/mask.ts";
import { repairOf, type ChannelHeader } from "../../../preload/contract/recording.ts";
import { sure } from "../../../preload/contract/sure.ts";
import type { ReportRepair, SampleBlock } from "../../signal/block.ts";
import type { ByteSink, ExportSource, FormatWriter, WriteOptions } from "../format.ts";
import { MaskRunBuilder, reasonsOf } from "../mask-runs.ts";
import { annotatorOf, annotationExtensions, eventsToMit, type ReasonRun } from "./events.ts";
import { headerBaseline, headerLabel, headerUnit, ownFactLines } from "./own-facts.ts";
import { encodeSamples } from "./sample-formats.ts";

/** WFDB: one header, a signal file for each storage width in use, annotations as .atr. */
export const wfdbWriter: FormatWriter = { id: "wfdb", title: "WFDB (PhysioNet)", write: writeWfdb };

const SLAB_SAMPLES = 262_144;
const MAX_SAMPLES_A_FRAME = 65_536;
const MOST_PARTS = 1000;

type Bits = 16 | 24 | 32;

/** How a channel's digital values become WFDB's: unchanged for integers, scaled by a power of two for floats. */
interface Plan {
  readonly channel: number;
  readonly header: ChannelHeader;
  readonly bits: Bits;
  readonly scale: number; // file value = round(digital * scale)
  readonly isExact: boolean;
  readonly samplesPerFrame: number;
}

interface Written {
  readonly initial: number;
  readonly checksum: number;
}

const missingCode = (bits: Bits): number => -(2 ** (bits - 1));

async function writeWfdb(
  source: ExportSource,
  open: (name: string) => Promise<ByteSink>,
  options: WriteOptions,
  repair: ReportRepair,
): Promise<void> {
  const name = recordName(options.baseName, repair);
  const groups = rateGroups(source.header.channels);
  if (groups.length > 1) {
    repair(repairOf("WFDB_SEVERAL_RATES", "info", { limit: MAX_SAMPLES_A_FRAME, records: groups.length }));
  }
  let done = 0;
  for (const [index, group] of groups.entries()) {
    const record = index === 0 ? name : `${name}_${index + 1}`;
    const share = group.channels.length / Math.max(1, source.header.channels.length);
    const start = done;
    await writeRecord({
      source,
      open,
      options,
      repair,
      record,
      group,
      isFirst: index === 0,
      progress: (p) => options.progress?.(start + p * share),
    });
    done += share;
  }
  options.progress?.(1);
}

interface RateGroup {
  readonly frameRate: number;
  readonly channels: readonly { readonly channel: number; readonly samplesPerFrame: number }[];
}

/** Channels that fit one frame rate: every rate a whole multiple of it. */
function rateGroups(channels: readonly ChannelHeader[]): RateGroup[] {
  const groups: { frameRate: number; channels: { channel: number; samplesPerFrame: number }[] }[] = [];
  const all = commonFrame(channels.map((c) => c.sampleRate));
  if (all !== undefined)
    return [
      {
        frameRate: all,
        channels: channels.map((c, channel) => ({
          channel,
          samplesPerFrame: Math.round(c.sampleRate / all),
        })),
      },
    ];
  channels.forEach((c, channel) => {
    const group = groups.find((g) => g.frameRate === c.sampleRate);
    if (group) group.channels.push({ channel, samplesPerFrame: 1 });
    else groups.push({ frameRate: c.sampleRate, channels: [{ channel, samplesPerFrame: 1 }] });
  });
  return groups;
}

function commonFrame(rates: readonly number[]): number | undefined {
  const slowest = Math.min(...rates);
  if (!Number.isFinite(slowest)) return undefined;
  for (let parts = 1; parts <= MOST_PARTS; parts++) {
    const frame = slowest / parts;
    const fits = rates.every((rate) => {
      const ratio = Math.round(rate / frame);
      return ratio <= MAX_SAMPLES_A_FRAME && Math.abs(rate / frame - ratio) < 1e-9 * ratio;
    });
    if (fits) return frame;
  }
  return undefined;
}

interface Job {
  readonly source: ExportSource;
  readonly open: (name: string) => Promise<ByteSink>;
  readonly options: WriteOptions;
  readonly repair: ReportRepair;
  readonly record: string;
  readonly group: RateGroup;
  readonly isFirst: boolean;
  readonly progress: (done: number) => void;
}

async function writeRecord(job: Job): Promise<void> {
  const { source, options, record, group } = job;
  const plans = await Promise.all(group.channels.map((c) => planOf(job, c.channel, c.samplesPerFrame)));
  const frames = plans.reduce(
    (most, p) => Math.max(most, Math.ceil((source.sampleCounts[p.channel] ?? 0) / p.samplesPerFrame)),
    0,
  );
  const files = signalFiles(record, plans);
  const written = new Map<number, Written>();
  const reasons: ReasonRun[] = [];
  for (const [index, { name, members }] of files.entries()) {
    const sink = await job.open(name);
    await writeSamples(job, members, frames, sink, {
      written,
      reasons,
      progress: (p) => job.progress((index + p) / files.length),
    });
    await sink.close();
  }
  const fileOf = new Map(files.flatMap((f) => f.members.map((p) => [p.channel, f.name] as const)));
  await writeText(
    job,
    `${record}.hea`,
    headerText(job, plans, frames, (p) => fileOf.get(p.channel) ?? "~", written),
  );
  const kept = options.withAnnotations && job.isFirst ? source.annotations : [];
  const runs = options.withMask ? reasons : reasons.filter((run) => run.reason === 0);
  const position = new Map(plans.map((p, i) => [p.channel, i]));
  for (const annotator of annotationExtensions) {
    const own = kept.filter((one) => annotatorOf(one.author) === annotator);
    const isFirst = annotator === annotationExtensions[0];
    const why = isFirst ? runs : [];
    const readings = (isFirst && options.withAnnotations && job.isFirst && source.readings) || [];
    if (own.length === 0 && why.length === 0 && readings.length === 0) continue;
    const file = `${record}.${annotator}`;
    const sink = await job.open(file);
    const events = {
      annotations: own.map((one) => ({
        ...one,
        channel: one.channel === undefined ? undefined : position.get(one.channel),
      })),
      readings,
      reasons: why.map((run) => ({ ...run, channel: position.get(run.channel) ?? 0 })),
      frameRate: group.frameRate,
      file,
    };
    await sink.write(eventsToMit(events, job.repair));
    await sink.close();
  }
}

/** One file a run of neighbouring channels of one width, so that the channels keep their order. */
function signalFiles(
  record: string,
  plans: readonly Plan[],
): { readonly name: string; readonly members: readonly Plan[] }[] {
  const runs: Plan[][] = [];
  for (const plan of plans) {
    const last = runs.at(-1);
    if (last !== undefined && last[0]?.bits === plan.bits) last.push(plan);
    else runs.push([plan]);
  }
  return runs.map((members, i) => ({
    name: runs.length === 1 ? `${record}.dat` : `${record}_s${i + 1}.dat`,
    members,
  }));
}

/** Looks at the samples once where the width or the scale depends on them. */
async function planOf(job: Job, channel: number, samplesPerFrame: number): Promise<Plan> {
  const header = job.source.header.channels[channel] as ChannelHeader;
  const base = { channel, header, samplesPerFrame, scale: 1, isExact: true };
  const type = header.sampleType;
  if (type === "int8" || type === "uint8") return { ...base, bits: 16 };
  const range = await rangeOf(job, channel);
  if (type === "int16" || type === "int32") return { ...base, bits: widthFor(range.min, range.max) };
  // The zero of the unit must be a 32-bit number too, or every value is off by what it lacks.
  const zero = Math.abs(header.offset / header.gain);
  const largest = Math.max(Math.abs(range.min), Math.abs(range.max), Number.isFinite(zero) ? zero : 0);
  const exponent = largest === 0 ? 0 : 30 - Math.ceil(Math.log2(largest));
  const scale = 2 ** Math.max(-1000, Math.min(1000, exponent));
  if (!range.isWhole || largest > 2 ** 30) {
    job.repair(
      repairOf("WFDB_QUANTISED", "info", { label: header.label, step: 1 / scale, error: 0.5 / scale }),
    );
    return { ...base, bits: 32, scale, isExact: false };
  }
  return { ...base, bits: widthFor(range.min, range.max) };
}

const widthFor = (min: number, max: number): Bits =>
  ([16, 24] as const).find((bits) => min > missingCode(bits) && max < -missingCode(bits)) ?? 32;

async function rangeOf(job: Job, channel: number): Promise<{ min: number; max: number; isWhole: boolean }> {
  const count = job.source.sampleCounts[channel] ?? 0;
  let [min, max, isWhole] = [0, 0, true];
  for (let first = 0; first < count; first += SLAB_SAMPLES) {
    throwIfCancelled(job.options.signal);
    const { samples, mask } = await job.source.read(channel, first, SLAB_SAMPLES);
    let from = 0;
    for (const run of [...mask, { first: samples.length, count: 0 }]) {
      for (let i = from; i < run.first; i++) {
        const value = sure(samples[i]);
        if (!Number.isFinite(value)) continue;
        if (value < min) min = value;
        if (value > max) max = value;
        if (isWhole && !Number.isInteger(value)) isWhole = false;
      }
      from = run.first + run.count;
    }
  }
  return { min, max, isWhole };
}

interface Tally {
  readonly written: Map<number, Written>;
  readonly reasons: ReasonRun[];
  readonly progress: (done: number) => void;
}

async function writeSamples(
  job: Job,
  members: readonly Plan[],
  frames: number,
  sink: ByteSink,
  tally: Tally,
): Promise<void> {
  const stride = members.reduce((sum, p) => sum + p.samplesPerFrame, 0);
  const step = Math.max(1, Math.floor(SLAB_SAMPLES / stride));
  const sums = members.map(() => 0);
  const initials = members.map((): number | undefined => undefined);
  const runs = members.map(() => new MaskRunBuilder());
  const lowest = members.map(() => new MaskRunBuilder());
  const bits = members[0]?.bits ?? 16;
  for (let frame = 0; frame < frames; frame += step) {
    throwIfCancelled(job.options.signal);
    const count = Math.min(step, frames - frame);
    const slab = new Int32Array(count * stride);
    let offset = 0;
    for (const [m, plan] of members.entries()) {
      const spf = plan.samplesPerFrame;
      const block = await job.source.read(plan.channel, frame * spf, count * spf);
      const values = fileValues(block, plan, count * spf);
      for (let f = 0, i = 0; f < count; f++)
        for (let k = 0; k < spf; k++) slab[f * stride + offset + k] = sure(values[i++]);
      let sum = sure(sums[m]);
      for (const value of values) sum = (sum + value) | 0;
      sums[m] = sum;
      initials[m] ??= values[0];
      if (bits === 32 && plan.isExact) noteLowest(block, lowest[m] as MaskRunBuilder);
      const builder = runs[m] as MaskRunBuilder;
      for (const run of block.mask)
        if (run.reason !== maskReasons.missingInSource)
          builder.add(frame * spf + run.first, run.count, run.reason);
      offset += spf;
    }
    await sink.write(encodeSamples(slab, bits));
    tally.progress((frame + count) / frames);
  }
  for (const [m, plan] of members.entries()) {
    tally.written.set(plan.channel, {
      initial: initials[m] ?? 0,
      checksum: (sure(sums[m]) << 16) >> 16,
    });
    for (const run of (runs[m] as MaskRunBuilder).done())
      tally.reasons.push({ ...run, channel: plan.channel });
    for (const run of (lowest[m] as MaskRunBuilder).done())
      tally.reasons.push({ ...run, reason: 0, channel: plan.channel });
  }
}

/** Format 32 has no room beside its missing code: measured samples of that value are listed in the annotations. */
function noteLowest(block: SampleBlock, builder: MaskRunBuilder): void {
  const code = missingCode(32);
  if (!block.samples.includes(code)) return;
  const reasons = reasonsOf(block.mask, block.samples.length);
  for (let i = 0; i < reasons.length; i++) {
    if (block.samples[i] === code && reasons[i] === 0)
      builder.add(block.firstSample + i, 1, maskReasons.missingInSource);
  }
}

/** The values of a block as the file keeps them; what is masked or past the channel's end is the missing code. */
function fileValues(block: SampleBlock, plan: Plan, count: number): Int32Array {
  const code = missingCode(plan.bits);
  const values = new Int32Array(count).fill(code);
  if (plan.isExact && !plan.header.sampleType.startsWith("float")) {
    values.set(block.samples.length > count ? block.samples.subarray(0, count) : block.samples);
    for (const run of block.mask) values.fill(code, run.first, run.first + run.count);
    return values;
  }
  const reasons = reasonsOf(block.mask, block.samples.length);
  const high = -code - 1;
  for (let i = 0; i < block.samples.length && i < count; i++) {
    const value = Math.round(sure(block.samples[i]) * plan.scale);
    if (reasons[i] === 0 && Number.isFinite(value)) values[i] = Math.min(high, Math.max(code + 1, value));
  }
  return values;
}

function headerText(
  job: Job,
  plans: readonly Plan[],
  frames: number,
  fileOf: (plan: Plan) => string,
  written: ReadonlyMap<number, Written>,
): string {
  const { source, record, group } = job;
  const { header } = source;
  const start = baseTime(header.startedAt, job.repair);
  const lines = [`${record} ${plans.length} ${group.frameRate} ${frames}${start}`];
  for (const plan of plans) {
    const { initial, checksum } = written.get(plan.channel) ?? { initial: 0, checksum: 0 };
    const spf = plan.samplesPerFrame === 1 ? "" : `x${plan.samplesPerFrame}`;
    const { gain, baseline } = wfdbScale(plan, job.repair);
    const unit = headerUnit(plan.header.unit);
    const label = headerLabel(plan.header.label);
    lines.push(
      `${fileOf(plan)} ${plan.bits}${spf} ${gain}(${baseline})/${unit} ${plan.bits} 0 ${initial} ${checksum} 0 ${label}`,
    );
  }
  for (const [key, value] of Object.entries(header.facts))
    lines.push(`# ${`${key}: ${value}`.replace(/\s+/g, " ").slice(0, 250)}`);
  const own = ownFactLines({
    version: 1,
    name: header.name,
    kind: header.kind,
    ...(header.subject !== undefined ? { subject: header.subject } : {}),
    ...(header.startedAt !== undefined ? { startedAt: header.startedAt } : {}),
    channels: plans.map((p) => ({
      ...p.header,
      ...(p.isExact ? {} : { sampleType: "int32" as const, gain: p.header.gain / p.scale }),
      sampleCount: source.sampleCounts[p.channel] ?? 0,
    })),
    facts: header.facts,
  });
  return `${[...lines, ...own.map((line) => `#${line}`)].join("\n")}\n`;
}

/** Gain and integer baseline of the header line. A zero point between two codes is rounded, and said. */
function wfdbScale(plan: Plan, repair: ReportRepair): { gain: string; baseline: number } {
  const gain = plan.header.gain / plan.scale;
  const exact = -plan.header.offset / gain;
  const baseline = headerBaseline(gain, plan.header.offset);
  if (Math.abs(exact - baseline) > 1e-6) {
    repair(repairOf("WFDB_BASELINE_ROUNDED", "info", { label: plan.header.label, exact, baseline }));
  }
  return { gain: shortestInverse(gain), baseline };
}

/** The shortest decimal whose inverse is exactly `gain`, or 1/gain in full where there is none. */
function shortestInverse(gain: number): string {
  const inverse = 1 / gain;
  for (let digits = 1; digits <= 17; digits++) {
    const candidate = inverse.toPrecision(digits);
    if (1 / Number(candidate) === gain) return String(Number(candidate));
  }
  return String(inverse);
}

/** wfdb-python reads six digits of a second at most. */
function baseTime(startedAt: string | undefined, repair: ReportRepair): string {
  const part = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?/.exec(startedAt ?? "");
  if (!part) return "";
  const whole = part[4] ?? "00:00:00";
  const time = whole.replace(/(\.\d{6})\d+$/, "$1");
  if (time !== whole && startedAt !== undefined)
    repair(repairOf("WFDB_TIME_ROUNDED", "info", { start: startedAt }));
  return ` ${time.length === 5 ? `${time}:00` : time} ${part[3]}/${part[2]}/${part[1]}`;
}

function recordName(baseName: string, repair: ReportRepair): string {
  const isPlain = /^[A-Za-z0-9_-]+$/.test(baseName);
  const ascii = baseName.replace(/[^A-Za-z0-9_-]+/g, "_").replace(/^[_-]+|(?<![_-])[_-]+$/g, "");
  // Of a Japanese name perhaps a number is left, or nothing.
  const named = /[A-Za-z]/.test(ascii) ? ascii : ["recording", ascii].filter((part) => part !== "").join("-");
  const name = isPlain ? baseName : named;
  if (name !== baseName) {
    repair(repairOf("WFDB_RECORD_NAME", "info", { name: baseName, written: name }));
  }
  return name;
}

async function writeText(job: Job, name: string, text: string): Promise<void> {
  const sink = await job.open(name);
  await sink.write(iconv.encode(text, "utf-8"));
  await sink.close();
}
