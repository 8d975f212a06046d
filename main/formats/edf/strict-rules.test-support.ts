/**
 * The rules of the EDF+ and BDF+ standards for a file just written, as EDFlib and EDFbrowser check them. Written from
 * the standard alone: it shares no code with our reader or writer. Returns the rules broken, as sentences.
 */
export function brokenRules(bytes: Uint8Array): string[] {
  const broken: string[] = [];
  const rule = (holds: boolean, sentence: string): void => {
    if (!holds) broken.push(sentence);
  };
  const text = (from: number, length: number): string =>
    String.fromCharCode(...bytes.subarray(from, from + length));
  const isBdf = bytes[0] === 255;
  const width = isBdf ? 3 : 2;
  const [lowest, highest] = isBdf ? [-8388608, 8388607] : [-32768, 32767];
  rule(isBdf ? text(1, 7) === "BIOSEMI" : text(0, 8) === "0       ", "version");
  const signals = Number(text(252, 4));
  rule(Number.isInteger(signals) && signals >= 1, "number of signals");
  rule(text(184, 8).trim() === String(256 * (signals + 1)), "bytes in header");
  const from = isBdf ? 1 : 0;
  for (let at = from + (isBdf ? 7 : 0); at < 256 * (signals + 1); at++) {
    rule(bytes[at]! >= 32 && bytes[at]! <= 126, `header byte ${at} is ${bytes[at]!}`);
  }
  const reserved = text(192, 44);
  rule(
    /^(EDF|BDF)\+[CD] +$/.test(reserved) && reserved.startsWith(isBdf ? "BDF" : "EDF"),
    `reserved "${reserved}"`,
  );
  rule(/^\d\d\.\d\d\.(\d\d|yy)$/.test(text(168, 8)), "start date");
  rule(/^\d\d\.\d\d\.\d\d$/.test(text(176, 8)), "start time");
  const [day, month, year] = text(168, 8).split(".");
  const patient = text(8, 80).trimEnd().split(" ");
  rule(patient.length >= 4 && patient.every((item) => item !== ""), "patient field of four items");
  rule(/^[FMX]$/.test(patient[1] ?? ""), `sex "${patient[1] ?? ""}"`);
  const recording = text(88, 80).trimEnd().split(" ");
  rule(
    recording.length >= 5 && recording[0] === "Startdate" && recording.every((item) => item !== ""),
    "recording field of five items",
  );
  const long = /^(\d\d)-(JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)-(\d{4})$/.exec(recording[1] ?? "");
  rule(recording[1] === "X" || long !== null, `Startdate "${recording[1] ?? ""}"`);
  if (long !== null) {
    const name = ["", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"][
      Number(month)
    ];
    rule(long[1] === day && long[2] === name, "dates agree");
    rule(year === "yy" ? Number(long[3]) > 2084 : long[3]!.endsWith(year!), "years agree");
  }
  const number = /^-?\d+(\.\d+)?$/;
  const duration = text(244, 8).trim();
  rule(number.test(duration) && Number(duration) >= 0, `record duration "${duration}"`);

  const field = (start: number, length: number, signal: number): string =>
    text(256 + start * signals + length * signal, length);
  const labels: string[] = [];
  let recordBytes = 0;
  const annotations: { at: number; length: number }[] = [];
  for (let signal = 0; signal < signals; signal++) {
    const label = field(0, 16, signal);
    labels.push(label);
    const [physMin, physMax, digMin, digMax, perRecord] = [104, 112, 120, 128, 216].map((start) =>
      field(start, 8, signal),
    );
    for (const [name, value] of [
      ["physical minimum", physMin],
      ["physical maximum", physMax],
    ] as const) {
      rule(number.test(value!.trim()) && !value!.startsWith(" "), `signal ${signal} ${name} "${value!}"`);
    }
    rule(Number(physMin) !== Number(physMax), `signal ${signal} physical minimum equals maximum`);
    for (const value of [digMin, digMax])
      rule(
        /^-?\d+$/.test(value!.trim()) && Number(value) >= lowest && Number(value) <= highest,
        `signal ${signal} digital limit "${value!}"`,
      );
    rule(Number(digMin) < Number(digMax), `signal ${signal} digital minimum below maximum`);
    rule(
      /^\d+$/.test(perRecord!.trim()) && Number(perRecord) >= 1,
      `signal ${signal} samples a record "${perRecord!}"`,
    );
    const length = Number(perRecord) * width;
    if (/^[EB]DF Annotations$/.test(label.trimEnd())) {
      rule(label.trimEnd() === (isBdf ? "BDF Annotations" : "EDF Annotations"), "annotation label");
      rule(Number(digMin) === lowest && Number(digMax) === highest, "annotation digital limits");
      for (const [start, size] of [
        [16, 80],
        [96, 8],
        [136, 80],
      ] as const)
        rule(field(start, size, signal).trim() === "", "annotation text fields blank");
      annotations.push({ at: recordBytes, length });
    }
    recordBytes += length;
  }
  rule(annotations.length >= 1, "an annotation signal");
  rule(
    new Set(labels).size === labels.length ||
      labels.filter((label) => label.includes("Annotations")).length > 1,
    "labels differ",
  );
  const records = Number(text(236, 8));
  rule(Number.isInteger(records) && records >= 1, `number of records "${text(236, 8)}"`);
  rule(
    bytes.length === 256 * (signals + 1) + records * recordBytes,
    `file size ${bytes.length}, not ${256 * (signals + 1) + records * recordBytes}`,
  );
  if (broken.length > 0) return broken;

  let before = -Infinity;
  for (let record = 0; record < records; record++) {
    for (const [index, { at, length }] of annotations.entries()) {
      const start = 256 * (signals + 1) + record * recordBytes + at;
      const lists = decode(bytes.subarray(start, start + length), `record ${record}`, rule);
      if (index > 0) continue;
      const stamp = lists[0];
      rule(stamp !== undefined && stamp.texts[0] === "", `record ${record} opens with its start`);
      const onset = stamp?.onset ?? NaN;
      if (record === 0) rule(onset >= 0 && onset < 1, `record 0 starts at ${onset}`);
      else if (reserved[4] === "C")
        rule(
          Math.abs(onset - before - Number(duration)) < 1e-6,
          `record ${record} of EDF+C starts at ${onset}`,
        );
      else rule(onset - before >= Number(duration) - 1e-6, `record ${record} of EDF+D starts at ${onset}`);
      before = onset;
    }
  }
  return broken;
}

