import { Button } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { isReadBlind } from "../../../preload/contract/settings.ts";
import { request } from "../../bridge/client.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { goTo } from "../../state/session.ts";
import { useSettings } from "../../state/settings.ts";
import { common } from "../../ui/common-words.ts";
import { length, moment } from "../../ui/format.ts";
import { useKeys } from "../../ui/keys.ts";
import { notify, notifyFailure } from "../../ui/notify.tsx";
import { Inspector, TopBar } from "../../ui/slots.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Chip, Empty, Facts, Failure, Skeleton, type Fact } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import { binnedAt, binRows, inTurn, nameOf, type BinRow } from "./bin.ts";
import { named } from "./chosen.ts";
import css from "./library.module.css";
import { PurgeDialog } from "./purge-dialog.tsx";
import { TickTable, useTicking } from "./tick-table.tsx";
import { libraryWords } from "./words.ts";

/** What was removed: to be brought back, or deleted for good. */
export function BinPage(): ReactNode {
  const t = useWords(libraryWords);
  const recordings = useRequest("recordings.bin", {});
  const runs = useRequest("runs.bin", {});
  const failed = recordings.error ?? runs.error;
  const rows = recordings.data && runs.data && binRows(recordings.data, runs.data);
  return (
    <div className={css["page"]} data-testid={testIds.binPage}>
      <TopBar>
        <h1>{t("bin")}</h1>
        {recordings.data !== undefined && recordings.data.length > 0 && (
          <Chip>{t("binRecordings", { count: recordings.data.length })}</Chip>
        )}
        {runs.data !== undefined && runs.data.length > 0 && (
          <Chip>{t("binRuns", { count: runs.data.length })}</Chip>
        )}
      </TopBar>
      {failed && (
        <Failure
          error={failed}
          onRetry={() => {
            void recordings.refetch();
            void runs.refetch();
          }}
        />
      )}
      {!failed && !rows && <Skeleton height={320} />}
      {rows?.length === 0 && <EmptyBin />}
      {rows !== undefined && rows.length > 0 && <FilledBin rows={rows} />}
    </div>
  );
}

function EmptyBin(): ReactNode {
  const t = useWords(libraryWords);
  const back = () => goTo("library");
  useKeys(t("bin"), [{ keys: "Escape", what: t("binBack"), run: back, hint: true }]);
  return (
    <div className={css["hollow"]}>
      <Empty
        title={t("binEmpty")}
        actions={
          <ActionButton keys="Escape" onClick={back}>
            {t("binBack")}
          </ActionButton>
        }
      >
        {t("binEmptyText")}
      </Empty>
    </div>
  );
}

