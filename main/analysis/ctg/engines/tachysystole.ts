import type { Reason } from "../../../../preload/contract/verdict.ts";
import type { Evidence } from "../trace.ts";
import { uterineMinutes, type UterineMinute } from "../uterine-activity.ts";
import { reasonOf, type Told } from "./engine.ts";

/** Tachysystole at the end of each minute, as reasons and no part of a class. Counted when the first reason is asked for. */
export function tachysystoleBy(
  guideline: "figo" | "nichd",
  { minutes, contractions, decelerations }: Evidence,
): (minute: number) => ReturnType<Told> {
  let counted: readonly UterineMinute[] | undefined;
  return (minute) => {
    counted ??= uterineMinutes(minutes, contractions, decelerations);
    const uterus = counted[minute];
    return uterus === undefined ? [] : reasonsOf(guideline, uterus);
  };
}

function reasonsOf(guideline: "figo" | "nichd", uterus: UterineMinute): Reason[] {
  const { per10Min, isTachysystole, isTachysystoleFigo, hasDecelerations } = uterus;
  const reasons: Reason[] = [];
  if (isTachysystole === true) {
    const values = { rate: Number((per10Min ?? 0).toFixed(1)) };
    reasons.push(reasonOf("TACHYSYSTOLE", values, "ACOG/NICHD: tachysystole", "verified"));
  } else if (guideline === "figo" && isTachysystoleFigo === true)
    reasons.push(reasonOf("TACHYSYSTOLE_TWICE", {}, "FIGO 2015: tachysystole", "recalled"));
  if (reasons.length > 0 && hasDecelerations)
    reasons.push(reasonOf("TACHYSYSTOLE_DECELERATIONS", {}, "ACOG/NICHD: tachysystole", "verified"));
  return reasons;
}
