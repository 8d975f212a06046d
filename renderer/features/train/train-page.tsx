import { useDebouncedValue } from "@mantine/hooks";
import { useEffect, useMemo, type ReactNode } from "react";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import type { ModelDescription } from "../../../preload/contract/model.ts";
import { useCandidates, type Candidate } from "./candidates.ts";
import type { Run, RunConfig, RunSummary } from "../../../preload/contract/run.ts";
import { useRequest, useSendOnce } from "../../bridge/hooks.ts";
import { agreed, useCluster } from "../../state/cluster.ts";
import { runInUse, saysWindows } from "../../state/runs.ts";
import { chooseRun, goTo, useSession } from "../../state/session.ts";
import { useKeys } from "../../ui/keys.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { Inspector, TopBar } from "../../ui/slots.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Chip, Empty, Failure, Scroll, Skeleton } from "../../ui/widgets.tsx";
import { inLanguage, useLanguage, useWords } from "../../ui/words.ts";
import { ComparePage } from "./compare-page.tsx";
import { openCompare, useCompare } from "./compare-store.ts";
import { compareWords } from "./compare-words.ts";
import { DataPanel } from "./data-panel.tsx";
import { configOf, firstDraft, inStep, labelledIn, splitForMe, type Draft } from "./draft.ts";
import { changeDraft, setDraft, showNew, shownDraft, showRun, useTrain } from "./draft-store.ts";
import { openNextOf } from "./label-next.ts";
import { MethodPanel } from "./method-panel.tsx";
import { chooseAndImportModel } from "./model-import.ts";
import { PreviewSide } from "./preview-side.tsx";
import { useRunBin } from "./run-actions.ts";
import { RunList } from "./run-list.tsx";
import { ShownRun } from "./shown-run.tsx";
import { SplitPanel } from "./split-panel.tsx";
import { isOfSequences, labelNeed, timesEngines } from "./model-settings.ts";
import { useCounting } from "./use-counting.ts";
import { WherePanel } from "./where-panel.tsx";
import css from "./train.module.css";
import { trainWords } from "./words.ts";

export function TrainPage(): ReactNode {
  const t = useWords(trainWords);
  const candidates = useCandidates();
  const recordings = candidates.all;
  const count = useRequest("recordings.counts", {}).data?.recordings; // to be read
  const labelSets = useRequest("labelSets.list", {});
  const runs = useRequest("runs.list", {});
  const models = useRequest("models.list", {});
  const failed = [labelSets, runs, models].find((one) => one.isError);
  const error = candidates.error ?? failed?.error;
  const retry = () => {
    if (candidates.error) candidates.retry();
    void failed?.refetch();
  };
  return (
    <div className={css["page"]} data-testid={testIds.trainPage}>
      <TopBar>
        <h1>{t("title")}</h1>
        {runs.data && runs.data.length > 0 && (
          <Chip>
            {t("runs")} {runs.data.length}
          </Chip>
        )}
      </TopBar>
      {error && (
        <div className={css["scroll"]}>
          <Failure error={error} onRetry={retry} />
        </div>
      )}
      {!error && candidates.read > 0 && !recordings && (
        <p className={css["hint"]} role="status">
          {t("readingRecordings", { read: candidates.read, all: count ?? "…" })}
        </p>
      )}
      {!error && (!recordings || !labelSets.data || !runs.data || !models.data) && <Skeleton height={400} />}
      {recordings && labelSets.data && runs.data && models.data && (
        <Filled recordings={recordings} labelSets={labelSets.data} runs={runs.data} models={models.data} />
      )}
    </div>
  );
}

interface FilledProps {
  readonly recordings: readonly Candidate[];
  readonly labelSets: readonly LabelSet[];
  readonly runs: readonly RunSummary[];
  readonly models: readonly ModelDescription[];
}

