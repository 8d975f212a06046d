/** Writes EDF and BDF byte by byte for tests, knowing nothing of the reader or the writer: wrong on request. */
export interface Part {
  readonly label: string | Uint8Array;
  readonly unit: string | Uint8Array;
  readonly phys: readonly [string, string];
  readonly dig: readonly [string, string];
  readonly perRecord: number;
  readonly transducer?: string;
  readonly prefilter?: string;
}

export interface Build {
  readonly parts: readonly Part[];
  readonly samples: readonly (readonly number[])[]; // by part, all records in a row
  readonly annotations?: readonly (readonly string[])[]; // by annotation signal, one text a record
  readonly isBdf?: boolean;
  readonly reserved?: string;
  readonly recordCount?: string;
  readonly duration?: string;
  readonly date?: string;
  readonly time?: string;
  readonly patient?: string;
  readonly recording?: string;
  readonly signalCount?: string;
  readonly headerBytes?: string;
}

export function build(file: Build): Uint8Array {
  const bytesPerSample = file.isBdf === true ? 3 : 2;
  const texts = (file.annotations ?? []).map((records) =>
    records.map((text) => new TextEncoder().encode(text)),
  );
  const room = texts.map((records) =>
    Math.ceil(Math.max(30, ...records.map(({ length }) => length)) / bytesPerSample),
  );
  const signals = file.parts.length + texts.length;
  const records =
    file.parts.length > 0 ? file.samples[0]!.length / file.parts[0]!.perRecord : texts[0]!.length;
  const out: number[] = [];
  const put = (value: string | Uint8Array, width: number): void => {
    const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
    for (let i = 0; i < width; i++) out.push(bytes[i] ?? 32);
  };
  const each = (values: readonly (string | Uint8Array)[], annotation: string, width: number): void => {
    for (const value of [...values, ...texts.map(() => annotation)]) put(value, width);
  };
  const base = file.isBdf === true ? "BDF" : "EDF";
  put(file.isBdf === true ? Uint8Array.from([0xff, ...new TextEncoder().encode("BIOSEMI")]) : "0", 8);
  put(file.patient ?? "", 80);
  put(file.recording ?? "a test", 80);
  put(file.date ?? "01.02.20", 8);
  put(file.time ?? "10.11.12", 8);
  put(file.headerBytes ?? String(256 * (signals + 1)), 8);
  put(file.reserved ?? "", 44);
  put(file.recordCount ?? String(records), 8);
  put(file.duration ?? "1", 8);
  put(file.signalCount ?? String(signals), 4);
  each(
    file.parts.map(({ label }) => label),
    `${base} Annotations`,
    16,
  );
  each(
    file.parts.map(({ transducer }) => transducer ?? ""),
    "",
    80,
  );
  each(
    file.parts.map(({ unit }) => unit),
    "",
    8,
  );
  each(
    file.parts.map(({ phys }) => phys[0]),
    "-1",
    8,
  );
  each(
    file.parts.map(({ phys }) => phys[1]),
    "1",
    8,
  );
  each(
    file.parts.map(({ dig }) => dig[0]),
    file.isBdf === true ? "-8388608" : "-32768",
    8,
  );
  each(
    file.parts.map(({ dig }) => dig[1]),
    file.isBdf === true ? "8388607" : "32767",
    8,
  );
  each(
    file.parts.map(({ prefilter }) => prefilter ?? ""),
    "",
    80,
  );
  for (const count of [...file.parts.map(({ perRecord }) => perRecord), ...room]) put(String(count), 8);
  each(
    file.parts.map(() => ""),
    "",
    32,
  );
  for (let record = 0; record < records; record++) {
    for (const [index, { perRecord }] of file.parts.entries()) {
      for (const value of file.samples[index]!.slice(record * perRecord, (record + 1) * perRecord)) {
        for (let byte = 0; byte < bytesPerSample; byte++) out.push((value >> (8 * byte)) & 255);
      }
    }
    for (const [index, list] of texts.entries()) {
      const bytes = list[record] ?? new Uint8Array();
      for (let i = 0; i < room[index]! * bytesPerSample; i++) out.push(bytes[i] ?? 0);
    }
  }
  return Uint8Array.from(out);
}
