import { z } from "zod";

const text = z.string().max(200);
const perChannel = z.union([z.number(), z.array(z.number()).max(64)]);

/** What a device says of itself. Everything may be absent, and what is not named here is left out. */
const DeviceInfo = z.object({
  name: text.optional(),
  serial: text.optional(),
  fw: text.optional(),
  rate: z.union([z.number().positive(), z.tuple([z.number().positive(), z.number().positive()])]).optional(), // Hz, or an exact fraction
  labels: z.array(text).max(64).optional(),
  units: z.union([text, z.array(text).max(64)]).optional(),
  scale: perChannel.optional(),
  offset: perChannel.optional(),
  gain: perChannel.optional(),
  counterBits: z.number().int().optional(),
});
export type DeviceInfo = z.output<typeof DeviceInfo>;

const Facts = z.record(z.string().max(100), z.union([z.string().max(1000), z.number(), z.boolean()]));

function parsed<T>(schema: z.ZodType<T>, content: Uint8Array): T | undefined {
  try {
    const json: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content));
    return schema.safeParse(json).data;
  } catch {
    return undefined; // no text, or no JSON
  }
}

/** undefined: it is not what an info frame holds. */
export const infoOf = (content: Uint8Array): DeviceInfo | undefined => parsed(DeviceInfo, content);

/** Facts of a status frame: a JSON object of texts and numbers. */
export function factsOf(content: Uint8Array): Record<string, string> | undefined {
  const facts = parsed(Facts, content);
  return facts && Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, String(value)]));
}

export const rateOf = ({ rate }: DeviceInfo): number | undefined =>
  typeof rate === "object" ? rate[0] / rate[1] : rate;

/** Everything said, as facts. */
export const infoFacts = (info: DeviceInfo): Record<string, string> =>
  Object.fromEntries(
    Object.entries(info).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : String(value)]],
    ),
  );
