import {
  adaptRecording,
  centreOf,
  lessCentre,
  wornAs,
  type TemplateFit,
} from "../../models/adaptation/adaptation.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Inputs } from "../data/variation.ts";

/** Inputs of every window with its recording's own mean taken out, turned as most people wear the bracelet. */
export interface AlignedInputs extends Inputs {
  readonly centres: ReadonlyMap<string, Float64Array>; // by recording, as worn
}

/**
 * Training people are turned as their labels tell, others as their windows do: these judge when training stops, and
 * test people's are used for nothing.
 */
export function alignedInputs(
  { recordings, observed, layout: { width } }: Dataset,
  x: Float32Array,
  { template, orientations }: TemplateFit,
): AlignedInputs {
  const out = { x: new Float32Array(x.length), observed: new Uint8Array(observed.length) };
  const centres = new Map<string, Float64Array>();
  for (const { id, subject, from, to } of recordings) {
    const [begin, end] = [from * width, to * width];
    const rows = { count: to - from, x: x.subarray(begin, end), observed: observed.subarray(begin, end) };
    const centre = centreOf(rows, width);
    const way = orientations.get(subject) ?? adaptRecording(template, rows).orientation;
    const order = template.symmetries[way];
    const less = lessCentre(rows, centre);
    const worn = order ? wornAs(less, order) : less;
    out.x.set(worn.x, begin);
    out.observed.set(worn.observed, begin);
    centres.set(id, centre);
  }
  return { ...out, centres };
}
