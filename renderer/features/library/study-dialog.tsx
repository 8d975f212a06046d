import { Button, Checkbox, Modal, Select, Switch } from "@mantine/core";
import { useMemo, useState, type ReactNode } from "react";
import { CtgEngine } from "../../../preload/contract/ctg.ts";
import { CtgRule } from "../../../preload/contract/ctg-reading.ts";
import type { Selection } from "../../../preload/contract/listing.ts";
import type { ModelDescription } from "../../../preload/contract/model.ts";
import { ruleEngineNames } from "../../../preload/contract/rule-sentences.ts";
import { type RunSummary, settingsSeen } from "../../../preload/contract/run.ts";
import type { StudyOrder, StudyPreview } from "../../../preload/contract/study.ts";
import { request } from "../../bridge/client.ts";
import { useRequest, useSendOnce } from "../../bridge/hooks.ts";
import { agreed, useCluster, useClusterStanding } from "../../state/cluster.ts";
import { saysWindows } from "../../state/runs.ts";
import { useSession } from "../../state/session.ts";
import { useSettings } from "../../state/settings.ts";
import { common } from "../../ui/common-words.ts";
import { useKeys } from "../../ui/keys.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { placeWords } from "../../ui/where-words.ts";
import { StandingThere, type Where, WhereChoice } from "../../ui/where.tsx";
import { ActionButton, Failure } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import { named } from "./chosen.ts";
import css from "./library.module.css";
import { studyWords } from "./study-words.ts";

/** What is to be asked about: so many recordings, chosen in the list. */
export interface StudyChosen {
  readonly kind: StudyOrder["kind"];
  readonly selection: Selection;
}

export function StudyDialog({
  chosen,
  onClose,
}: {
  readonly chosen: StudyChosen | undefined;
  readonly onClose: () => void;
}): ReactNode {
  const t = useWords(studyWords);
  return (
    <Modal
      opened={chosen !== undefined}
      onClose={onClose}
      title={t(`title.${chosen?.kind ?? "predict"}`)}
      size={560}
    >
      {chosen?.kind === "predict" && <PredictForm selection={chosen.selection} onClose={onClose} />}
      {chosen?.kind === "analyse" && <RulesForm selection={chosen.selection} onClose={onClose} />}
    </Modal>
  );
}

interface FormProps {
  readonly selection: Selection;
  readonly onClose: () => void;
}

/** Finished runs that say something of a recording that was there before, newest first. */
function predictingRuns(
  runs: readonly RunSummary[],
  models: readonly ModelDescription[],
): readonly RunSummary[] {
  const speaks = (run: RunSummary): boolean =>
    models.some(
      ({ kind, can }) =>
        kind === run.config.model.kind &&
        can.some((one) => one === "events" || one === "baseline" || one === "trust"),
    );
  return runs
    .filter((run) => run.phase === "done" && (saysWindows(run) || speaks(run)))
    .sort((a, b) => (b.finishedAt ?? b.createdAt).localeCompare(a.finishedAt ?? a.createdAt));
}

function PredictForm({ selection, onClose }: FormProps): ReactNode {
  const t = useWords(studyWords);
  const all = useRequest("runs.list", {}).data;
  const models = useRequest("models.list", {}).data;
  const runs = useMemo(() => predictingRuns(all ?? [], models ?? []), [all, models]);
  const inUse = useSession((one) => one.runId);
  const [chosen, setChosen] = useState<string>();
  const run = runs.find(({ id }) => id === (chosen ?? inUse)) ?? runs[0];
  const order: StudyOrder | undefined = run && {
    kind: "predict",
    runId: run.id,
    adaptation: settingsSeen(run.config).adaptation,
  };
  return (
    <Form selection={selection} order={order} onClose={onClose}>
      {all !== undefined && runs.length === 0 ? (
        <p className={css["notice"]}>{t("runNone")}</p>
      ) : (
        <Select
          label={t("run")}
          data={runs.map(({ id, config }) => ({ value: id, label: config.name }))}
          value={run?.id ?? null}
          allowDeselect={false}
          data-autofocus
          data-testid={testIds.studyRun}
          onChange={(id) => setChosen(id ?? undefined)}
        />
      )}
    </Form>
  );
}

const basic: readonly CtgRule[] = ["ctg/false-signal", "ctg/baseline", "ctg/events", "ctg/variability"];

function RulesForm({ selection, onClose }: FormProps): ReactNode {
  const t = useWords(studyWords);
  const language = useLanguage();
  const settings = useSettings().ctg;
  const [engines, setEngines] = useState<readonly CtgEngine[]>(CtgEngine.options);
  const order: StudyOrder | undefined =
    engines.length === 0
      ? undefined
      : {
          ...{ kind: "analyse", settings },
          rules: [...basic, ...engines.map((engine) => CtgRule.parse(`ctg/${engine}`))],
        };
  return (
    <Form selection={selection} order={order} onClose={onClose}>
      <Checkbox.Group
        label={t("rules")}
        description={t("rulesNote")}
        value={[...engines]}
        onChange={(values) => setEngines(CtgEngine.options.filter((one) => values.includes(one)))}
      >
        <div className={css["studyRules"]}>
          {CtgEngine.options.map((one, i) => (
            <Checkbox
              key={one}
              value={one}
              label={ruleEngineNames[one][language]}
              {...(i === 0 ? { "data-autofocus": true } : {})}
            />
          ))}
        </div>
      </Checkbox.Group>
      {engines.length === 0 && <p role="status">{t("rulesNone")}</p>}
    </Form>
  );
}

