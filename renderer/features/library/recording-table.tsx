import { Checkbox } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import {
  labelledShare,
  type Selection,
  type Sort,
  type SortColumn,
} from "../../../preload/contract/listing.ts";
import { missesMost } from "../../../preload/contract/recording.ts";
import { common } from "../../ui/common-words.ts";
import type { MenuPlace } from "../../ui/context-menu.tsx";
import { dateTime, length, percent, rate } from "../../ui/format.ts";
import { missingByChannel } from "../../ui/missing.ts";
import { testIds } from "../../ui/test-ids.ts";
import { Bar } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import css from "./library.module.css";
import { isTicked } from "./chosen.ts";
import type { List, ListRow } from "./list.ts";
import { channelSummary, visibleRange } from "./rows.ts";
import { SummarySpark } from "./summary-spark.tsx";
import { libraryWords } from "./words.ts";

const ROW_HEIGHT = 46;
const HEAD_HEIGHT = 34;

export interface RecordingTableProps {
  readonly list: List;
  readonly blind: ReadonlySet<string>; // ids of those of which nothing that others said is told
  readonly ticks: Selection;
  readonly ticked: "none" | "some" | "all"; // of the rows that the list shows
  readonly onSee: (span: readonly [from: number, to: number]) => void; // rows in sight
  readonly sort: Sort;
  readonly labelSets: readonly LabelSet[];
  readonly runName: (runId: string) => string;
  readonly onSort: (by: SortColumn) => void;
  readonly onSelect: (id: string, index: number) => void;
  readonly onOpen: (id: string) => void;
  readonly onMenu: (place: MenuPlace, row: ListRow) => void; // of the row that is selected by then
  readonly onCheck: (row: ListRow) => void;
  readonly onCheckAll: () => void;
  readonly onRepairs: (id: string, index: number) => void;
}

function reveal(grid: Element, at: number): void {
  const first = at * ROW_HEIGHT; // below the head, which stays in view
  const room = grid.clientHeight - HEAD_HEIGHT;
  if (first < grid.scrollTop) grid.scrollTop = first;
  else if (first + ROW_HEIGHT > grid.scrollTop + room) grid.scrollTop = first + ROW_HEIGHT - room;
}

/** Brings a row into sight; returns where its menu opens, whether it is drawn yet or not: without a row beneath the head. */
export function menuPlaceOfRow(at: number | undefined): MenuPlace | undefined {
  const grid = document.querySelector("[role=grid]");
  if (grid === null) return undefined;
  if (at !== undefined) reveal(grid, at);
  const { left, top } = grid.getBoundingClientRect();
  const below = at === undefined ? 0 : (at + 1) * ROW_HEIGHT - grid.scrollTop;
  return { x: left + 48, y: top + HEAD_HEIGHT + below };
}

