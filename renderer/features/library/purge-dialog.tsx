import { Button, Modal } from "@mantine/core";
import { useRef, useState, type ReactNode } from "react";
import { AppError, errorFrom } from "../../../preload/contract/errors.ts";
import type { PurgeOutcome } from "../../../preload/contract/recording.ts";
import { request } from "../../bridge/client.ts";
import { common } from "../../ui/common-words.ts";
import { useKeys, type KeyBinding } from "../../ui/keys.ts";
import { hideNote, notify, notifyFailure } from "../../ui/notify.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { useLanguage, useWords } from "../../ui/words.ts";
import {
  countOf,
  inTurn,
  type Meant,
  missedOf,
  nameOf,
  namesOf,
  type Part,
  partsOf,
  purgeTextOf,
} from "./bin.ts";
import { named } from "./chosen.ts";
import css from "./library.module.css";
import { libraryWords } from "./words.ts";

const LISTED = 10;
const noKeys: readonly KeyBinding[] = [];

/** Asks before anything is deleted for good: how many, which, and that there is no way back. */
export function PurgeDialog({
  meant,
  onClose,
}: {
  readonly meant: Meant | undefined; // absent: nothing is asked
  readonly onClose: () => void;
}): ReactNode {
  const t = useWords(libraryWords);
  const language = useLanguage();
  const [done, setDone] = useState<number>();
  const isPurging = done !== undefined;
  const count = meant === undefined ? 0 : countOf(meant);
  const names = named((meant?.known ?? []).map(nameOf), language, LISTED, count);
  useKeys(t("purge"), noKeys, { exclusive: true, enabled: count > 0 }); // the bin beneath would act on these rows
  return (
    <Modal
      opened={count > 0}
      onClose={onClose}
      title={t("purgeTitle", { count, names })}
      size={520}
      closeOnEscape={!isPurging}
      closeOnClickOutside={!isPurging}
      withCloseButton={!isPurging}
    >
      {meant !== undefined && count > 0 && (
        <Asked meant={meant} done={done} setDone={setDone} onClose={onClose} />
      )}
    </Modal>
  );
}

function Asked({
  meant,
  done,
  setDone,
  onClose,
}: {
  readonly meant: Meant;
  readonly done: number | undefined; // how many are deleted, once it has begun
  readonly setDone: (done: number | undefined) => void;
  readonly onClose: () => void;
}): ReactNode {
  const t = useWords(libraryWords);
  const c = useWords(common);
  const language = useLanguage();
  const count = countOf(meant);
  const listed = meant.known.slice(0, count > LISTED + 1 ? LISTED : count);
  const rest = count - listed.length;
  const [isStopping, setStopping] = useState(false);
  const isStopped = useRef(false);
  const stop = (): void => {
    isStopped.current = true;
    setStopping(true);
  };
  const purgePart = (part: Part): Promise<PurgeOutcome> => {
    if (isStopped.current)
      return Promise.reject(new AppError("cancelled/by-user", "The rest stays in the bin"));
    return part.kind === "run"
      ? request("runs.purge", { id: part.ids[0] })
      : request("recordings.purge", { ids: [...part.ids] });
  };
  const purge = async () => {
    const gone: string[] = [];
    const beside = new Set<string>();
    let notErased: AppError | undefined;
    setDone(0);
    hideNote("bin"); // its offer to take back would be about what is deleted here
    const { done: asked, error } = await inTurn(partsOf(meant), async (part) => {
      const { ids, copies, problem } = await purgePart(part);
      gone.push(...ids);
      for (const file of copies) beside.add(file);
      setDone(gone.length);
      if (problem?.code === "storage/not-erased") notErased = errorFrom(problem);
      else if (problem !== undefined) throw errorFrom(problem);
    });
    tell(gone, missedOf(asked, gone), error !== undefined);
    if (beside.size > 0)
      notify(t("purgedCopies", { files: named([...beside], language, 5) }), { isLong: true });
    for (const problem of [notErased, error]) if (problem !== undefined) notifyFailure(problem);
    setDone(undefined);
    onClose();
  };
  /** What was done of what was asked for, and what became of the others. */
  const tell = (gone: readonly string[], missed: number, isCut: boolean): void => {
    const names = named(namesOf(meant, gone), language, 3, gone.length);
    const stay = count - gone.length - missed;
    if (gone.length === count) notify(t("purged", { count, names }));
    else if (gone.length > 0 || !isCut)
      notify(
        [
          gone.length > 0 ? t("purgedSome", { count: gone.length, all: count, names }) : t("purgedNone"),
          ...(missed > 0 ? [t("binMissed", { count: missed })] : []),
          ...(stay > 0 ? [t("purgeStay", { count: stay })] : []),
        ].join(" · "),
        { isLong: true },
      );
  };
  return (
    <div className={css["stack"]}>
      <ul className={css["list"]}>
        {listed.map((row) => (
          <li key={row.id} className={css["channelRow"]}>
            <span className={css["clip"]} title={nameOf(row)}>
              {nameOf(row)}
            </span>
            <span className={css["dim"]}>
              {row.kind === "run" ? t("binRun") : c(`kind.${row.recording.kind}`)}
            </span>
          </li>
        ))}
        {rest > 0 && <li className={css["listRest"]}>{t("more", { count: rest })}</li>}
      </ul>
      <p>{t(purgeTextOf(meant))}</p>
      <div className={css["dialogFoot"]}>
        {done !== undefined && count > 1 && (
          <span className={css["problem"]} role="status">
            {t("purging", { done, all: count })}
          </span>
        )}
        {done === undefined || count === 1 ? (
          <Button variant="default" data-autofocus onClick={onClose} disabled={done !== undefined}>
            {c("cancel")}
          </Button>
        ) : (
          <Button variant="default" onClick={stop} disabled={isStopping}>
            {t("purgeStop")}
          </Button>
        )}
        <Button
          style={{ background: "var(--kodo-bad)", color: "var(--kodo-panel)" }}
          loading={done !== undefined}
          data-testid={testIds.purgeConfirm}
          onClick={() => void purge()}
        >
          {count > 1 ? t("purgeMany", { count }) : t("purge")}
        </Button>
      </div>
    </div>
  );
}
