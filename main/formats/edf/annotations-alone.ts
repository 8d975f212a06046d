import type { ReportRepair, SourceAnnotation } from "../../signal/block.ts";
import type { ByteSink, ExportSource } from "../format.ts";
import { edfWriter } from "./writer.ts";

/**
 * Writes an EDF+ file with no ordinary signal, only "EDF Annotations", as sleep scorers do: one record of 0 s that says
 * who was recorded when, and every annotation. Those of a channel carry its label, by which it is found again in the
 * recording they belong to.
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
    { baseName: header.name, withAnnotations: true, withMask: false },
    repair,
  );

function bound(one: SourceAnnotation, channels: ExportSource["header"]["channels"]): SourceAnnotation {
  const channelLabel = one.channel === undefined ? undefined : channels[one.channel]?.label;
  return channelLabel === undefined ? one : { ...one, channel: undefined, channelLabel };
}
