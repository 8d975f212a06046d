import { missingShareOf, type Channel } from "../../preload/contract/recording.ts";
import { percent } from "./format.ts";

/** `FHR 17.0 %, UC 0 %`: what each channel misses, never a mean over them. */
export const missingByChannel = (
  channels: readonly Pick<Channel, "label" | "sampleCount" | "observedCount">[],
): string => channels.map((one) => `${one.label} ${percent(missingShareOf(one))}`).join(", ");
