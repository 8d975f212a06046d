import { Button, SegmentedControl, Select } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useCallback, useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from "react";
import { errorFrom } from "../../../preload/contract/errors.ts";
import {
  PAGE_MOST,
  type LibraryCounts,
  type Selected,
  type Selection,
} from "../../../preload/contract/listing.ts";
import type { RecordingSummary } from "../../../preload/contract/recording.ts";
import { request } from "../../bridge/client.ts";
import { useEvent, useRequest } from "../../bridge/hooks.ts";
import { useCluster } from "../../state/cluster.ts";
import { readBlind, useReadBlind } from "../../state/blind.ts";
import { exportHandled, goTo, openAgreement, openRecording, useSession } from "../../state/session.ts";
import { useSettings } from "../../state/settings.ts";
import { common } from "../../ui/common-words.ts";
import { ContextMenu, type MenuPlace } from "../../ui/context-menu.tsx";
import { length } from "../../ui/format.ts";
import { useKeys } from "../../ui/keys.ts";
import { menuKeys } from "../../ui/menu-items.ts";
import { hideNote, notify, notifyFailure, notifyUndoable } from "../../ui/notify.tsx";
import { Inspector, TopBar } from "../../ui/slots.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Chip, Empty, Failure, Skeleton } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import { archiveWords } from "./archive-words.ts";
import { isNothing, isTicked, named, nothing, passing, toggled } from "./chosen.ts";
import { ExportDialog, type Exported } from "./export-dialog.tsx";
import { FilterRow, useFilterNames } from "./filter-row.tsx";
import { chooseAndImport, chooseAnnotationsFor, openSampleStudy } from "./import-flow.ts";
import { idsOf } from "./ids-of.ts";
import css from "./library.module.css";
import { usePush } from "./push.ts";
import { RecordingInspector } from "./recording-inspector.tsx";
import { RecordingTable } from "./recording-table.tsx";
import { RecordingList, type List, type ListRow, type ListState } from "./list.ts";
import { allFiltersOff, filters, isSameFilter, sortedBy, wholeLibrary, type View } from "./rows.ts";
import { SearchField } from "./search-field.tsx";
import { SelectionPanel } from "./selection-panel.tsx";
import { type StudyChosen, StudyDialog } from "./study-dialog.tsx";
import { studyWords } from "./study-words.ts";
import { Welcome } from "./welcome.tsx";
import { libraryWords } from "./words.ts";

const PAGE_ROWS = 10;
/** Recordings that a message may name. */
const NAMED = 4;

