/** A signal of a made-up Delsys or Noraxon export. */
export interface VendorSignal {
  readonly sensor: string;
  readonly name: string;
  readonly unit: string;
  readonly rate: number;
  readonly seconds: number;
}

/** The value of a sample, different in every column so that a mixed-up column shows. */
export const valueAt = (column: number, sample: number): number =>
  Number(((column + 1) * 1e-3 * Math.sin(sample / 7) + (column + 1) * 1e-4).toPrecision(8));

const count = ({ rate, seconds }: VendorSignal): number => Math.floor(rate * seconds);

function body(
  signals: readonly VendorSignal[],
  cells: (signal: VendorSignal, column: number, sample: number) => readonly string[],
  padding: readonly string[],
  separator: string,
): string {
  const rows = Math.max(...signals.map(count));
  return Array.from({ length: rows }, (_, i) =>
    signals.flatMap((one, c) => (i < count(one) ? cells(one, c, i) : padding)).join(separator),
  ).join("\n");
}

export interface EmgWorksOptions {
  readonly preamble?: boolean;
  readonly padding?: "" | "0";
  readonly timeDigits?: number;
}

/** EMGworks: a pair of columns a signal, `X[s]` and the value; slower signals are padded below their end. */
export function emgWorksTable(
  signals: readonly VendorSignal[],
  { preamble = false, padding = "", timeDigits = 15 }: EmgWorksOptions = {},
): string {
  const label = ({ sensor, name }: VendorSignal): string => `${sensor}: ${name}`;
  const lines = signals.map(
    (one) =>
      `Label: ${label(one)} Sampling frequency: ${one.rate.toFixed(2)} Number of points: ${count(one)} start: 0 Unit: ${one.unit} Domain Unit: s`,
  );
  const names = signals.map((one) => `X[s],"${label(one)}"`).join(",");
  const time = (rate: number, i: number): string => String(Number((i / rate).toFixed(timeDigits)));
  const rows = body(
    signals,
    (one, c, i) => [time(one.rate, i), String(valueAt(c, i))],
    [padding, padding],
    ",",
  );
  return `${preamble ? `${lines.join("\n")}\n\n` : ""}${names}\n${rows}\n`;
}

export interface DiscoverOptions {
  readonly times?: boolean;
  readonly version?: string;
  readonly rates?: boolean;
  readonly periods?: boolean;
  readonly events?: readonly number[];
  readonly date?: string;
}

/** Trigno Discover: six to eight rows above the values, sensors named once before their columns, events to the right. */
export function discoverTable(
  signals: readonly VendorSignal[],
  {
    times = true,
    version = "2.1.0.7",
    rates = true,
    periods = true,
    events = [],
    date = "2026/09/29 15:50:51",
  }: DiscoverOptions = {},
): string {
  const pair = (cell: string): readonly string[] => (times ? ["", cell] : [cell]);
  const wide = (first: string): readonly string[] => (times ? [first, ""] : [first]);
  const head = [
    ["Application:", `Trigno Discover (${version})`],
    ["Date/Time:", date],
    ["Collection Length (seconds):", String(Math.max(...signals.map((s) => s.seconds)))],
    signals.flatMap((s, i) => wide(signals[i - 1]?.sensor === s.sensor ? "" : s.sensor)),
    signals.flatMap((s, i) => wide(signals[i - 1]?.sensor === s.sensor ? "" : "sensor mode: 65")),
    signals.flatMap((s) =>
      times ? [`${s.name} Time Series (s)`, `${s.name} (${s.unit})`] : [`${s.name} (${s.unit})`],
    ),
    ...(rates ? [signals.flatMap((s) => pair(`${s.rate.toFixed(4)} Hz`))] : []),
    ...(periods ? [signals.flatMap((s) => pair(`${(1 / s.rate).toFixed(6)} s`))] : []),
  ];
  if (events.length > 0) head[head.length - 1]?.push("", "Type", "Name", "Label", "Time (s)", "RMS");
  const rows = Math.max(...signals.map(count));
  const lines = Array.from({ length: rows }, (_, i) => {
    const cells = signals.flatMap((s, c) => {
      if (i >= count(s)) return times ? ["", ""] : [""];
      const value = String(valueAt(c, i));
      return times ? [(i / s.rate).toFixed(7), value] : [value];
    });
    if (i < events.length) cells.push("", "General", `E${i + 1}`, `E${i + 1}`, String(events[i]), "0.5");
    return cells.join(", ");
  });
  return [...head.map((row) => row.join(", ")), ...lines, ""].join("\n");
}

/** Noraxon MR with a decimal comma: two rows above the names, the rate in the second, one time column. */
export function noraxonTable(signals: readonly VendorSignal[]): string {
  const comma = (x: number): string => String(x).replace(".", ",");
  const [first] = signals;
  if (first === undefined) return "";
  const rows = Array.from({ length: count(first) }, (_, i) =>
    [comma(Number((i / first.rate).toFixed(6))), ...signals.map((_, c) => comma(valueAt(c, i)))].join(";"),
  );
  return [
    '"name";"type";"frequency";"count"',
    `"Trial 1";"EMG";"${comma(first.rate)}";"${rows.length}"`,
    ["time", ...signals.map((s) => `${s.sensor} (${s.unit})`)].map((name) => `"${name}"`).join(";"),
    ...rows,
    "",
  ].join("\r\n");
}

const [EMG, ACC] = [26 / 0.0135, 2 / 0.0135]; // 1925.93 and 148.15 Hz: samples a frame of 13.5 ms

/** Two sensors, an EMG and an accelerometer channel each. */
export const trignoSignals = (seconds = 3): VendorSignal[] =>
  ["Avanti sensor 1", "Avanti sensor 2"].flatMap((sensor, i) => [
    { sensor, name: `EMG ${i + 1}`, unit: "V", rate: EMG, seconds },
    { sensor, name: `ACC.X ${i + 1}`, unit: "g", rate: ACC, seconds },
  ]);
