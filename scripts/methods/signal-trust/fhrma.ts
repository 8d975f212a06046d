import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { TrustInput } from "../../../main/models/sequences/signal-trust/input.ts";
import type { Marked } from "../../../main/models/model.ts";

const RATE = 4; // Hz
/** Files that repeat signal of others, some of them across the split (recipe-false-signal.md §1). */
const REPEATED = [576, 577, 582, 583, 584, 587, 588, 589, 590, 591];
const [LOWEST, HIGHEST] = [30, 240]; // beats a minute

/** A recording of FHRMA's false-signal set with what experts marked on its fetal channel. */
export interface TrustRecord {
  readonly name: string;
  readonly number: number;
  readonly sensor: "doppler" | "scalp";
  readonly input: TrustInput;
  readonly marks: Pick<Marked, "events" | "unclear">;
}

/** The labelled recordings, those that repeat others left out. `data`: the folder of development data. */
export function trustRecords(
  data: string,
  wanted: (number: number) => boolean = () => true,
): readonly TrustRecord[] {
  const folder = join(data, "ctg-fhrma-fs");
  const marks = marksIn(join(folder, "labels.csv"));
  return (["DopMHRTrain", "ScalpTrain"] as const).flatMap((part) =>
    readdirSync(join(folder, part))
      .sort()
      .flatMap((file): TrustRecord[] => {
        const name = file.replace(/\.gz$/, "");
        const number = Number(/(\d{4})\.fhrm/.exec(file)?.[1]);
        const sensor = part === "ScalpTrain" ? "scalp" : "doppler";
        const isRepeated = sensor === "doppler" && REPEATED.includes(number);
        if (isRepeated || !wanted(number)) return [];
        const input = inputOf(gunzipSync(readFileSync(join(folder, part, file))), sensor);
        return [{ name, number, sensor, input, marks: { events: marks.get(name) ?? [], unclear: [] } }];
      }),
  );
}

/** Samples of 8 bytes after 4 of time: heart rates in quarters of a beat, the judged one first or second by the sensor. */
function inputOf(bytes: Buffer, sensor: TrustRecord["sensor"]): TrustInput {
  const count = Math.floor((bytes.length - 4) / 8);
  const channel = (at: number) => {
    const values = Float32Array.from({ length: count }, (_, i) => {
      const value = bytes.readUInt16LE(4 + 8 * i + at) / 4;
      return value >= LOWEST && value <= HIGHEST ? value : 0;
    });
    return { values, observed: Uint8Array.from(values, (value) => (value > 0 ? 1 : 0)) };
  };
  return { count, fhr: channel(sensor === "scalp" ? 2 : 0), mhr: channel(4), isScalp: sensor === "scalp" };
}

/** Ranges count from 0 and hold their last sample: 17 are of one, and 142 end with the recording's last. */
function marksIn(file: string): ReadonlyMap<string, Marked["events"][number][]> {
  const by = new Map<string, Marked["events"][number][]>();
  for (const line of readFileSync(file, "utf8").trim().split(/\r?\n/).slice(1)) {
    const [name = "", channel, label, from, to] = line.split(",");
    if (channel !== "FHR") continue;
    const own = by.get(name) ?? [];
    const code = label === "FS" ? "false-signal" : "true-signal";
    own.push({ code, onsetS: Number(from) / RATE, durationS: (Number(to) - Number(from) + 1) / RATE });
    by.set(name, own);
  }
  return by;
}
