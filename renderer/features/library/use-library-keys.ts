import type { RefObject } from "react";
import { newestUndoable, undoPass, useJobs } from "../../state/jobs.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { type KeyBinding, useKeys } from "../../ui/keys.ts";
import { menuKeys } from "../../ui/menu-items.ts";
import { useWords } from "../../ui/words.ts";
import { archiveWords } from "./archive-words.ts";
import { isNothing } from "./chosen.ts";
import { chooseAnnotationsFor } from "./import-flow.ts";
import { passWords } from "./pass-words.ts";
import { studyWords } from "./study-words.ts";
import type { Actions, Standing } from "./use-actions.ts";
import type { Bin } from "./use-bin.ts";
import { libraryWords } from "./words.ts";

const PAGE_ROWS = 10;

export interface KeysOf {
  readonly standing: Standing;
  readonly actions: Actions;
  readonly bin: Bin;
  readonly count: number; // of the recordings that are meant
  readonly isOne: boolean; // the one that is shown is meant
  readonly search: RefObject<HTMLInputElement | null>;
  readonly name: RefObject<HTMLInputElement | null>;
  readonly openMenu: () => void;
  readonly clearFilter: (() => void) | undefined; // absent: none is on
}

/** Every key of the page. */
export function useLibraryKeys(of: KeysOf): void {
  const t = useWords(libraryWords);
  useKeys(t("title"), [
    ...useListKeys(of),
    ...useTickKeys(of),
    ...useActionKeys(of),
    ...useRecordingKeys(of),
    ...useViewKeys(of),
  ]);
}

function useListKeys({ standing: { list, rows, selected }, actions }: KeysOf): readonly KeyBinding[] {
  const t = useWords(libraryWords);
  const at = rows?.at;
  const move = (by: number): void => void list.selectAt(at === undefined ? 0 : at + by).catch(notifyFailure);
  return [
    { keys: "ArrowDown", what: t("next"), run: () => move(1) },
    { keys: "ArrowUp", what: t("previous"), run: () => move(-1) },
    { keys: "PageDown", what: `${t("next")} ×${PAGE_ROWS}`, run: () => move(PAGE_ROWS) },
    { keys: "PageUp", what: `${t("previous")} ×${PAGE_ROWS}`, run: () => move(-PAGE_ROWS) },
    { keys: "Enter", what: t("openKey"), run: actions.open, enabled: selected !== undefined, hint: true },
  ];
}

function useTickKeys({ standing: { rows, ticking } }: KeysOf): readonly KeyBinding[] {
  const t = useWords(libraryWords);
  const row = rows?.at === undefined ? undefined : rows.rowAt(rows.at);
  return [
    { keys: "Space", what: t("check"), run: () => row && ticking.toggle(row), enabled: row !== undefined },
    { keys: "Mod+A", what: t("selectAll"), run: ticking.toggleAll },
    {
      keys: "Escape",
      what: t("unselect"),
      run: ticking.clear,
      enabled: !isNothing(ticking.ticks),
      hint: true,
    },
  ];
}

/** Of one, or of as many as are meant. */
function useActionKeys({ actions, bin, count }: KeysOf): readonly KeyBinding[] {
  const t = useWords(libraryWords);
  const s = useWords(studyWords);
  const p = useWords(passWords);
  const pass = useJobs(newestUndoable);
  const isPassLast = pass?.pass !== undefined && !(bin.last !== undefined && bin.last.at > pass.pass.beganAt);
  const enabled = count > 0;
  const isMany = count > 1;
  return [
    {
      keys: "E",
      what: isMany ? t("exportMany", { count }) : t("export"),
      run: actions.exportThem,
      enabled,
    },
    { keys: "M", what: isMany ? s("predictMany", { count }) : s("predict"), run: actions.predict, enabled },
    { keys: "R", what: isMany ? s("analyseMany", { count }) : s("analyse"), run: actions.analyse, enabled },
    { keys: "U", what: isMany ? p("ucMany", { count }) : p("uc"), run: actions.takeUcOut, enabled },
    { keys: "Delete", what: isMany ? t("removeMany", { count }) : t("remove"), run: actions.remove, enabled },
    {
      keys: "Mod+Z",
      what: isPassLast ? p("undoKey") : t("undoRemove"),
      run: () => {
        if (isPassLast) undoPass(pass.jobId).catch(notifyFailure);
        else void bin.restore(bin.last);
      },
      enabled: isPassLast || bin.last !== undefined,
      hint: true,
    },
  ];
}

function useRecordingKeys({ standing, actions, count, isOne, name }: KeysOf): readonly KeyBinding[] {
  const t = useWords(libraryWords);
  const a = useWords(archiveWords);
  const { selected } = standing;
  const isMany = count > 1;
  return [
    { keys: "F2", what: t("name"), run: () => name.current?.select(), enabled: isOne },
    {
      keys: "A",
      what: t("addAnnotations"),
      run: () => selected && void chooseAnnotationsFor(selected.id),
      enabled: isOne,
    },
    {
      keys: "V",
      what: isMany ? t("verifyMany", { count }) : t("verify"),
      run: actions.verify,
      enabled: count > 0 && !actions.isVerifying,
    },
    { keys: "C", what: t("compareReaders"), run: actions.compare, enabled: count > 0 },
    {
      keys: "P",
      what: isMany ? a("pushMany", { count }) : a("push"),
      run: () => actions.push?.(),
      enabled: actions.push !== undefined && count > 0,
    },
    { keys: "B", what: t("readBlind"), run: actions.readBlind, enabled: isOne },
  ];
}

function useViewKeys({ search, openMenu, clearFilter }: KeysOf): readonly KeyBinding[] {
  const t = useWords(libraryWords);
  return [
    ...menuKeys.map((keys) => ({ keys, what: t("menuKey"), run: openMenu })),
    { keys: "/", what: t("searchKey"), run: () => search.current?.select(), hint: true },
    {
      keys: "Shift+Escape",
      what: t("clearFilter"),
      run: () => clearFilter?.(),
      enabled: clearFilter !== undefined,
    },
  ];
}