function decode(
  bytes: Uint8Array,
  where: string,
  rule: (holds: boolean, sentence: string) => void,
): { onset: number; texts: string[] }[] {
  const lists: { onset: number; texts: string[] }[] = [];
  let at = 0;
  while (at < bytes.length && bytes[at] !== 0) {
    const end = bytes.indexOf(0, at);
    rule(end !== -1, `${where}: a list without its zero`);
    const list = bytes.subarray(at, end === -1 ? bytes.length : end);
    const parts: string[] = [];
    let from = 0;
    for (let i = 0; i < list.length; i++) {
      if (list[i] !== 20) continue;
      parts.push(new TextDecoder("utf-8", { fatal: true }).decode(list.subarray(from, i)));
      from = i + 1;
    }
    rule(from === list.length, `${where}: a list ends with 0x14`);
    const [onset, duration] = (parts[0] ?? "").split("\x15");
    rule(/^[+-]\d+(\.\d+)?$/.test(onset ?? ""), `${where}: onset "${onset ?? ""}"`);
    rule(duration === undefined || /^\d+(\.\d+)?$/.test(duration), `${where}: duration "${duration ?? ""}"`);
    lists.push({ onset: Number(onset), texts: parts.slice(1) });
    at = end + 1;
  }
  rule(
    bytes.subarray(at).every((byte) => byte === 0),
    `${where}: unused bytes are zero`,
  );
  return lists;
}