function Filled({ recordings, labelSets, runs, models }: FilledProps): ReactNode {
  const t = useWords(trainWords);
  const compare = useWords(compareWords);
  const isNew = useTrain((one) => one.isNew);
  const runId = useTrain((one) => one.runId);
  const draft = useTrain(shownDraft);
  const chosen = useSession((one) => one.runId);
  const inUse = runInUse(runs, chosen);
  const bin = useRunBin();
  useEffect(() => {
    if (!draft && recordings.length > 0) setDraft(firstDraft(recordings, { labelSets, models }));
    else if (draft) setDraft(inStep(draft, recordings, { labelSets }));
  }, [draft, recordings, labelSets, models]);
  const isComparing = useCompare((one) => one.isOpen);
  const run = isNew ? undefined : (runs.find((one) => one.id === runId) ?? runs[0]);
  const step = (by: number) => {
    const at = run ? runs.indexOf(run) : -1;
    const next = runs[Math.min(runs.length - 1, Math.max(0, at + by))];
    if (next) showRun(next.id);
  };
  useKeys(
    t("title"),
    isComparing
      ? []
      : [
          { keys: "N", what: t("newRunKey"), run: showNew, hint: run !== undefined },
          { keys: "C", what: compare("compareKey"), run: openCompare },
          { keys: "I", what: t("importModel"), run: () => void chooseAndImportModel() },
          { keys: "ArrowDown", what: t("nextRun"), run: () => step(1), enabled: runs.length > 0 },
          { keys: "ArrowUp", what: t("previousRun"), run: () => step(-1), enabled: runs.length > 0 },
          {
            keys: "J",
            what: t("nextOpen"),
            run: () => run && void openNextOf(run.id),
            enabled: run?.phase === "done" && saysWindows(run),
            hint: true,
          },
          {
            keys: "U",
            what: t("openIn"),
            run: () => run && chooseRun(run.id),
            enabled: run?.phase === "done" && run.id !== inUse?.id,
          },
          {
            keys: "Mod+Z",
            what: t("undoRemoveRun"),
            run: () => bin.last && void bin.restore(bin.last),
            enabled: bin.last !== undefined,
            hint: true,
          },
        ],
  );
  if (isComparing)
    return <ComparePage {...{ runs, recordings, labelSets, models, draft }} inUseId={inUse?.id} />;
  return (
    <>
      <RunList runs={runs} shownId={run?.id} inUseId={inUse?.id} />
      {run ? (
        <ShownRun
          key={run.id}
          id={run.id}
          labelSets={labelSets}
          recordings={recordings}
          isInUse={run.id === inUse?.id}
          bin={bin}
        />
      ) : draft ? (
        <NewRun draft={draft} recordings={recordings} labelSets={labelSets} models={models} />
      ) : (
        <div className={css["hollow"]}>
          <Empty
            title={t("noData")}
            actions={
              <ActionButton primary keys="Mod+1" onClick={() => goTo("library")}>
                {t("toLibrary")}
              </ActionButton>
            }
          >
            {t("noDataText")}
          </Empty>
        </div>
      )}
    </>
  );
}

/** Starts a training where it was chosen to be done. Before the first recording leaves this machine it is asked. */
function useStart(draft: Draft, models: readonly ModelDescription[]) {
  const here = useSendOnce("runs.start");
  const there = useSendOnce("runs.startThere");
  const cluster = useCluster();
  const where = useTrain((one) => one.where);
  const isThere = where === "there" && cluster.name !== null && !isOfSequences(draft.model, models);
  const onSuccess = (run: Run): void => showRun(run.id);
  const start = (config: RunConfig): void => {
    if (!isThere) here.send(config, { onSuccess });
    else agreed(cluster).then(() => there.send(config, { onSuccess }), notifyFailure);
  };
  const { isPending, error } = isThere ? there : here;
  return { start, isStarting: isPending, startError: error, isThere };
}

function NewRun({
  draft,
  recordings,
  labelSets,
  models,
}: Omit<FilledProps, "runs"> & { readonly draft: Draft }): ReactNode {
  const t = useWords(trainWords);
  const language = useLanguage();
  const set = labelSets.find((one) => one.id === draft.labelSet);
  const model = models.find(({ kind }) => kind === draft.model.kind);
  const defaultName = t("defaultName", {
    set: set ? inLanguage(set.name, language) : "",
    count: draft.recordingIds.length,
  });
  const config = useMemo(
    () => configOf(draft, { name: defaultName, models, labelSets }),
    [draft, defaultName, models, labelSets],
  );
  const [asked] = useDebouncedValue(config, 250);
  const counting = useCounting(asked);
  const data = counting.preview;
  const { start, startError, isStarting, isThere } = useStart(draft, models);
  const isCounting = counting.isCounting || asked !== config;
  const canStart =
    config !== undefined &&
    !isCounting &&
    !isStarting &&
    (!isThere || config.split.folds !== undefined) &&
    counting.error === null &&
    data !== undefined &&
    data.problems.length === 0;
  const begin = () => {
    if (config && canStart) start(config);
  };
  const canCross = !isOfSequences(draft.model, models);
  useKeys(t("newRun"), [
    { keys: "Mod+Enter", what: t("start"), run: begin, enabled: canStart, inInputs: true, hint: true },
    {
      keys: "S",
      what: t("splitForMe"),
      run: () =>
        changeDraft({ parts: splitForMe(Object.keys(draft.parts), draft.splitSeed, labelledIn(data)) }),
    },
  ]);
  return (
    <>
      <Scroll label={t("newRun")} className={css["scroll"]}>
        <div className={css["form"]}>
          <DataPanel {...{ draft, recordings, labelSets, models }} readers={data?.readers ?? []} />
          <div className={css["column"]}>
            <MethodPanel draft={draft} models={models} defaultName={defaultName} error={counting.error} />
            <SplitPanel draft={draft} preview={data} canCross={canCross} />
            <WherePanel canCross={canCross} isCrossed={draft.folds !== undefined} />
          </div>
        </div>
      </Scroll>
      <Inspector>
        <PreviewSide
          counting={counting}
          isWholeRecordings={!canCross}
          readsLabels={labelNeed(draft.model, models) !== "unused" && draft.labels.length > 0}
          isCounting={isCounting && asked !== undefined}
          labelSets={labelSets}
          isTimed={!isThere && draft.engine === "auto" && model !== undefined && timesEngines(model)}
          canStart={canStart}
          isStarting={isStarting}
          startError={startError}
          onStart={begin}
        />
      </Inspector>
    </>
  );
}
