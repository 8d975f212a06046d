import { Button, Checkbox } from "@mantine/core";
import { useEffect, useRef, useState, type ReactNode } from "react";
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
  const [shownId, setShown] = useState<string>();
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState<readonly BinRow[]>([]);
  const at = Math.max(
    0,
    rows.findIndex((row) => row.id === shownId),
  );
  const shown = rows[at];
  const tickedRows = rows.filter((row) => ticked.has(row.id));
  const chosen = tickedRows.length > 0 ? tickedRows : shown ? [shown] : [];
  const move = (by: number) => setShown(rows[Math.min(rows.length - 1, Math.max(0, at + by))]?.id);
  const toggle = (id: string) =>
    setTicked((known) => {
      const next = new Set(known);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  const all = rows.every((row) => ticked.has(row.id));
  const toggleAll = () => setTicked(all ? new Set() : new Set(rows.map((row) => row.id)));
  const back = () => goTo("library");
  const restore = async () => {
    const { done, error } = await inTurn<BinRow, unknown>(chosen, ({ kind, id }) =>
      kind === "run" ? request("runs.restore", { id }) : request("recordings.restore", { id }),
    );
    setTicked(new Set());
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
    { keys: "Space", what: t("check"), run: () => shown && toggle(shown.id) },
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
      <div className={css["table"]}>
        <div
          className={css["scroll"]}
          role="grid"
          aria-label={t("bin")}
          aria-rowcount={rows.length + 1}
          tabIndex={0}
        >
          <div className={`${css["head"] ?? ""} ${css["binGrid"] ?? ""}`} role="row" aria-rowindex={1}>
            <span className={css["check"]} role="columnheader">
              <Checkbox
                checked={all}
                indeterminate={!all && tickedRows.length > 0}
                onChange={toggleAll}
                aria-label={t("selectAll")}
              />
            </span>
            <span role="columnheader">{t("name")}</span>
            <span role="columnheader">{t("column.what")}</span>
            <span role="columnheader">{t("column.subject")}</span>
            <span role="columnheader" className={css["right"]}>
              {t("length")}
            </span>
            <span role="columnheader">{t("column.binned")}</span>
          </div>
          {rows.map((row, i) => (
            <Row
              key={row.id}
              row={row}
              index={i}
              isShown={row.id === shown?.id}
              isTicked={ticked.has(row.id)}
              onShow={() => setShown(row.id)}
              onTick={() => toggle(row.id)}
            />
          ))}
        </div>
      </div>
      <Inspector>
        <div className={css["inspector"]}>
          <div className={css["block"]}>
            <h2>{count > 1 ? t("binTicked", { count }) : chosen[0] && nameOf(chosen[0])}</h2>
            <p className={css["dim"]}>{t("binNote")}</p>
          </div>
          <div className={css["stack"]}>
            <ActionButton primary keys="R" data-testid={testIds.binRestore} onClick={() => void restore()}>
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

function Row({
  row,
  index,
  isShown,
  isTicked,
  onShow,
  onTick,
}: {
  readonly row: BinRow;
  readonly index: number;
  readonly isShown: boolean;
  readonly isTicked: boolean;
  readonly onShow: () => void;
  readonly onTick: () => void;
}): ReactNode {
  const t = useWords(libraryWords);
  const c = useWords(common);
  const language = useLanguage();
  const name = nameOf(row);
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
      className={`${css["row"] ?? ""} ${css["binGrid"] ?? ""} ${css["binRow"] ?? ""}`}
      aria-rowindex={index + 2}
      aria-selected={isShown}
      data-testid={testIds.binRow}
      data-name={name}
      data-kind={row.kind}
      onClick={onShow}
    >
      <span className={css["check"]} role="gridcell">
        <Checkbox
          checked={isTicked}
          onChange={onTick}
          onClick={(event) => event.stopPropagation()}
          aria-label={t("selectOne", { name })}
          tabIndex={-1}
        />
      </span>
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
    </div>
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
