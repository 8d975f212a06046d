import type { ReactNode } from "react";
import type { PassCounts } from "../../../preload/contract/pass.ts";
import { errorLine } from "../../ui/said.ts";
import { useLanguage, useWords } from "../../ui/words.ts";
import { named } from "./chosen.ts";
import css from "./library.module.css";
import { passWords } from "./pass-words.ts";

/** What a pass leaves alone, and why. */
export function PassRest({ counts }: { readonly counts: PassCounts }): ReactNode {
  const t = useWords(passWords);
  const language = useLanguage();
  const { unchanged, noChannel, kept, unfinished, unfinishedNames, failed, failures } = counts;
  const names = named(unfinishedNames, language, 3, unfinished);
  const lines = [
    ["unchanged", unchanged > 0 && t("unchanged", { count: unchanged })],
    ["noChannel", noChannel > 0 && t("noChannel", { count: noChannel })],
    ["kept", kept > 0 && t("kept", { count: kept })],
    ["unfinished", unfinished > 0 && t("unfinished", { count: unfinished, names })],
    ["failed", failed > 0 && t("failed", { count: failed })],
  ] as const;
  const told = failures.slice(0, NAMED);
  if (lines.every(([, line]) => line === false)) return null;
  return (
    <ul className={css["list"]}>
      {lines.map(
        ([key, line]) =>
          line !== false && (
            <li key={key} className={css["dim"]} data-reason={key}>
              {line}
            </li>
          ),
      )}
      {told.map(({ recording, error }, i) => (
        <li key={`${i} ${recording}`} className={css["jobFile"]} data-state="failed">
          {recording}: {errorLine(error, language)} ({error.code})
        </li>
      ))}
      {failed > told.length && told.length > 0 && (
        <li className={css["jobFile"]}>{t("moreFailed", { count: failed - told.length })}</li>
      )}
    </ul>
  );
}

const NAMED = 5;
