/** Writes XDF chunk by chunk for tests and the fuzzer, knowing nothing of the reader: wrong on request. */
export type Part =
  | { readonly file: string } // XML inside <info>
  | { readonly header: number; readonly xml: string } // a stream's number, XML inside <info>
  | { readonly samples: number; readonly bytes: readonly number[]; readonly count?: number }
  | { readonly offset: number; readonly time: number; readonly value: number }
  | { readonly boundary: true }
  | { readonly footer: number; readonly xml: string }
  | { readonly raw: readonly number[] };

const text = (value: string): number[] => [...new TextEncoder().encode(value)];
const le = (size: number, set: (view: DataView) => void): number[] => {
  const bytes = new Uint8Array(size);
  set(new DataView(bytes.buffer));
  return [...bytes];
};
export const u32 = (value: number): number[] => le(4, (view) => view.setUint32(0, value, true));
export const f64 = (value: number): number[] => le(8, (view) => view.setFloat64(0, value, true));
export const f32 = (value: number): number[] => le(4, (view) => view.setFloat32(0, value, true));
export const i16 = (value: number): number[] => le(2, (view) => view.setInt16(0, value, true));
export const word = (value: string): number[] => [1, text(value).length, ...text(value)];

/** A sample with its stamp, or with none: then it follows the last by the nominal period. */
export const sample = (stamp: number | undefined, ...values: readonly (readonly number[])[]): number[] => [
  ...(stamp === undefined ? [0] : [8, ...f64(stamp)]),
  ...values.flat(),
];

const xml = (inside: string): number[] => text(`<?xml version="1.0"?><info>${inside}</info>`);
const boundary = [
  0x43, 0xa5, 0x46, 0xdc, 0xcb, 0xf5, 0x41, 0x0f, 0xb3, 0x0e, 0xd5, 0x46, 0x73, 0x83, 0xcb, 0xe4,
];

export function buildXdf(parts: readonly Part[]): Uint8Array<ArrayBuffer> {
  const chunk = (tag: number, content: readonly number[]): number[] => [
    4,
    ...u32(content.length + 2),
    tag,
    0,
    ...content,
  ];
  const bytes = parts.flatMap((part): readonly number[] => {
    if ("raw" in part) return part.raw;
    if ("file" in part) return chunk(1, xml(part.file));
    if ("header" in part) return chunk(2, [...u32(part.header), ...xml(part.xml)]);
    if ("samples" in part) return chunk(3, [...u32(part.samples), 4, ...u32(part.count ?? 1), ...part.bytes]);
    if ("offset" in part) return chunk(4, [...u32(part.offset), ...f64(part.time), ...f64(part.value)]);
    if ("footer" in part) return chunk(6, [...u32(part.footer), ...xml(part.xml)]);
    return chunk(5, boundary);
  });
  return Uint8Array.from([...text("XDF:"), ...bytes]);
}

export const streamXml = (
  name: string,
  type: string,
  shape: {
    readonly channels: number;
    readonly rate: number;
    readonly format: string;
    readonly desc?: string;
  },
): string =>
  `<name>${name}</name><type>${type}</type><channel_count>${shape.channels}</channel_count>` +
  `<nominal_srate>${shape.rate}</nominal_srate><channel_format>${shape.format}</channel_format>` +
  `<desc>${shape.desc ?? ""}</desc>`;

/** An EMG of two channels with a gap and a clock, an integer stream, markers in words and in numbers. */
export function smallXdf(): Uint8Array<ArrayBuffer> {
  const label = (name: string): string =>
    `<channel><label>${name}</label><unit>microvolts</unit><type>EMG</type></channel>`;
  const run = (count: number, from: number, make: (i: number) => readonly (readonly number[])[]): number[] =>
    Array.from({ length: count }, (_, i) => sample(i === 0 ? from : undefined, ...make(i))).flat();
  return buildXdf([
    { file: "<version>1.0</version><datetime>2024-03-05T12:13:14+0900</datetime>" },
    {
      header: 1,
      xml: streamXml("Amp", "EMG", {
        channels: 2,
        rate: 50,
        format: "float32",
        desc: `<channels>${label("Biceps")}${label("Tri &amp; ceps")}</channels>`,
      }),
    },
    { header: 2, xml: streamXml("Box", "Misc", { channels: 1, rate: 10, format: "int16" }) },
    { header: 3, xml: streamXml("Words", "Markers", { channels: 2, rate: 0, format: "string" }) },
    { header: 4, xml: streamXml("Keys", "Events", { channels: 1, rate: 0, format: "int16" }) },
    { offset: 1, time: 100, value: -0.01 },
    {
      samples: 1,
      count: 60,
      bytes: run(60, 100, (i) => [f32(Math.sin(i / 5) * 100), f32(i === 7 ? NaN : i)]),
    },
    { samples: 2, count: 30, bytes: run(30, 100.1, (i) => [i16(i - 15)]) },
    {
      samples: 3,
      count: 2,
      bytes: [...sample(101, word("move"), word("左")), ...sample(102, word("rest"), word(""))],
    },
    { boundary: true },
    { offset: 1, time: 105, value: -0.01 },
    { samples: 4, bytes: sample(101.5, i16(7)) },
    { samples: 1, count: 50, bytes: run(50, 130, (i) => [f32(i), f32(-i)]) },
    { offset: 1, time: 131, value: -0.01 },
    { footer: 1, xml: "<sample_count>110</sample_count>" },
  ]);
}
