import { throwIfCancelled } from "../../../preload/contract/errors.ts";
import { maskReasons } from "../../../preload/contract/mask.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { physicalText } from "../csv/number-text.ts";
import type { ByteSink, ExportSource, FormatWriter, WriteOptions } from "../format.ts";
import { MaskRunBuilder, reasonsOf } from "../mask-runs.ts";
import { SCHEMA } from "./document.ts";

/** One JSON object a recording; see document.ts for the schema. */
export const jsonWriter: FormatWriter = { id: "json", title: "JSON", write: writeJson };

const SLAB = 16_384;

async function writeJson(
  source: ExportSource,
  open: (name: string) => Promise<ByteSink>,
  options: WriteOptions,
): Promise<void> {
  const { header, sampleCounts } = source;
  const sink = await open(`${options.baseName}.json`);
  const encoder = new TextEncoder();
  const write = (text: string): Promise<void> => sink.write(encoder.encode(text));
  const head = {
    schema: SCHEMA,
    name: header.name,
    kind: header.kind,
    subject: header.subject ?? null,
    startedAt: header.startedAt ?? null,
    facts: header.facts,
    channels: header.channels.map((channel, i) => ({ ...channel, sampleCount: sampleCounts[i] ?? 0 })),
    maskReasons,
    annotations: options.withAnnotations
      ? source.annotations.map((a) => ({
          onsetS: a.onsetS,
          durationS: a.durationS,
          label: a.label,
          code: a.code,
          author: a.author,
          channel: a.channel ?? null,
          note: a.note,
        }))
      : [],
    ...(options.withAnnotations && source.readings !== undefined ? { readings: source.readings } : {}),
  };
  await write(
    `{\n${Object.entries(head)
      .map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`)
      .join(",\n")},\n"samples": [`,
  );
  const masks: string[] = [];
  const total = sampleCounts.reduce((sum, n) => sum + n, 0) || 1;
  let written = 0;
  for (const [channel, channelHeader] of header.channels.entries()) {
    await write(channel === 0 ? "\n[" : ",\n[");
    const text = physicalText(channelHeader);
    const runs = new MaskRunBuilder();
    const count = sampleCounts[channel] ?? 0;
    for (let first = 0; first < count; first += SLAB) {
      throwIfCancelled(options.signal);
      const block = await source.read(channel, first, Math.min(SLAB, count - first));
      const reasons = reasonsOf(block.mask, block.samples.length);
      for (const run of block.mask) runs.add(first + run.first, run.count, run.reason);
      const cells: string[] = [];
      for (let i = 0; i < block.samples.length; i++) {
        const value = sure(block.samples[i]);
        cells.push(reasons[i] === 0 && Number.isFinite(value) ? text(value) : "null");
      }
      await write((first === 0 ? "" : ",") + cells.join(","));
      options.progress?.((written + first + block.samples.length) / total);
    }
    written += count;
    masks.push(JSON.stringify(options.withMask ? runs.done().map((r) => [r.first, r.count, r.reason]) : []));
    await write("]");
  }
  await write(`\n],\n"masks": [${masks.join(",\n")}]\n}\n`);
  await sink.close();
  options.progress?.(1);
}
