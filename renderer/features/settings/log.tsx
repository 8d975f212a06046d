import { useMemo, useState, type ReactNode } from "react";
import { tellsOfOthers, type LogEntry } from "../../../preload/contract/settings.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { useReadBlind } from "../../state/blind.ts";
import { useSettings } from "../../state/settings.ts";
import { moment } from "../../ui/format.ts";
import { useKeys } from "../../ui/keys.ts";
import { ActionButton, Failure, Panel, Scroll, Skeleton } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import { logSentence, type LogNames } from "./log-sentence.ts";
import css from "./settings.module.css";
import { settingsWords } from "./words.ts";

const PAGE = 100;
const MOST = 1000; // what main gives at once

/** What recordings and trainings of the log are called now, also those in the bin; undefined until all of it is known. */
function useLogNames(log: readonly LogEntry[] | undefined): LogNames | undefined {
  const ids = useMemo(() => log && [...new Set(log.map(({ subject }) => subject))], [log]);
  const recordings = useRequest("recordings.names", ids && { ids }, { keepPrevious: true }).data;
  const runs = useRequest("runs.list", {}).data;
  const binnedRuns = useRequest("runs.bin", {}).data;
  const labelSets = useRequest("labelSets.list", {}).data;
  return useMemo(
    () =>
      recordings && runs && binnedRuns && labelSets
        ? {
            recordings: new Map(Object.entries(recordings)),
            runs: new Map([...runs, ...binnedRuns].map((one) => [one.id, one.config.name])),
            labelSets,
          }
        : undefined,
    [recordings, runs, binnedRuns, labelSets],
  );
}

/** What happened in the library, in sentences, the newest first. */
export function Log(): ReactNode {
  const t = useWords(settingsWords);
  const language = useLanguage();
  const [limit, setLimit] = useState(PAGE);
  const log = useRequest("app.log", { limit }, { keepPrevious: true });
  const names = useLogNames(log.data);
  const { author } = useSettings();
  const blind = useReadBlind();
  const told = log.data?.filter((one) => !tellsOfOthers(one, { blind, author }));
  const hasMore = log.data?.length === limit && limit < MOST;
  const more = () => setLimit(Math.min(MOST, limit * 2));
  useKeys(t("log"), [{ keys: "M", what: t("more"), run: more, enabled: hasMore }]);
  return (
    <Panel title={t("log")} className={css["wide"] ?? ""}>
      <div className={css["stack"]}>
        <p className={css["hint"]}>{t("logHint")}</p>
        {blind.size > 0 && <p className={css["hint"]}>{t("logBlind")}</p>}
        {log.isError && <Failure error={log.error} onRetry={() => void log.refetch()} />}
        {(log.isPending || !names) && !log.isError && <Skeleton height={160} />}
        {told?.length === 0 && <p className={css["hint"]}>{t("logEmpty")}</p>}
        {told !== undefined && names && told.length > 0 && (
          <Scroll label={t("log")} className={css["log"]}>
            <table className={css["table"]}>
              <thead>
                <tr>
                  <th className={css["when"]}>{t("log.at")}</th>
                  <th>{t("log.what")}</th>
                </tr>
              </thead>
              <tbody>
                {told.map((one) => (
                  <tr key={one.sequence}>
                    <td>{moment(one.at, language)}</td>
                    <td>{logSentence(one, names, language)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        )}
        {hasMore && (
          <ActionButton keys="M" size="compact-sm" style={{ alignSelf: "flex-start" }} onClick={more}>
            {t("more")}
          </ActionButton>
        )}
      </div>
    </Panel>
  );
}
