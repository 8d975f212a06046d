import type { ReactNode } from "react";
import type { BackupReport, VerifyReport } from "../../../preload/contract/care.ts";
import { verifyProblemIn } from "../../../preload/contract/verify-sentences.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { byteSize, number, percent } from "../../ui/format.ts";
import { useKeys } from "../../ui/keys.ts";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Bar, Facts, Failure, Panel } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import { backUpLibrary, checkLibrary, findingsOf, stopChecking, useCare } from "./care.ts";
import css from "./settings.module.css";
import { settingsWords } from "./words.ts";

/** The file everything lies in: where, whether it is whole, and a copy of it. */
export function LibraryPanel(): ReactNode {
  const t = useWords(settingsWords);
  const info = useRequest("app.info", {});
  return (
    <Panel title={t("library")}>
      <div className={css["stack"]}>
        {info.isError && <Failure error={info.error} />}
        {info.data && (
          <Facts
            facts={[
              [t("path"), info.data.library],
              [t("schema"), String(info.data.schema)],
              [t("version"), info.data.version],
              [t("electron"), info.data.electron],
              [t("platform"), info.data.platform],
            ]}
          />
        )}
        {info.data?.readOnly === true && <p className={css["hint"]}>{t("readOnlyText")}</p>}
        <CarePart />
      </div>
    </Panel>
  );
}

function CarePart(): ReactNode {
  const t = useWords(settingsWords);
  const language = useLanguage();
  const { check, copying } = useCare();
  const isChecking = check.state === "running";
  const isCopying = copying.state === "running";
  const isStopping = isChecking && check.isStopping;
  const startCheck = () => void checkLibrary();
  const startCopy = () => void backUpLibrary();
  useKeys(t("library"), [
    { keys: "V", what: t("check"), run: startCheck, enabled: !isChecking },
    { keys: "Shift+V", what: t("stopCheck"), run: stopChecking, enabled: isChecking && !isStopping },
    { keys: "B", what: t("backUp"), run: startCopy, enabled: !isCopying },
  ]);
  return (
    <>
      <div className={css["buttons"]}>
        {isChecking ? (
          <ActionButton
            keys="Shift+V"
            size="compact-sm"
            disabled={isStopping}
            data-testid={testIds.stopCheck}
            onClick={stopChecking}
          >
            {t("stopCheck")}
          </ActionButton>
        ) : (
          <ActionButton keys="V" size="compact-sm" data-testid={testIds.checkLibrary} onClick={startCheck}>
            {t("check")}
          </ActionButton>
        )}
        <ActionButton
          keys="B"
          size="compact-sm"
          loading={isCopying}
          data-testid={testIds.backUpLibrary}
          onClick={startCopy}
        >
          {t("backUp")}
        </ActionButton>
      </div>
      {check.state === "none" && copying.state === "none" && <p className={css["hint"]}>{t("careHint")}</p>}
      {isChecking && (
        <div className={css["checking"]}>
          <p className={css["hint"]}>
            {t("checking", {
              part: t(`part.${check.progress.part}`),
              percent: percent(check.progress.done, 0),
            })}
          </p>
          <Bar share={check.progress.done} />
          {check.progress.part === "file" && <p className={css["hint"]}>{t("checkingFile")}</p>}
        </div>
      )}
      {check.state === "failed" && <Failure error={check.error} onRetry={startCheck} />}
      <div className={css["checking"]} role="status" data-testid={testIds.libraryCare}>
        {check.state === "done" && <Checked report={check.report} />}
        {copying.state === "done" && <p>{copySentence(copying.report)}</p>}
      </div>
      {copying.state === "failed" && <Failure error={copying.error} onRetry={startCopy} />}
    </>
  );

  function copySentence({ path, bytes, problems }: BackupReport): string {
    const values = { path, size: byteSize(bytes, language) };
    return problems === 0 ? t("copied", values) : t("copiedDamaged", { ...values, count: problems });
  }
}

/** Lines a person reads at once; the command line has them all. */
const MOST_TOLD = 4;

function Checked({ report }: { readonly report: VerifyReport }): ReactNode {
  const t = useWords(settingsWords);
  const language = useLanguage();
  const counted = (count: number): string => number(count, language, 0);
  if (report.count === 0)
    return (
      <p>
        {t("sound", {
          rows: counted(report.rows),
          blocks: counted(report.blocks),
          entries: counted(report.entries),
        })}
      </p>
    );
  const { told, more } = findingsOf(report, MOST_TOLD);
  return (
    <>
      <p>{t("found", { count: report.count })}</p>
      <ul className={css["findings"]}>
        {told.map(({ recording, part, count, first }) => (
          <li key={`${part} ${recording ?? ""}`}>
            {t("finding", {
              where: recording ?? t("wholeLibrary"),
              part: t(`part.${part}`),
              places: t("places", { count }),
            })}
            <p className={css["hint"]}>{verifyProblemIn(first, language)}</p>
          </li>
        ))}
        {more > 0 && <li>{t("foundMore", { count: more })}</li>}
      </ul>
      <p className={css["hint"]}>{t("foundText")}</p>
    </>
  );
}
