import { Button, Modal } from "@mantine/core";
import { useRef, useState, type ReactNode } from "react";
import { AppError } from "../../../preload/contract/errors.ts";
import type { Purged } from "../../../preload/contract/recording.ts";
import { request } from "../../bridge/client.ts";
import { common } from "../../ui/common-words.ts";
import { useKeys, type KeyBinding } from "../../ui/keys.ts";
import { hideNote, notify, notifyFailure } from "../../ui/notify.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { useLanguage, useWords } from "../../ui/words.ts";
import { inTurn, nameOf, purgeTextOf, type BinRow } from "./bin.ts";
import { named } from "./chosen.ts";
import css from "./library.module.css";
import { libraryWords } from "./words.ts";

const LISTED = 10;
const noKeys: readonly KeyBinding[] = [];

/** Asks before anything is deleted for good: how many, which, and that there is no way back. */
export function PurgeDialog({
  rows,
  onClose,
}: {
  readonly rows: readonly BinRow[];
  readonly onClose: () => void;
}): ReactNode {
  const t = useWords(libraryWords);
  const language = useLanguage();
  const [done, setDone] = useState<number>();
  const isPurging = done !== undefined;
  useKeys(t("purge"), noKeys, { exclusive: true, enabled: rows.length > 0 }); // the bin beneath would act on these rows
  return (
    <Modal
      opened={rows.length > 0}
      onClose={onClose}
      title={t("purgeTitle", { count: rows.length, names: named(rows.map(nameOf), language) })}
      size={520}
      closeOnEscape={!isPurging}
      closeOnClickOutside={!isPurging}
      withCloseButton={!isPurging}
    >
      {rows.length > 0 && <Asked rows={rows} done={done} setDone={setDone} onClose={onClose} />}
    </Modal>
  );
}

function Asked({
  rows,
  done,
  setDone,
  onClose,
}: {
  readonly rows: readonly BinRow[];
  readonly done: number | undefined; // how many are deleted, once it has begun
  readonly setDone: (done: number | undefined) => void;
  readonly onClose: () => void;
}): ReactNode {
  const t = useWords(libraryWords);
  const c = useWords(common);
  const language = useLanguage();
  const rest = rows.length - LISTED;
  const listed = rest > 1 ? rows.slice(0, LISTED) : rows;
  const [isStopping, setStopping] = useState(false);
  const isStopped = useRef(false);
  const stop = (): void => {
    isStopped.current = true;
    setStopping(true);
  };
  const purgeOne = ({ kind, id }: BinRow): Promise<Purged> =>
    isStopped.current
      ? Promise.reject(new AppError("cancelled/by-user", "The rest stays in the bin"))
      : request(`${kind}s.purge`, { id });
  const purge = async () => {
    setDone(0);
    hideNote("bin"); // its offer to take back would be about what is deleted here
    const ended = await inTurn(rows, purgeOne, setDone);
    const names = named(ended.done.map(nameOf), language);
    if (ended.done.length > 0) notify(t("purged", { count: ended.done.length, names }));
    const copies = [...new Set(ended.results.flatMap((one) => one.copies))];
    if (copies.length > 0) notify(t("purgedCopies", { files: named(copies, language, 5) }), { isLong: true });
    if (ended.error !== undefined) notifyFailure(ended.error);
    setDone(undefined);
    onClose();
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
        {rest > 1 && <li className={css["listRest"]}>{t("more", { count: rest })}</li>}
      </ul>
      <p>{t(purgeTextOf(rows))}</p>
      <div className={css["dialogFoot"]}>
        {done !== undefined && rows.length > 1 && (
          <span className={css["problem"]} role="status">
            {t("purging", { done, all: rows.length })}
          </span>
        )}
        {done === undefined || rows.length === 1 ? (
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
          {rows.length > 1 ? t("purgeMany", { count: rows.length }) : t("purge")}
        </Button>
      </div>
    </div>
  );
}
