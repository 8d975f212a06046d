import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { MethodCheck } from "../check.ts";

/** What SisPorto measures of each stretch: counts, variabilities and the histogram. */
const FEATURES = [
  ...["LB", "AC", "FM", "UC", "ASTV", "MSTV", "ALTV", "MLTV", "DL", "DS", "DP"],
  ...["Width", "Min", "Max", "Nmax", "Nzeros", "Mode", "Mean", "Median", "Variance", "Tendency"],
] as const;

/** The features of the UCI table could be compared with ours only if the samples they were measured on were there. */
export const ctgUci: MethodCheck = {
  id: "ctg-uci",
  about: "Whether the SisPorto features of the UCI set can be recomputed",
  run({ data }) {
    const folder = join(data(), "ctg-uci");
    const files = readdirSync(folder);
    const signals = files.filter((name) => !name.endsWith(".csv"));
    const [names = [], ...rows] = readFileSync(join(folder, "ctg.csv"), "utf8")
      .trim()
      .split(/\r?\n/)
      .map((line) => line.split(","));
    const told = FEATURES.filter((feature) => names.includes(feature)).length;
    const recordings = new Set(rows.map(([file]) => file)).size;
    return [
      {
        what: "SisPorto features recomputed",
        value:
          `none of ${told}: ${rows.length} stretches of ${recordings} recordings are a table of results; ` +
          `of the recordings themselves ${signals.length} files are here`,
        expected: "where the raw data allow",
        pass: signals.length === 0,
        ...{ evidence: "computed", source: "data README 1.4" },
      },
    ];
  },
};
