import { useDebouncedValue } from "@mantine/hooks";
import { useRef, useState, type ReactNode } from "react";
import type { Result } from "../../../preload/contract/channels.ts";
import type { ArchiveRow } from "../../../preload/contract/cluster.ts";
import { request } from "../../bridge/client.ts";
import { useRequest, useSendOnce } from "../../bridge/hooks.ts";
import { useCluster } from "../../state/cluster.ts";
import { goTo } from "../../state/session.ts";
import { common } from "../../ui/common-words.ts";
import { length, moment } from "../../ui/format.ts";
import { useKeys } from "../../ui/keys.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { Inspector, TopBar } from "../../ui/slots.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Chip, Empty, Facts, Failure, Skeleton, type Fact } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import { archiveWords } from "./archive-words.ts";
import css from "./library.module.css";
import { SearchField } from "./search-field.tsx";
import { TickTable, useTicking, type Ticking } from "./tick-table.tsx";
import { useParts } from "./use-parts.ts";

const back = (): void => goTo("library");

/** What a department's archive holds: searched there, a page at a time, and fetched from there. */
export function ArchivePage(): ReactNode {
  const t = useWords(archiveWords);
  const { name } = useCluster();
  return (
    <div className={css["page"]} data-testid={testIds.archivePage}>
      <TopBar>
        <h1>{t("title")}</h1>
        {name !== null && <Chip>{name}</Chip>}
      </TopBar>
      {name === null ? <NoArchive /> : <Archive key={name} />}
    </div>
  );
}

function NoArchive(): ReactNode {
  const t = useWords(archiveWords);
  useKeys(t("title"), [{ keys: "Escape", what: t("back"), run: back, hint: true }]);
  return (
    <div className={css["hollow"]}>
      <Empty
        title={t("none")}
        actions={
          <>
            <ActionButton primary keys="Mod+," onClick={() => goTo("settings")}>
              {t("toSettings")}
            </ActionButton>
            <ActionButton keys="Escape" onClick={back}>
              {t("back")}
            </ActionButton>
          </>
        }
      >
        {t("noneText")}
      </Empty>
    </div>
  );
}

const partOf = ({ recordings, isWhole }: Result<"archive.list">) => ({
  rows: recordings,
  next: isWhole ? undefined : recordings.at(-1)?.id,
});

/** Pages that were asked for, one behind the other; a new search begins again. */
function usePages(text: string) {
  const first = useRequest("archive.list", { text }, { keepPrevious: true });
  const { data, dataUpdatedAt, refetch } = first;
  const parts = useParts(data && partOf(data), `${dataUpdatedAt} ${text}`, async (after) =>
    partOf(await request("archive.list", { text, after })),
  );
  return { first, ...parts, refetch };
}

function Archive(): ReactNode {
  const t = useWords(archiveWords);
  const [typed, setTyped] = useState("");
  const [text] = useDebouncedValue(typed, 250);
  const { first, rows, isWhole, isAsking, showMore, refetch } = usePages(text);
  const ticking = useTicking(rows);
  const { ticked, shown, move, toggle, toggleAll, untick } = ticking;
  const search = useRef<HTMLInputElement>(null);
  const transfer = useRequest("archive.transfer", {}).data ?? undefined;
  const isMoving = transfer?.state === "running";
  const isSettled = typed === text && !first.isPlaceholderData; // else the rows are those of the search before
  const chosen = ticked.size > 0 ? [...ticked.values()] : shown ? [shown] : [];
  const pulling = useSendOnce("archive.pull");
  const pull = (): void => {
    const recordings = chosen.map(({ id, name }) => ({ id, name }));
    pulling.send({ recordings }, { onSuccess: () => untick(chosen), onError: notifyFailure });
  };
  const cancel = (): void => void request("archive.cancel", {}).catch(notifyFailure);
  const canPull = chosen.length > 0 && !isMoving && !pulling.isPending && (ticked.size > 0 || isSettled);
  const pullName = chosen.length > 1 ? t("pullMany", { count: chosen.length }) : t("pull");
  useKeys(t("title"), [
    { keys: "ArrowDown", what: t("next"), run: () => move(1) },
    { keys: "ArrowUp", what: t("previous"), run: () => move(-1) },
    { keys: "Space", what: t("tick"), run: () => shown && toggle(shown), enabled: isSettled },
    { keys: "Mod+A", what: t("tickAll"), run: toggleAll, enabled: isSettled },
    { keys: "G", what: pullName, run: pull, enabled: canPull, hint: true },
    { keys: "M", what: t("more"), run: showMore, enabled: !isWhole },
    { keys: "R", what: t("refresh"), run: () => void refetch() },
    { keys: "X", what: t("cancelKey"), run: cancel, enabled: isMoving, hint: true },
    { keys: "/", what: t("searchKey"), run: () => search.current?.select(), hint: true },
    { keys: "Escape", what: t("back"), run: back, hint: true },
  ]);
  return (
    <>
      <div className={css["tools"]}>
        <ActionButton keys="Escape" onClick={back}>
          {t("back")}
        </ActionButton>
        <SearchField
          {...{ inputRef: search, label: t("search"), testId: testIds.archiveSearch }}
          value={typed}
          onChange={setTyped}
        />
        <span className={css["fill"]} />
        <Chip>{t("shown", { count: rows.length })}</Chip>
        <ActionButton keys="R" loading={first.isFetching} onClick={() => void refetch()}>
          {t("refresh")}
        </ActionButton>
      </div>
      {first.isError && <Failure error={first.error} onRetry={() => void refetch()} />}
      {first.isPending && !first.isError && <Skeleton height={320} />}
      {first.data && rows.length === 0 && (
        <div className={css["hollow"]}>
          <Empty title={t(text.trim() === "" ? "empty" : "nothing")}>
            {t(text.trim() === "" ? "emptyText" : "nothingText")}
          </Empty>
        </div>
      )}
      {rows.length > 0 && <Table ticking={ticking} more={isWhole ? undefined : { showMore, isAsking }} />}
      <Inspector>
        <div className={css["inspector"]}>
          <div className={css["block"]}>
            <h2>{ticked.size > 0 ? t("ticked", { count: ticked.size }) : shown?.name}</h2>
            <p className={css["dim"]}>{t("pullText")}</p>
          </div>
          <ActionButton primary keys="G" disabled={!canPull} data-testid={testIds.archivePull} onClick={pull}>
            {pullName}
          </ActionButton>
          {ticked.size === 0 && shown && <About row={shown} />}
        </div>
      </Inspector>
    </>
  );
}

