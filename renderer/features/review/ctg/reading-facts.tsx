import { Button, NumberInput, Select, TextInput } from "@mantine/core";
import { useState, type ReactNode } from "react";
import type { CtgContext } from "../../../../preload/contract/ctg.ts";
import { parseTime } from "../../../trace/tracks/time-scale.ts";
import { clock } from "../../../ui/format.ts";
import { ActionButton } from "../../../ui/widgets.tsx";
import { useWords } from "../../../ui/words.ts";
import { ctgWords } from "./ctg-words.ts";
import classes from "./ctg.module.css";
import { letterKeys } from "../review-keys.ts";
import type { Review } from "../use-review.ts";

interface Props {
  readonly review: Review;
}

/** What is known of the recording and cannot be seen in its signals. What is not known is shown as that, never guessed. */
export function ReadingFacts({ review }: Props): ReactNode {
  const t = useWords(ctgWords);
  const { known, setFact } = review.context;
  if (known === undefined) return null;
  const { context } = known;
  const key = JSON.stringify([context.gestationDays, context.secondStageFromS]); // fields begin anew with what is known
  return (
    <section data-testid="reading-facts" data-said={known.isSaid}>
      <h3>{t("facts")}</h3>
      <div className={classes["fields"]}>
        <span>{t("gestation")}</span>
        <Gestation key={`weeks ${key}`} review={review} />
        <span>{t("labour")}</span>
        <div>
          <Select
            size="xs"
            aria-label={t("labour")}
            allowDeselect={false}
            value={context.isLabour === undefined ? "unknown" : context.isLabour ? "yes" : "no"}
            onChange={(value) => setFact({ isLabour: value === "unknown" ? undefined : value === "yes" })}
            data={[
              { value: "unknown", label: t("unknown") },
              { value: "yes", label: t("labour.yes") },
              { value: "no", label: t("labour.no") },
            ]}
            data-testid="fact-labour"
          />
          <Source review={review} fact="isLabour" />
        </div>
        <span>{t("secondStage")}</span>
        <SecondStage key={`stage ${key}`} review={review} />
      </div>
      <h3 style={{ marginTop: 12 }}>{t("anchors")}</h3>
      <Anchors review={review} />
    </section>
  );
}

/** That the header says so, where it does and nobody said otherwise. */
function Source({ review, fact }: Props & { readonly fact: keyof CtgContext }): ReactNode {
  const t = useWords(ctgWords);
  const { known } = review.context;
  if (known === undefined || fact === "anchors") return null;
  const header = known.header[fact];
  if (header === undefined || known.context[fact] !== header.value) return null;
  return (
    <span className={classes["source"]} title={header.fact} data-testid={`from-header-${fact}`}>
      {t("fromHeader")}
    </span>
  );
}

const WEEK_DAYS = 7;
const LEAST_WEEKS = 15;
const MOST_WEEKS = 46;

const digits = { size: "xs", className: classes["numberField"] ?? "", hideControls: true } as const;

/** What the field comes to once it is left: the nearest that is possible; undefined where it is empty. */
const within = (typed: number | string, least: number, most: number): number | undefined =>
  typeof typed === "number" ? Math.min(most, Math.max(least, Math.round(typed))) : undefined;

function Gestation({ review }: Props): ReactNode {
  const t = useWords(ctgWords);
  const { known, setFact } = review.context;
  const saved = known?.context.gestationDays;
  const [weeks, setWeeks] = useState<number | string>(
    saved === undefined ? "" : Math.floor(saved / WEEK_DAYS),
  );
  const [rest, setRest] = useState<number | string>(saved === undefined ? "" : saved % WEEK_DAYS);
  const save = (): void => {
    const [wholeWeeks, days] = [within(weeks, LEAST_WEEKS, MOST_WEEKS), within(rest, 0, WEEK_DAYS - 1)];
    const next = wholeWeeks === undefined ? undefined : wholeWeeks * WEEK_DAYS + (days ?? 0);
    if (next !== saved) setFact({ gestationDays: next });
  };
  return (
    <div>
      <NumberInput
        {...digits}
        w={42}
        aria-label={t("weeks")}
        min={LEAST_WEEKS}
        max={MOST_WEEKS}
        placeholder="–"
        value={weeks}
        onChange={setWeeks}
        onBlur={save}
        data-testid="fact-weeks"
      />
      {t("weeks")}
      <NumberInput
        {...digits}
        w={34}
        aria-label={t("days")}
        min={0}
        max={WEEK_DAYS - 1}
        value={rest}
        onChange={setRest}
        onBlur={save}
      />
      {t("days")}
      <Source review={review} fact="gestationDays" />
    </div>
  );
}

function SecondStage({ review }: Props): ReactNode {
  const t = useWords(ctgWords);
  const { durationS } = review;
  const { known, setFact } = review.context;
  const fromS = known?.context.secondStageFromS;
  const [text, setText] = useState(fromS === undefined ? "" : clock(fromS));
  const timeS = text.trim() === "" ? undefined : parseTime(text, undefined);
  const isBad = text.trim() !== "" && (timeS === undefined || timeS > durationS);
  const save = (): void => {
    if (!isBad && (timeS === undefined) !== (fromS === undefined)) setFact({ secondStageFromS: timeS });
    else if (!isBad && timeS !== undefined && Math.abs(timeS - (fromS ?? 0)) >= 1)
      setFact({ secondStageFromS: timeS });
  };
  return (
    <div>
      <TextInput
        size="xs"
        w={92}
        aria-label={t("secondStage")}
        title={t("secondStageHint")}
        placeholder={t("unknown")}
        value={text}
        error={isBad ? t("badTime", { text }) : undefined}
        onChange={(change) => setText(change.currentTarget.value)}
        onBlur={save}
        data-testid="fact-second-stage"
      />
      <Source review={review} fact="secondStageFromS" />
    </div>
  );
}

function Anchors({ review }: Props): ReactNode {
  const t = useWords(ctgWords);
  const { tool, setTool, set } = review;
  const { known, clearAnchors } = review.context;
  const count = known?.context.anchors.length ?? 0;
  const isOn = tool === "anchor";
  return (
    <div className={classes["anchors"]} data-testid="anchors" data-count={count}>
      <ActionButton
        keys={letterKeys(set?.labels ?? []).anchors}
        aria-pressed={isOn}
        variant={isOn ? "filled" : "default"}
        onClick={() => setTool(isOn ? "pan" : "anchor")}
        data-testid="anchor-tool"
      >
        {t("anchorTool")}
      </ActionButton>
      {count > 0 && (
        <Button variant="default" onClick={clearAnchors}>
          {t("anchorsClear")}
        </Button>
      )}
      <span className={classes["source"]}>{count === 0 ? t("anchorsNone") : t("anchorsSet", { count })}</span>
    </div>
  );
}
