import { Button, SegmentedControl, Select, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import type { RecordingSummary } from "../../../preload/contract/recording.ts";
import { request } from "../../bridge/client.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { exportHandled, openRecording, useSession } from "../../state/session.ts";
import { common } from "../../ui/common-words.ts";
import { length } from "../../ui/format.ts";
import { useKeys } from "../../ui/keys.ts";
import { hideNote, notify, notifyFailure, notifyUndoable } from "../../ui/notify.tsx";
import { Inspector, TopBar } from "../../ui/slots.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Chip, Empty, Failure, Skeleton } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import { ExportDialog } from "./export-dialog.tsx";
import { chooseAndImport, chooseAnnotationsFor, openSampleStudy } from "./import-flow.ts";
import css from "./library.module.css";
import { RecordingInspector } from "./recording-inspector.tsx";
import { RecordingTable } from "./recording-table.tsx";
import { filters, rowsOf, sortedBy, wholeLibrary, type Filter, type View } from "./rows.ts";
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

function EmptyLibrary(): ReactNode {
  const t = useWords(libraryWords);
  useEffect(exportHandled); // there is nothing to export
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
  const [last, setLast] = useState<readonly string[]>([]);
  const restore = async (ids: readonly string[]) => {
    setLast([]);
    hideNote("bin");
    try {
      for (const id of ids) await request("recordings.restore", { id });
      notify(t("restored", { count: ids.length }));
    } catch (error) {
      notifyFailure(error);
    }
  };
  const remove = async (chosen: readonly RecordingSummary[]) => {
    const gone: string[] = [];
    try {
      for (const one of chosen) {
        await request("recordings.remove", { id: one.id });
        gone.push(one.id);
      }
    } catch (error) {
      notifyFailure(error);
    }
    if (gone.length === 0) return;
    setLast(gone);
    notifyUndoable({
      id: "bin",
      message: t("removed", { count: gone.length, name: chosen[0]?.name ?? "" }),
      testId: testIds.undoRemove,
      undo: () => void restore(gone),
      onGone: () => setLast([]),
    });
  };
  return { last, remove, restore };
}

function FilledLibrary({ recordings }: { readonly recordings: readonly RecordingSummary[] }): ReactNode {
  const t = useWords(libraryWords);
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
  const rows = useMemo(() => rowsOf(recordings, view), [recordings, view]);
  const at = rows.findIndex((one) => one.id === selectedId);
  const selected = rows[at];
  const chosen =
    checked.size > 0 ? recordings.filter((one) => checked.has(one.id)) : selected ? [selected] : [];
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
  const has = selected !== undefined;
  useKeys(t("title"), [
    { keys: "ArrowDown", what: t("next"), run: () => move(1) },
    { keys: "ArrowUp", what: t("previous"), run: () => move(-1) },
    { keys: "PageDown", what: `${t("next")} ×${PAGE_ROWS}`, run: () => move(PAGE_ROWS) },
    { keys: "PageUp", what: `${t("previous")} ×${PAGE_ROWS}`, run: () => move(-PAGE_ROWS) },
    { keys: "Enter", what: t("openKey"), run: openSelected, enabled: has, hint: true },
    { keys: "Space", what: t("check"), run: () => selected && toggle(selected.id), enabled: has },
    { keys: "Mod+A", what: t("selectAll"), run: toggleAll },
    { keys: "E", what: t("export"), run: exportChosen, enabled: chosen.length > 0 },
    { keys: "Delete", what: t("remove"), run: remove, enabled: chosen.length > 0 },
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
    { keys: "V", what: t("verify"), run: () => selected && void verify(selected.id, t), enabled: has },
    { keys: "/", what: t("searchKey"), run: () => search.current?.select(), hint: true },
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
        {checked.size > 0 && <Chip>{t("selected", { count: checked.size })}</Chip>}
        <span className={css["fill"]} />
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
      {rows.length === 0 ? (
        <div className={css["hollow"]}>
          <Empty
            title={t("noRows")}
            actions={
              <Button variant="default" onClick={() => setView(wholeLibrary)}>
                {t("clearFilter")}
              </Button>
            }
          >
            {t("noRowsText")}
          </Empty>
        </div>
      ) : (
        <RecordingTable
          rows={rows}
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
        {selected ? (
          <RecordingInspector
            id={selected.id}
            repairsRef={repairs}
            nameRef={name}
            onOpen={openSelected}
            onExport={exportChosen}
            onRemove={remove}
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

async function verify(
  id: string,
  t: (key: "verifyGood" | "verifyBad", values?: { count: number }) => string,
): Promise<void> {
  try {
    const { damagedBlocks } = await request("recordings.checksum", { id });
    notify(damagedBlocks === 0 ? t("verifyGood") : t("verifyBad", { count: damagedBlocks }));
  } catch (error) {
    notifyFailure(error);
  }
}
