import { useState } from "react";
import type { Selection } from "../../../preload/contract/listing.ts";
import { request } from "../../bridge/client.ts";
import { notify, notifyFailure } from "../../ui/notify.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import { named } from "./chosen.ts";
import { idsOf } from "./ids-of.ts";
import { libraryWords } from "./words.ts";

/** Recordings that a message may name. */
const NAMED = 4;

/** Compares every block with its checksum, and says of which recordings some are damaged. */
export function useVerify() {
  const t = useWords(libraryWords);
  const language = useLanguage();
  const [isRunning, setRunning] = useState(false);
  const start = async (selection: Selection) => {
    setRunning(true);
    const checked: string[] = [];
    const bad = new Map<string, number>(); // damaged blocks, by recording
    let failure: unknown;
    try {
      for await (const id of idsOf(selection)) {
        const { damagedBlocks } = await request("recordings.checksum", { id });
        if (damagedBlocks > 0) bad.set(id, damagedBlocks);
        checked.push(id);
      }
    } catch (error) {
      failure = error;
    }
    setRunning(false);
    const told = (bad.size > 0 ? [...bad.keys()] : checked).slice(0, NAMED);
    const names = await request("recordings.names", { ids: told }).catch((): Record<string, string> => ({}));
    const namesOf = (count: number) =>
      named(
        told.map((id) => names[id] ?? id),
        language,
        3,
        count,
      );
    const damaged = [...bad.values()].reduce((sum, one) => sum + one, 0);
    if (bad.size > 0) notify(t("verifyBad", { count: damaged, names: namesOf(bad.size) }));
    else if (checked.length > 0)
      notify(t("verifyGood", { count: checked.length, names: namesOf(checked.length) }));
    if (failure !== undefined) notifyFailure(failure);
  };
  return { isRunning, start };
}
