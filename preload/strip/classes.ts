import { CtgEngine } from "../contract/ctg.ts";
import type { Words } from "../contract/label-set.ts";
import { ruleClasses } from "../contract/rule-sentences.ts";

/** The ramp of colours, the most reassuring first: a colour never stands without its letter. */
const ramp = ["class1", "class2", "class3", "class4", "class5"] as const;

interface Band {
  readonly name: Words;
  readonly rank: number;
}

/** Of variability, which has bands of its own: what is normal is calm, reduced and increased stand out. */
const bands: Readonly<Record<string, Band>> = {
  absent: { name: { en: "absent", ja: "消失" }, rank: 5 },
  reduced: { name: { en: "reduced", ja: "減少" }, rank: 3 },
  normal: { name: { en: "normal", ja: "正常" }, rank: 1 },
  increased: { name: { en: "increased", ja: "増加" }, rank: 4 },
};

export const isEngine = (scheme: string): scheme is CtgEngine => CtgEngine.safeParse(scheme).success;

/** How a class of a scheme is shown; `letter` is undefined where its name begins with it. */
export interface ClassLook {
  readonly name: Words;
  readonly letter: string | undefined;
  readonly colour: (typeof ramp)[number];
}

export function classLook(scheme: string, code: string): ClassLook {
  const known = isEngine(scheme) ? ruleClasses[scheme].find((one) => one.code === code) : undefined;
  const band: Band = bands[code] ?? { name: { en: code, ja: code }, rank: 1 };
  const { name, rank } = known ?? band;
  return { name, letter: known?.letter, colour: ramp[rank - 1] ?? "class1" };
}

/** As engines are called beside a ribbon. */
export const shortEngineNames: Readonly<Record<CtgEngine, Words>> = {
  "figo-2015": { en: "FIGO", ja: "FIGO" },
  "nichd-2008": { en: "NICHD", ja: "NICHD" },
  "jsog-2010": { en: "JSOG", ja: "JSOG" },
  antepartum: { en: "antepartum", ja: "分娩前" },
};
