import { Select, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { TableOptions, TablePreview } from "../../../preload/contract/exchange.ts";
import { ChannelRole } from "../../../preload/contract/recording.ts";
import { useWords } from "../../ui/words.ts";
import css from "./library.module.css";
import {
  hasOwnTimes,
  offeredColumns,
  timeColumns,
  usedAs,
  type ColumnUse,
  type OfferedColumn,
  type TableColumn,
  type TableEdit,
} from "./table-columns.ts";
import { tableWords } from "./table-words.ts";
import { libraryWords } from "./words.ts";

/** More rows of settings are not shown: a person does not go through them one by one. */
const MOST_SHOWN = 48;

interface ChannelsProps {
  readonly preview: TablePreview;
  readonly options: TableOptions;
  readonly onChange: (patch: TableEdit) => void;
}

/** What every column becomes: a channel, labels, the day of the times, or nothing. */
export function Channels({ preview, options, onChange }: ChannelsProps): ReactNode {
  const t = useWords(libraryWords);
  const w = useWords(tableWords);
  const offered = offeredColumns(preview, options);
  const isOwnTimed = hasOwnTimes(options);
  const left = offered.length - MOST_SHOWN;
  return (
    <>
      <h3 className={css["section"]}>{t("tableColumns")}</h3>
      <div className={css["columns"]} data-own={isOwnTimed || undefined}>
        <h3>{w("useAs")}</h3>
        <h3>{t("label")}</h3>
        <h3>{t("unit")}</h3>
        <h3>{t("role")}</h3>
        {isOwnTimed && <h3>{w("times")}</h3>}
        {offered.slice(0, MOST_SHOWN).map((one) => (
          <Channel
            key={one.column.index}
            offered={one}
            preview={preview}
            options={options}
            isOwnTimed={isOwnTimed}
            onChange={onChange}
          />
        ))}
      </div>
      {left > 0 && <p className={css["hint"]}>{w("moreColumns", { count: left })}</p>}
    </>
  );
}

interface ChannelProps extends ChannelsProps {
  readonly offered: OfferedColumn;
  readonly isOwnTimed: boolean;
}

function Channel({ offered, preview, options, isOwnTimed, onChange }: ChannelProps): ReactNode {
  const t = useWords(libraryWords);
  const w = useWords(tableWords);
  const { column, use, uses } = offered;
  const isChannel = use === "channel";
  const put = (change: Partial<typeof column>) =>
    onChange({
      columns: (options.columns ?? []).map((one) =>
        one.index === column.index ? { ...one, ...change } : one,
      ),
    });
  return (
    <div style={{ display: "contents" }}>
      <Select
        size="xs"
        value={use}
        aria-label={w("useOf", { name: column.label })}
        data={uses.map((value) => ({ value, label: w(`use.${value}`) }))}
        onChange={(value) => {
          const found = uses.find((known: ColumnUse) => known === value);
          if (found !== undefined) onChange(usedAs(options, column, found));
        }}
      />
      {isChannel ? (
        <>
          <TextInput
            size="xs"
            value={column.label}
            aria-label={t("label")}
            onChange={(event) => put({ label: event.currentTarget.value })}
          />
          <TextInput
            size="xs"
            value={column.unit}
            aria-label={t("unit")}
            onChange={(event) => put({ unit: event.currentTarget.value })}
          />
          <Select
            size="xs"
            value={column.role}
            aria-label={t("role")}
            data={ChannelRole.options.map((value) => ({ value, label: t(`role.${value}`) }))}
            onChange={(value) => {
              const role = ChannelRole.options.find((one) => one === value);
              if (role) put({ role });
            }}
          />
          {isOwnTimed && <Times column={column} preview={preview} options={options} onChange={put} />}
        </>
      ) : (
        <span className={css["otherColumn"]}>{column.label}</span>
      )}
    </div>
  );
}

const NONE = "none";

interface TimesProps {
  readonly column: TableColumn;
  readonly preview: TablePreview;
  readonly options: TableOptions;
  readonly onChange: (change: { timeColumn: number | null }) => void;
}

/** The times of one signal: a time column and the rate it tells, or the rate that the header states. */
function Times({ column, preview, options, onChange }: TimesProps): ReactNode {
  const t = useWords(libraryWords);
  const w = useWords(tableWords);
  const rates = new Map((preview.options.columns ?? []).map((one) => [one.index, one.sampleRate]));
  const rate = rates.get(column.index);
  const shown = rate === undefined ? "" : w("rateOf", { rate: Number(rate.toPrecision(6)) });
  const { timeColumn } = column;
  const times = [...timeColumns({ ...options, timeColumn: null }), ...timeColumns(preview.options)];
  const data = [
    ...(timeColumn === null ? [{ value: NONE, label: shown }] : []),
    ...[...new Set(times)]
      .sort((a, b) => a - b)
      .map((index) => ({
        value: String(index),
        label: `${t("columnNumber", { n: index + 1 })}${index === timeColumn && shown !== "" ? ` · ${shown}` : ""}`,
      })),
  ];
  return (
    <Select
      size="xs"
      value={timeColumn === undefined ? null : timeColumn === null ? NONE : String(timeColumn)}
      placeholder={w("unclear")}
      aria-label={w("timesOf", { name: column.label })}
      data={data}
      onChange={(value) => {
        if (value !== null && value !== NONE) onChange({ timeColumn: Number(value) });
      }}
    />
  );
}
