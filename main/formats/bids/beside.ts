import { z } from "zod";
import { repairOf, type ChannelHeader, type ChannelRole } from "../../../preload/contract/recording.ts";
import type { RecordingHeader, ReportRepair, SourceAnnotation } from "../../signal/block.ts";
import { normaliseUnit } from "../channel-role.ts";
import { parseJson } from "../csv/preamble.ts";
import type { ByteSource, FormatReader, OpenRecording } from "../format.ts";
import { entitiesOf } from "./names.ts";
import { readTsv, type Tsv, type TsvRow } from "./tsv.ts";

/**
 * A reader that also takes what the Brain Imaging Data Structure lays beside a recording: `_channels.tsv`,
 * `_events.tsv`, the `.json` of its suffix, and the row of its subject in `participants.tsv`. The recording itself is
 * always right: a table adds what its header lacks, and where the two differ that is said.
 */
export const withBids = (reader: FormatReader): FormatReader => ({
  ...reader,
  open: async (source, options, repair) => {
    const opened = await reader.open(source, options, repair);
    const named = entitiesOf(source.name);
    return named === undefined ? opened : described(opened, source, named, repair);
  },
});

async function described(
  opened: OpenRecording,
  source: ByteSource,
  { stem, subject, suffix }: { readonly stem: string; readonly subject: string; readonly suffix: string },
  repair: ReportRepair,
): Promise<OpenRecording> {
  const table = (name: string): Promise<Tsv | undefined> => tableBeside(source, name, repair);
  const channels = await table(`${stem}_channels.tsv`);
  const events = await table(`${stem}_events.tsv`);
  const people = await table("participants.tsv");
  const header = await withFacts(opened.header, source, `${stem}_${suffix}.json`, repair);
  const tabled = channels === undefined ? header : withChannels(header, channels, repair);
  const found = events === undefined ? [] : eventsOf(events, tabled.channels, repair);
  return {
    header: withSubject(tabled, people, subject),
    blocks: (done, signal) => opened.blocks(done, signal),
    annotations: async () => joined(await opened.annotations(), found),
  };
}

/** A table in the recording's folder, else in one above it. */
async function tableBeside(source: ByteSource, name: string, repair: ReportRepair): Promise<Tsv | undefined> {
  const file = (await source.sibling(name)) ?? (await source.above?.(name));
  if (file === undefined) return undefined;
  const tsv = await readTsv(file);
  if (tsv !== "too long") return tsv;
  repair(repairOf("BIDS_TOO_LONG", "warning", { file: file.name, size: file.size }, { file: file.name }));
  return undefined;
}

const roles: Readonly<Record<string, ChannelRole>> = { EMG: "emg" };
/** Types that are known not to be what a label may sound like. */
const others = new Set([
  "EEG",
  "ECG",
  "EOG",
  "EKG",
  "TRIG",
  "MISC",
  "REF",
  "ACCEL",
  "GYRO",
  "RESP",
  "GSR",
  "TEMP",
]);

function withChannels(header: RecordingHeader, tsv: Tsv, repair: ReportRepair): RecordingHeader {
  const rows = new Map(tsv.rows.map((row) => [row.cell("name"), row] as const).toReversed());
  const { file } = tsv;
  const facts: { [name: string]: string } = { ...header.facts };
  const known = new Set(header.channels.map(({ label }) => label.trim()));
  const absent = tsv.rows.flatMap((row) => {
    const name = row.cell("name");
    return name === undefined || known.has(name) ? [] : [name];
  });
  if (absent.length > 0) {
    const values = { file, count: absent.length, names: absent.slice(0, 8).join(", ") };
    repair(repairOf("BIDS_CHANNELS_ABSENT", "warning", values, { file }));
  }
  const channels = header.channels.map((channel, index): ChannelHeader => {
    const row = rows.get(channel.label.trim());
    if (row === undefined) return channel;
    if (row.cell("status")?.toLowerCase() === "bad") {
      const why = row.cell("status_description") ?? "";
      facts[`channel ${index + 1} status`] = why === "" ? "bad" : `bad: ${why}`;
      const values = { file, label: channel.label, why: why === "" ? "" : ` (${why.slice(0, 200)})` };
      repair(repairOf("BIDS_BAD_CHANNEL", "warning", values, { file, offset: row.line }));
    }
    return { ...channel, unit: unitOf(channel, row, file, repair), role: roleOf(channel, row) };
  });
  return { ...header, channels, facts };
}

