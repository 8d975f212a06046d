import { useSyncExternalStore, type ReactNode } from "react";
import { savingNow, watchSaving } from "../bridge/client.ts";
import { useRequest, useSummary } from "../bridge/hooks.ts";
import { runOnPage, useLiveRuns } from "../state/runs.ts";
import { goTo, useSession } from "../state/session.ts";
import { percent } from "../ui/format.ts";
import { useKeyGroups } from "../ui/keys.ts";
import { testIds } from "../ui/test-ids.ts";
import { Keys } from "../ui/widgets.tsx";
import { useWords } from "../ui/words.ts";
import css from "./shell.module.css";
import { shell } from "./words.ts";

const savingWords = { saved: "saved", saving: "saving", failed: "notSaved" } as const;
const HINTS = 4;

/** What is saved, which model and engine are in use, and the next keys. */
export function FootBar({
  setSlot,
  onShowKeys,
}: {
  readonly setSlot: (element: HTMLElement | null) => void;
  readonly onShowKeys: () => void;
}): ReactNode {
  const t = useWords(shell);
  const saving = useSyncExternalStore(watchSaving, savingNow);
  const session = useSession();
  const reads = useRequest("runs.reads", {}).data;
  const open = useSummary(session.recordingId);
  const runs = useRequest("runs.list", {}).data ?? [];
  const live = useLiveRuns((one) => Object.values(one.progress).find(({ phase }) => phase !== "waiting"));
  const run = runOnPage(runs, session, { open, reads });
  const trained = runs.find((one) => one.id === live?.runId);
  const hints = useKeyGroups()
    .flatMap((group) => group.bindings)
    .filter((one) => one.hint === true && one.enabled !== false)
    .slice(-HINTS);
  return (
    <footer className={css["foot"]}>
      <span className={css["saved"]} data-testid={testIds.savedState} data-state={saving} role="status">
        <span className={css["dot"]} data-state={saving} />
        {t(savingWords[saving])}
      </span>
      <span className={css["footPart"]}>{run ? t("model", { name: run.config.name }) : t("noModel")}</span>
      {run?.engine && <span className={css["footPart"]}>{t("engine", { name: run.engine.name })}</span>}
      {live && (
        <button type="button" className={css["footLink"]} onClick={() => goTo("train")}>
          {t("training", { name: trained?.config.name ?? "", percent: percent(live.done, 0) })}
        </button>
      )}
      <span className={css["footSlot"]} ref={setSlot} />
      <span className={css["hints"]}>
        {hints.map((one) => (
          <span key={one.keys + one.what} className={css["hint"]}>
            {one.what} <Keys keys={one.keys} />
          </span>
        ))}
        <button type="button" className={css["hint"]} onClick={onShowKeys}>
          {t("allKeys")} <Keys keys="?" />
        </button>
      </span>
    </footer>
  );
}
