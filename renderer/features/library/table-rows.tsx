import { useState, type KeyboardEvent, type ReactNode } from "react";
import type { TableOptions, TablePreview } from "../../../preload/contract/exchange.ts";
import { repairText } from "../../ui/said.ts";
import { useLanguage, useWords } from "../../ui/words.ts";
import css from "./library.module.css";
import { cellKind, columnCount, timeColumns } from "./table-columns.ts";
import { tableWords } from "./table-words.ts";
import { libraryWords } from "./words.ts";

const MOST_COLUMNS = 40;

interface RowsProps {
  readonly preview: TablePreview;
  readonly options: TableOptions;
  readonly isEvents: boolean;
  readonly onNamesRow: (row: number | undefined) => void;
}

/** The first rows as they will be read. A row's number makes it the row of names; pressed again, the names are found. */
export function Rows({ preview, options, isEvents, onNamesRow }: RowsProps): ReactNode {
  const t = useWords(libraryWords);
  const w = useWords(tableWords);
  const language = useLanguage();
  const all = columnCount(preview);
  const columns = Math.min(all, MOST_COLUMNS);
  const times = timeColumns(options);
  const [stop, setStop] = useState<number>();
  const stopAt = Math.min(stop ?? options.namesRow ?? 0, preview.rows.length - 1);
  const role = (index: number) =>
    options.columns?.find((one) => one.index === index)?.label ??
    (options.labelColumns?.includes(index) === true
      ? w("use.labels")
      : index === options.dateColumn
        ? w("use.date")
        : times.has(index)
          ? t("timeColumn")
          : "");
  return (
    <>
      <h3 className={css["section"]}>{t("previewTitle")}</h3>
      <div className={css["previewBox"]}>
        <table className={css["preview"]}>
          {!isEvents && (
            <thead>
              <tr>
                <th />
                {Array.from({ length: columns }, (_, i) => (
                  <th key={i}>{role(i)}</th>
                ))}
                {all > columns && <th>…</th>}
              </tr>
            </thead>
          )}
          <tbody>
            {preview.rows.map((row, r) => (
              <tr key={r}>
                {!isEvents && (
                  <td className={css["gutter"]}>
                    <button
                      type="button"
                      aria-pressed={r === options.namesRow}
                      aria-label={
                        r === options.namesRow ? w("rowIsNames", { n: r + 1 }) : w("namesRow", { n: r + 1 })
                      }
                      title={
                        r === options.namesRow ? w("rowIsNames", { n: r + 1 }) : w("namesRow", { n: r + 1 })
                      }
                      tabIndex={r === stopAt ? 0 : -1}
                      onKeyDown={moveAmong}
                      onFocus={() => setStop(r)}
                      onClick={() => onNamesRow(r === options.namesRow ? undefined : r)}
                    >
                      {r + 1}
                    </button>
                  </td>
                )}
                {Array.from({ length: columns }, (_, i) => (
                  <td key={i} data-kind={isEvents && r > 0 ? "value" : cellKind(r, i, row[i] ?? "", options)}>
                    {row[i] ?? ""}
                  </td>
                ))}
                {all > columns && <td data-kind="unused">…</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {!isEvents && <p className={css["hint"]}>{w("rowsHint")}</p>}
      {preview.problems.map((one, i) => (
        <p key={i} className={css["hint"]}>
          {repairText(one, language)}
        </p>
      ))}
    </>
  );
}

/** One tab stop for all row numbers; the arrow keys move among them. */
function moveAmong(event: KeyboardEvent<HTMLButtonElement>): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step === 0) return;
  event.preventDefault();
  const row = event.currentTarget.closest("tr");
  const next = step > 0 ? row?.nextElementSibling : row?.previousElementSibling;
  next?.querySelector("button")?.focus();
}