/** The header's unit, which its scaling is in; the table's where the header has none. */
function unitOf(channel: ChannelHeader, row: TsvRow, file: string, repair: ReportRepair): string {
  const unit = normaliseUnit(row.cell("units") ?? "");
  if (unit === "" || unit === channel.unit) return channel.unit;
  if (channel.unit === "") return unit;
  const values = { file, label: channel.label, theirs: unit, ours: channel.unit };
  repair(repairOf("BIDS_UNIT", "warning", values, { file, offset: row.line }));
  return channel.unit;
}

function roleOf({ role }: ChannelHeader, row: TsvRow): ChannelRole {
  const type = row.cell("type")?.toUpperCase() ?? "";
  return roles[type] ?? (others.has(type) ? "other" : role);
}

const ownColumns = new Set(["onset", "duration", "sample", "trial_type", "value", "channel"]);

function eventsOf(tsv: Tsv, channels: readonly ChannelHeader[], repair: ReportRepair): SourceAnnotation[] {
  const { file } = tsv;
  const found: SourceAnnotation[] = [];
  const notes = tsv.columns.filter((name) => name !== "" && !ownColumns.has(name));
  let [left, firstLine] = [0, 0];
  for (const row of tsv.rows) {
    const onsetS = Number(row.cell("onset") ?? NaN);
    const durationS = Number(row.cell("duration") ?? 0);
    if (!Number.isFinite(onsetS) || !(durationS >= 0) || !Number.isFinite(durationS)) {
      if (left++ === 0) firstLine = row.line;
      continue;
    }
    const label = row.cell("trial_type") ?? row.cell("value") ?? "event";
    const at = channels.findIndex((channel) => channel.label === row.cell("channel"));
    const value = row.cell("trial_type") === undefined ? undefined : row.cell("value");
    const cells = notes.flatMap((name) => {
      const cell = row.cell(name);
      return cell === undefined ? [] : [`${name}: ${cell}`];
    });
    found.push({
      onsetS,
      durationS,
      label,
      channel: at === -1 ? undefined : at,
      note: [...(value === undefined ? [] : [`value: ${value}`]), ...cells].join("; "),
    });
  }
  if (left > 0)
    repair(
      repairOf(
        "BIDS_EVENTS_LEFT_OUT",
        "warning",
        { file, rows: left, line: firstLine },
        { file, offset: firstLine },
      ),
    );
  if (found.length > 0) repair(repairOf("BIDS_EVENTS", "info", { file, count: found.length }, { file }));
  return found;
}

/** A recording's own annotations and the table's, which often repeats them. */
function joined(
  own: readonly SourceAnnotation[],
  more: readonly SourceAnnotation[],
): readonly SourceAnnotation[] {
  if (more.length === 0) return own;
  const key = ({ onsetS, label }: SourceAnnotation): string => `${Math.round(onsetS * 1000)} ${label}`;
  const known = new Set(own.map(key));
  return [...own, ...more.filter((one) => !known.has(key(one)))].sort((a, b) => a.onsetS - b.onsetS);
}

function withSubject(header: RecordingHeader, people: Tsv | undefined, subject: string): RecordingHeader {
  const row = people?.rows.find((one) => one.cell("participant_id") === subject);
  const facts = (people?.columns ?? []).flatMap((name): [string, string][] => {
    const cell = name === "" || name === "participant_id" ? undefined : row?.cell(name);
    return cell === undefined ? [] : [[`participant ${name}`, cell]];
  });
  return { ...header, subject, facts: { ...header.facts, ...Object.fromEntries(facts) } };
}

const Description = z.record(z.string(), z.unknown());
const LONGEST_DESCRIPTION = 1 << 20;

/** What the `.json` beside the recording says in words and numbers; what it nests is left to it. */
async function withFacts(
  header: RecordingHeader,
  source: ByteSource,
  name: string,
  repair: ReportRepair,
): Promise<RecordingHeader> {
  const file = await source.sibling(name);
  if (file === undefined) return header;
  const text = file.size > LONGEST_DESCRIPTION ? "" : new TextDecoder().decode(await file.read(0, file.size));
  const parsed = parseJson(Description, text);
  if (parsed === undefined) {
    repair(repairOf("BIDS_DESCRIPTION", "warning", { file: file.name }, { file: file.name }));
    return header;
  }
  const facts = Object.entries(parsed).flatMap(([key, value]): [string, string][] =>
    typeof value === "string" || typeof value === "number" || typeof value === "boolean"
      ? [[key, String(value)]]
      : [],
  );
  return { ...header, facts: { ...header.facts, ...Object.fromEntries(facts) } };
}
