import { Fragment, type ReactNode } from "react";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import type { EventReport } from "../../../preload/contract/run.ts";
import { className } from "../../ui/class-names.ts";
import { fixed, number, percent, unbroken } from "../../ui/format.ts";
import { testIds } from "../../ui/test-ids.ts";
import { Panel, Scroll } from "../../ui/widgets.tsx";
import { useLanguage, useWords, type KeyOf, type Translate } from "../../ui/words.ts";
import { BesideFloor } from "./paired-table.tsx";
import css from "./train.module.css";
import { trainWords } from "./words.ts";

type LabelReport = EventReport["labels"][number];
type Ends = { readonly low: number; readonly high: number } | null | undefined;

const share = (value: number | null): string => (value === null ? "–" : percent(value));
const score = (value: number | null | undefined): string =>
  value === null || value === undefined ? "–" : fixed(value, 3);

/** What came out of a model of whole recordings: event by event first, then a second at a time. */
export function EventResults({
  runId,
  report,
  labelSets,
}: {
  readonly runId: string;
  readonly report: EventReport;
  readonly labelSets: readonly LabelSet[];
}): ReactNode {
  const t = useWords(trainWords);
  const language = useLanguage();
  const nameOf = (code: string): string => className(code, labelSets, language);
  const said = report.labels.filter(({ events, seconds }) => events !== null || seconds !== null);
  const found = said.flatMap(({ code, events, intervals }) => (events ? [{ code, events, intervals }] : []));
  return (
    <div className={css["results"]} data-testid={testIds.runResult} data-run={runId}>
      <Panel title={t("inWords")} className={css["wide"] ?? ""}>
        <div className={css["words"]}>
          {said.map((one, i) => (
            <p key={one.code} data-lead={i === 0 && one.intervals !== null}>
              {unbroken(sentence(one, nameOf(one.code), t))}
            </p>
          ))}
          <p>
            {t(report.inTurn ? "eventsOfInTurn" : "eventsOf", {
              recordings: t("eventRecordings", { count: report.recordings }),
              people: t("eventPeople", { count: report.subjects.length }),
              others: t("eventOthers", { count: report.validation.length }),
            })}
          </p>
        </div>
      </Panel>
      {found.length > 0 && (
        <Panel title={t("byEvent")} className={css["wide"] ?? ""}>
          <p className={css["hint"]} style={{ marginBottom: 8 }}>
            {t("byEventHint")}
          </p>
          <Scroll label={t("byEvent")} className={css["tableBox"]}>
            <table className={css["table"]}>
              <thead>
                <tr>
                  <th>{t("label")}</th>
                  <th>{t("eventsMarked")}</th>
                  <th>{t("eventsFound")}</th>
                  <th>{t("eventsMissed")}</th>
                  <th>{t("falseAnHour")}</th>
                  <th>{t("eventsShare")}</th>
                  <th>{t("precision")}</th>
                  <th>F1</th>
                  <th>F1 (IoU ½)</th>
                </tr>
              </thead>
              <tbody>
                {found.map(({ code, events, intervals }) => (
                  <tr key={code}>
                    <td>{nameOf(code)}</td>
                    <td>{number(events.marked, language, 0)}</td>
                    <td>{number(events.found, language, 0)}</td>
                    <td>{number(events.missed, language, 0)}</td>
                    <td>{events.falseAnHour === null ? "–" : fixed(events.falseAnHour, 2)}</td>
                    <td>
                      {share(events.sensitivity)}
                      <Between of={intervals?.sensitivity} />
                    </td>
                    <td>
                      {share(events.precision)}
                      <Between of={intervals?.precision} />
                    </td>
                    <td>
                      {share(events.f1)}
                      <Between of={intervals?.f1} />
                    </td>
                    <td>{share(events.f1Iou)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
          <p className={css["hint"]} style={{ marginTop: 8 }}>
            {t(found.some((one) => one.intervals) ? "eventIntervals" : "eventNoIntervals")}
          </p>
        </Panel>
      )}
      <Panel title={t("bySecond")} className={css["wide"] ?? ""}>
        <p className={css["hint"]} style={{ marginBottom: 8 }}>
          {t("bySecondHint")}
        </p>
        <Scroll label={t("bySecond")} className={css["tableBox"]}>
          <table className={css["table"]}>
            <thead>
              <tr>
                <th>{t("label")}</th>
                <th>{t("prevalence")}</th>
                <th>{t("auroc")}</th>
                <th>{t("aurocAssessable")}</th>
                <th>{t("averagePrecision")}</th>
                <th>{t("classEce")}</th>
                <th>NLL</th>
              </tr>
            </thead>
            <tbody>
              {said.map(({ code, floor, ...own }) => (
                <Fragment key={code}>
                  <SecondRow name={nameOf(code)} of={own} />
                  {floor && <SecondRow name={t("floorOf", { label: nameOf(code) })} of={floor} isBeside />}
                </Fragment>
              ))}
            </tbody>
          </table>
        </Scroll>
        <BesideFloor report={report} nameOf={nameOf} />
      </Panel>
    </div>
  );
}

function SecondRow({
  name,
  of: { seconds, assessable },
  isBeside = false,
}: {
  readonly name: string;
  readonly of: Pick<LabelReport, "seconds" | "assessable">;
  readonly isBeside?: boolean;
}): ReactNode {
  return (
    <tr {...(isBeside ? { "data-testid": "floor-row" } : {})}>
      <td className={isBeside ? css["said"] : undefined}>{name}</td>
      <td>{share(seconds?.prevalence ?? null)}</td>
      <td>{score(seconds?.auroc)}</td>
      <td>{score(assessable?.auroc)}</td>
      <td>{score(seconds?.averagePrecision)}</td>
      <td>{score(seconds?.ece)}</td>
      <td>{score(seconds?.nll)}</td>
    </tr>
  );
}

/** The ends of a 95 % interval, small, beneath its figure. */
function Between({ of }: { readonly of: Ends }): ReactNode {
  return of ? (
    <small className={css["interval"]}>
      {fixed(of.low * 100, 1)}–{fixed(of.high * 100, 1)}
    </small>
  ) : null;
}

/** No figure of events without its interval; where there are too few recordings for one, that is said. */
function sentence(
  { events, intervals, seconds }: LabelReport,
  name: string,
  t: Translate<KeyOf<typeof trainWords>>,
): string {
  if (events === null)
    return t("momentSentence", { label: name, auroc: score(seconds?.auroc), ece: score(seconds?.ece) });
  if (events.marked === 0) return t("eventNone", { label: name });
  const ends = intervals?.sensitivity;
  return t("eventSentence", {
    label: name,
    found: events.found,
    marked: events.marked,
    share: share(events.sensitivity),
    interval: ends ? `${fixed(ends.low * 100, 1)}–${fixed(ends.high * 100, 1)} %` : t("tooFewRecordings"),
    false: events.falseAnHour === null ? "–" : fixed(events.falseAnHour, 1),
  });
}
