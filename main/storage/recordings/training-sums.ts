import { z } from "zod";
import { labelsAbout, needsOf } from "../../../preload/contract/channel-needs.ts";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import {
  matchChannels,
  wantedChannels,
  type WantedChannel,
} from "../../../preload/contract/match-channels.ts";
import { ChannelRole } from "../../../preload/contract/recording.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { windowGrid } from "../../signal/window.ts";
import type { TrainingSums, TrainingSumsAsk } from "../api.ts";
import type { Context } from "../context.ts";
import type { Row } from "../file/database.ts";
import { listLabelSets } from "../labels/label-sets.ts";

/**
 * About what some recordings come to for a training, by rows that lie beside the samples. Windows are expected numbers:
 * of n windows whose channels are observed for a share s, n·s can be assessed. One that is gone or in the bin is left out.
 */
export function trainingSums(context: Context, { data, ids, known }: TrainingSumsAsk): TrainingSums {
  const rows = rowsOf(context, ids);
  const layouts = new Map<string, Layout>();
  const layoutOf = (row: Row): Layout => {
    const text = String(row["layout"]);
    const layout = layouts.get(text) ?? layoutFrom(text);
    layouts.set(text, layout);
    return layout;
  };
  const wanted = wantedIn(data, known, rows.map(layoutOf));
  const set = listLabelSets(context).find(({ id }) => id === data.labelSet);
  const shares = new Map<Layout, number | undefined>();
  const marks = marksOf(context, data, rows);
  const read = readOf(context, data, rows);
  const sums = noSums(data, wanted);
  for (const row of rows) {
    const layout = layoutOf(row);
    if (!shares.has(layout)) shares.set(layout, shareOf(layout, { wanted, set, data }));
    const key = Number(row["key"]);
    const [lengthS, share] = [Number(row["length_s"]), shares.get(layout)];
    sums.recordings += 1;
    sums.seconds += lengthS;
    if (share === undefined) sums.lacking += 1;
    else addWindows(sums, data, { lengthS, share, marks: marks.get(key), readS: read.get(key) ?? 0 });
  }
  return { ...sums, subjects: [...new Set(rows.map((row) => String(row["subject"])))] };
}

type Data = TrainingSumsAsk["data"];
type Layout = readonly { readonly label: string; readonly role: ChannelRole; readonly share: number }[];
type Sums = { -readonly [K in keyof Omit<TrainingSums, "subjects" | "perLabel">]: TrainingSums[K] } & {
  readonly perLabel: { windows: number; events: number }[];
};

const noSums = ({ labels }: Data, wanted: readonly WantedChannel[]): Sums => ({
  ...{ recordings: 0, seconds: 0, lacking: 0, marked: 0, background: 0, assessable: 0, unassessable: 0 },
  perLabel: labels.map(() => ({ windows: 0, events: 0 })),
  wanted,
});

/** Shares of channels as the list shows them: recordings of one device are alike but for their gaps. */
const rowsOf = ({ database }: Context, ids: readonly string[]): Row[] =>
  database.all(
    `SELECT r.key, r.subject, l.length_s,
       (SELECT json_group_array(json_array(c.label, c.role, c.share)) FROM
         (SELECT label, role, round((source_observed - layer_masked) * 1.0 / max(1, sample_count), 3) AS share
            FROM channel WHERE recording = r.key AND origin IS NULL ORDER BY position) c) AS layout
     FROM json_each(?) j JOIN recording r ON r.id = j.value JOIN listing l ON l.recording = r.key`,
    JSON.stringify(ids),
  );

const Stored = z.array(z.tuple([z.string(), z.string(), z.number()]));
const layoutFrom = (text: string): Layout =>
  Stored.parse(JSON.parse(text)).map(([label, role, share]) => ({
    ...{ label, share },
    role: ChannelRole.catch("other").parse(role),
  }));

/** The role of each channel: as recordings before these have it, else the first of these that has it. */
function wantedIn(
  { channels }: Data,
  known: readonly WantedChannel[],
  layouts: readonly Layout[],
): readonly WantedChannel[] {
  const kinds = [...new Set(layouts)];
  const config = { data: { channels, recordingIds: kinds.map((_, i) => String(i)) } };
  const found = wantedChannels({ config }, (id) => kinds[Number(id)]);
  return found.map((one, i) => (known[i]?.role === undefined ? one : known[i]));
}

