import { Button, Checkbox, Modal, NumberInput, Select, TagsInput, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState, type ReactNode } from "react";
import { TableOptions, type TablePreview } from "../../../preload/contract/exchange.ts";
import { ChannelRole } from "../../../preload/contract/recording.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { common } from "../../ui/common-words.ts";
import { useKeys } from "../../ui/keys.ts";
import { repairText } from "../../ui/said.ts";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Failure, Skeleton } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import { fileName, leaveTables, startImport, useImportFlow } from "./import-flow.ts";
import css from "./library.module.css";
import {
  cellKind,
  columnCount,
  edited,
  importOptionsOf,
  isAnnotationTable,
  offeredColumns,
  problemOf,
  tableToImport,
  type TableColumn,
  type TableEdit,
} from "./table-columns.ts";
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

/** Text tables: everything found in the file is shown and can be put right before anything is imported. */
export function ImportTableDialog(): ReactNode {
  const t = useWords(libraryWords);
  const tables = useImportFlow((one) => one.tables);
  const events = useImportFlow((one) => one.events);
  const first = tables[0];
  return (
    <Modal opened={first !== undefined} onClose={leaveTables} title={t("tableTitle")} size={860}>
      {first !== undefined && <Guide key={first} path={first} paths={tables} events={events} />}
    </Modal>
  );
}

interface GuideProps {
  readonly path: string;
  readonly paths: readonly string[];
  readonly events: readonly string[];
}
function Guide({ path, paths, events }: GuideProps): ReactNode {
  const t = useWords(libraryWords);
  const c = useWords(common);
  const [edits, setEdits] = useState<TableOptions>({});
  const [facts, setFacts] = useState({ study: "", subject: "", kind: "" });
  const [sent] = useDebouncedValue(edits, 200);
  const preview = useRequest(
    "import.preview",
    { path, ...(Object.keys(sent).length === 0 ? {} : { table: sent }) },
    { keepPrevious: true },
  );
  // A choice that makes nothing of the file is said, and can be taken back: the last rows that could be read stay.
  const [shown, setShown] = useState<TablePreview>();
  if (preview.data !== undefined && preview.data !== shown) setShown(preview.data);
  const options: TableOptions = { ...shown?.options, ...edits };
  const isEvents = shown !== undefined && isAnnotationTable(shown);
  const problem = shown === undefined || isEvents ? undefined : problemOf(options, shown.problems);
  const canStart = shown !== undefined && !preview.isError && problem === undefined;
  const run = (table: TableOptions | undefined) => {
    void startImport([...paths, ...events], importOptionsOf(table, facts));
    leaveTables();
  };
  const begin = () => {
    if (canStart) run(isEvents ? undefined : tableToImport(options, edits));
  };
  useKeys(
    t("tableTitle"),
    [{ keys: "Mod+Enter", what: t("startImport", { count: paths.length }), run: begin, inInputs: true }],
    { exclusive: true },
  );
  const change = (patch: TableEdit) => setEdits((known) => edited(known, patch));
  return (
    <div data-testid={testIds.importTable}>
      <p>
        {paths.length === 1
          ? fileName(path)
          : t("tableFiles", { name: fileName(path), rest: paths.length - 1 })}
      </p>
      {preview.isError && (
        <div className={css["section"]}>
          <Failure error={preview.error} />
        </div>
      )}
      {preview.isPending && shown === undefined && <Skeleton height={260} />}
      {isEvents && <p className={css["section"]}>{t("isAnnotations")}</p>}
      {shown !== undefined && !isEvents && (
        <>
          <Reading options={options} columns={columnCount(shown)} onChange={change} />
          <Columns preview={shown} options={options} onChange={(columns) => change({ columns })} />
          <Belongs facts={facts} onChange={setFacts} />
        </>
      )}
      {shown !== undefined && (
        <PreviewTable preview={shown} options={isEvents ? { headerRows: 1 } : options} isEvents={isEvents} />
      )}
      <div className={css["dialogFoot"]}>
        <span className={css["problem"]}>{problem === undefined ? "" : t(problem)}</span>
        <Button variant="default" onClick={leaveTables}>
          {c("cancel")}
        </Button>
        {preview.isError && shown === undefined ? (
          <Button onClick={() => run(undefined)}>{t("importAsIs")}</Button>
        ) : (
          <ActionButton
            primary
            keys="Mod+Enter"
            disabled={!canStart}
            data-testid={testIds.importTableStart}
            onClick={begin}
          >
            {t("startImport", { count: paths.length })}
          </ActionButton>
        )}
      </div>
    </div>
  );
}

