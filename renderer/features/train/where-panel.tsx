import type { ReactNode } from "react";
import { useCluster, useClusterStanding } from "../../state/cluster.ts";
import { useKeys } from "../../ui/keys.ts";
import { testIds } from "../../ui/test-ids.ts";
import { Panel } from "../../ui/widgets.tsx";
import { StandingThere, type Where, WhereChoice } from "../../ui/where.tsx";
import { placeWords } from "../../ui/where-words.ts";
import { useWords } from "../../ui/words.ts";
import { setWhere, useTrain } from "./draft-store.ts";
import css from "./train.module.css";
import { whereWords } from "./where-words.ts";

/** Where a training is done. Shown only where a cluster is connected. */
export function WherePanel({
  canCross,
  isCrossed,
}: {
  readonly canCross: boolean; // the model can be cross-validated
  readonly isCrossed: boolean;
}): ReactNode {
  const t = useWords(whereWords);
  const p = useWords(placeWords);
  const { name } = useCluster();
  const chosen = useTrain((one) => one.where);
  const where: Where = canCross ? chosen : "here";
  const isConnected = name !== null;
  const other: Where = where === "here" ? "there" : "here";
  useKeys(
    t("where"),
    [{ keys: "W", what: p("switchKey"), run: () => setWhere(other), enabled: isConnected && canCross }],
    { enabled: isConnected },
  );
  if (name === null) return null;
  return (
    <Panel title={t("where")}>
      <div className={css["stack"]} data-testid={testIds.trainWhere} data-where={where}>
        <WhereChoice label={t("where")} where={where} isFixed={!canCross} onChange={setWhere} />
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

/** Who works there, what waits before it, and what goes there. */
function Standing({ name }: { readonly name: string }): ReactNode {
  const t = useWords(whereWords);
  const standing = useClusterStanding();
  return (
    <>
      <StandingThere {...standing} />
      {!standing.isError && standing.data !== undefined && (
        <p className={css["hint"]}>{t("leaves", { name })}</p>
      )}
    </>
  );
}