function FilledBin({ rows }: { readonly rows: readonly BinRow[] }): ReactNode {
  const t = useWords(libraryWords);
  const language = useLanguage();
  const ticking = useTicking(rows);
  const { ticked, shown, move, toggle, toggleAll } = ticking;
  const [asked, setAsked] = useState<readonly BinRow[]>([]);
  const tickedRows = rows.filter((row) => ticked.has(row.id));
  const chosen = tickedRows.length > 0 ? tickedRows : shown ? [shown] : [];
  const back = () => goTo("library");
  const [isRestoring, setRestoring] = useState(false);
  const restore = async () => {
    if (isRestoring) return;
    setRestoring(true);
    const { done, error } = await inTurn<BinRow, unknown>(chosen, ({ kind, id }) =>
      kind === "run" ? request("runs.restore", { id }) : request("recordings.restore", { id }),
    );
    setRestoring(false);
    ticking.untick(done); // what could not be brought back stays chosen
    if (done.length > 0)
      notify(t("binBrought", { count: done.length, names: named(done.map(nameOf), language) }));
    if (error !== undefined) notifyFailure(error);
  };
  const count = chosen.length;
  const words = {
    restore: count > 1 ? t("restoreMany", { count }) : t("restore"),
    purge: count > 1 ? t("purgeMany", { count }) : t("purge"),
  };
  useKeys(t("bin"), [
    { keys: "ArrowDown", what: t("binNext"), run: () => move(1) },
    { keys: "ArrowUp", what: t("binPrevious"), run: () => move(-1) },
    { keys: "Space", what: t("check"), run: () => shown && toggle(shown) },
    { keys: "Mod+A", what: t("selectAll"), run: toggleAll },
    { keys: "R", what: words.restore, run: () => void restore(), hint: true },
    { keys: "Delete", what: words.purge, run: () => setAsked(chosen) },
    { keys: "Shift+Delete", what: t("purgeAll"), run: () => setAsked(rows) },
    { keys: "Escape", what: t("binBack"), run: back, hint: true },
  ]);
  return (
    <>
      <div className={css["tools"]}>
        <ActionButton keys="Escape" onClick={back}>
          {t("binBack")}
        </ActionButton>
        <span className={css["fill"]} />
        <Button variant="default" data-testid={testIds.binEmpty} onClick={() => setAsked(rows)}>
          {t("purgeAll")}
        </Button>
      </div>
      <TickTable
        {...{ ticking, label: t("bin"), tickAll: t("selectAll"), grid: css["binGrid"] ?? "" }}
        tickOne={(row) => t("selectOne", { name: nameOf(row) })}
        heads={[
          ...[{ text: t("name") }, { text: t("column.what") }, { text: t("column.subject") }],
          ...[{ text: t("length"), isRight: true }, { text: t("column.binned") }],
        ]}
        cells={(row) => <Cells row={row} />}
        marks={(row) => ({
          ...{ "data-testid": testIds.binRow, "data-name": nameOf(row), "data-kind": row.kind },
        })}
      />
      <Inspector>
        <div className={css["inspector"]}>
          <div className={css["block"]}>
            <h2>{count > 1 ? t("binTicked", { count }) : chosen[0] && nameOf(chosen[0])}</h2>
            <p className={css["dim"]}>{t("binNote")}</p>
          </div>
          <div className={css["stack"]}>
            <ActionButton
              primary
              keys="R"
              loading={isRestoring}
              data-testid={testIds.binRestore}
              onClick={() => void restore()}
            >
              {words.restore}
            </ActionButton>
            <ActionButton keys="Delete" data-testid={testIds.binPurge} onClick={() => setAsked(chosen)}>
              {words.purge}
            </ActionButton>
          </div>
          {count > 1 ? (
            <ul className={css["list"]}>
              {chosen.map((row) => (
                <li key={row.id} className={css["channelRow"]}>
                  <span className={css["clip"]}>{nameOf(row)}</span>
                </li>
              ))}
            </ul>
          ) : (
            chosen[0] && <About row={chosen[0]} />
          )}
        </div>
      </Inspector>
      <PurgeDialog rows={asked} onClose={() => setAsked([])} />
    </>
  );
}

function Cells({ row }: { readonly row: BinRow }): ReactNode {
  const t = useWords(libraryWords);
  const c = useWords(common);
  const language = useLanguage();
  const name = nameOf(row);
  return (
    <>
      <span className={css["clip"]} role="gridcell" title={name}>
        {name}
      </span>
      <span className={css["clip"]} role="gridcell">
        {row.kind === "run" ? t("binRun") : c(`kind.${row.recording.kind}`)}
      </span>
      <span className={css["clip"]} role="gridcell">
        {row.kind === "run" ? "–" : row.recording.subject}
      </span>
      <span className={css["right"]} role="gridcell">
        {row.kind === "run" ? "–" : length(row.recording.durationS, language)}
      </span>
      <span className={css["clip"]} role="gridcell" data-digits>
        {moment(binnedAt(row), language)}
      </span>
    </>
  );
}

function About({ row }: { readonly row: BinRow }): ReactNode {
  const t = useWords(libraryWords);
  const settings = useSettings();
  const c = useWords(common);
  const language = useLanguage();
  const facts: Fact[] = [
    [t("column.what"), row.kind === "run" ? t("binRun") : c(`kind.${row.recording.kind}`)],
    [t("column.binned"), moment(binnedAt(row), language)],
  ];
  if (row.kind === "recording")
    facts.push(
      [t("subject"), row.recording.subject],
      [t("study"), row.recording.study === "" ? c("none") : row.recording.study],
      [t("length"), length(row.recording.durationS, language)],
      [
        t("annotations"),
        isReadBlind(settings, row.recording.id) ? t("blindHere") : String(row.recording.annotationCount),
      ],
    );
  return <Facts facts={facts} />;
}
