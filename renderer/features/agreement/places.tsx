import { useEffect, useRef, type ReactNode } from "react";
import type { Agreement, Disagreement } from "../../../preload/contract/agreement.ts";
import { DECISIONS_SET } from "../../../preload/contract/agreement.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { clock } from "../../ui/format.ts";
import { Panel } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import css from "./agreement.module.css";
import { labelName, readerName } from "./told.ts";
import type { AgreementInUse } from "./use-agreement.ts";
import { agreementWords } from "./words.ts";

interface Props {
  readonly agreement: AgreementInUse;
  readonly report: Agreement;
}

/** Where readers differ, in order, each with what was decided of it. */
export function Places({ agreement, report }: Props): ReactNode {
  const t = useWords(agreementWords);
  const { disagreements: all } = report;
  const open = all.filter(({ decision }) => decision === null).length;
  return (
    <Panel
      title={t("differ")}
      aside={<span className={css["dim"]}>{t("open", { left: open, all: all.length })}</span>}
    >
      {all.length === 0 ? (
        <p className={css["dim"]}>{t("noneDiffer")}</p>
      ) : (
        <ul className={css["places"]}>
          {all.map((place, i) => (
            <li key={`${place.recordingId} ${place.group} ${place.onsetS}`}>
              <PlaceRow agreement={agreement} report={report} place={place} at={i} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

const kinds = { missed: "missed", label: "labelled", number: "number" } as const;

function PlaceRow({
  agreement: { at: chosenAt, choose, set },
  report,
  place,
  at,
}: Props & { readonly place: Disagreement; readonly at: number }): ReactNode {
  const t = useWords(agreementWords);
  const language = useLanguage();
  const row = useRef<HTMLButtonElement>(null);
  const isChosen = at === chosenAt;
  const wasChosen = useRef(isChosen); // at first the page is read from its top
  useEffect(() => {
    if (isChosen && !wasChosen.current) row.current?.scrollIntoView({ block: "nearest" });
    wasChosen.current = isChosen;
  }, [isChosen]);
  const { recordings } = report;
  const recording = recordings.find(({ id }) => id === place.recordingId)?.name ?? "";
  const said = place.opinions.map(({ reader, events }) => {
    const names = events.map(({ label }) => labelName(set, label, language));
    const what =
      names.length === 0
        ? t("foundNothing")
        : names.length === 1
          ? names[0]
          : t("several", { count: names.length, name: [...new Set(names)].join(", ") });
    return `${readerName(reader, language)}: ${what ?? ""}`;
  });
  return (
    <button
      ref={row}
      type="button"
      className={css["place"]}
      aria-current={isChosen}
      onClick={() => choose(at)}
      data-testid="disagreement"
      data-kind={place.kind}
      data-decision={place.decision?.label ?? "open"}
    >
      <span>
        {clock(place.onsetS)} – {clock(place.onsetS + place.durationS)}
        {recordings.length > 1 && <span className={css["below"]}>{recording}</span>}
      </span>
      <span className={css["dim"]}>{t(kinds[place.kind])}</span>
      <span>{said.join(" · ")}</span>
      <span className={css["dim"]}>
        <Decided agreement={{ set }} place={place} />
      </span>
    </button>
  );
}

/** What was decided, in words. */
export function Decided({
  agreement: { set },
  place: { decision },
}: {
  readonly agreement: Pick<AgreementInUse, "set">;
  readonly place: Disagreement;
}): ReactNode {
  const t = useWords(agreementWords);
  const language = useLanguage();
  const verdicts = useRequest("labelSets.list", {}).data?.find(({ id }) => id === DECISIONS_SET);
  if (decision === null) return t("openState");
  const name = labelName(set, decision.label, language);
  return t("decided", { name: name === decision.label ? labelName(verdicts, name, language) : name });
}
