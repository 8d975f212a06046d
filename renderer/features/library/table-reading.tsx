import { NumberInput, Select, TagsInput } from "@mantine/core";
import type { ReactNode } from "react";
import { TableOptions } from "../../../preload/contract/exchange.ts";
import { SAMPLE_RATE_MAX, SAMPLE_RATE_MIN } from "../../../preload/contract/recording.ts";
import { useWords } from "../../ui/words.ts";
import css from "./library.module.css";
import type { TableEdit } from "./table-columns.ts";
import { tableWords } from "./table-words.ts";
import { libraryWords } from "./words.ts";

const encodings = TableOptions.shape.encoding.unwrap().options;
const encodingNames: Readonly<Record<(typeof encodings)[number], string>> = {
  "utf-8": "UTF-8",
  "utf-16le": "UTF-16 LE",
  "utf-16be": "UTF-16 BE",
  shift_jis: "Shift_JIS",
  "euc-jp": "EUC-JP",
  latin1: "Latin-1",
};

/** What the time column may be, besides a column: none, or one for each signal. */
const NONE = "none";
const OWN = "own";

interface ReadingProps {
  readonly options: TableOptions;
  readonly columns: number;
  readonly isOwnTimed: boolean; // columns have times of their own
  readonly mayBeOwnTimed: boolean;
  readonly asksDateOrder: boolean;
  readonly onChange: (patch: TableEdit) => void;
}
/** How rows become cells, and which column is the time. */
export function Reading({
  options,
  columns,
  isOwnTimed,
  mayBeOwnTimed,
  asksDateOrder,
  onChange,
}: ReadingProps): ReactNode {
  const t = useWords(libraryWords);
  const w = useWords(tableWords);
  const time = isOwnTimed ? OWN : String(options.timeColumn ?? NONE);
  return (
    <>
      <h3 className={css["section"]}>{t("tableReading")}</h3>
      <div className={css["dialogGrid"]}>
        <Select
          label={t("encoding")}
          value={options.encoding ?? null}
          data={encodings.map((value) => ({ value, label: encodingNames[value] }))}
          onChange={(value) => {
            const found = encodings.find((one) => one === value);
            if (found) onChange({ encoding: found });
          }}
        />
        <Select
          label={t("separator")}
          value={options.separator ?? null}
          data={[
            { value: ",", label: t("separator.comma") },
            { value: ";", label: t("separator.semicolon") },
            { value: "\t", label: t("separator.tab") },
            { value: " ", label: t("separator.space") },
          ]}
          onChange={(value) => {
            if (value === "," || value === ";" || value === "\t" || value === " ")
              onChange({ separator: value });
          }}
        />
        <Select
          label={t("decimal")}
          value={options.decimal ?? null}
          data={[
            { value: ".", label: t("decimal.point") },
            { value: ",", label: t("decimal.comma") },
          ]}
          onChange={(value) => {
            if (value === "." || value === ",") onChange({ decimal: value });
          }}
        />
        <NumberInput
          label={t("headerRows")}
          value={options.headerRows ?? 0}
          min={0}
          max={50}
          allowDecimal={false}
          onChange={(value) => {
            if (typeof value === "number") onChange({ headerRows: value, namesRow: undefined });
          }}
        />
        <Select
          label={t("timeColumn")}
          value={time}
          data={[
            { value: NONE, label: t("noTime") },
            ...(mayBeOwnTimed ? [{ value: OWN, label: w("ownTimes") }] : []),
            ...Array.from({ length: columns }, (_, i) => ({
              value: String(i),
              label: t("columnNumber", { n: i + 1 }),
            })),
          ]}
          onChange={(value) => {
            if (value === OWN) onChange({ timeColumn: undefined });
            else onChange({ timeColumn: value === null || value === NONE ? null : Number(value) });
          }}
        />
        {asksDateOrder && (
          <Select
            label={w("dateOrder")}
            value={options.dateOrder ?? null}
            placeholder={w("unclear")}
            data={(["dmy", "mdy"] as const).map((value) => ({ value, label: w(`dateOrder.${value}`) }))}
            onChange={(value) => {
              if (value === "dmy" || value === "mdy") onChange({ dateOrder: value });
            }}
          />
        )}
        <NumberInput
          label={t("sampleRate")}
          disabled={isOwnTimed}
          value={options.sampleRate ?? ""}
          min={SAMPLE_RATE_MIN}
          max={SAMPLE_RATE_MAX}
          onChange={(value) => {
            onChange({ sampleRate: typeof value === "number" && value > 0 ? value : undefined });
          }}
        />
        <TagsInput
          label={t("missingCodes")}
          description={t("missingHint")}
          value={[...(options.missing ?? [])]}
          onChange={(missing) => onChange({ missing })}
          size="sm"
          styles={{ root: { gridColumn: "span 2" } }}
          inputWrapperOrder={["label", "input", "description"]}
        />
      </div>
    </>
  );
}
