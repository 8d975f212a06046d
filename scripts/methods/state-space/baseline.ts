import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { believableRate, readSeconds } from "../../../main/models/fronts/ctg-seconds.ts";
import {
  BASELINE_BAND_SD,
  baselineOf,
  type Baseline,
} from "../../../main/models/sequences/state-space/baseline.ts";
import { ctgDynamics, type Observations } from "../../../main/models/sequences/state-space/filter.ts";
import { atMost, figure, type MethodCheck, type Outcome } from "../check.ts";

const RATE = 4; // Hz
const SURE = 1.6449;

/** A record of FHRMA with the baselines that three published methods drew. */
interface Drawn extends Observations {
  readonly drawn: readonly (readonly (number | null)[])[]; // Wróbel, Ayres-de-Campos, Maeda
}

const Stored = z.object({
  methods: z.record(z.string(), z.object({ baseline_1hz: z.array(z.number().nullable()) })),
});

function records(data: string): readonly Drawn[] {
  const folder = join(data, "ctg-fhrma-ma");
  const names = readdirSync(join(folder, "signals")).sort();
  return names.map((name) => {
    const bytes = gunzipSync(readFileSync(join(folder, "signals", name)));
    const count = Math.floor((bytes.length - 4) / 6);
    const values = Float32Array.from(
      { length: count },
      (_, i) => Math.max(bytes.readUInt16LE(4 + 6 * i), bytes.readUInt16LE(6 + 6 * i)) / 4,
    );
    const observed = Uint8Array.from(values, (v) => Number(v > 0));
    const seconds = readSeconds(
      {
        durationS: count / RATE,
        channels: [
          {
            ...{ label: "FHR", unit: "bpm", role: "fhr", sampleRate: RATE, sampleType: "float32" },
            ...{ gain: 1, offset: 0, sampleCount: count },
          },
        ],
        read: (_, first, wanted) => ({
          values: values.slice(first, first + wanted),
          observed: observed.slice(first, first + wanted),
        }),
      },
      0,
      believableRate,
    );
    const stored = Stored.parse(
      JSON.parse(
        gunzipSync(readFileSync(join(folder, "methods", name.replace(".fhr.gz", ".json.gz")))).toString(),
      ),
    );
    return {
      ...{ y: Float64Array.from(seconds.values), observed: seconds.observed },
      drawn: ["W", "A", "MD"].map((method) => stored.methods[method]?.baseline_1hz ?? []),
    };
  });
}

/** Mean distance to a method's baselines and share of them inside the 90 % band, a mean over records. */
function against(all: readonly { readonly own: Baseline; readonly record: Drawn }[], method: number) {
  let [distance, inside, count] = [0, 0, 0];
  for (const { own, record } of all) {
    let [sum, held, seconds] = [0, 0, 0];
    for (const [t, drawn] of (record.drawn[method] ?? []).entries()) {
      if (drawn === null || own.observed[t] !== 1) continue;
      const off = Math.abs((own.value[t] ?? 0) - drawn);
      sum += off;
      held += Number(off <= SURE * Math.hypot(own.sd[t] ?? 0, BASELINE_BAND_SD));
      seconds += 1;
    }
    if (seconds === 0) continue;
    distance += sum / seconds;
    inside += held / seconds;
    count += 1;
  }
  return { distance: distance / count, inside: inside / count };
}

const from = { evidence: "computed", source: "recipe-ssm.md §9" } as const;

export const ssmBaseline: MethodCheck = {
  id: "ssm-baseline",
  about: "Baseline of the state-space model beside those that three published methods drew in 108 records",
  run: ({ data, say }): readonly Outcome[] => {
    const all = records(data()).map((record) => ({ record, own: baselineOf(record, ctgDynamics) }));
    // Band and anchor were chosen with all records in view: the halves only show how much either depends on them.
    const others = all.filter((_, i) => i % 2 === 1);
    const set = all.filter((_, i) => i % 2 === 0);
    say(
      `the other half: ${figure(against(set, 0).distance, 2)} bpm, ${figure(against(set, 0).inside)} inside`,
    );
    const [w, a, md] = [0, 1, 2].map((method) => against(others, method));
    say(
      `to Ayres-de-Campos ${figure(a?.distance ?? 0, 2)} bpm, ${figure(a?.inside ?? 0)} inside; to Maeda ${figure(md?.distance ?? 0, 2)} bpm, ${figure(md?.inside ?? 0)} inside`,
    );
    const share = w?.inside ?? 0;
    return [
      atMost("distance to Wróbel's baselines, beats a minute", w?.distance ?? Infinity, 3.5, from, 2),
      {
        ...{ what: "of them inside the 90 % band", value: figure(share), expected: "0.85 to 0.95" },
        ...{ pass: share >= 0.85 && share <= 0.95, ...from },
      },
    ];
  },
};
