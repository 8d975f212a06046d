import { Button, SegmentedControl, Select, TextInput } from "@mantine/core";
import { IconSearch, IconTrash } from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import type { RecordingSummary } from "../../../preload/contract/recording.ts";
import { request } from "../../bridge/client.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { readBlind, useReadBlind } from "../../state/blind.ts";
import { exportHandled, goTo, openAgreement, openRecording, useSession } from "../../state/session.ts";
import { useSettings } from "../../state/settings.ts";
import { common } from "../../ui/common-words.ts";
import { length } from "../../ui/format.ts";
import { useKeys } from "../../ui/keys.ts";
import { hideNote, notify, notifyFailure, notifyUndoable } from "../../ui/notify.tsx";
import { Inspector, TopBar } from "../../ui/slots.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Chip, Empty, Failure, Skeleton } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import { inTurn } from "./bin.ts";
import { chosenOf, named } from "./chosen.ts";
import { ExportDialog } from "./export-dialog.tsx";
import { FilterRow, useFilterNames } from "./filter-row.tsx";
import { chooseAndImport, chooseAnnotationsFor, openSampleStudy } from "./import-flow.ts";
import css from "./library.module.css";
import { RecordingInspector } from "./recording-inspector.tsx";
import { RecordingTable } from "./recording-table.tsx";
import { allFiltersOff, filters, rowsOf, sortedBy, wholeLibrary, type Filter, type View } from "./rows.ts";
import { SelectionPanel } from "./selection-panel.tsx";
import { Welcome } from "./welcome.tsx";
import { libraryWords } from "./words.ts";

const PAGE_ROWS = 10;

export function LibraryPage(): ReactNode {
  const recordings = useRequest("recordings.list", {});
  const t = useWords(libraryWords);
  return (
    <div className={css["page"]} data-testid={testIds.libraryPage}>
      <TopBar>
        <h1>{t("title")}</h1>
        {recordings.data && <LibraryFacts recordings={recordings.data} />}
      </TopBar>
      {recordings.isError && <Failure error={recordings.error} onRetry={() => void recordings.refetch()} />}
      {recordings.isPending && <Skeleton height={420} />}
      {recordings.data?.length === 0 && <EmptyLibrary />}
      {recordings.data !== undefined && recordings.data.length > 0 && (
        <FilledLibrary recordings={recordings.data} />
      )}
    </div>
  );
}

function LibraryFacts({ recordings }: { readonly recordings: readonly RecordingSummary[] }): ReactNode {
  const t = useWords(libraryWords);
  const language = useLanguage();
  if (recordings.length === 0) return null;
  const total = recordings.reduce((sum, one) => sum + one.durationS, 0);
  const subjects = new Set(recordings.map((one) => one.subject)).size;
  return (
    <>
      <Chip>
        {t("recordings", { count: recordings.length })} · {t("subjects", { count: subjects })}
      </Chip>
      <Chip>{t("total", { length: length(total, language) })}</Chip>
    </>
  );
}

/** Leads to the bin and says how much is in it. */
function BinButton(): ReactNode {
  const t = useWords(libraryWords);
  const recordings = useRequest("recordings.bin", {}).data?.length ?? 0;
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
            <BinButton />
          </>
        }
      >
        {t("emptyText")}
      </Empty>
    </div>
  );
}

/** Removing and taking back, several at once. The last removal can be undone with one key while its note is shown. */
function useBin() {
  const t = useWords(libraryWords);
  const language = useLanguage();
  const [last, setLast] = useState<readonly RecordingSummary[]>([]);
  const said = (key: "removed" | "restored", those: readonly RecordingSummary[]) =>
    t(key, {
      count: those.length,
      names: named(
        those.map((one) => one.name),
        language,
      ),
    });
  const restore = async (those: readonly RecordingSummary[]) => {
    setLast([]);
    hideNote("bin");
    const { done, error } = await inTurn(those, ({ id }) => request("recordings.restore", { id }));
    if (done.length > 0) notify(said("restored", done));
    if (error !== undefined) notifyFailure(error);
  };
  const remove = async (chosen: readonly RecordingSummary[]) => {
    const { done: gone, error } = await inTurn(chosen, ({ id }) => request("recordings.remove", { id }));
    if (error !== undefined) notifyFailure(error);
    if (gone.length === 0) return;
    setLast(gone);
    notifyUndoable({
      id: "bin",
      message: said("removed", gone),
      testId: testIds.undoRemove,
      undo: () => void restore(gone),
      onGone: () => setLast([]),
    });
  };
  return { last, remove, restore };
}

