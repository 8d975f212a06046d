import { SegmentedControl } from "@mantine/core";
import type { ReactNode } from "react";
import { useCluster, useClusterStanding } from "../../state/cluster.ts";
import { number } from "../../ui/format.ts";
import { useKeys } from "../../ui/keys.ts";
import { testIds } from "../../ui/test-ids.ts";
import { Panel } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import { setWhere, useTrain, type Where } from "./draft-store.ts";
import css from "./train.module.css";
import { whereWords } from "./where-words.ts";

const places = ["here", "there"] as const;

/** Where a training is done. Shown only where a cluster is connected. */
export function WherePanel({
  canCross,
  isCrossed,
}: {
  readonly canCross: boolean; // the model can be cross-validated
  readonly isCrossed: boolean;
}): ReactNode {
  const t = useWords(whereWords);
  const { name } = useCluster();
  const chosen = useTrain((one) => one.where);
  const where: Where = canCross ? chosen : "here";
  const isConnected = name !== null;
  const other: Where = where === "here" ? "there" : "here";
  useKeys(
    t("where"),
    [{ keys: "W", what: t("switchKey"), run: () => setWhere(other), enabled: isConnected && canCross }],
    { enabled: isConnected },
  );
  if (name === null) return null;
  return (
    <Panel title={t("where")}>
      <div className={css["stack"]} data-testid={testIds.trainWhere} data-where={where}>
        <SegmentedControl
          aria-label={t("where")}
          aria-keyshortcuts="W"
          value={where}
          disabled={!canCross}
          data={places.map((value) => ({ value, label: t(value) }))}
          onChange={(value) => setWhere(places.find((one) => one === value) ?? "here")}
        />
        {!canCross && <p className={css["hint"]}>{t("noFolds")}</p>}
        {where === "there" && !isCrossed && (
          <p className={css["sentence"]} role="status">
            {t("needsFolds")}
          </p>
        )}
        {where === "there" && <Standing name={name} />}
      </div>
    </Panel>
  );
}

/** Who works there, and what waits before it. */
function Standing({ name }: { readonly name: string }): ReactNode {
  const t = useWords(whereWords);
  const language = useLanguage();
  const { data, isError, error } = useClusterStanding();
  const counted = (count: number): string => number(count, language, 0);
  if (isError)
    return (
      <p className={css["hint"]} role="status" title={error.message}>
        {t("lost")}
      </p>
    );
  if (data === undefined) return <p className={css["hint"]}>{t("asking")}</p>;
  const ours = data.workers.filter(({ isOurs }) => isOurs);
  const others = data.workers.length - ours.length;
  const sum = (of: "lanes" | "busy"): string => counted(ours.reduce((all, one) => all + one[of], 0));
  return (
    <>
      <ul
        className={css["plainList"]}
        data-testid={testIds.trainWorkers}
        data-ours={ours.length}
        data-waiting={data.waiting}
      >
        <li>
          {ours.length === 0
            ? t("noWorkers")
            : t("workers", { count: ours.length, lanes: sum("lanes"), busy: sum("busy") })}
        </li>
        {others > 0 && <li className={css["hint"]}>{t("others", { count: others })}</li>}
        <li>{data.waiting === 0 ? t("queueEmpty") : t("queue", { count: data.waiting })}</li>
      </ul>
      <p className={css["hint"]}>{t("leaves", { name })}</p>
    </>
  );
}
