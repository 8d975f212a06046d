import { Button, Checkbox, Modal, Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState, type ReactNode } from "react";
import type { TableOptions, TablePreview } from "../../../preload/contract/exchange.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { common } from "../../ui/common-words.ts";
import { useKeys } from "../../ui/keys.ts";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Failure, Skeleton } from "../../ui/widgets.tsx";
import { useWords } from "../../ui/words.ts";
import { fileName, importTables, leaveTables, likeTheFirst, useImportFlow } from "./import-flow.ts";
import css from "./library.module.css";
import { Channels } from "./table-channels.tsx";
import {
  columnCount,
  edited,
  hasOwnTimes,
  importOptionsOf,
  isAnnotationTable,
  problemOf,
  tableToImport,
  type TableEdit,
  type TableProblem,
} from "./table-columns.ts";
import { Reading } from "./table-reading.tsx";
import { Rows } from "./table-rows.tsx";
import { tableWords } from "./table-words.ts";
import { libraryWords } from "./words.ts";

/** Text tables: everything found in the file is shown and can be put right before anything is imported. */
export function ImportTableDialog(): ReactNode {
  const t = useWords(libraryWords);
  const flow = useImportFlow();
  const [first] = flow.tables;
  const { same, rest } = likeTheFirst(flow);
  return (
    <Modal opened={first !== undefined} onClose={leaveTables} title={t("tableTitle")} size={900}>
      {first !== undefined && <Guide key={first} path={first} same={same} rest={rest.length} />}
    </Modal>
  );
}

const isOfTables = (problem: TableProblem): problem is "rateUnclear" | "timesUnclear" | "dateUnclear" =>
  problem.endsWith("Unclear");

interface GuideProps {
  readonly path: string;
  readonly same: readonly string[]; // the tables that may be read as this one is, itself first
  readonly rest: number; // tables of other columns, asked about next
}
function Guide({ path, same, rest }: GuideProps): ReactNode {
  const t = useWords(libraryWords);
  const w = useWords(tableWords);
  const c = useWords(common);
  const [isForAll, setForAll] = useState(true);
  const paths = isForAll ? same : [path];
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
  const isOwnTimed = edits.timeColumn === undefined && hasOwnTimes(options);
  const [mayBeOwnTimed, setMayBe] = useState(false);
  if (isOwnTimed && !mayBeOwnTimed) setMayBe(true);
  const isEvents = shown !== undefined && isAnnotationTable(shown);
  const problem = shown === undefined || isEvents ? undefined : problemOf(options, shown.problems);
  const canStart = shown !== undefined && !preview.isError && problem === undefined;
  const run = (table: TableOptions | undefined) => {
    importTables(paths, importOptionsOf(table, facts));
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
      <p>{fileName(path)}</p>
      {same.length > 1 && (
        <Checkbox
          mt={6}
          checked={isForAll}
          label={w("sameColumns", { count: same.length })}
          onChange={(event) => setForAll(event.currentTarget.checked)}
        />
      )}
      {rest > 0 && <p className={css["hint"]}>{w("more", { count: rest })}</p>}
      {preview.isError && (
        <div className={css["section"]}>
          <Failure error={preview.error} />
        </div>
      )}
      {preview.isPending && shown === undefined && <Skeleton height={260} />}
      {isEvents && <p className={css["section"]}>{t("isAnnotations")}</p>}
      {shown !== undefined && (
        <Rows
          preview={shown}
          options={isEvents ? { headerRows: 1 } : options}
          isEvents={isEvents}
          onNamesRow={(namesRow) => change({ namesRow, headerRows: undefined })}
        />
      )}
      {shown !== undefined && !isEvents && (
        <>
          <Reading
            options={options}
            columns={columnCount(shown)}
            isOwnTimed={isOwnTimed}
            mayBeOwnTimed={mayBeOwnTimed}
            asksDateOrder={options.dateOrder !== undefined || problem === "dateUnclear"}
            onChange={change}
          />
          <Channels preview={shown} options={options} onChange={change} />
          <Belongs facts={facts} onChange={setFacts} />
        </>
      )}
      <div className={css["dialogFoot"]}>
        <span className={css["problem"]}>
          {problem === undefined ? "" : isOfTables(problem) ? w(problem) : t(problem)}
        </span>
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
