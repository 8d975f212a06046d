import { Button, SegmentedControl } from "@mantine/core";
import { Fragment, useState, type ReactNode } from "react";
import { notAssessable as noneName, reasonIn } from "../../../../preload/contract/rule-sentences.ts";
import { wordIn } from "../../../../preload/contract/label-set.ts";
import type { CtgEngine } from "../../../../preload/contract/ctg.ts";
import type { FoundEvent } from "../../../../preload/contract/finding.ts";
import type { Reason, Verdict } from "../../../../preload/contract/verdict.ts";
import { inkOn, paletteOf } from "../../../trace/tracks/palette.ts";
import { clock, fixed, number, percent } from "../../../ui/format.ts";
import { Empty, Failure, Keys } from "../../../ui/widgets.tsx";
import { translate, useWords, type Language } from "../../../ui/words.ts";
import { CtgNumbers } from "./ctg-numbers.tsx";
import { CueActions } from "./cue-actions.tsx";
import { cueText } from "./cue-text.ts";
import type { Cue } from "./cues.ts";
import {
  classesAt,
  factOf,
  guidelines,
  isDeceleration,
  readChannel,
  typesOf,
  type Guideline,
} from "./ctg-reading.ts";
import { ctgWords } from "./ctg-words.ts";
import classes from "./ctg.module.css";
import { eventLength } from "../describe.ts";
import { ReadingFacts } from "./reading-facts.tsx";
import { ReadingSettings } from "./reading-settings.tsx";
import { engineName, verdictLook } from "./rule-looks.ts";
import type { Review } from "../use-review.ts";

interface Props {
  readonly review: Review;
}

/** The reading by rule: the cue at the cursor, the classes of that moment with their reasons, all cues, and what it rests on. */
export function ReadingPanel({ review }: Props): ReactNode {
  const { reading, cues, state } = review;
  const { cue } = cues;
  return (
    <div
      className={classes["panel"]}
      data-testid="reading-panel"
      data-read={reading.reading !== undefined}
      data-time={state.cursorS}
    >
      <ReadingStatus review={review} />
      <WhoIsRead review={review} />
      {reading.reading !== undefined && (
        <>
          {state.range && <CtgNumbers review={review} span={state.range} />}
          {cue === undefined ? <NothingHere /> : <CueHead review={review} cue={cue} />}
          {cue !== undefined && <CueActions review={review} cue={cue} />}
          <CueList review={review} />
          {state.cursorS !== undefined && <ClassesAt review={review} timeS={state.cursorS} />}
        </>
      )}
      <ReadingFacts review={review} />
      <ReadingSettings review={review} />
    </div>
  );
}

/** Whether it is being read, could not be, or has not been. */
function ReadingStatus({ review: { reading } }: Props): ReactNode {
  const t = useWords(ctgWords);
  if (!reading.canRead) return <Empty title={t("notRead")}>{t("noFhr")}</Empty>;
  if (reading.isReading)
    return (
      <div className={classes["status"]} role="status" data-testid="reading-progress">
        <span>
          {t(reading.isOutdated ? "outdated" : "reading")}{" "}
          <span aria-live="off">{t("readingDone", { share: percent(reading.done, 0) })}</span>
        </span>
        <Button size="compact-xs" variant="default" onClick={reading.cancel} data-testid="reading-cancel">
          {t("cancel")}
        </Button>
      </div>
    );
  if (reading.error !== undefined) return <Failure error={reading.error} onRetry={reading.read} />;
  if (reading.reading === undefined)
    return (
      <Empty
        title={t("notRead")}
        actions={
          <Button size="xs" onClick={reading.read} data-testid="read-now">
            {t("read")}
          </Button>
        }
      >
        {t("notReadText")}
      </Empty>
    );
  if (!reading.isOutdated) return null;
  return (
    <div className={classes["status"]} role="status">
      <span>{t("outdatedStill")}</span>
      <Button size="compact-xs" variant="default" onClick={reading.read}>
        {t("readAgain")}
      </Button>
    </div>
  );
}

