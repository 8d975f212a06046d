import { useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from "react";
import type { LibraryCounts } from "../../../preload/contract/listing.ts";
import { request } from "../../bridge/client.ts";
import { useEvent, useRequest } from "../../bridge/hooks.ts";
import { exportHandled, useSession } from "../../state/session.ts";
import { ContextMenu, type MenuPlace } from "../../ui/context-menu.tsx";
import { length } from "../../ui/format.ts";
import { Inspector, TopBar } from "../../ui/slots.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Chip, Empty, Failure, Skeleton } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import { ChosenPanel } from "./chosen-panel.tsx";
import { ExportDialog } from "./export-dialog.tsx";
import { FilterRow, useFilterNames } from "./filter-row.tsx";
import { chooseAndImport, openSampleStudy } from "./import-flow.ts";
import css from "./library.module.css";
import { RecordingList, type ListState } from "./list.ts";
import { ArchiveButton, BinButton, ListTools } from "./list-tools.tsx";
import { meantBy } from "./meant.ts";
import { PassDialog } from "./pass-dialog.tsx";
import { menuPlaceOfRow } from "./recording-table.tsx";
import { allFiltersOff, wholeLibrary, type View } from "./rows.ts";
import { ShownRows } from "./shown-rows.tsx";
import { StudyDialog } from "./study-dialog.tsx";
import { useActions, useDialogs, useExportAsked } from "./use-actions.ts";
import { useBin } from "./use-bin.ts";
import { useLibraryKeys } from "./use-library-keys.ts";
import { useTicks } from "./use-ticks.ts";
import { Welcome } from "./welcome.tsx";
import { libraryWords } from "./words.ts";

export function LibraryPage(): ReactNode {
  const counts = useRequest("recordings.counts", {});
  const reading = useRecordingList(); // begun beside the counts, not after them
  const t = useWords(libraryWords);
  return (
    <div className={css["page"]} data-testid={testIds.libraryPage}>
      <TopBar>
        <h1>{t("title")}</h1>
        {counts.data && <LibraryFacts counts={counts.data} />}
      </TopBar>
      {counts.isError && <Failure error={counts.error} onRetry={() => void counts.refetch()} />}
      {counts.isPending && <Skeleton height={420} />}
      {counts.data?.recordings === 0 && <EmptyLibrary />}
      {counts.data !== undefined && counts.data.recordings > 0 && (
        <FilledLibrary all={counts.data.recordings} reading={reading} />
      )}
    </div>
  );
}

function LibraryFacts({ counts }: { readonly counts: LibraryCounts }): ReactNode {
  const t = useWords(libraryWords);
  const language = useLanguage();
  if (counts.recordings === 0) return null;
  return (
    <>
      <Chip>
        {t("recordings", { count: counts.recordings })} · {t("subjects", { count: counts.subjects })}
      </Chip>
      <Chip>{t("total", { length: length(counts.durationS, language) })}</Chip>
    </>
  );
}

function EmptyLibrary(): ReactNode {
  const t = useWords(libraryWords);
  const isWelcomed = useRequest("settings.get", {}).data?.welcomed;
  useEffect(exportHandled); // there is nothing to export
  if (isWelcomed === undefined) return null;
  if (!isWelcomed) return <Welcome />;
  return (
    <div className={css["hollow"]}>
      <Empty
        title={t("emptyTitle")}
        actions={
          <>
            <ActionButton
              primary
              keys="Mod+O"
              data-testid={testIds.importFiles}
              onClick={() => void chooseAndImport()}
            >
              {t("importLong")}
            </ActionButton>
            <ActionButton
              keys="Mod+Shift+S"
              data-testid={testIds.openSample}
              onClick={() => void openSampleStudy()}
            >
              {t("sample")}
            </ActionButton>
            <ArchiveButton />
            <BinButton />
          </>
        }
      >
        {t("emptyText")}
      </Empty>
    </div>
  );
}

interface ListReading {
  readonly list: RecordingList;
  readonly state: ListState;
}

/** The list, kept right as recordings come, change and go. */
function useRecordingList(): ListReading {
  const [list] = useState(() => new RecordingList(wholeLibrary, useSession.getState().recordingId));
  const state = useSyncExternalStore(list.watch, list.state);
  useEvent("recordings.changed", () => list.changed());
  useEvent("annotations.changed", () => list.changed());
  useEvent("settings.changed", () => list.changed()); // what is read blind stands elsewhere
  useEvent("recordings.grew", ({ id }) => void list.grew(id));
  useEffect(() => {
    list.show(wholeLibrary);
    return () => list.close();
  }, [list]);
  return { list, state };
}

/** Whoever has recordings has begun: a library that is emptied again is not a first start. */
function useBegun(): void {
  const isWelcomed = useRequest("settings.get", {}).data?.welcomed;
  useEffect(() => {
    if (isWelcomed === false) request("settings.set", { welcomed: true }).catch(() => undefined);
  }, [isWelcomed]);
}

function FilledLibrary({
  all,
  reading: { list, state },
}: {
  readonly all: number;
  readonly reading: ListReading;
}): ReactNode {
  const t = useWords(libraryWords);
  const [view, setView] = useState<View>(wholeLibrary);
  const [menu, setMenu] = useState<MenuPlace>();
  const search = useRef<HTMLInputElement>(null);
  const repairs = useRef<HTMLDivElement>(null);
  const name = useRef<HTMLInputElement>(null);
  useBegun();
  const change = (next: View): void => {
    setView(next);
    list.show(next);
  };
  const rows = state.list;
  const selected = rows?.at === undefined ? undefined : rows.rowAt(rows.at)?.recording;
  const ticking = useTicks(list, rows, view);
  const standing = { list, rows, view, selected, ticking };
  const bin = useBin();
  const dialogs = useDialogs();
  const actions = useActions(standing, { bin, dialogs });
  const ticked = ticking.selected;
  const count = meantBy(ticking.ticks, ticked, selected)?.count ?? 0;
  const isSeveral = ticked !== undefined && (count > 1 || ticked.first[0]?.id !== selected?.id);
  const filterNames = useFilterNames()(view).map(([, one]) => one);
  useExportAsked(rows !== undefined, actions.exportThem); // what is selected is known with the rows
  useLibraryKeys({
    ...{ standing, actions, bin, count, search, name },
    isOne: selected !== undefined && !isSeveral,
    openMenu: () => setMenu(menuPlaceOfRow(rows?.at)),
    clearFilter: filterNames.length > 0 ? () => change(allFiltersOff(view)) : undefined,
  });
  return (
    <>
      <ListTools view={view} onChange={change} search={search} />
      <FilterRow view={view} shown={rows?.shown ?? 0} all={all} onChange={change} />
      {state.error && <Failure error={state.error} onRetry={() => list.show(view)} />}
      <ShownRows
        {...{ standing, all, filterNames, repairs }}
        hasFailed={state.error !== undefined}
        onChange={change}
        onMenu={setMenu}
      />
      <ContextMenu title={t("menuKey")} groups={[t("title")]} place={menu} close={() => setMenu(undefined)} />
      <Inspector>
        <ChosenPanel {...{ standing, actions, isSeveral, repairs, name }} />
      </Inspector>
      <ExportDialog exported={dialogs.exported} onClose={() => dialogs.setExported(undefined)} />
      <StudyDialog chosen={dialogs.study} onClose={() => dialogs.setStudy(undefined)} />
      <PassDialog selection={dialogs.ruled} onClose={() => dialogs.setRuled(undefined)} />
    </>
  );
}
