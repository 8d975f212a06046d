import { Checkbox } from "@mantine/core";
import { useEffect, useRef, useState, type ReactNode } from "react";
import css from "./library.module.css";

/** Rows of which one is shown and some are ticked, also where a search hides them. */
export interface Ticking<Row> {
  readonly rows: readonly Row[];
  readonly shown: Row | undefined; // the first unless another was chosen
  readonly ticked: ReadonlyMap<string, Row>; // by id, as they were when they were ticked
  readonly all: boolean; // of the rows
  readonly show: (row: Row) => void;
  readonly move: (by: number) => void;
  readonly toggle: (row: Row) => void;
  readonly toggleAll: () => void; // those of another search stay as they are
  readonly untick: (those: readonly Row[]) => void; // and not what was ticked meanwhile
}

function without<Row extends { readonly id: string }>(
  ticked: ReadonlyMap<string, Row>,
  rows: readonly Row[],
): readonly (readonly [string, Row])[] {
  const out = new Set(rows.map(({ id }) => id));
  return [...ticked].filter(([id]) => !out.has(id));
}

export function useTicking<Row extends { readonly id: string }>(rows: readonly Row[]): Ticking<Row> {
  const [shownId, setShown] = useState<string>();
  const [ticked, setTicked] = useState<ReadonlyMap<string, Row>>(new Map());
  const at = Math.max(
    0,
    rows.findIndex(({ id }) => id === shownId),
  );
  const all = rows.length > 0 && rows.every(({ id }) => ticked.has(id));
  return {
    ...{ rows, ticked, all, shown: rows[at] },
    show: ({ id }) => setShown(id),
    move: (by) => setShown(rows[Math.min(rows.length - 1, Math.max(0, at + by))]?.id),
    toggle: (row) =>
      setTicked((known) => {
        const next = new Map(known);
        if (!next.delete(row.id)) next.set(row.id, row);
        return next;
      }),
    toggleAll: () =>
      setTicked(
        (known) =>
          new Map([...without(known, rows), ...(all ? [] : rows.map((row) => [row.id, row] as const))]),
      ),
    untick: (those) => setTicked((known) => new Map(without(known, those))),
  };
}

interface TickTableProps<Row> {
  readonly ticking: Ticking<Row>;
  readonly label: string;
  readonly tickAll: string;
  readonly tickOne: (row: Row) => string;
  readonly grid: string; // class that says how wide its columns are
  readonly heads: readonly { readonly text: string; readonly isRight?: boolean }[];
  readonly cells: (row: Row) => ReactNode; // each a gridcell
  readonly marks: (row: Row) => Readonly<Record<`data-${string}`, unknown>>;
  readonly children?: ReactNode; // under the rows
}

/** A table whose rows are shown by a click and ticked by their boxes. */
export function TickTable<Row extends { readonly id: string }>(props: TickTableProps<Row>): ReactNode {
  const { ticking, label, tickAll, tickOne, grid, heads, cells, marks, children } = props;
  const { rows, ticked, all, shown } = ticking;
  return (
    <div className={css["table"]}>
      <div
        className={css["scroll"]}
        role="grid"
        aria-label={label}
        aria-rowcount={rows.length + 1}
        tabIndex={0}
      >
        <div className={`${css["head"] ?? ""} ${grid}`} role="row" aria-rowindex={1}>
          <span className={css["check"]} role="columnheader">
            <Checkbox
              checked={all}
              indeterminate={!all && rows.some(({ id }) => ticked.has(id))}
              onChange={ticking.toggleAll}
              aria-label={tickAll}
            />
          </span>
          {heads.map(({ text, isRight = false }) => (
            <span key={text} role="columnheader" className={isRight ? css["right"] : undefined}>
              {text}
            </span>
          ))}
        </div>
        {rows.map((row, i) => (
          <TickRow
            key={row.id}
            {...{ grid, index: i, marks: marks(row), tickText: tickOne(row) }}
            isShown={row.id === shown?.id}
            isTicked={ticked.has(row.id)}
            onShow={() => ticking.show(row)}
            onTick={() => ticking.toggle(row)}
          >
            {cells(row)}
          </TickRow>
        ))}
        {children}
      </div>
    </div>
  );
}

interface TickRowProps {
  readonly grid: string;
  readonly index: number;
  readonly marks: Readonly<Record<`data-${string}`, unknown>>;
  readonly tickText: string;
  readonly isShown: boolean;
  readonly isTicked: boolean;
  readonly onShow: () => void;
  readonly onTick: () => void;
  readonly children: ReactNode;
}

function TickRow({
  grid,
  index,
  marks,
  tickText,
  isShown,
  isTicked,
  onShow,
  onTick,
  children,
}: TickRowProps): ReactNode {
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isShown) line.current?.scrollIntoView({ block: "nearest" });
  }, [isShown]);
  return (
    // The arrows and Space are the page's keys.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      ref={line}
      role="row"
      className={`${css["row"] ?? ""} ${css["tickRow"] ?? ""} ${grid}`}
      aria-rowindex={index + 2}
      aria-selected={isShown}
      onClick={onShow}
      {...marks}
    >
      <span className={css["check"]} role="gridcell">
        <Checkbox
          checked={isTicked}
          onChange={onTick}
          onClick={(event) => event.stopPropagation()}
          aria-label={tickText}
          tabIndex={-1}
        />
      </span>
      {children}
    </div>
  );
}
