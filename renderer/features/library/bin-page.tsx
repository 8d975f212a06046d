import { Button } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { isReadBlind } from "../../../preload/contract/settings.ts";
import { request } from "../../bridge/client.ts";
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
import { binnedAt, inTurn, type Meant, missedOf, nameOf, namesOf, partsOf, type BinRow } from "./bin.ts";
import { named } from "./chosen.ts";
import css from "./library.module.css";
import { PurgeDialog } from "./purge-dialog.tsx";
import { TickTable } from "./tick-table.tsx";
import { type BinRows, useBinRows, useBinTicks } from "./use-bin-rows.ts";
import { libraryWords } from "./words.ts";

/** What was removed: to be brought back, or deleted for good. */
export function BinPage(): ReactNode {
  const t = useWords(libraryWords);
  const bin = useBinRows();
  const { rows, count, error } = bin;
  return (
    <div className={css["page"]} data-testid={testIds.binPage}>
      <TopBar>
        <h1>{t("bin")}</h1>
        {count.recordings > 0 && <Chip>{t("binRecordings", { count: count.recordings })}</Chip>}
        {count.runs > 0 && <Chip>{t("binRuns", { count: count.runs })}</Chip>}
      </TopBar>
      {error && <Failure error={error} onRetry={bin.refetch} />}
      {!error && !rows && <Skeleton height={320} />}
      {rows?.length === 0 && <EmptyBin />}
      {rows !== undefined && rows.length > 0 && <FilledBin bin={bin} rows={rows} />}
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

const LISTED = 50;

function FilledBin({ bin, rows }: { readonly bin: BinRows; readonly rows: readonly BinRow[] }): ReactNode {
  const t = useWords(libraryWords);
  const language = useLanguage();
  const ticks = useBinTicks(bin, rows);
  const { ticking } = ticks;
  const { ticked, shown, move, toggle, toggleAll } = ticking;
  const [asked, setAsked] = useState<Meant>();
  const back = () => goTo("library");
  const [isBusy, setBusy] = useState(false);
  const withMeant = async (act: (meant: Meant) => unknown, meant = ticks.meant) => {
    if (isBusy) return;
    setBusy(true);
    try {
      await act(await meant());
    } catch (error) {
      notifyFailure(error);
    } finally {
      setBusy(false);
    }
  };
  const restore = async (meant: Meant) => {
    const { done, results, error } = await inTurn(partsOf(meant), async (part) =>
      part.kind === "run"
        ? [(await request("runs.restore", { id: part.ids[0] })).id]
        : (await request("recordings.restoreThese", { ids: [...part.ids] })).ids,
    );
    const brought = results.flat();
    const [came, missed] = [brought.length, missedOf(done, brought)];
    ticks.untick(new Set(done.flatMap(({ ids }) => ids))); // what could not be brought back stays chosen
    const said = [
      came > 0
        ? t("binBrought", { count: came, names: named(namesOf(meant, brought), language, 3, came) })
        : "",
      missed > 0 ? t("binMissed", { count: missed }) : "",
    ].filter((one) => one !== "");
    if (said.length > 0) notify(said.join(" · "), { isLong: missed > 0 });
    if (error !== undefined) notifyFailure(error);
  };
  const bring = () => void withMeant(restore);
  const purge = () => void withMeant(setAsked);
  const purgeAll = () => void withMeant(setAsked, ticks.everything);
  const count = Math.max(1, ticks.count);
  const words = {
    restore: count > 1 ? t("restoreMany", { count }) : t("restore"),
    purge: count > 1 ? t("purgeMany", { count }) : t("purge"),
  };
  const listed = [...ticked.values()].slice(0, LISTED);
  const only = ticks.count > 0 ? listed[0] : shown;
  useKeys(t("bin"), [
    { keys: "ArrowDown", what: t("binNext"), run: () => move(1) },
    { keys: "ArrowUp", what: t("binPrevious"), run: () => move(-1) },
    { keys: "Space", what: t("check"), run: () => shown && toggle(shown) },
    { keys: "Mod+A", what: t("selectAll"), run: toggleAll },
    { keys: "R", what: words.restore, run: bring, hint: true },
    { keys: "Delete", what: words.purge, run: purge },
    { keys: "Shift+Delete", what: t("purgeAll"), run: purgeAll },
    { keys: "M", what: t("binMore"), run: bin.showMore, enabled: !bin.isWhole },
    { keys: "Escape", what: t("binBack"), run: back, hint: true },
  ]);
  return (
    <>
      <div className={css["tools"]}>
        <ActionButton keys="Escape" onClick={back}>
          {t("binBack")}
        </ActionButton>
        <span className={css["fill"]} />
        <Button variant="default" data-testid={testIds.binEmpty} onClick={purgeAll}>
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
      >
        {!bin.isWhole && (
          <div className={css["moreRow"]}>
            <ActionButton
              keys="M"
              size="compact-sm"
              loading={bin.isAsking}
              data-testid={testIds.binMore}
              onClick={bin.showMore}
            >
              {t("binMore")}
            </ActionButton>
          </div>
        )}
      </TickTable>
      <Inspector>
        <div className={css["inspector"]}>
          <div className={css["block"]}>
            <h2>{count > 1 ? t("binTicked", { count }) : only && nameOf(only)}</h2>
            <p className={css["dim"]}>{t("binNote")}</p>
          </div>
          <div className={css["stack"]}>
            <ActionButton primary keys="R" loading={isBusy} data-testid={testIds.binRestore} onClick={bring}>
              {words.restore}
            </ActionButton>
            <ActionButton keys="Delete" data-testid={testIds.binPurge} onClick={purge}>
              {words.purge}
            </ActionButton>
          </div>
          {count > 1 ? (
            <ul className={css["list"]}>
              {listed.map((row) => (
                <li key={row.id} className={css["channelRow"]}>
                  <span className={css["clip"]}>{nameOf(row)}</span>
                </li>
              ))}
              {count > listed.length && (
                <li className={css["listRest"]}>{t("more", { count: count - listed.length })}</li>
              )}
            </ul>
          ) : (
            only && <About row={only} />
          )}
        </div>
      </Inspector>
      <PurgeDialog meant={asked} onClose={() => setAsked(undefined)} />
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