/** Of several heart rates of fetuses one is read: nobody must take it for the other's. */
function WhoIsRead({ review: { areTwins, reading } }: Props): ReactNode {
  const t = useWords(ctgWords);
  const channel = readChannel(reading.summaries);
  if (!areTwins || channel === undefined) return null;
  return (
    <p className={classes["dim"]} data-testid="read-channel">
      {t("readChannel", { channel })}
    </p>
  );
}

function NothingHere(): ReactNode {
  const t = useWords(ctgWords);
  return (
    <div>
      <h2>{t("nothingHere")}</h2>
      <p className={classes["dim"]}>{t("nothingHereText", { next: "]" })}</p>
    </div>
  );
}

function CueHead({ review, cue }: Props & { readonly cue: Cue }): ReactNode {
  const { t: r, language, scheme, cues } = review;
  const t = useWords(ctgWords);
  const { tokens } = paletteOf(scheme);
  const { letter, name, doubt } = cueText(cue, language);
  const colour =
    cue.kind === "false-signal"
      ? tokens.falseSignal
      : cue.kind === "not-assessable"
        ? tokens.lineStrong
        : letter === "A"
          ? tokens.acceleration
          : tokens.deceleration;
  const endS = cue.onsetS + cue.durationS;
  return (
    <section data-testid="cue" data-kind={cue.kind} data-code={cue.event?.code} data-onset={cue.onsetS}>
      <div className={classes["title"]}>
        <span className={classes["letter"]} style={{ background: colour, color: inkOn(colour) }} aria-hidden>
          {letter}
        </span>
        <h2>{cue.event ? review.reading.nameOf(cue.event.code) : name}</h2>
        <button
          type="button"
          className={classes["link"]}
          onClick={() => cues.step(-1)}
          title={t("keys.previousCue")}
        >
          <Keys keys="[" />
        </button>
        <button
          type="button"
          className={classes["link"]}
          onClick={() => cues.step(1)}
          title={t("keys.nextCue")}
        >
          <Keys keys="]" />
        </button>
      </div>
      <p className={classes["dim"]}>
        {clock(cue.onsetS)} – {clock(endS)} · {eventLength(r, language, cue.durationS)}
      </p>
      {cue.event ? (
        <EventFacts review={review} event={cue.event} />
      ) : (
        <p>
          {cue.kind === "not-assessable"
            ? t("silentText")
            : cue.sureness === undefined
              ? doubt
              : t("falseHere", { value: fixed(cue.sureness, 2) })}
        </p>
      )}
    </section>
  );
}

const known = ["rule", "network", "both"] as const;

function EventFacts({ review, event }: Props & { readonly event: FoundEvent }): ReactNode {
  const { language } = review;
  const t = useWords(ctgWords);
  const by = known.find((one) => one === event.facts["by"]) ?? "rule";
  const marks = factOf(event, "readerProbability");
  return (
    <>
      <p className={classes["dim"]}>
        {t("by", { by: t(`by.${by}`) })}
        {event.probability !== undefined && ` · P ${fixed(event.probability, 2)}`}
      </p>
      <p className={classes["dim"]}>{alsoMarked(review, event)}</p>
      {marks !== undefined && (
        <p className={classes["dim"]}>{t("readerMarks", { value: fixed(marks, 2) })}</p>
      )}
      <Features event={event} language={language} />
      {isDeceleration(event) && <Types event={event} />}
      {event.clause !== undefined && <p className={classes["dim"]}>§ {event.clause}</p>}
    </>
  );
}

/** What readers said of the same stretch: both stay visible. */
function alsoMarked({ allEvents, language }: Review, event: FoundEvent): string {
  const endS = event.onsetS + event.durationS;
  const same = allEvents.filter(
    ({ onsetS, durationS, annotation }) =>
      annotation.source !== "model" &&
      (annotation.label.endsWith("deceleration") || annotation.label === "acceleration") &&
      Math.min(endS, onsetS + durationS) - Math.max(event.onsetS, onsetS) >
        0.3 * Math.min(event.durationS, durationS),
  );
  const t = translate(ctgWords, language);
  if (same.length === 0) return t("noneMarked");
  const authors = [...new Set(same.map(({ annotation }) => annotation.author))];
  return authors
    .map((author) =>
      t("alsoMarked", {
        author: author === "" ? "–" : author,
        names: same
          .filter(({ annotation }) => annotation.author === author)
          .map(({ name }) => name)
          .join(", "),
      }),
    )
    .join(" · ");
}

