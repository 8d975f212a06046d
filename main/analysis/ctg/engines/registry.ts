import { antepartum } from "./antepartum.ts";
import type { RuleEngine } from "./engine.ts";
import { figo } from "./figo.ts";
import { jsog } from "./jsog.ts";
import { nichd } from "./nichd.ts";

/** Every scheme of classification, in the order they are shown. */
export const engines: readonly RuleEngine[] = [figo, nichd, jsog, antepartum];
