import { useRef, useState } from "react";
import type { Agreement, Disagreement, OpinionEvent, Verdict } from "../../../preload/contract/agreement.ts";
import type { Params } from "../../../preload/contract/channels.ts";
import type { AppError } from "../../../preload/contract/errors.ts";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import { request } from "../../bridge/client.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { askedOfOthers, named } from "../../state/questions.ts";
import { openAt } from "../../state/session.ts";
import { useSettings } from "../../state/settings.ts";
import { notify, notifyFailure } from "../../ui/notify.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import { labelName } from "./told.ts";
import { agreementWords } from "./words.ts";

export type Choice = Params<"agreement.decide">["choice"];

/** What a label of a reader decides: all of it but whose it was. */
export const choiceOf = ({ label, channel, onsetS, durationS }: OpinionEvent): Choice => ({
  ...{ kind: "label", label, onsetS, durationS },
  ...(channel === undefined ? {} : { channel }),
});

export interface AgreementInUse {
  readonly report: Agreement | undefined;
  readonly error: AppError | undefined;
  readonly retry: () => void;
  readonly set: LabelSet | undefined;
  readonly chooseSet: (id: string) => void;
  readonly chooseReaders: (readers: readonly string[]) => void;
  readonly at: number; // position of the chosen disagreement
  readonly chosen: Disagreement | undefined;
  readonly move: (by: number) => void;
  readonly choose: (at: number) => void;
  readonly show: () => void;
  readonly decide: (choice: Choice) => void;
  readonly decideVerdict: (verdict: Verdict) => void;
  readonly takeBack: () => void;
  readonly undo: () => void;
  readonly keep: () => void; // what all agree on
}

/** The comparison of readers, and what is decided of it. */
export function useAgreement(recordingIds: readonly string[]): AgreementInUse {
  const t = useWords(agreementWords);
  const language = useLanguage();
  const { author } = useSettings();
  const [labelSet, chooseSet] = useState<string>();
  const [readers, chooseReaders] = useState<readonly string[]>();
  const [at, choose] = useState(0);
  const asked = {
    recordingIds: [...recordingIds],
    ...(labelSet === undefined ? {} : { labelSet }),
    ...(readers === undefined ? {} : { readers: [...readers] }),
  };
  const answer = useRequest("agreement.report", asked, { keepPrevious: true });
  const report = answer.data;
  const sets = useRequest("labelSets.list", {}).data;
  const set = sets?.find(({ id }) => id === report?.labelSet);
  const places = report?.disagreements ?? [];
  const chosen = places[Math.min(at, places.length - 1)];
  const done = (work: Promise<unknown>): void => void work.catch(notifyFailure);
  const underWay = useRef(new Set<string>());
  /** What is pressed again before the report says it is done was done already. */
  const once = (what: string, work: () => Promise<unknown>): void => {
    if (underWay.current.has(what)) return;
    underWay.current.add(what);
    const told = work().then(() => answer.refetch());
    done(told.finally(() => underWay.current.delete(what)));
  };
  const decide = (choice: Choice): void => {
    if (report === undefined || chosen === undefined || chosen.decision !== null) return;
    const { recordingId, group, onsetS, durationS, opinions } = chosen;
    const name =
      choice.kind === "verdict" ? t(`verdict.${choice.verdict}`) : labelName(set, choice.label, language);
    const place = { group, onsetS, durationS, opinions };
    const send = async (): Promise<void> => {
      await named(author); // decisions carry it
      await request("agreement.decide", { recordingId, labelSet: report.labelSet, place, choice });
      notify(t("said.decided", { name }));
      const next = places.findIndex((one, i) => i > at && one.decision === null);
      if (next >= 0) choose((now) => (now === at ? next : now)); // else another was chosen meanwhile
    };
    once(JSON.stringify([recordingId, place]), send);
  };
  return {
    ...{
      report,
      error: answer.error ?? undefined,
      retry: () => void answer.refetch(),
      set,
      at: Math.min(at, places.length - 1),
      chosen,
      choose,
      decide,
    },
    chooseSet: (id) => {
      chooseSet(id);
      chooseReaders(undefined);
      choose(0);
    },
    chooseReaders: (names) => {
      chooseReaders(names);
      choose(0);
    },
    move: (by) => choose(Math.max(0, Math.min(places.length - 1, at + by))),
    show: () => {
      if (chosen) openAt(chosen.recordingId, chosen.onsetS, chosen.durationS);
    },
    decideVerdict: (verdict) => decide({ kind: "verdict", verdict }),
    takeBack: () => {
      // The consensus is nobody's own: whoever sits here takes the decision back by saying so.
      const id = chosen?.decision?.id;
      if (id !== undefined) once(id, () => request("annotations.remove", { id, evenOfOthers: true }));
    },
    undo: () => {
      const recordingId = chosen?.recordingId ?? recordingIds[0];
      if (recordingId === undefined) return;
      const send = askedOfOthers((evenOfOthers) =>
        request("annotations.undo", { recordingId, evenOfOthers }),
      );
      done(send.then(({ step }) => notify(t(step ? "said.undone" : "said.nothingToUndo"))));
    },
    keep: () => {
      if (report) once("keep", () => keepAgreed(report, author));
    },
  };
}

/** One step of the history of each recording. */
async function keepAgreed(
  { labelSet, compared, agreed, recordings }: Agreement,
  author: string,
): Promise<void> {
  await named(author);
  for (const { id: recordingId } of recordings) {
    const events = agreed.filter((one) => one.recordingId === recordingId && !one.isKept);
    if (events.length > 0)
      await request("agreement.keep", { recordingId, labelSet, events, readers: compared });
  }
}
