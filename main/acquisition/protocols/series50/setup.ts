import { z } from "zod";
import type { StreamShape } from "../protocol.ts";
import { checksums } from "./frame.ts";

export const Series50Setup = z.object({
  /** What the TOCO channel measures: a belt (relative units), or a catheter in the uterus (mmHg). The monitor tells its mode as a status. */
  uterine: z.enum(["external", "intrauterine"]).default("external"),
  /** Heart rates of red quality count as unobserved. Yellow and red are kept otherwise, with their quality beside them. */
  maskRed: z.boolean().default(false),
  checksum: z.enum(checksums).default("transmitted"),
});
export type Series50Setup = z.output<typeof Series50Setup>;

export const RATE = 4; // Hz
export const PER_BLOCK = 4; // samples, one block a second

/** Positions in the stream; a quality channel follows for each heart rate, in their order. */
export const TOCO = 3;
export const QUALITY = 4;
export const CHANNELS = 7;

export function streamsOf({ uterine }: Series50Setup): readonly StreamShape[] {
  const base = { sampleRate: RATE, offset: 0 } as const;
  const rate = { ...base, unit: "bpm", sampleType: "int16", gain: 0.25 } as const;
  const quality = { ...base, unit: "", role: "other", sampleType: "uint8", gain: 1 } as const;
  // The guide gives toco units of 0.5; that a catheter's count is 0.5 mmHg is inferred [R].
  const toco = uterine === "intrauterine" ? { label: "IUP", unit: "mmHg" } : { label: "TOCO", unit: "" };
  return [
    {
      rate: RATE,
      channels: [
        { ...rate, label: "FHR1", role: "fhr" },
        { ...rate, label: "FHR2", role: "fhr" },
        { ...rate, label: "MHR", role: "mhr" },
        { ...base, ...toco, role: "uc", sampleType: "uint8", gain: 0.5 },
        { ...quality, label: "FHR1 quality" },
        { ...quality, label: "FHR2 quality" },
        { ...quality, label: "MHR quality" },
      ],
    },
  ];
}
