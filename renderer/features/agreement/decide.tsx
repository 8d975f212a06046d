import { NumberInput, Select } from "@mantine/core";
import { useState, type ReactNode } from "react";
import type { Agreement, Disagreement, OpinionEvent } from "../../../preload/contract/agreement.ts";
import { labelsByGroup } from "../../../preload/contract/label-set.ts";
import { noteIn } from "../../../preload/contract/noted.ts";
import { clock } from "../../ui/format.ts";
import { ActionButton } from "../../ui/widgets.tsx";
import { inLanguage, useLanguage, useWords } from "../../ui/words.ts";
import css from "./agreement.module.css";
import { Decided } from "./places.tsx";
import { labelName, readerName } from "./told.ts";
import { choiceOf, type AgreementInUse } from "./use-agreement.ts";
import { agreementWords } from "./words.ts";

interface Props {
  readonly agreement: AgreementInUse;
}

/** The chosen place: what each reader says of it, and the ways it can be decided. */
export function Decide({ agreement, report }: Props & { readonly report: Agreement }): ReactNode {
  const t = useWords(agreementWords);
  const language = useLanguage();
  const { chosen, show, keep, takeBack } = agreement;
  const left = report.agreed.filter(({ isKept }) => !isKept).length;
  return (
    <div className={css["column"]} data-testid="decide">
      <h2>{t("decideTitle")}</h2>
      {chosen === undefined && report.disagreements.length > 0 && (
        <p className={css["dim"]}>{t("chooseOne")}</p>
      )}
      {chosen && (
        <>
          <strong aria-live="polite">
            {t("place", { from: clock(chosen.onsetS, 1), to: clock(chosen.onsetS + chosen.durationS, 1) })}
          </strong>
          <ActionButton keys="S" onClick={show} data-testid="show-place">
            {t("show")}
          </ActionButton>
          {chosen.decision === null ? (
            <Ways
              key={`${chosen.recordingId} ${chosen.onsetS} ${chosen.group}`}
              agreement={agreement}
              chosen={chosen}
            />
          ) : (
            <>
              <strong data-testid="decision">
                <Decided agreement={agreement} place={chosen} />
              </strong>
              <p className={css["note"]}>{noteIn(chosen.decision.note, language)}</p>
              <ActionButton keys="Delete" onClick={takeBack} data-testid="take-back">
                {t("takeBack")}
              </ActionButton>
            </>
          )}
        </>
      )}
      {left > 0 && (
        <ActionButton onClick={keep} data-testid="keep-agreed">
          {t("keep", { count: left })}
        </ActionButton>
      )}
      {left === 0 && report.agreed.length > 0 && <p className={css["dim"]}>{t("kept")}</p>}
      <p className={css["dim"]}>{t("consensusText")}</p>
    </div>
  );
}

function Ways({ agreement, chosen }: Props & { readonly chosen: Disagreement }): ReactNode {
  const t = useWords(agreementWords);
  const language = useLanguage();
  const { decide, decideVerdict, set } = agreement;
  const spanOf = ({ onsetS, durationS }: OpinionEvent): string =>
    `${clock(onsetS, 1)} – ${clock(onsetS + durationS, 1)}`;
  const found = chosen.opinions.flatMap(({ reader, events }, i) =>
    events.map((event) => ({
      reader,
      event,
      keys: events.length === 1 && i < 9 ? String(i + 1) : undefined,
    })),
  );
  return (
    <>
      {found.map(({ reader, event, keys }) => (
        <div key={event.id}>
          <p className={css["opinion"]}>
            {labelName(set, event.label, language)} <span className={css["dim"]}>{spanOf(event)}</span>
          </p>
          <ActionButton
            {...(keys === undefined ? {} : { keys })}
            fullWidth
            onClick={() => decide(choiceOf(event))}
            data-testid="decide-reader"
            data-reader={reader}
          >
            {t("takeOf", { reader: readerName(reader, language) })}
          </ActionButton>
        </div>
      ))}
      <ActionButton keys="N" onClick={() => decideVerdict("nothing")} data-testid="decide-nothing">
        {t("verdict.nothing")}
      </ActionButton>
      <ActionButton keys="C" onClick={() => decideVerdict("cannot-tell")} data-testid="decide-cannot-tell">
        {t("verdict.cannot-tell")}
      </ActionButton>
      <OwnLabel agreement={agreement} chosen={chosen} />
    </>
  );
}

/** A label that none of them gave there, or another place for it. */
function OwnLabel({
  agreement: { set, decide },
  chosen,
}: Props & { readonly chosen: Disagreement }): ReactNode {
  const t = useWords(agreementWords);
  const language = useLanguage();
  const labels = set
    ? (labelsByGroup(set).find(({ group }) => group.code === chosen.group)?.labels ?? [])
    : [];
  const first = chosen.opinions.flatMap(({ events }) => events)[0];
  const [code, setCode] = useState(first?.label);
  const [onsetS, setOnset] = useState<number | undefined>(round(chosen.onsetS));
  const [durationS, setDuration] = useState<number | undefined>(round(chosen.durationS));
  const own = code !== undefined && onsetS !== undefined && durationS !== undefined;
  return (
    <>
      <Select
        size="xs"
        label={t("ownLabel")}
        allowDeselect={false}
        value={code ?? null}
        onChange={(value) => setCode(value ?? undefined)}
        data={labels.map((label) => ({ value: label.code, label: inLanguage(label.name, language) }))}
        data-testid="own-label"
      />
      <div className={css["row"]}>
        <NumberInput
          size="xs"
          label={t("from")}
          min={0}
          value={onsetS ?? ""}
          onChange={(value) => setOnset(secondsIn(value))}
        />
        <NumberInput
          size="xs"
          label={t("length")}
          min={0}
          value={durationS ?? ""}
          onChange={(value) => setDuration(secondsIn(value))}
        />
      </div>
      <ActionButton
        disabled={!own}
        onClick={() =>
          own &&
          decide({
            ...{ kind: "label", label: code, onsetS, durationS },
            ...(first?.channel === undefined ? {} : { channel: first.channel }),
          })
        }
        data-testid="decide-own"
      >
        {t("decideAs")}
      </ActionButton>
    </>
  );
}

/** An emptied field is no 0. */
const secondsIn = (value: string | number): number | undefined =>
  typeof value === "number" ? value : undefined;

const round = (seconds: number): number => Math.round(seconds * 10) / 10;