interface ReadingProps {
  readonly options: TableOptions;
  readonly columns: number;
  readonly onChange: (patch: TableEdit) => void;
}
function Reading({ options, columns, onChange }: ReadingProps): ReactNode {
  const t = useWords(libraryWords);
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
            if (typeof value === "number") onChange({ headerRows: value });
          }}
        />
        <Select
          label={t("timeColumn")}
          value={
            options.timeColumn === undefined || options.timeColumn === null
              ? "none"
              : String(options.timeColumn)
          }
          data={[
            { value: "none", label: t("noTime") },
            ...Array.from({ length: columns }, (_, i) => ({
              value: String(i),
              label: t("columnNumber", { n: i + 1 }),
            })),
          ]}
          onChange={(value) =>
            onChange({ timeColumn: value === null || value === "none" ? null : Number(value) })
          }
        />
        <NumberInput
          label={t("sampleRate")}
          value={options.sampleRate ?? ""}
          min={0.001}
          max={1_000_000}
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

function Columns({
  preview,
  options,
  onChange,
}: {
  readonly preview: TablePreview;
  readonly options: TableOptions;
  readonly onChange: (columns: TableColumn[]) => void;
}): ReactNode {
  const t = useWords(libraryWords);
  const offered = offeredColumns(preview, options);
  const put = (index: number, column: TableColumn | undefined) => {
    const others = (options.columns ?? []).filter((one) => one.index !== index);
    onChange([...others, ...(column ? [column] : [])].sort((a, b) => a.index - b.index));
  };
  return (
    <>
      <h3 className={css["section"]}>{t("tableColumns")}</h3>
      <div className={css["columns"]}>
        <h3>{t("use")}</h3>
        <h3>{t("label")}</h3>
        <h3>{t("unit")}</h3>
        <h3>{t("role")}</h3>
        {offered.map(({ column, isUsed }) => (
          <div key={column.index} style={{ display: "contents" }}>
            <Checkbox
              checked={isUsed}
              aria-label={`${t("use")} ${column.label}`}
              onChange={() => put(column.index, isUsed ? undefined : column)}
            />
            <TextInput
              size="xs"
              value={column.label}
              disabled={!isUsed}
              aria-label={t("label")}
              onChange={(event) => put(column.index, { ...column, label: event.currentTarget.value })}
            />
            <TextInput
              size="xs"
              value={column.unit}
              disabled={!isUsed}
              aria-label={t("unit")}
              onChange={(event) => put(column.index, { ...column, unit: event.currentTarget.value })}
            />
            <Select
              size="xs"
              value={column.role}
              disabled={!isUsed}
              aria-label={t("role")}
              data={ChannelRole.options.map((value) => ({ value, label: t(`role.${value}`) }))}
              onChange={(value) => {
                const role = ChannelRole.options.find((one) => one === value);
                if (role) put(column.index, { ...column, role });
              }}
            />
          </div>
        ))}
      </div>
    </>
  );
}

interface BelongsProps {
  readonly facts: { study: string; subject: string; kind: string };
  readonly onChange: (facts: { study: string; subject: string; kind: string }) => void;
}
function Belongs({ facts, onChange }: BelongsProps): ReactNode {
  const t = useWords(libraryWords);
  const c = useWords(common);
  return (
    <>
      <h3 className={css["section"]}>{t("belongsTo")}</h3>
      <div className={css["dialogGrid"]}>
        <TextInput
          label={t("study")}
          value={facts.study}
          onChange={(event) => onChange({ ...facts, study: event.currentTarget.value })}
        />
        <TextInput
          label={t("subject")}
          placeholder={t("subjectFromFile")}
          value={facts.subject}
          onChange={(event) => onChange({ ...facts, subject: event.currentTarget.value })}
        />
        <Select
          label={t("kind")}
          value={facts.kind}
          data={[
            { value: "", label: t("tableFrom") },
            ...(["ctg", "emg", "other"] as const).map((value) => ({ value, label: c(`kind.${value}`) })),
          ]}
          onChange={(value) => onChange({ ...facts, kind: value ?? "" })}
        />
      </div>
    </>
  );
}

function PreviewTable({
  preview,
  options,
  isEvents,
}: {
  readonly preview: TablePreview;
  readonly options: TableOptions;
  readonly isEvents: boolean;
}): ReactNode {
  const t = useWords(libraryWords);
  const language = useLanguage();
  const columns = columnCount(preview);
  const role = (index: number) =>
    options.columns?.find((one) => one.index === index)?.label ??
    (index === options.timeColumn ? t("timeColumn") : "");
  return (
    <>
      <h3 className={css["section"]}>{t("previewTitle")}</h3>
      <div className={css["previewBox"]}>
        <table className={css["preview"]}>
          {!isEvents && (
            <thead>
              <tr>
                {Array.from({ length: columns }, (_, i) => (
                  <th key={i}>{role(i)}</th>
                ))}
              </tr>
            </thead>
          )}
          <tbody>
            {preview.rows.map((row, r) => (
              <tr key={r}>
                {Array.from({ length: columns }, (_, i) => (
                  <td key={i} data-kind={isEvents && r > 0 ? "value" : cellKind(r, i, row[i] ?? "", options)}>
                    {row[i] ?? ""}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {preview.problems.map((one, i) => (
        <p key={i} style={{ color: "var(--kodo-dim)", fontSize: 12, marginTop: 6 }}>
          {repairText(one, language)}
        </p>
      ))}
    </>
  );
}