function Features({
  event,
  language,
}: {
  readonly event: FoundEvent;
  readonly language: Language;
}): ReactNode {
  const t = useWords(ctgWords);
  const isDip = isDeceleration(event);
  const bpm = (name: string, sign: 1 | -1 = 1): string | undefined => {
    const value = factOf(event, name);
    return value === undefined ? undefined : t("bpm", { value: number(sign * value, language, 0) });
  };
  const seconds = (name: string): string | undefined => {
    const value = factOf(event, name);
    return value === undefined ? undefined : t("seconds", { value: number(value, language, 0) });
  };
  const support = factOf(event, "support");
  const lost = factOf(event, "lostBeats");
  const rows: readonly (readonly [string, string | undefined])[] = isDip
    ? [
        [t("depth"), bpm("depthBpm", -1)],
        [t("toNadir"), seconds("descentS")],
        [t("nadirAfterAcme"), seconds("nadirLagS") ?? t("noContraction")],
        [t("recovery"), seconds("recoveryS")],
        [t("lostBeats"), lost === undefined ? undefined : number(lost, language, 0)],
        [t("missingHere"), support === undefined ? undefined : percent(1 - support, 0)],
        ...optional(t("below80"), factOf(event, "below80S"), (value) =>
          t("seconds", { value: fixed(value, 0) }),
        ),
        ...optional(t("inside"), factOf(event, "bandwidthInsideBpm"), (value) =>
          t("bpm", { value: fixed(value, 0) }),
        ),
        ...optional(t("overshoot"), factOf(event, "overshootBpm"), (value) =>
          t("bpm", { value: fixed(value, 0) }),
        ),
      ]
    : [
        [t("height"), bpm("depthBpm")],
        [t("toPeak"), seconds("descentS") ?? peakAfter(event, (value) => t("seconds", { value }))],
        [t("missingHere"), support === undefined ? undefined : percent(1 - support, 0)],
      ];
  return (
    <dl className={classes["features"]} data-testid="cue-features">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value ?? t("untold")}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What is there only where there is something of it. */
const optional = (
  name: string,
  value: number | undefined,
  text: (value: number) => string,
): readonly (readonly [string, string])[] =>
  value === undefined || value === 0 ? [] : [[name, text(value)]];

function peakAfter(event: FoundEvent, text: (seconds: string) => string): string | undefined {
  const at = factOf(event, "extremumS");
  return at === undefined ? undefined : text(fixed(at - event.onsetS, 0));
}

/** Types near a threshold are all shown, by each guideline. */
function Types({ event }: { readonly event: FoundEvent }): ReactNode {
  const t = useWords(ctgWords);
  const [guideline, setGuideline] = useState<Guideline>("figo");
  const shares = typesOf(event, guideline);
  if (shares.length === 0) return null;
  return (
    <div data-testid="cue-types" data-type={shares[0]?.type}>
      <div className={classes["headRow"]}>
        <h3>{t("typeBy")}</h3>
        <SegmentedControl
          size="xs"
          value={guideline}
          onChange={setGuideline}
          aria-label={t("typeBy")}
          data={guidelines.map((value) => ({ value, label: t(`guideline.${value}`) }))}
        />
      </div>
      <div className={classes["types"]}>
        {shares.map(({ type, share }) => (
          <div key={type} className={classes["type"]}>
            <span>{t(`type.${type}`)}</span>
            <span className={classes["typeBar"]} aria-hidden>
              <i style={{ width: `${share * 100}%` }} />
            </span>
            <b>{fixed(share, 2)}</b>
          </div>
        ))}
      </div>
    </div>
  );
}

/** What every engine says of a moment, why, and what it could not judge. */
function ClassesAt({ review, timeS }: Props & { readonly timeS: number }): ReactNode {
  const t = useWords(ctgWords);
  const said = review.reading.reading ? classesAt(review.reading.reading, timeS) : [];
  return (
    <section data-testid="classes-at" data-count={said.length}>
      <h3>{t("classAt", { time: clock(timeS) })}</h3>
      {said.length === 0 && <p className={classes["dim"]}>{t("classNone")}</p>}
      {said.map(({ engine, verdict }) => (
        <EngineVerdict key={engine} review={review} engine={engine} verdict={verdict} />
      ))}
    </section>
  );
}

function EngineVerdict({
  review: { language, scheme },
  engine,
  verdict,
}: Props & { readonly engine: CtgEngine; readonly verdict: Verdict }): ReactNode {
  const t = useWords(ctgWords);
  const { code, probability, reasons, missing, assessable } = verdict;
  const look = code === null ? undefined : verdictLook(engine, code, language, paletteOf(scheme));
  const share = code === null ? undefined : probability[code];
  return (
    <div className={classes["verdict"]} data-testid="verdict" data-engine={engine} data-code={code ?? ""}>
      <div className={classes["verdictHead"]}>
        <span
          className={classes["classBox"]}
          style={{ background: look?.colour }}
          data-none={look === undefined}
          aria-hidden
        >
          {look?.letter ?? "×"}
        </span>
        <b>{look?.name ?? wordIn(noneName, language)}</b>
        <span className={classes["dim"]}>{engineName(engine, language)}</span>
        <span>{share === undefined ? "" : `P ${fixed(share, 2)}`}</span>
      </div>
      <Reasons reasons={reasons} language={language} />
      {missing.length > 0 && <p className={classes["dim"]}>{t("missingFor")}</p>}
      <Reasons reasons={missing} language={language} />
      {assessable < NEARLY_ALL && (
        <p className={classes["dim"]}>{t("notJudged", { share: percent(1 - assessable, 0) })}</p>
      )}
    </div>
  );
}
const NEARLY_ALL = 0.995;

/** In words, each clause once beneath what follows from it, with how far that is secured. */
function Reasons({
  reasons,
  language,
}: {
  readonly reasons: readonly Reason[];
  readonly language: Language;
}): ReactNode {
  const t = useWords(ctgWords);
  return reasons.map((reason, i) => (
    <Fragment key={i}>
      <p>{reasonIn(reason, language)}</p>
      {reasons[i + 1]?.clause !== reason.clause && (
        <p className={classes["dim"]}>
          {[
            ...(reason.clause === "" ? [] : [`§ ${reason.clause}`]),
            ...(reason.evidence === "verified" ? [] : [`(${t(`evidence.${reason.evidence}`)})`]),
          ].join(" ")}
        </p>
      )}
    </Fragment>
  ));
}

/** A list longer than its place follows the cue. */
const intoSight = (element: HTMLElement | null): void => element?.scrollIntoView({ block: "nearest" });

function CueList({ review }: Props): ReactNode {
  const { cues, language, scheme } = review;
  const t = useWords(ctgWords);
  const { tokens } = paletteOf(scheme);
  const colourOf = ({ kind, event }: Cue): string =>
    kind === "false-signal"
      ? tokens.falseSignal
      : kind === "not-assessable"
        ? tokens.lineStrong
        : event?.code === "acceleration"
          ? tokens.acceleration
          : tokens.deceleration;
  return (
    <section data-testid="cues" data-count={cues.listed.length}>
      <div className={classes["headRow"]}>
        <h3>
          {t("cues")} {cues.listed.length}
        </h3>
        <button
          type="button"
          className={classes["link"]}
          onClick={() => cues.setOrder(cues.order === "time" ? "sureness" : "time")}
          title={t("keys.order")}
          data-testid="cue-order"
        >
          {t(`order.${cues.order}`)}
        </button>
      </div>
      {cues.listed.length === 0 && <p className={classes["dim"]}>{t("noCues")}</p>}
      <ul className={classes["cueList"]}>
        {cues.listed.map((cue) => {
          const { letter, doubt } = cueText(cue, language);
          const colour = colourOf(cue);
          return (
            <li key={cue.id}>
              <button
                ref={cue.id === cues.cue?.id ? intoSight : undefined}
                type="button"
                className={classes["cue"]}
                aria-current={cue.id === cues.cue?.id}
                onClick={() => cues.goTo(cue)}
                title={doubt}
              >
                <span>{clock(cue.atS)}</span>
                <span className={classes["letter"]} style={{ background: colour, color: inkOn(colour) }}>
                  {letter}
                </span>
                <span>{doubt}</span>
                <span>{cue.sureness === undefined ? "" : fixed(cue.sureness, 2)}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