export function LibraryPage(): ReactNode {
  const counts = useRequest("recordings.counts", {});
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
        <FilledLibrary all={counts.data.recordings} />
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

/** Leads to the bin and says how much is in it. */
function BinButton(): ReactNode {
  const t = useWords(libraryWords);
  const recordings = useRequest("recordings.counts", {}).data?.binned ?? 0;
  const runs = useRequest("runs.bin", {}).data?.length ?? 0;
  const count = recordings + runs;
  return (
    <Button
      variant="default"
      aria-label={count > 0 ? t("binCount", { count }) : t("bin")}
      title={t("binOpen")}
      data-testid={testIds.openBin}
      onClick={() => goTo("bin")}
    >
      <IconTrash size={15} aria-hidden />
      {count > 0 && <span className={css["count"]}>{count}</span>}
    </Button>
  );
}

/** Leads to the archive of a department, where one is connected. */
function ArchiveButton(): ReactNode {
  const a = useWords(archiveWords);
  if (useCluster().name === null) return null;
  return (
    <Button
      variant="default"
      aria-keyshortcuts="Control+9"
      title={a("openKey")}
      data-testid={testIds.openArchive}
      onClick={() => goTo("archive")}
    >
      {a("open")}
    </Button>
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

/** Recordings that are meant by an action: how many, and what the first of them are called. */
interface Meant {
  readonly selection: Selection;
  readonly count: number;
  readonly names: readonly string[];
}

/** Removing and taking back, several at once. The last removal can be undone with one key while its note is shown. */
function useBin() {
  const t = useWords(libraryWords);
  const language = useLanguage();
  const [last, setLast] = useState<{ readonly at: string; readonly names: readonly string[] }>();
  const said = (key: "removed" | "restored", count: number, names: readonly string[]) =>
    t(key, { count, names: named(names.slice(0, count), language, 3, count) });
  const restore = async (removed: typeof last) => {
    if (removed === undefined) return;
    setLast(undefined);
    hideNote("bin");
    try {
      const { count } = await request("recordings.restoreAll", { at: removed.at });
      if (count > 0) notify(said("restored", count, removed.names));
    } catch (error) {
      notifyFailure(error);
    }
  };
  const remove = async ({ selection, names }: Meant) => {
    const { count, at, failure } = await request("recordings.removeAll", { selection });
    if (failure !== undefined) notifyFailure(errorFrom(failure));
    if (count === 0) return;
    const removed = { at, names };
    setLast(removed);
    notifyUndoable({
      id: "bin",
      message: said("removed", count, names),
      testId: testIds.undoRemove,
      undo: () => void restore(removed),
      onGone: () => setLast(undefined),
    });
  };
  return { last, remove, restore };
}

/** The list, kept right as recordings come, change and go. */
function useRecordingList(): { readonly list: RecordingList; readonly state: ListState } {
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

/** What is ticked, and what the actions of the page are about: that, also where a filter hides it, else the row shown. */
function useTicks(list: RecordingList, rows: List | undefined, { query, kind, filter }: View) {
  const [ticks, setTicks] = useState<Selection>(nothing);
  useEffect(() => list.mark(passing(ticks)), [list, ticks]);
  const { data: counted, isPlaceholderData } = useRequest(
    "recordings.selected",
    isNothing(ticks) ? undefined : { selection: ticks, filter: { query, kind, filter } },
    { keepPrevious: true },
  );
  const selected = isNothing(ticks) ? undefined : counted;
  const shown = rows !== undefined && isSameFilter(rows.view, { query, kind, filter }) ? rows.shown : 0;
  const isAll = selected !== undefined && !isPlaceholderData && shown > 0 && selected.shown === shown;
  return {
    ticks,
    selected: selected !== undefined && selected.count > 0 ? selected : undefined,
    isEmpty: selected?.count === 0, // all of it was unticked again, or has gone
    ticked: isAll ? "all" : (selected?.count ?? 0) > 0 ? "some" : "none",
    clear: () => setTicks(nothing),
    /** Those are done with; what was ticked meanwhile stays. */
    done: (those: Selection) => setTicks((now) => (now === those ? nothing : now)),
    toggle: ({ recording, passes }: ListRow) => setTicks((now) => toggled(now, recording.id, passes)),
    /** By the filter that is asked for, also while the rows are still those of the one before. */
    toggleAll: () => {
      const all = { filter: { query, kind, filter }, newest: rows?.newest ?? 0, except: [], also: [] };
      setTicks(isAll || rows === undefined ? nothing : { kind: "filtered", ...all });
    },
  } as const;
}

/** Where the row lies that is selected, if it is in view. */
function selectedRowPlace(): MenuPlace | undefined {
  const row = document.querySelector(`[data-testid="${testIds.recordingRow}"][aria-selected="true"]`);
  const box = row?.getBoundingClientRect();
  return box && { x: box.left + 48, y: box.bottom };
}

function FilledLibrary({ all }: { readonly all: number }): ReactNode {
  const t = useWords(libraryWords);
  const a = useWords(archiveWords);
  const s = useWords(studyWords);
  const language = useLanguage();
  const labelSets = useRequest("labelSets.list", {}).data ?? [];
  const runs = useRequest("runs.list", {}).data ?? [];
  const [view, setView] = useState<View>(wholeLibrary);
  const { list, state } = useRecordingList();
  const [exported, setExported] = useState<Exported>();
  const search = useRef<HTMLInputElement>(null);
  const repairs = useRef<HTMLDivElement>(null);
  const name = useRef<HTMLInputElement>(null);
  const [menu, setMenu] = useState<MenuPlace>();
  const bin = useBin();
  const isWelcomed = useRequest("settings.get", {}).data?.welcomed;
  useEffect(() => {
    // Whoever has recordings has begun: a library that is emptied again is not a first start.
    if (isWelcomed === false) request("settings.set", { welcomed: true }).catch(() => undefined);
  }, [isWelcomed]);
  const blind = useReadBlind();
  const change = (next: View) => {
    setView(next);
    list.show(next);
  };
  const rows = state.list;
  const at = rows?.at;
  const row = at === undefined ? undefined : rows?.rowAt(at);
  const selected = row?.recording;
  const { ticks, selected: ticked, ...tick } = useTicks(list, rows, view);
  const meant = meantBy(ticks, ticked, selected);
  const count = meant?.count ?? 0;
  const several = ticked !== undefined && (count > 1 || ticked.first[0]?.id !== selected?.id);
  /** What is ticked is counted anew before anything is done to it: the key may come before the count of the last tick. */
  const withMeant = (act: (meant: Meant) => void) => () => {
    const counted = isNothing(ticks)
      ? Promise.resolve(undefined)
      : request("recordings.selected", { selection: ticks, filter: view });
    counted.then((told) => {
      if (told?.count === 0 && !tick.isEmpty) return; // they have just gone: the row shown was not meant
      const now = meantBy(ticks, told !== undefined && told.count > 0 ? told : undefined, selected);
      if (now !== undefined) act(now);
    }, notifyFailure);
  };
  const move = (by: number): void => void list.selectAt(at === undefined ? 0 : at + by).catch(notifyFailure);
  const remove = withMeant((chosen) => {
    const next = nextOf(rows, chosen.selection);
    const from = list.selected;
    bin.remove(chosen).then(() => {
      tick.done(ticks);
      if (list.selected === from) list.select(next); // of many it takes a while, in which one may go on
    }, notifyFailure);
  });
  const openSelected = () => {
    if (selected) openRecording(selected.id);
  };
  const compare = withMeant(({ selection }) => {
    request("recordings.ids", { selection, limit: PAGE_MOST }).then(({ ids, next }) => {
      if (next === undefined) openAgreement(ids);
      else notify(t("tooManyToCompare", { most: PAGE_MOST }));
    }, notifyFailure);
  });
  const settings = useSettings();
  const openBlind = () => {
    if (selected) readBlind(settings, selected.id).then(() => openRecording(selected.id), notifyFailure);
  };
  const see = useCallback((span: readonly [number, number]) => list.see(span), [list]);
  const verify = useVerify();
  const { isConnected, push } = usePush();
  const pushChosen = withMeant(({ selection }) => push(selection));
  const verifyChosen = withMeant(({ selection }) => void verify.start(selection));
  const filterNames = useFilterNames()(view).map(([, name]) => name);
  const exportChosen = withMeant(setExported);
  const [study, setStudy] = useState<StudyChosen>();
  const predictChosen = withMeant(({ selection }) => setStudy({ kind: "predict", selection }));
  const analyseChosen = withMeant(({ selection }) => setStudy({ kind: "analyse", selection }));
  const isExportAsked = useSession((one) => one.isExportAsked);
  const wanted = useRef(exportChosen);
  useEffect(() => {
    wanted.current = exportChosen;
  });
  const isListRead = rows !== undefined; // and what is selected is known
  useEffect(() => {
    if (!isExportAsked || !isListRead) return;
    exportHandled();
    wanted.current();
  }, [isExportAsked, isListRead]);
  const showRepairs = (id: string, index: number) => {
    list.select(id, index);
    setTimeout(() => repairs.current?.scrollIntoView({ block: "nearest" }), 60);
  };
  const has = selected !== undefined && !several;
  const many = (key: "removeMany" | "exportMany" | "verifyMany", one: "remove" | "export" | "verify") =>
    count > 1 ? t(key, { count }) : t(one);
  useKeys(t("title"), [
    { keys: "ArrowDown", what: t("next"), run: () => move(1) },
    { keys: "ArrowUp", what: t("previous"), run: () => move(-1) },
    { keys: "PageDown", what: `${t("next")} ×${PAGE_ROWS}`, run: () => move(PAGE_ROWS) },
    { keys: "PageUp", what: `${t("previous")} ×${PAGE_ROWS}`, run: () => move(-PAGE_ROWS) },
    { keys: "Enter", what: t("openKey"), run: openSelected, enabled: selected !== undefined, hint: true },
    {
      keys: "Space",
      what: t("check"),
      run: () => row && tick.toggle(row),
      enabled: selected !== undefined,
    },
    { keys: "Mod+A", what: t("selectAll"), run: tick.toggleAll },
    { keys: "Escape", what: t("unselect"), run: tick.clear, enabled: !isNothing(ticks), hint: true },
    { keys: "E", what: many("exportMany", "export"), run: exportChosen, enabled: count > 0 },
    {
      keys: "M",
      what: count > 1 ? s("predictMany", { count }) : s("predict"),
      run: predictChosen,
      enabled: count > 0,
    },
    {
      keys: "R",
      what: count > 1 ? s("analyseMany", { count }) : s("analyse"),
      run: analyseChosen,
      enabled: count > 0,
    },
    { keys: "Delete", what: many("removeMany", "remove"), run: remove, enabled: count > 0 },
    {
      keys: "Mod+Z",
      what: t("undoRemove"),
      run: () => void bin.restore(bin.last),
      enabled: bin.last !== undefined,
      hint: true,
    },
    { keys: "F2", what: t("name"), run: () => name.current?.select(), enabled: has },
    {
      keys: "A",
      what: t("addAnnotations"),
      run: () => selected && void chooseAnnotationsFor(selected.id),
      enabled: has,
    },
    {
      keys: "V",
      what: many("verifyMany", "verify"),
      run: verifyChosen,
      enabled: count > 0 && !verify.isRunning,
    },
    { keys: "C", what: t("compareReaders"), run: compare, enabled: count > 0 },
    {
      keys: "P",
      what: count > 1 ? a("pushMany", { count }) : a("push"),
      run: pushChosen,
      enabled: isConnected && count > 0,
    },
    { keys: "B", what: t("readBlind"), run: openBlind, enabled: has },
    ...menuKeys.map((keys) => ({ keys, what: t("menuKey"), run: () => setMenu(selectedRowPlace()) })),
    { keys: "/", what: t("searchKey"), run: () => search.current?.select(), hint: true },
    {
      keys: "Shift+Escape",
      what: t("clearFilter"),
      run: () => change(allFiltersOff(view)),
      enabled: filterNames.length > 0,
    },
  ]);
  return (
    <>
      <div className={css["tools"]}>
        <SearchField
          {...{ inputRef: search, label: t("search"), testId: testIds.recordingSearch }}
          value={view.query}
          onChange={(query) => change({ ...view, query })}
          onEscape={() => change({ ...view, query: "" })}
        />
        <KindFilter view={view} onChange={change} />
        <Select
          w={148}
          aria-label={t("filter")}
          value={view.filter}
          data={filters.map((value) => ({ value, label: t(`filter.${value}`) }))}
          onChange={(value) => change({ ...view, filter: filters.find((one) => one === value) ?? "all" })}
        />
        <span className={css["fill"]} />
        <ArchiveButton />
        <BinButton />
        <Button
          variant="default"
          aria-keyshortcuts="Control+Shift+S"
          data-testid={testIds.openSample}
          onClick={() => void openSampleStudy()}
        >
          {t("sampleShort")}
        </Button>
        <ActionButton
          primary
          keys="Mod+O"
          data-testid={testIds.importFiles}
          onClick={() => void chooseAndImport()}
        >
          {t("import")}
        </ActionButton>
      </div>
      <FilterRow view={view} shown={rows?.shown ?? 0} all={all} onChange={change} />
      {state.error && <Failure error={state.error} onRetry={() => list.show(view)} />}
      {rows === undefined ? (
        <Skeleton height={420} />
      ) : rows.shown === 0 ? (
        <div className={css["hollow"]}>
          <Empty
            title={t("noRows")}
            actions={
              <ActionButton keys="Shift+Escape" onClick={() => change(allFiltersOff(view))}>
                {t("clearFilter")}
              </ActionButton>
            }
          >
            {t("filtersOnText", {
              shown: 0,
              all,
              filters: named(filterNames, language, filterNames.length),
            })}
          </Empty>
        </div>
      ) : (
        <RecordingTable
          list={rows}
          blind={blind}
          ticks={ticks}
          ticked={tick.ticked}
          onSee={see}
          sort={view.sort}
          labelSets={labelSets}
          runName={(runId) => runs.find((run) => run.id === runId)?.config.name ?? ""}
          onSort={(by) => change({ ...view, sort: sortedBy(view.sort, by) })}
          onSelect={(id, index) => list.select(id, index)}
          onOpen={openRecording}
          onMenu={(place, { recording, passes }) => {
            if (!isTicked(ticks, recording.id, passes)) tick.clear(); // else the menu would be about others
            setMenu(place);
          }}
          onCheck={tick.toggle}
          onCheckAll={tick.toggleAll}
          onRepairs={showRepairs}
        />
      )}
      <ContextMenu title={t("menuKey")} groups={[t("title")]} place={menu} close={() => setMenu(undefined)} />
      <Inspector>
        {several ? (
          <SelectionPanel
            chosen={ticked}
            onExport={exportChosen}
            onRemove={remove}
            onVerify={verifyChosen}
            onCompare={compare}
            onPredict={predictChosen}
            onAnalyse={analyseChosen}
            isVerifying={verify.isRunning}
            onClear={tick.clear}
            onPush={isConnected ? pushChosen : undefined}
          />
        ) : selected ? (
          <RecordingInspector
            id={selected.id}
            repairsRef={repairs}
            nameRef={name}
            onOpen={openSelected}
            onExport={exportChosen}
            onRemove={remove}
            onVerify={verifyChosen}
            onCompare={compare}
            onReadBlind={openBlind}
            onPredict={predictChosen}
            onAnalyse={analyseChosen}
            isVerifying={verify.isRunning}
            onPush={isConnected ? pushChosen : undefined}
          />
        ) : (
          <div className={css["block"]}>
            <h2>{t("nothingSelected")}</h2>
            <p className={css["dim"]}>{t("nothingSelectedText")}</p>
          </div>
        )}
      </Inspector>
      <ExportDialog exported={exported} onClose={() => setExported(undefined)} />
      <StudyDialog chosen={study} onClose={() => setStudy(undefined)} />
    </>
  );
}

function meantBy(
  ticks: Selection,
  ticked: Selected | undefined,
  shown: RecordingSummary | undefined,
): Meant | undefined {
  if (ticked !== undefined)
    return { selection: ticks, count: ticked.count, names: ticked.first.map(({ name }) => name) };
  return shown && { selection: { kind: "these", ids: [shown.id] }, count: 1, names: [shown.name] };
}

/** Which row is selected once those that are meant are gone: it itself if it stays, the next that does, else the one before. */
function nextOf(rows: List | undefined, meant: Selection): string | undefined {
  const at = rows?.at;
  if (rows === undefined || at === undefined) return undefined;
  const stays = (row: ListRow | undefined) =>
    row !== undefined && !isTicked(meant, row.recording.id, row.passes) ? row.recording.id : undefined;
  for (let index = at; index < rows.shown; index++) {
    const row = rows.rowAt(index);
    if (row === undefined) break; // further on than is read
    const id = stays(row);
    if (id !== undefined) return id;
  }
  return stays(rows.rowAt(at - 1));
}

function KindFilter({
  view,
  onChange,
}: {
  readonly view: View;
  readonly onChange: (view: View) => void;
}): ReactNode {
  const t = useWords(libraryWords);
  const c = useWords(common);
  const kinds = ["all", "ctg", "emg", "other"] as const;
  return (
    <SegmentedControl
      value={view.kind}
      aria-label={t("kind")}
      data={kinds.map((value) => ({ value, label: value === "all" ? t("all") : c(`kind.${value}`) }))}
      onChange={(value) => onChange({ ...view, kind: kinds.find((one) => one === value) ?? "all" })}
    />
  );
}

/** Compares every block with its checksum, and says of which recordings some are damaged. */
function useVerify() {
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