const columns = ["name", "subject", "study", "kind", "length", "pushed", "here"] as const;

function Table({
  ticking,
  more,
}: {
  readonly ticking: Ticking<ArchiveRow>;
  readonly more: { readonly showMore: () => void; readonly isAsking: boolean } | undefined;
}): ReactNode {
  const t = useWords(archiveWords);
  return (
    <TickTable
      {...{ ticking, label: t("title"), tickAll: t("tickAll"), grid: css["archiveGrid"] ?? "" }}
      tickOne={({ name }) => t("tickOne", { name })}
      heads={columns.map((one) => ({ text: t(`column.${one}`), isRight: one === "length" }))}
      cells={(row) => <Cells row={row} />}
      marks={({ name, hereId }) => ({
        ...{ "data-testid": testIds.archiveRow, "data-name": name, "data-here": hereId !== null },
      })}
    >
      {more && (
        <div className={css["moreRow"]}>
          <ActionButton
            keys="M"
            size="compact-sm"
            loading={more.isAsking}
            data-testid={testIds.archiveMore}
            onClick={more.showMore}
          >
            {t("more")}
          </ActionButton>
        </div>
      )}
    </TickTable>
  );
}

function Cells({ row }: { readonly row: ArchiveRow }): ReactNode {
  const t = useWords(archiveWords);
  const c = useWords(common);
  const language = useLanguage();
  return (
    <>
      <span className={css["clip"]} role="gridcell" title={row.name}>
        {row.name}
      </span>
      <span className={css["clip"]} role="gridcell" title={row.subject}>
        {row.subject}
      </span>
      <span className={css["clip"]} role="gridcell" title={row.study}>
        {row.study === "" ? "–" : row.study}
      </span>
      <span className={css["clip"]} role="gridcell">
        {c(`kind.${row.kind}`)}
      </span>
      <span className={css["right"]} role="gridcell">
        {length(row.durationS, language)}
      </span>
      <span className={css["clip"]} role="gridcell" title={row.pushedBy}>
        {moment(row.pushedAt, language)}
      </span>
      <span className={css["clip"]} role="gridcell">
        {t(row.hereId === null ? "notHere" : "here")}
      </span>
    </>
  );
}

function About({ row }: { readonly row: ArchiveRow }): ReactNode {
  const t = useWords(archiveWords);
  const c = useWords(common);
  const language = useLanguage();
  const facts: Fact[] = [
    [t("column.subject"), row.subject],
    [t("column.study"), row.study === "" ? c("none") : row.study],
    [t("column.kind"), c(`kind.${row.kind}`)],
    [t("column.length"), length(row.durationS, language)],
    [t("column.pushed"), `${moment(row.pushedAt, language)}, ${row.pushedBy}`],
    [t("column.here"), t(row.hereId === null ? "notHere" : "here")],
  ];
  return <Facts facts={facts} />;
}
