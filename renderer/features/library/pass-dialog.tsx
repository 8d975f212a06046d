import { Button, Modal, SegmentedControl } from "@mantine/core";
import { useEffect, useState, type ReactNode } from "react";
import type { AppError } from "../../../preload/contract/errors.ts";
import { asAppError } from "../../../preload/contract/errors.ts";
import type { Selection } from "../../../preload/contract/listing.ts";
import type { PassCounts } from "../../../preload/contract/pass.ts";
import { request } from "../../bridge/client.ts";
import { useEvent, useSendOnce } from "../../bridge/hooks.ts";
import { common } from "../../ui/common-words.ts";
import { length, number } from "../../ui/format.ts";
import { useKeys } from "../../ui/keys.ts";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Bar, Failure } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import css from "./library.module.css";
import { PassRest } from "./pass-rest.tsx";
import { passWords } from "./pass-words.ts";

type Way = "lay" | "lift";
const ways = ["lay", "lift"] as const;

/** A rule about the signal for the recordings that are meant: first what it comes to, then the start. */
export function PassDialog({
  selection,
  onClose,
}: {
  readonly selection: Selection | undefined;
  readonly onClose: () => void;
}): ReactNode {
  const t = useWords(passWords);
  return (
    <Modal opened={selection !== undefined} onClose={onClose} title={t("title")} size={560}>
      {selection && <Form selection={selection} onClose={onClose} />}
    </Modal>
  );
}

function Form({
  selection,
  onClose,
}: {
  readonly selection: Selection;
  readonly onClose: () => void;
}): ReactNode {
  const t = useWords(passWords);
  const c = useWords(common);
  const [what, setWhat] = useState<Way>("lay");
  const look = useLook(what, selection);
  const start = useSendOnce("passes.start");
  const canStart = (look.counts?.recordings ?? 0) > 0 && !start.isPending;
  const begin = (): void => {
    if (canStart) start.send({ what, selection }, { onSuccess: onClose });
  };
  useKeys(
    t("title"),
    [
      { keys: "Mod+Enter", what: t("start"), run: begin, enabled: canStart, inInputs: true },
      { keys: "W", what: t("switchKey"), run: () => setWhat(what === "lay" ? "lift" : "lay") },
    ],
    { exclusive: true },
  );
  return (
    <div className={css["stack"]} data-testid={testIds.passDialog} data-what={what}>
      <p>{t("rule")}</p>
      <SegmentedControl
        aria-label={t("way")}
        aria-keyshortcuts="W"
        value={what}
        data={ways.map((value) => ({ value, label: t(value) }))}
        onChange={(value) => setWhat(ways.find((one) => one === value) ?? "lay")}
      />
      <p className={css["hint"]}>{t(`${what}Text`)}</p>
      {look.error ? <Failure error={look.error} onRetry={look.again} /> : <Looked look={look} />}
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
          data-testid={testIds.passStart}
          onClick={begin}
        >
          {t("start")}
        </ActionButton>
      </div>
    </div>
  );
}

interface Look {
  readonly counts: PassCounts | undefined; // undefined: not known yet
  readonly at: { readonly looked: number; readonly of: number } | undefined;
  readonly error: AppError | undefined;
  readonly again: () => void;
}

const nothingYet = { counts: undefined, at: undefined, error: undefined } as const;

/** What it would change, asked anew each time the dialog opens: nothing of it is remembered. */
function useLook(what: Way, selection: Selection): Look {
  const [asking, setAsking] = useState({ what, selection });
  if (asking.what !== what || asking.selection !== selection) setAsking({ what, selection }); // another question
  const [told, setTold] = useState<Omit<Look, "again"> & { readonly asking: typeof asking }>();
  const { counts, at, error } = told?.asking === asking ? told : nothingYet;
  useEvent("passes.looked", (looked) => {
    setTold((before) =>
      before?.asking === asking && before.counts !== undefined
        ? before
        : { ...nothingYet, asking, at: looked },
    );
  });
  useEffect(() => {
    let isWanted = true;
    const tell = (change: Partial<Look>): void => {
      if (isWanted) setTold({ ...nothingYet, asking, ...change });
    };
    request("passes.look", asking).then(
      (counts) => tell({ counts }),
      (error: unknown) => tell({ error: asAppError(error) }),
    );
    return () => {
      isWanted = false;
      void request("passes.stopLooking", {}).catch(() => undefined); // it ends by itself
    };
  }, [asking]);
  return { counts, at, error, again: () => setAsking({ ...asking }) };
}

function Looked({ look: { counts, at } }: { readonly look: Look }): ReactNode {
  const t = useWords(passWords);
  const language = useLanguage();
  if (counts === undefined)
    return (
      <div role="status">
        <p className={css["hint"]}>
          {at === undefined
            ? t("lookingFirst")
            : t("looking", { looked: number(at.looked, language, 0), of: number(at.of, language, 0) })}
        </p>
        <Bar share={at === undefined ? 0 : at.looked / Math.max(1, at.of)} />
      </div>
    );
  const { recordings, spans, seconds } = counts;
  return (
    <div data-testid={testIds.passLooked} data-recordings={recordings} data-seconds={seconds} role="status">
      <p>
        {recordings === 0
          ? t("fitsNone")
          : t("fits", {
              count: recordings,
              length: length(seconds, language),
              spans: t("spans", { count: spans }),
            })}
      </p>
      <PassRest counts={counts} />
      {recordings > 0 && <p className={css["hint"]}>{t("outdated")}</p>}
    </div>
  );
}