/** Draws and reads only the rows in view, so that a hundred thousand scroll like ten. */
export function RecordingTable(props: RecordingTableProps): ReactNode {
  const { list, ticked, onCheckAll, onSee } = props;
  const { at } = list;
  const t = useWords(libraryWords);
  const scroll = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  useLayoutEffect(() => {
    const element = scroll.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (scroll.current && at !== undefined) reveal(scroll.current, at);
  }, [at]);
  const [from, to] = visibleRange(top, height, ROW_HEIGHT, list.shown);
  useEffect(() => onSee([from, Math.max(from, to - 1)]), [onSee, from, to]);
  return (
    <div className={css["table"]}>
      <div
        ref={scroll}
        className={css["scroll"]}
        role="grid"
        aria-label={t("title")}
        aria-rowcount={list.shown + 1}
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
        tabIndex={0}
      >
        <div className={css["head"]} role="row" aria-rowindex={1}>
          <span className={css["check"]} role="columnheader">
            <Checkbox
              checked={ticked === "all"}
              indeterminate={ticked === "some"}
              onChange={onCheckAll}
              aria-label={t("selectAll")}
            />
          </span>
          <Head {...props} by="name" />
          <Head {...props} by="subject" />
          <Head {...props} by="date" />
          <Head {...props} by="length" isRight />
          <Head {...props} by="channels" />
          <Head {...props} by="missing" isRight />
          <Head {...props} by="labelled" />
          <span role="columnheader" className={css["sort"]}>
            {t("column.model")}
          </span>
          <Head {...props} by="repairs" isRight />
        </div>
        <div className={css["spacer"]} style={{ height: list.shown * ROW_HEIGHT }}>
          {Array.from({ length: to - from }, (_, i) => {
            const row = list.rowAt(from + i);
            return row === undefined ? (
              <Unread key={`unread ${from + i}`} index={from + i} />
            ) : (
              <Row key={row.recording.id} {...props} row={row} index={from + i} />
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Head({
  by,
  sort,
  onSort,
  isRight = false,
}: RecordingTableProps & {
  readonly by: Exclude<SortColumn, "added">;
  readonly isRight?: boolean;
}): ReactNode {
  const t = useWords(libraryWords);
  const isOn = sort.by === by;
  return (
    <span
      role="columnheader"
      aria-sort={!isOn ? "none" : sort.isDescending ? "descending" : "ascending"}
      className={isRight ? css["right"] : ""}
    >
      <button type="button" className={css["sort"]} data-on={isOn} onClick={() => onSort(by)}>
        {t(`column.${by}`)}
        {isOn &&
          (sort.isDescending ? (
            <IconArrowDown size={11} aria-hidden />
          ) : (
            <IconArrowUp size={11} aria-hidden />
          ))}
      </button>
    </span>
  );
}

/** A row that is being read. */
const Unread = ({ index }: { readonly index: number }): ReactNode => (
  <div
    role="row"
    className={css["row"]}
    style={{ top: index * ROW_HEIGHT }}
    aria-rowindex={index + 2}
    aria-busy
    data-testid="unread-row"
  />
);

function Row({
  row,
  index,
  list,
  blind,
  ticks,
  labelSets,
  runName,
  onSelect,
  onOpen,
  onMenu,
  onCheck,
  onRepairs,
}: RecordingTableProps & { readonly row: ListRow; readonly index: number }): ReactNode {
  const { recording: one, passes } = row;
  const t = useWords(libraryWords);
  const c = useWords(common);
  const language = useLanguage();
  const about = [
    one.state === "complete" ? "" : t(`state.${one.state}`),
    one.synthetic ? c("synthetic") : "",
    c(`kind.${one.kind}`),
    one.study,
  ].filter((part) => part !== "");
  return (
    // Arrows and Space are the page's keys; Enter also works on a row that has the focus.
    <div
      role="row"
      className={css["row"]}
      style={{ top: index * ROW_HEIGHT }}
      aria-rowindex={index + 2}
      aria-selected={index === list.at}
      tabIndex={-1}
      data-testid={testIds.recordingRow}
      data-name={one.name}
      data-id={one.id}
      onClick={() => onSelect(one.id, index)}
      onDoubleClick={() => onOpen(one.id)}
      onContextMenu={(event) => {
        event.preventDefault();
        onSelect(one.id, index);
        onMenu({ x: event.clientX, y: event.clientY }, row);
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter" && event.target === event.currentTarget) onOpen(one.id);
      }}
    >
      <span className={css["check"]} role="gridcell">
        <Checkbox
          checked={isTicked(ticks, one.id, passes)}
          onChange={() => onCheck(row)}
          onClick={(event) => event.stopPropagation()}
          aria-label={t("selectOne", { name: one.name })}
          tabIndex={-1}
        />
      </span>
      <span className={css["name"]} role="gridcell" title={one.name}>
        <strong>{one.name}</strong>
        <small>
          {one.fault !== undefined && <span className={css["damaged"]}>{t("damaged")} · </span>}
          {about.join(" · ")}
        </small>
      </span>
      <span className={css["clip"]} role="gridcell" title={one.subject}>
        {one.subject}
      </span>
      <span className={css["clip"]} role="gridcell">
        {one.startedAt === undefined ? (
          <span className={css["dim"]}>–</span>
        ) : (
          dateTime(one.startedAt, language).slice(0, 10)
        )}
      </span>
      <span className={css["right"]} role="gridcell">
        {length(one.durationS, language)}
      </span>
      <span
        className={css["clip"]}
        role="gridcell"
        title={one.channels.map((channel) => channel.label).join(", ")}
      >
        {channelSummary(one, (hertz) => rate(hertz, language))}
      </span>
      <span className={css["right"]} role="gridcell" title={missingByChannel(one.channels)}>
        {percent(one.missingShare)}
        {one.missingShare > 0 && (
          <small className={css["misses"]} data-testid={testIds.missesMost}>
            {missesMost(one.channels)?.label}
          </small>
        )}
      </span>
      {blind.has(one.id) ? (
        <>
          <Untold />
          <Untold />
        </>
      ) : (
        <>
          <span className={css["share"]} role="gridcell">
            <Bar share={labelledShare(one)} />
            <span className={css["right"]}>{percent(labelledShare(one), 0)}</span>
          </span>
          <span role="gridcell">
            <SummarySpark recordingId={one.id} labelSets={labelSets} runName={runName} />
          </span>
        </>
      )}
      <span className={css["right"]} role="gridcell">
        {one.repairCount > 0 && (
          <button
            type="button"
            className={css["repairs"]}
            data-testid={testIds.repairs}
            tabIndex={-1}
            aria-label={t("repairs", { count: one.repairCount })}
            onClick={() => onRepairs(one.id, index)}
          >
            {one.repairCount}
          </button>
        )}
      </span>
    </div>
  );
}

/** Where a number of others' labels, or what a model said, would stand. */
function Untold(): ReactNode {
  const t = useWords(libraryWords);
  return (
    <span className={css["dim"]} role="gridcell" data-testid="untold" title={t("blindUntold")}>
      {t("blindHere")}
    </span>
  );
}
