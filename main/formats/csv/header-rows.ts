/** Above the values a table may have rows of names, of units or rates below those, and a preamble above them. */
export interface HeaderRows {
  readonly count: number; // rows above the values
  readonly names: number | undefined; // the row of names
  readonly units: number | undefined;
  readonly rates: number | undefined; // a row of cells such as "1259.2593 Hz"
}

const MOST_ROWS = 50;
type Rows = readonly (readonly string[])[];

export interface CellTests {
  readonly isValue: (cell: string) => boolean;
  readonly isMissing: (cell: string) => boolean;
}

/** Where the values begin and which row names the columns; a person's choice wins over what is found. */
export function findHeaderRows(
  rows: Rows,
  tests: CellTests,
  given: { readonly headerRows?: number | undefined; readonly namesRow?: number | undefined } = {},
): HeaderRows {
  const atLeast = given.namesRow === undefined ? 0 : given.namesRow + 1;
  const count = Math.max(given.headerRows ?? countHeaderRows(rows, tests, atLeast), atLeast);
  const body = rows.slice(count);
  const used = usedColumns(body.length > 0 ? body : rows.slice(0, count), tests);
  const headers = rows.slice(0, count);
  const names = given.namesRow ?? namesAmong(headers, used);
  const below = headers.slice((names ?? -1) + 1);
  const at = (index: number): number | undefined => (index < 0 ? undefined : index + (names ?? -1) + 1);
  const rates = at(below.findIndex(isRow(isRate)));
  const units = at(below.findIndex((row) => isUnitsRow(row) || isShortRow(row)));
  return {
    count,
    names,
    units: names === undefined || units === rates ? undefined : units,
    rates: names === undefined ? undefined : rates,
  };
}

/**
 * Rows without a value, and rows of words over columns of numbers (`Sampling rate,1000` above `time,x`), up to the last
 * of them. A row of only missing values is data, unless such a row follows it.
 */
function countHeaderRows(rows: Rows, { isValue, isMissing }: CellTests, atLeast: number): number {
  const body = rows.slice(Math.max(atLeast, Math.floor(rows.length / 2)));
  const isNumeric = numericColumns(body, { isValue, isMissing });
  const width = usualWidth(body);
  let count = atLeast;
  let hasNames = atLeast > 0;
  for (let i = atLeast; i < Math.min(rows.length, MOST_ROWS); i++) {
    const row = rows[i] ?? [];
    const filled = row.filter((cell) => !isMissing(cell));
    const values = filled.filter(isValue).length;
    const against = row.filter(
      (cell, c) => isNumeric[c] === true && !isMissing(cell) && !isValue(cell),
    ).length;
    const isPair =
      against === values && isNumeric[0] === true && !isMissing(row[0] ?? "") && !isValue(row[0] ?? "");
    if (values === 0 && filled.length > 0) {
      count = i + 1;
      if (filled.length * 2 >= width) hasNames = true;
    } else if (against > values || (isPair && !hasNames)) count = i + 1;
    else if (filled.length > 0 && !isPair && row.length * 2 >= width) break;
  }
  return count;
}

function numericColumns(body: Rows, { isValue, isMissing }: CellTests): boolean[] {
  const values: number[] = [];
  const others: number[] = [];
  for (const row of body) {
    for (const [c, cell] of row.entries()) {
      if (isMissing(cell)) continue;
      const tally = isValue(cell) ? values : others;
      tally[c] = (tally[c] ?? 0) + 1;
    }
  }
  return Array.from(
    { length: Math.max(values.length, others.length) },
    (_, c) => (values[c] ?? 0) > (others[c] ?? 0),
  );
}

