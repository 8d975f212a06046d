import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { cleaningProposals, without } from "../../../main/analysis/ctg/cleaning.ts";
import { readTrace } from "../../../main/analysis/ctg/read.ts";
import { CTG_HZ, type Samples } from "../../../main/analysis/ctg/trace.ts";

/** Letters of the methods whose lines are stored beside the recordings. */
export const storedMethods = ["W", "A", "MD"] as const;
export type StoredMethod = (typeof storedMethods)[number];

/** A recording of the morphology set of FHRMA with the lines that three published methods drew, at 4 Hz. */
export interface DrawnRecord {
  readonly name: string;
  readonly fhr: Samples; // cleaned; the larger of two sensors
  readonly stored: Readonly<Record<StoredMethod, Float64Array>>; // one a second, NaN in between and where there is none
}

const Line = z.object({ baseline_1hz: z.array(z.number().nullable()) });
const Stored = z.object({ methods: z.object({ W: Line, A: Line, MD: Line }) });

/** `data`: the folder of development data. */
export function drawnRecords(data: string): readonly DrawnRecord[] {
  const folder = join(data, "ctg-fhrma-ma");
  return readdirSync(join(folder, "methods"))
    .sort()
    .map((file) => {
      const name = file.replace(".json.gz", "");
      const { methods } = Stored.parse(
        JSON.parse(gunzipSync(readFileSync(join(folder, "methods", file))).toString()),
      );
      const fhr = heartRate(join(folder, "signals", `${name}.fhr.gz`));
      const atFour = ({ baseline_1hz }: z.infer<typeof Line>): Float64Array =>
        fhr.values.map((_, i) => (i % CTG_HZ === 0 ? (baseline_1hz[i / CTG_HZ] ?? NaN) : NaN));
      return {
        ...{ name, fhr },
        stored: { W: atFour(methods.W), A: atFour(methods.A), MD: atFour(methods.MD) },
      };
    });
}

/** uint32 time of start; then a sample of uint16 FHR1·4, uint16 FHR2·4, uint8 TOCO·2, uint8 unused; 0 is missing. */
function heartRate(file: string): Samples {
  const bytes = gunzipSync(readFileSync(file));
  const count = Math.floor((bytes.length - 4) / 6);
  const sensor = (offset: number) => {
    const values = Float32Array.from({ length: count }, (_, i) => bytes.readUInt16LE(4 + 6 * i + offset) / 4);
    return { values, observed: Uint8Array.from(values, (v) => Number(v > 0)), sampleRate: CTG_HZ };
  };
  const { fhr } = readTrace({
    durationS: count / CTG_HZ,
    fhr: [sensor(0), sensor(2)],
    uc: undefined,
    mhr: undefined,
  });
  return without(fhr, cleaningProposals(fhr));
}