/** What it comes to, where it is done, and the start. */
function Form({
  selection,
  order,
  onClose,
  children,
}: FormProps & { readonly order: StudyOrder | undefined; readonly children: ReactNode }): ReactNode {
  const t = useWords(studyWords);
  const c = useWords(common);
  const p = useWords(placeWords);
  const cluster = useCluster();
  const [chosen, setWhere] = useState<Where>("here");
  const [again, setAgain] = useState(false);
  const where: Where = cluster.name === null ? "here" : chosen;
  const looked = useRequest("studies.preview", order && { order, selection, again });
  const start = useStart(onClose);
  const canStart = order !== undefined && (looked.data?.fitting ?? 0) > 0 && !start.isPending;
  const begin = (): void => {
    if (canStart) start.begin({ order, selection, again, where });
  };
  const other: Where = where === "here" ? "there" : "here";
  useKeys(
    t("start"),
    [
      { keys: "Mod+Enter", what: t("start"), run: begin, inInputs: true },
      { keys: "W", what: p("switchKey"), run: () => setWhere(other), enabled: cluster.name !== null },
    ],
    { exclusive: true },
  );
  return (
    <div className={css["stack"]} data-testid={testIds.studyDialog} data-where={where}>
      {children}
      {looked.isError ? (
        <Failure error={looked.error} onRetry={() => void looked.refetch()} />
      ) : (
        order !== undefined && <Looked looked={looked.data} />
      )}
      {(again || (looked.data?.known ?? 0) > 0) && (
        <Switch
          checked={again}
          onChange={(event) => setAgain(event.currentTarget.checked)}
          label={t("again")}
          description={t("againText")}
        />
      )}
      {cluster.name !== null && <Place name={cluster.name} where={where} onChange={setWhere} />}
      {start.error && <Failure error={start.error} />}
      <div className={css["dialogFoot"]}>
        <Button variant="default" onClick={onClose}>
          {c("cancel")}
        </Button>
        <ActionButton
          primary
          keys="Mod+Enter"
          disabled={!canStart}
          loading={start.isPending}
          data-testid={testIds.studyStart}
          onClick={begin}
        >
          {t("start")}
        </ActionButton>
      </div>
    </div>
  );
}

function Place({
  name,
  where,
  onChange,
}: {
  readonly name: string;
  readonly where: Where;
  readonly onChange: (where: Where) => void;
}): ReactNode {
  const t = useWords(studyWords);
  return (
    <>
      <h3>{t("where")}</h3>
      <WhereChoice label={t("where")} where={where} onChange={onChange} />
      {where === "there" && <Standing name={name} />}
    </>
  );
}

function Standing({ name }: { readonly name: string }): ReactNode {
  const t = useWords(studyWords);
  return (
    <>
      <StandingThere {...useClusterStanding()} />
      <p className={css["hint"]}>{t("leaves", { name })}</p>
    </>
  );
}

/** Before the first recording leaves it is asked whether it may, with this dialog out of the way. */
function useStart(onClose: () => void) {
  const cluster = useCluster();
  const start = useSendOnce("studies.start");
  const begin = (ask: {
    readonly order: StudyOrder;
    readonly selection: Selection;
    readonly again: boolean;
    readonly where: Where;
  }): void => {
    const idempotencyKey = crypto.randomUUID();
    if (ask.where === "there" && !cluster.isAgreed) {
      onClose();
      agreed(cluster)
        .then(() => request("studies.start", { ...ask, idempotencyKey }))
        .catch(notifyFailure);
      return;
    }
    start.send({ ...ask, idempotencyKey }, { onSuccess: onClose });
  };
  return { begin, isPending: start.isPending, error: start.error };
}

/** How many fit, and of the others how many do not and why. */
function Looked({ looked }: { readonly looked: StudyPreview | undefined }): ReactNode {
  const t = useWords(studyWords);
  const language = useLanguage();
  if (looked === undefined) return <p className={css["hint"]}>{t("looking")}</p>;
  const { fitting, known, unfit } = looked;
  return (
    <div data-testid={testIds.studyLooked} data-fitting={fitting} data-known={known} role="status">
      <p>{fitting === 0 ? t("fittingNone") : t("fitting", { count: fitting })}</p>
      {known > 0 && <p>{t("known", { count: known })}</p>}
      {unfit.length > 0 && (
        <ul className={css["list"]}>
          {unfit.map(({ reason, what, count, names }) => (
            <li key={`${reason} ${what}`} className={css["dim"]} data-reason={reason}>
              {t("unfitNames", {
                why: t(`unfit.${reason}`, { count, what }),
                names: named(names, language, 3, count),
              })}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