function usualWidth(rows: Rows): number {
  const counts = new Map<number, number>();
  for (const { length } of rows) counts.set(length, (counts.get(length) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0]?.[0] ?? 0;
}

const usedColumns = (rows: Rows, { isMissing }: CellTests): ReadonlySet<number> =>
  new Set(rows.flatMap((row) => row.flatMap((cell, c) => (isMissing(cell) ? [] : [c]))));

/** The last row that fills at least half of the used columns and is not one of units or rates. */
function namesAmong(headers: Rows, used: ReadonlySet<number>): number | undefined {
  const fill = (row: readonly string[]): number =>
    row.filter((cell, c) => used.has(c) && cell.trim() !== "").length;
  const full = headers.flatMap((row, i) => (fill(row) > 0 && fill(row) * 2 >= used.size ? [i] : []));
  const named = full.filter((i) => {
    const row = headers[i] ?? [];
    return (
      !isUnitsRow(row) && !isRow(isRate)(row) && !isRow(isPeriod)(row) && !repeatsUnder(headers, i, full)
    );
  });
  return named.at(-1) ?? full[0];
}

/** `kPa,kPa,kPa` under a row of names that do not repeat: units, whatever they are. */
function repeatsUnder(headers: Rows, at: number, full: readonly number[]): boolean {
  const above = full.filter((i) => i < at).at(-1);
  if (above === undefined) return false;
  const cells = (i: number): string[] =>
    (headers[i] ?? []).map((cell) => cell.trim()).filter((cell) => cell !== "");
  const distinct = (i: number): number => new Set(cells(i)).size;
  return (
    distinct(at) < cells(at).length &&
    distinct(above) === cells(above).length &&
    cells(at).every((cell) => cell.length <= 12)
  );
}

const knownUnits = new Set(
  (
    "s ms us µs μs ns min h sec msec v mv uv µv μv nv kv a ma ua µa μa g mg hz khz bpm /min 1/min min-1 mmhg kpa hpa pa " +
    "% %mvc mvc deg ° deg/s °/s rad rad/s m/s2 m/s^2 m/s² mm cm m n nm n·m kg count counts adc raw au a.u. ut µt μt gauss " +
    "mgauss ohm kohm °c 秒 ミリ秒 分 回/分 拍/分 度 任意単位 - n/a"
  ).split(" "),
);

/** A unit without its brackets. */
export function bareUnit(cell: string): string {
  const text = cell.trim();
  const isBracketed = "[(（［".includes(text.charAt(0)) && "])）］".includes(text.at(-1) ?? "");
  return text !== "" && isBracketed ? text.slice(1, -1).trim() : text;
}

const isUnit = (cell: string): boolean =>
  bareUnit(cell) !== cell.trim() || knownUnits.has(cell.trim().toLowerCase());

/** At least half of a row's cells are so: to the right of a row of rates, names of something else may begin. */
const isRow =
  (test: (cell: string) => boolean) =>
  (row: readonly string[]): boolean => {
    const filled = row.filter((cell) => cell.trim() !== "");
    return filled.length > 0 && filled.filter(test).length * 2 >= filled.length;
  };
/** Short cells of which at least half are units: nobody knows them all. */
function isUnitsRow(row: readonly string[]): boolean {
  const filled = row.map((cell) => cell.trim()).filter((cell) => cell !== "");
  return (
    filled.length > 0 &&
    filled.every((cell) => cell.length <= 12) &&
    filled.filter(isUnit).length * 2 >= filled.length
  );
}
function isShortRow(row: readonly string[]): boolean {
  const filled = row.map((cell) => cell.trim()).filter((cell) => cell !== "");
  return filled.length > 0 && filled.every((cell) => cell.length <= 12 && measureOf(cell) === undefined);
}

/** A number and its unit: `1259.2593 Hz`. */
export function measureOf(cell: string): { readonly value: number; readonly unit: string } | undefined {
  const text = cell.trim();
  if (text.length > 40) return undefined;
  let end = 0;
  while (end < text.length && "+-.0123456789eE".includes(text.charAt(end))) end++;
  const value = end === 0 ? NaN : Number(text.slice(0, end));
  const unit = text.slice(end).trim();
  return Number.isNaN(value) || unit === "" ? undefined : { value, unit };
}

const inHertz = new Map([
  ["hz", 1],
  ["khz", 1000],
  ["sps", 1],
  ["samples/s", 1],
  ["1/s", 1],
]);

/** Samples a second of a cell such as `148.1481 Hz` or `2 kHz`; undefined for other cells, and for rates that are none. */
export function rateOf(cell: string): number | undefined {
  const measure = measureOf(cell);
  const rate = (measure?.value ?? NaN) * (inHertz.get(measure?.unit.toLowerCase() ?? "") ?? NaN);
  return rate > 0 && Number.isFinite(rate) ? rate : undefined;
}
const isRate = (cell: string): boolean => inHertz.has(measureOf(cell)?.unit.toLowerCase() ?? "");
const isPeriod = (cell: string): boolean => ["s", "ms"].includes(measureOf(cell)?.unit.toLowerCase() ?? "");
