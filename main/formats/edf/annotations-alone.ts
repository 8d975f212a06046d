import type { ReportRepair, SourceAnnotation } from "../../signal/block.ts";
import type { ByteSink, ExportSource } from "../format.ts";
import { edfWriter } from "./writer.ts";

/**
 * Writes an EDF+ file with no ordinary signal, only "EDF Annotations", as sleep scorers do: one record of 0 s that says
 * who was recorded when, and every annotation. Those of a channel end in `@@<label>`, by which a reader finds it again
 * in the recording they belong to.
 */
export const writeAnnotationsAlone = (
  { header, annotations }: Pick<ExportSource, "header" | "annotations">,
  open: () => Promise<ByteSink>,
  repair: ReportRepair,
): Promise<void> =>
  edfWriter.write(
    {
      header: { ...header, channels: [] },
      sampleCounts: [],
      annotations: annotations.map((one) => bound(one, header.channels)),
      read: (channel) =>
        Promise.reject(new RangeError(`no channel ${channel} in a file of annotations alone`)),
    },
    open,
    { baseName: header.name, withAnnotations: true, withMask: false, deidentify: false },
    repair,
  );

function bound(one: SourceAnnotation, channels: ExportSource["header"]["channels"]): SourceAnnotation {
  const label = one.channel === undefined ? undefined : channels[one.channel]?.label;
  if (label === undefined) return one;
  const field = one.note === "" ? "label" : "note"; // the end of the text
  return { ...one, channel: undefined, [field]: `${one[field]}@@${label}` };
}
