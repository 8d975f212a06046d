import type { Channel } from "../../preload/contract/recording.ts";
import { common } from "./common-words.ts";
import { translate, type Language } from "./words.ts";

/** `uV` as it is written on paper. */
const displayUnit = (unit: string): string => unit.replace(/^u(?=[VAg]|mol|s$)/, "µ");

/** A unit as it is read. An external tocodynamometer has none: its numbers are relative, whatever the file calls them. */
export const unitText = (language: Language, { role, unit }: Pick<Channel, "role" | "unit">): string =>
  role === "uc" && !/mmhg|kpa/i.test(unit) ? translate(common, language)("relativeUnit") : displayUnit(unit);