function FilledLibrary({ recordings }: { readonly recordings: readonly RecordingSummary[] }): ReactNode {
  const t = useWords(libraryWords);
  const language = useLanguage();
  const openId = useSession((one) => one.recordingId);
  const labelSets = useRequest("labelSets.list", {}).data ?? [];
  const runs = useRequest("runs.list", {}).data ?? [];
  const [view, setView] = useState<View>(wholeLibrary);
  const [selectedId, setSelected] = useState<string | undefined>(
    () => openId ?? rowsOf(recordings, wholeLibrary)[0]?.id,
  );
  const [checked, setChecked] = useState<ReadonlySet<string>>(new Set());
  const [exported, setExported] = useState<readonly string[]>([]);
  const search = useRef<HTMLInputElement>(null);
  const repairs = useRef<HTMLDivElement>(null);
  const name = useRef<HTMLInputElement>(null);
  const bin = useBin();
  const isWelcomed = useRequest("settings.get", {}).data?.welcomed;
  useEffect(() => {
    // Whoever has recordings has begun: a library that is emptied again is not a first start.
    if (isWelcomed === false) request("settings.set", { welcomed: true }).catch(() => undefined);
  }, [isWelcomed]);
  const blind = useReadBlind();
  const rows = useMemo(() => rowsOf(recordings, view, blind), [recordings, view, blind]);
  const at = rows.findIndex((one) => one.id === selectedId);
  const selected = rows[at];
  const chosen = chosenOf(recordings, checked, selected);
  const several = chosen.length > 1 || (chosen[0] !== undefined && chosen[0].id !== selected?.id);
  const move = (by: number) =>
    setSelected(rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + by))]?.id);
  const toggle = (id: string) =>
    setChecked((known) => {
      const next = new Set(known);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  const allShown = rows.length > 0 && rows.every((one) => checked.has(one.id));
  const toggleAll = () => setChecked(allShown ? new Set() : new Set(rows.map((one) => one.id)));
  const remove = () => {
    const next = rows.find((one, i) => i > at && !chosen.includes(one)) ?? rows[at - 1];
    void bin.remove(chosen).then(() => {
      setChecked(new Set());
      setSelected(next?.id);
    });
  };
  const openSelected = () => {
    if (selected) openRecording(selected.id);
  };
  const compare = () => openAgreement(chosen.map((one) => one.id));
  const settings = useSettings();
  const openBlind = () => {
    if (selected) readBlind(settings, selected.id).then(() => openRecording(selected.id), notifyFailure);
  };
  const verify = useVerify();
  const clearTicks = () => setChecked(new Set());
  const filterNames = useFilterNames()(view).map(([, name]) => name);
  const exportChosen = () => setExported(chosen.map((one) => one.id));
  const isExportAsked = useSession((one) => one.isExportAsked);
  const wanted = useRef(exportChosen);
  useEffect(() => {
    wanted.current = exportChosen;
  });
  useEffect(() => {
    if (!isExportAsked) return;
    exportHandled();
    wanted.current();
  }, [isExportAsked]);
  const showRepairs = (id: string) => {
    setSelected(id);
    setTimeout(() => repairs.current?.scrollIntoView({ block: "nearest" }), 60);
  };
  const has = selected !== undefined && !several;
  const many = (key: "removeMany" | "exportMany" | "verifyMany", one: "remove" | "export" | "verify") =>
    chosen.length > 1 ? t(key, { count: chosen.length }) : t(one);
  useKeys(t("title"), [
    { keys: "ArrowDown", what: t("next"), run: () => move(1) },
    { keys: "ArrowUp", what: t("previous"), run: () => move(-1) },
    { keys: "PageDown", what: `${t("next")} ×${PAGE_ROWS}`, run: () => move(PAGE_ROWS) },
    { keys: "PageUp", what: `${t("previous")} ×${PAGE_ROWS}`, run: () => move(-PAGE_ROWS) },
    { keys: "Enter", what: t("openKey"), run: openSelected, enabled: selected !== undefined, hint: true },
    {
      keys: "Space",
      what: t("check"),
      run: () => selected && toggle(selected.id),
      enabled: selected !== undefined,
    },
    { keys: "Mod+A", what: t("selectAll"), run: toggleAll },
    { keys: "Escape", what: t("unselect"), run: clearTicks, enabled: checked.size > 0, hint: true },
    { keys: "E", what: many("exportMany", "export"), run: exportChosen, enabled: chosen.length > 0 },
    { keys: "Delete", what: many("removeMany", "remove"), run: remove, enabled: chosen.length > 0 },
    {
      keys: "Mod+Z",
      what: t("undoRemove"),
      run: () => void bin.restore(bin.last),
      enabled: bin.last.length > 0,
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
      run: () => void verify.start(chosen),
      enabled: chosen.length > 0 && !verify.isRunning,
    },
    { keys: "C", what: t("compareReaders"), run: compare, enabled: chosen.length > 0 },
    { keys: "B", what: t("readBlind"), run: openBlind, enabled: has },
    { keys: "/", what: t("searchKey"), run: () => search.current?.select(), hint: true },
    {
      keys: "Shift+Escape",
      what: t("clearFilter"),
      run: () => setView(allFiltersOff(view)),
      enabled: filterNames.length > 0,
    },
  ]);
  return (
    <>
      <div className={css["tools"]}>
        <TextInput
          ref={search}
          className={css["search"] ?? ""}
          size="sm"
          leftSection={<IconSearch size={14} aria-hidden />}
          placeholder={t("search")}
          aria-label={t("search")}
          data-testid={testIds.recordingSearch}
          value={view.query}
          onChange={(event) => setView({ ...view, query: event.currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key === "Escape" && !event.nativeEvent.isComposing) {
              setView({ ...view, query: "" });
              event.currentTarget.blur();
            }
          }}
        />
        <KindFilter view={view} onChange={setView} />
        <Select
          w={148}
          aria-label={t("filter")}
          value={view.filter}
          data={filters.map((value) => ({ value, label: t(`filter.${value}`) }))}
          onChange={(value) =>
            setView({ ...view, filter: (filters.find((one) => one === value) ?? "all") satisfies Filter })
          }
        />
        <span className={css["fill"]} />
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
      <FilterRow view={view} shown={rows.length} all={recordings.length} onChange={setView} />
      {rows.length === 0 ? (
        <div className={css["hollow"]}>
          <Empty
            title={t("noRows")}
            actions={
              <ActionButton keys="Shift+Escape" onClick={() => setView(allFiltersOff(view))}>
                {t("clearFilter")}
              </ActionButton>
            }
          >
            {t("filtersOnText", {
              shown: 0,
              all: recordings.length,
              filters: named(filterNames, language, filterNames.length),
            })}
          </Empty>
        </div>
      ) : (
        <RecordingTable
          rows={rows}
          blind={blind}
          selectedId={selected?.id}
          checked={checked}
          sort={view.sort}
          labelSets={labelSets}
          runName={(runId) => runs.find((run) => run.id === runId)?.config.name ?? ""}
          onSort={(by) => setView({ ...view, sort: sortedBy(view.sort, by) })}
          onSelect={setSelected}
          onOpen={openRecording}
          onCheck={toggle}
          onCheckAll={toggleAll}
          onRepairs={showRepairs}
        />
      )}
      <Inspector>
        {several ? (
          <SelectionPanel
            chosen={chosen}
            hidden={chosen.filter((one) => !rows.includes(one)).length}
            onExport={exportChosen}
            onRemove={remove}
            onVerify={() => void verify.start(chosen)}
            onCompare={compare}
            isVerifying={verify.isRunning}
            onClear={clearTicks}
          />
        ) : selected ? (
          <RecordingInspector
            id={selected.id}
            repairsRef={repairs}
            nameRef={name}
            onOpen={openSelected}
            onExport={exportChosen}
            onRemove={remove}
            onVerify={() => void verify.start(chosen)}
            onCompare={compare}
            onReadBlind={openBlind}
            isVerifying={verify.isRunning}
          />
        ) : (
          <div className={css["block"]}>
            <h2>{t("nothingSelected")}</h2>
            <p className={css["dim"]}>{t("nothingSelectedText")}</p>
          </div>
        )}
      </Inspector>
      <ExportDialog recordingIds={exported} onClose={() => setExported([])} />
    </>
  );
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
  const start = async (chosen: readonly RecordingSummary[]) => {
    setRunning(true);
    const { done, results, error } = await inTurn(chosen, async (one) => {
      const { damagedBlocks } = await request("recordings.checksum", { id: one.id });
      return { name: one.name, damagedBlocks };
    });
    setRunning(false);
    const bad = results.filter((one) => one.damagedBlocks > 0);
    const namesOf = (those: readonly { readonly name: string }[]) =>
      named(
        those.map((one) => one.name),
        language,
      );
    const damaged = bad.reduce((sum, one) => sum + one.damagedBlocks, 0);
    if (bad.length > 0) notify(t("verifyBad", { count: damaged, names: namesOf(bad) }));
    else if (done.length > 0) notify(t("verifyGood", { count: done.length, names: namesOf(done) }));
    if (error !== undefined) notifyFailure(error);
  };
  return { isRunning, start };
}
