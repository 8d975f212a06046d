import { type AntepartumReference, referenceRange } from "../../../preload/contract/ctg.ts";
import { AppError } from "../../../preload/contract/errors.ts";

type Week = AntepartumReference["weeks"][number];

/** Names of the columns in a file, in any order. */
const COLUMNS = { week: "week", p1_ms: "p1Ms", p10_ms: "p10Ms" } as const satisfies Readonly<
  Record<string, keyof Week>
>;
type ColumnName = keyof typeof COLUMNS;
const isColumn = (name: string): name is ColumnName => Object.hasOwn(COLUMNS, name);

/** A line of the file that says something, with its number from 1. */
interface Line {
  readonly text: string;
  readonly number: number;
}

/**
 * A table of centiles as a person supplies it: a head `week,p1_ms,p10_ms`, then a row a completed week of gestation. Lines
 * that begin with # are remarks, of which `# source: …` and `# name: …` are told with every result that rests upon the
 * table; without them the file is named. Commas, semicolons or tabs part the cells; with semicolons or tabs a decimal comma
 * is read too. Throws data/bad-reference with the line, what stands there and what is allowed.
 */
export function referenceFrom(text: string, file: string): AntepartumReference {
  const lines = text.split(/\r\n|\r|\n/).map((line, i): Line => ({ text: line.trim(), number: i + 1 }));
  const remarks = lines.filter(({ text: line }) => line.startsWith("#"));
  const [head, ...rows] = lines.filter(({ text: line }) => line !== "" && !line.startsWith("#"));
  const refuse = refusing(file);
  if (head === undefined) throw refuse({ line: 1, value: "", allowed: ALLOWED_HEAD });
  const separator = [";", "\t"].find((one) => head.text.includes(one)) ?? ",";
  const columns = cellsOf(head, separator).map((name) => name.toLowerCase());
  for (const name of Object.keys(COLUMNS))
    if (columns.filter((one) => one === name).length !== 1)
      throw refuse({ line: head.number, value: head.text, allowed: ALLOWED_HEAD });
  const read = rows.map((line) => ({ line, week: weekFrom(line, separator, columns, refuse) }));
  refuseTwice(read, refuse);
  if (read.length === 0) throw refuse({ line: head.number + 1, value: "", allowed: "a row a week" });
  return {
    name: remarkOf(remarks, "name") ?? file.slice(0, NAME_MOST),
    source: remarkOf(remarks, "source") ?? file.slice(0, SOURCE_MOST),
    weeks: read.map(({ week }) => week).sort((a, b) => a.week - b.week),
  };
}

const ALLOWED_HEAD = Object.keys(COLUMNS).join(",");
const [NAME_MOST, SOURCE_MOST] = [200, 500];

interface Wrong {
  readonly line: number;
  readonly column?: string;
  readonly value: string;
  readonly allowed: string;
}
type Refuse = (wrong: Wrong) => AppError;

const SHOWN = 80; // characters of what stands in the file

const refusing =
  (file: string): Refuse =>
  ({ line, column, value, allowed }) => {
    const shown = value.slice(0, SHOWN);
    const where = column === undefined ? "" : `${column} is `;
    return new AppError(
      "data/bad-reference",
      `${file}, line ${line}: ${where}"${shown}"; allowed: ${allowed}`,
      {
        ...{ file, line, value: shown, allowed },
        ...(column === undefined ? {} : { column }),
      },
    );
  };

const cellsOf = ({ text }: Line, separator: string): string[] =>
  text.split(separator).map((cell) =>
    cell
      .trim()
      .replace(/^"([^"]*)"$/, "$1")
      .trim(),
  );

function remarkOf(remarks: readonly Line[], name: "name" | "source"): string | undefined {
  const most = name === "name" ? NAME_MOST : SOURCE_MOST;
  for (const { text } of remarks) {
    const [key = "", ...said] = text.slice(1).split(":");
    const value = said.join(":").trim();
    if (key.trim().toLowerCase() === name && value !== "") return value.slice(0, most);
  }
  return undefined;
}

function weekFrom(line: Line, separator: string, columns: readonly string[], refuse: Refuse): Week {
  const cells = cellsOf(line, separator);
  const week: Week = { week: Number.NaN, p1Ms: Number.NaN, p10Ms: Number.NaN };
  for (const [i, column] of columns.entries()) {
    if (!isColumn(column)) continue;
    const value = cells[i] ?? "";
    const [low, high] = column === "week" ? referenceRange.week : referenceRange.ms;
    const number = numberIn(separator === "," ? value : value.replace(",", "."));
    const isRight = number >= low && number <= high && (column !== "week" || Number.isInteger(number));
    const allowed = `${low} to ${high}${column === "week" ? ", whole" : ""}`;
    if (!isRight) throw refuse({ line: line.number, column, value, allowed });
    week[COLUMNS[column]] = number;
  }
  if (week.p1Ms > week.p10Ms)
    throw refuse({
      ...{ line: line.number, column: "p1_ms", value: String(week.p1Ms) },
      allowed: `at most p10_ms, ${week.p10Ms}`,
    });
  return week;
}

const numberIn = (text: string): number =>
  /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(text) ? Number(text) : Number.NaN;

function refuseTwice(read: readonly { readonly line: Line; readonly week: Week }[], refuse: Refuse): void {
  const seen = new Map<number, number>(); // the line of a week
  for (const { line, week } of read) {
    const before = seen.get(week.week);
    if (before !== undefined)
      throw refuse({
        ...{ line: line.number, column: "week", value: String(week.week) },
        allowed: `each week once; it stands in line ${before} too`,
      });
    seen.set(week.week, line.number);
  }
}
