import { Checkbox } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import { missesMost, type RecordingSummary } from "../../../preload/contract/recording.ts";
import { common } from "../../ui/common-words.ts";
import { dateTime, length, percent, rate } from "../../ui/format.ts";
import { missingByChannel } from "../../ui/missing.ts";
import { testIds } from "../../ui/test-ids.ts";
import { Bar } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import css from "./library.module.css";
import { channelSummary, labelledShare, visibleRange, type Sort, type SortColumn } from "./rows.ts";
import { SummarySpark } from "./summary-spark.tsx";
import { libraryWords } from "./words.ts";

const ROW_HEIGHT = 46;
const HEAD_HEIGHT = 34;

export interface RecordingTableProps {
  readonly rows: readonly RecordingSummary[];
  readonly blind: ReadonlySet<string>; // ids of those of which nothing that others said is told
  readonly selectedId: string | undefined;
  readonly checked: ReadonlySet<string>;
  readonly sort: Sort;
  readonly labelSets: readonly LabelSet[];
  readonly runName: (runId: string) => string;
  readonly onSort: (by: SortColumn) => void;
  readonly onSelect: (id: string) => void;
  readonly onOpen: (id: string) => void;
  readonly onCheck: (id: string) => void;
  readonly onCheckAll: () => void;
  readonly onRepairs: (id: string) => void;
}

/** Draws only the rows in view, so that ten thousand scroll like ten. */
export function RecordingTable(props: RecordingTableProps): ReactNode {
  const { rows, selectedId, checked, onCheckAll } = props;
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
  const at = rows.findIndex((one) => one.id === selectedId);
  useEffect(() => {
    const element = scroll.current;
    if (!element || at < 0) return;
    const first = at * ROW_HEIGHT; // below the head, which stays in view
    const room = element.clientHeight - HEAD_HEIGHT;
    if (first < element.scrollTop) element.scrollTop = first;
    else if (first + ROW_HEIGHT > element.scrollTop + room) element.scrollTop = first + ROW_HEIGHT - room;
  }, [at]);
  const [from, to] = visibleRange(top, height, ROW_HEIGHT, rows.length);
  const all = rows.length > 0 && rows.every((one) => checked.has(one.id));
  return (
    <div className={css["table"]}>
      <div
        ref={scroll}
        className={css["scroll"]}
        role="grid"
        aria-label={t("title")}
        aria-rowcount={rows.length + 1}
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
        tabIndex={0}
      >
        <div className={css["head"]} role="row" aria-rowindex={1}>
          <span className={css["check"]} role="columnheader">
            <Checkbox
              checked={all}
              indeterminate={!all && checked.size > 0}
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
        <div className={css["spacer"]} style={{ height: rows.length * ROW_HEIGHT }}>
          {rows.slice(from, to).map((one, i) => (
            <Row key={one.id} {...props} recording={one} index={from + i} />
          ))}
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
}: RecordingTableProps & { readonly by: SortColumn; readonly isRight?: boolean }): ReactNode {
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

function Row({
  recording: one,
  index,
  blind,
  selectedId,
  checked,
  labelSets,
  runName,
  onSelect,
  onOpen,
  onCheck,
  onRepairs,
}: RecordingTableProps & { readonly recording: RecordingSummary; readonly index: number }): ReactNode {
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
      aria-selected={one.id === selectedId}
      tabIndex={-1}
      data-testid={testIds.recordingRow}
      data-name={one.name}
      data-id={one.id}
      onClick={() => onSelect(one.id)}
      onDoubleClick={() => onOpen(one.id)}
      onKeyDown={(event) => {
        if (event.key === "Enter" && event.target === event.currentTarget) onOpen(one.id);
      }}
    >
      <span className={css["check"]} role="gridcell">
        <Checkbox
          checked={checked.has(one.id)}
          onChange={() => onCheck(one.id)}
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
            onClick={() => onRepairs(one.id)}
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