/** The observed share of what the labels speak about; of electrodes the mean. Undefined where a channel is lacking. */
function shareOf(
  layout: Layout,
  asked: {
    readonly wanted: readonly WantedChannel[];
    readonly set: LabelSet | undefined;
    readonly data: Data;
  },
): number | undefined {
  const found = matchChannels(asked.wanted, layout).flatMap(({ channel }) => channel ?? []);
  if (found.length < asked.wanted.length) return undefined;
  const heard = found.map(({ role }, index) => ({ index, role }));
  const { each, together } = needsOf(labelsAbout(asked.set, asked.data.labels), heard);
  const shares = (of: readonly number[]): number[] => of.map((index) => sure(found[index]).share);
  const electrodes = shares(together);
  const mean = electrodes.reduce((sum, share) => sum + share, 0) / Math.max(1, electrodes.length);
  return Math.min(1, ...shares(each), ...(electrodes.length > 0 ? [mean] : []));
}

interface Marked {
  readonly windows: number;
  readonly events: number;
}

/** By recording and label what is marked: of several readers who marked the most of it, since they may mean the same. */
function marksOf(
  { database }: Context,
  { labelSet, labels, readers, windows }: Data,
  rows: readonly Row[],
): ReadonlyMap<number, ReadonlyMap<string, Marked>> {
  const judgedS = Math.min(windows.centreS ?? windows.windowS, windows.windowS);
  const leastS = windows.minOverlap * judgedS;
  const found = new Map<number, Map<string, Marked>>();
  for (const row of database.all(
    `SELECT a.recording, a.label, a.author, count(*) AS events,
       total(CASE WHEN a.duration_s >= ? THEN a.duration_s + ? ELSE 0 END) AS reach
     FROM json_each(?) j JOIN annotation a ON a.recording = j.value
     WHERE a.label_set = ? AND a.source <> 'model' AND a.duration_s > 0 GROUP BY 1, 2, 3`,
    leastS,
    judgedS - 2 * leastS, // so many places can a window be at, of a mark that covers the least of its judged part
    JSON.stringify(rows.map((one) => Number(one["key"]))),
    labelSet,
  )) {
    const [label, recording] = [String(row["label"]), Number(row["recording"])];
    if (!labels.includes(label) || readers?.includes(String(row["author"])) === false) continue;
    const ofRecording = found.get(recording) ?? new Map<string, Marked>();
    found.set(recording, ofRecording);
    const before = ofRecording.get(label);
    ofRecording.set(label, {
      windows: Math.max(before?.windows ?? 0, Number(row["reach"]) / windows.strideS),
      events: Math.max(before?.events ?? 0, Number(row["events"])),
    });
  }
  return found;
}

/** Seconds that were read completely, by who read the most; none where the background is nobody's class. */
function readOf(
  { database }: Context,
  { labelSet, readers, background }: Data,
  rows: readonly Row[],
): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  if (background !== "read-completely") return found;
  for (const row of database.all(
    `SELECT e.recording, e.author, total(e.duration_s) AS seconds
     FROM json_each(?) j JOIN reading e ON e.recording = j.value WHERE e.label_set = ? GROUP BY 1, 2`,
    JSON.stringify(rows.map((one) => Number(one["key"]))),
    labelSet,
  )) {
    if (readers?.includes(String(row["author"])) === false) continue;
    const recording = Number(row["recording"]);
    found.set(recording, Math.max(found.get(recording) ?? 0, Number(row["seconds"])));
  }
  return found;
}

function addWindows(
  sums: Sums,
  { labels, windows: { windowS, strideS } }: Data,
  recording: {
    readonly lengthS: number;
    readonly share: number;
    readonly marks: ReadonlyMap<string, Marked> | undefined;
    readonly readS: number;
  },
): void {
  const { lengthS, share, marks, readS } = recording;
  const { count } = windowGrid(lengthS, windowS, strideS);
  let left = count;
  labels.forEach((label, i) => {
    const own = marks?.get(label);
    if (own === undefined) return;
    const sum = sure(sums.perLabel[i]);
    const here = Math.min(left, own.windows); // a window has one label
    left -= here;
    sum.windows += here * share;
    sum.events += own.events;
  });
  const known = Math.min(count, Math.max(0, readS) / strideS);
  sums.marked += Number(marks !== undefined);
  sums.background += Math.max(0, Math.min(left, known - (count - left))) * share;
  sums.assessable += count * share;
  sums.unassessable += count * (1 - share);
}
