import { Button } from "@mantine/core";
import { useEffect, useState, type ReactNode } from "react";
import type { ArchiveTransfer, Moved } from "../../../preload/contract/cluster.ts";
import { useRequest, useSend } from "../../bridge/hooks.ts";
import { common } from "../../ui/common-words.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { errorLine } from "../../ui/said.ts";
import { testIds } from "../../ui/test-ids.ts";
import { Bar, Keys } from "../../ui/widgets.tsx";
import {
  useLanguage,
  useWords,
  translate,
  type KeyOf,
  type Language,
  type Translate,
} from "../../ui/words.ts";
import { archiveWords } from "./archive-words.ts";
import css from "./library.module.css";
import { libraryWords } from "./words.ts";

const SHOWN_MS = 8000;
const isSmooth = ({ error, beside, otherwise, subject }: Moved): boolean =>
  error === undefined && (beside ?? 0) === 0 && (otherwise ?? []).length === 0 && subject === null;

/**
 * Recordings on their way to the archive or from it, and how that ended: until it is put away, or for a while where
 * nothing of it needs to be read.
 */
export function TransferCard({
  isQuiet,
  keys,
}: {
  readonly isQuiet: boolean;
  readonly keys: string | undefined; // that stop it
}): ReactNode {
  const transfer = useRequest("archive.transfer", {}).data ?? undefined;
  const [hidden, setHidden] = useState<ArchiveTransfer>();
  const leaves = transfer?.state === "done" && transfer.recordings.every(isSmooth);
  useEffect(() => {
    if (!leaves) return;
    const timer = setTimeout(() => setHidden(transfer), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [leaves, transfer]);
  if (transfer === undefined || transfer === hidden || (isQuiet && leaves)) return null;
  return <Card transfer={transfer} keys={keys} onHide={() => setHidden(transfer)} />;
}

const isMoved = ({ state }: Moved): boolean => state === "new" || state === "known";

/** What came of it, in few words. */
function endedWords(
  { recordings }: Pick<ArchiveTransfer, "recordings">,
  t: Translate<KeyOf<typeof archiveWords>>,
): string {
  const counts = (
    [
      ["countNew", ["new"]],
      ["countKnown", ["known"]],
      ["countFailed", ["failed"]],
      ["countLeft", ["waiting", "moving", "cancelled"]],
    ] as const
  ).map(([key, states]) => {
    const count = recordings.filter(({ state }) => states.some((one) => one === state)).length;
    return count === 0 ? "" : t(key, { count });
  });
  return counts.filter((one) => one !== "").join(" · ");
}

interface Told {
  readonly key: string;
  readonly state: Moved["state"];
  readonly line: string;
}

/** What is said of a recording at the end, beyond that it was moved. */
function toldOf(
  { id, name, state, error, beside, otherwise, subject }: Moved,
  kind: ArchiveTransfer["kind"],
  { t, language }: { readonly t: Translate<KeyOf<typeof archiveWords>>; readonly language: Language },
): Told[] {
  const lines: string[] = [];
  if (error !== undefined) lines.push(`${name}: ${errorLine(error, language)}`);
  if ((beside ?? 0) > 0)
    lines.push(t(kind === "pull" ? "besideOf" : "besidePushed", { name, count: beside ?? 0 }));
  if (otherwise !== null && otherwise.length > 0)
    lines.push(t("otherwise", { name, who: otherwise.join(translate(common, language)("listComma")) }));
  if (subject !== null) lines.push(t("subjectThere", { name, subject: subject === "" ? "–" : subject }));
  return lines.map((line, i) => ({ key: `${id} ${i}`, state, line }));
}

function Card({
  transfer,
  keys,
  onHide,
}: {
  readonly transfer: ArchiveTransfer;
  readonly keys: string | undefined;
  readonly onHide: () => void;
}): ReactNode {
  const t = useWords(archiveWords);
  const l = useWords(libraryWords);
  const c = useWords(common);
  const language = useLanguage();
  const cancel = useSend("archive.cancel");
  const { kind, state, recordings } = transfer;
  const isOver = state !== "running";
  const done = recordings.filter((one) => isMoved(one) || one.state === "failed").length;
  const now = recordings.find((one) => one.state === "moving") ?? recordings[done];
  const told = recordings.flatMap((one) => toldOf(one, kind, { t, language }));
  return (
    <div
      className={css["job"]}
      aria-live={isOver ? undefined : "off"}
      data-testid={testIds.transfer}
      data-kind={kind}
      data-state={state}
    >
      <div className={css["jobHead"]}>
        <strong className={css["clip"]}>
          {isOver
            ? `${t(`moved.${kind}`)} · ${endedWords(transfer, t)}`
            : t(`moving.${kind}`, { done, of: recordings.length, name: now?.name ?? "" })}
        </strong>
        {isOver ? (
          <Button size="compact-xs" variant="subtle" onClick={onHide}>
            {l("jobHide")}
          </Button>
        ) : (
          <Button
            size="compact-xs"
            variant="subtle"
            data-testid={testIds.transferCancel}
            loading={cancel.isPending}
            onClick={() => void cancel.mutateAsync({}).catch(notifyFailure)}
            rightSection={keys && <Keys keys={keys} />}
          >
            {c("cancel")}
          </Button>
        )}
      </div>
      {!isOver && (
        <div
          role="progressbar"
          aria-label={t(`moved.${kind}`)}
          aria-valuenow={Math.round((100 * done) / recordings.length)}
          aria-valuemin={0}
          aria-valuemax={100}
        >
          <Bar share={done / recordings.length} />
        </div>
      )}
      {state === "stopped" && (
        <>
          <small>{t("stopped")}</small>
          {transfer.error && <small className={css["dim"]}>{errorLine(transfer.error, language)}</small>}
        </>
      )}
      {isOver && told.length > 0 && (
        <ul className={`${css["list"] ?? ""} ${css["jobFiles"] ?? ""}`}>
          {told.map(({ key, state: its, line }) => (
            <li key={key} className={css["jobFile"]} data-state={its}>
              {line}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
