import { existsSync, renameSync, rmSync } from "node:fs";
import { seededRandom } from "../../main/models/random.ts";
import { openLibrary } from "../../main/storage/open-library.ts";
import { channelHeader, newWhole, ramp, block } from "../../main/storage/testing.ts";
import type { ChannelHeader } from "../../preload/contract/recording.ts";

const TOGETHER = 250; // recordings a transaction
const SAMPLES = 120; // of each channel, half a minute: headers and a block

const ctg: readonly ChannelHeader[] = [
  channelHeader(),
  channelHeader({ label: "UC", unit: "mmHg", role: "uc", gain: 1 }),
];
const japanese: readonly ChannelHeader[] = [
  channelHeader({ label: "心拍数" }),
  channelHeader({ label: "陣痛", unit: "mmHg", role: "uc", gain: 1 }),
];
const emg: readonly ChannelHeader[] = Array.from({ length: 8 }, (_, i) =>
  channelHeader({ label: `EMG ${i + 1}`, unit: "mV", role: "emg", gain: 0.001 }),
);

/** A library of so many recordings in twelve studies: a third has a label, one in twenty a repair, one in nine a gap. */
export function ensureLibrary(path: string, recordings: number): void {
  if (existsSync(path)) return;
  const part = `${path}.part`;
  for (const end of ["", "-wal", "-shm"]) rmSync(part + end, { force: true });
  const library = openLibrary(part);
  library.changeSettings({ author: "bench" });
  const source = seededRandom(7);
  const random = () => source.next();
  for (let from = 0; from < recordings; from += TOGETHER)
    library.addRecordings(
      Array.from({ length: Math.min(TOGETHER, recordings - from) }, (_, i) => one(from + i, random)),
    );
  library.close();
  renameSync(part, path);
}

function one(
  index: number,
  random: () => number,
): Parameters<typeof newWhole>[2] & ReturnType<typeof newWhole> {
  const site = Math.floor(random() * 12);
  const isEmg = random() < 0.25;
  const headers = isEmg ? emg : random() < 0.1 ? japanese : ctg;
  const samples = ramp(SAMPLES, "int16", index);
  const gap = random() < 0.11 ? [{ first: 10, count: 40, reason: 1 }] : [];
  const study = headers === japanese ? `周産期センター${site}` : `Study ${site}`;
  const subject = `${headers === japanese ? "妊婦" : "P"}-${Math.floor(index / 2)}`;
  const name = `${isEmg ? "EMG" : headers === japanese ? "分娩" : "CTG"} ${index}`;
  const made = newWhole(
    headers,
    headers.map((_, channel) => block(channel, 0, samples, gap)),
  );
  const day = new Date(Date.UTC(2015, 0, 1) + Math.floor(random() * 4000) * 86_400_000).toISOString();
  return {
    ...made,
    header: { ...made.header, name, kind: isEmg ? "emg" : "ctg", startedAt: day.slice(0, 19) },
    subject,
    study,
    annotations:
      random() < 0.33
        ? [
            {
              recordingId: made.id,
              label: isEmg ? "wrist-flexion" : "deceleration",
              labelSet: isEmg ? "emg-gestures" : "ctg-events",
              onsetS: 2,
              durationS: 10,
              labelSetVersion: 1,
              author: "bench",
              source: "person",
              note: "",
            },
          ]
        : [],
    repairs: random() < 0.05 ? [{ code: "EDF_RECORD_COUNT", severity: "info", message: "counted anew" }] : [],
  };
}
