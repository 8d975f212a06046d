import { Button, Menu, SegmentedControl, Select, Text, Textarea } from "@mantine/core";
import { noteIn } from "../../../preload/contract/noted.ts";
import { CausalPart, isCausal, metricsIn } from "../../../preload/contract/run.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { Fragment, useState, type ReactNode } from "react";
import { labelsByGroup } from "../../../preload/contract/label-set.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { formatClock } from "../../../preload/strip/ticks.ts";
import { isUnsure, unlikeTraining } from "../../trace/tracks/uncertain.ts";
import { clock, fixed, length, moment, percent } from "../../ui/format.ts";
import { useKeys } from "../../ui/keys.ts";
import { ActionButton, Bar, Keys } from "../../ui/widgets.tsx";
import { inLanguage, useWords } from "../../ui/words.ts";
import { eventLength, reasonText } from "./describe.ts";
import { FindingsList } from "./findings/findings-list.tsx";
import { EventList } from "./labels/event-list.tsx";
import { ForecastPanel } from "./forecast/forecast-panel.tsx";
import { turnForecast } from "./forecast/forecast-view.ts";
import { forecastWords } from "./forecast/forecast-words.ts";
import { LabelSwatch } from "./labels/label-swatch.tsx";
import { Measured } from "./place/measured.tsx";
import { ChannelsRead } from "./findings/channels-read.tsx";
import { CtgNumbers } from "./ctg/ctg-numbers.tsx";
import { ctgWords } from "./ctg/ctg-words.ts";
import { ReadingPanel } from "./ctg/reading-panel.tsx";
import { ReadCompletely } from "./labels/read-completely.tsx";
import { keyOfLabel, letterKeys } from "./review-keys.ts";
import classes from "./review.module.css";
import type { Review } from "./use-review.ts";

interface Props {
  readonly review: Review;
}

/** The right column: what is selected with its numbers and actions, or all events. */
export function ReviewInspector({
  review,
  relabelOpen,
  setRelabelOpen,
}: Props & { readonly relabelOpen: boolean; readonly setRelabelOpen: (isOpen: boolean) => void }): ReactNode {
  const { t, allEvents, tab, setTab } = review;
  const { isBlind } = review.blind;
  const f = useWords(forecastWords);
  const g = useWords(ctgWords);
  return (
    <div className={classes["column"]}>
      <SegmentedControl
        fullWidth
        value={tab}
        onChange={(value) => {
          setTab(value);
          if (value === "forecast") turnForecast(true);
        }}
        data-testid="inspector-tabs"
        data={[
          { value: "selection", label: t("selection") },
          { value: "events", label: `${t("events")} ${allEvents.length}` },
          ...(review.isCtg && !isBlind ? [{ value: "reading" as const, label: g("tab") }] : []),
          ...(isBlind ? [] : [{ value: "forecast" as const, label: f("tab") }]),
        ]}
      />
      {tab === "forecast" ? (
        <ForecastPanel review={review} />
      ) : tab === "reading" ? (
        <ReadingPanel review={review} />
      ) : tab === "events" ? (
        <EventList review={review} />
      ) : (
        <Selected review={review} relabelOpen={relabelOpen} setRelabelOpen={setRelabelOpen} />
      )}
    </div>
  );
}

function Selected({
  review,
  relabelOpen,
  setRelabelOpen,
}: Props & { readonly relabelOpen: boolean; readonly setRelabelOpen: (isOpen: boolean) => void }): ReactNode {
  const { t, event, mask, state, selectedSpan } = review;
  const span = state.range ?? ((event ?? mask) ? selectedSpan : undefined);
  const isAnything =
    event !== undefined || mask !== undefined || state.range !== undefined || state.cursorS !== undefined;
  return (
    <>
      {!isAnything && (
        <div>
          <Text size="sm" fw={500}>
            {t("nothingSelected")}
          </Text>
          <Text size="sm" c="dimmed">
            {t("nothingSelectedText")}
          </Text>
        </div>
      )}
      {isAnything && <Head review={review} />}
      {event && (
        <ChannelSelect
          review={review}
          label={t("onChannel")}
          isInline
          value={event.annotation.channel}
          onChange={review.labelling.putOnChannel}
          testId="event-channel"
        />
      )}
      {event && <Note key={`${event.id} ${event.annotation.changedAt}`} review={review} />}
      {span && span.toS > span.fromS && <Measured review={review} span={span} />}
      {span && span.toS > span.fromS && review.isCtg && <CtgNumbers review={review} span={span} />}
      {isAnything && <Probabilities review={review} />}
      {isAnything && <Actions review={review} relabelOpen={relabelOpen} setRelabelOpen={setRelabelOpen} />}
      <Labels review={review} />
      <ReadCompletely review={review} />
      <FindingsList review={review} />
      <Rules review={review} />
    </>
  );
}

/** What the library took out by rule, and the way back. */
function Rules({ review }: Props): ReactNode {
  const { t, language, channels, data, masking } = review;
  if (!channels.some(({ role }) => role === "uc")) return null;
  const laid = data.masks.filter(({ layer }) => layer === "rule");
  const lengthS = laid.reduce((sum, { durationS }) => sum + durationS, 0);
  return (
    <section data-testid="rules" data-count={laid.length}>
      <h2 className={classes["quiet"]}>{t("ruleTitle")}</h2>
      <Text size="xs" c="dimmed" mb={6}>
        {laid.length > 0
          ? t("ruleLaid", { count: laid.length, length: length(lengthS, language) })
          : t("ruleNone")}
      </Text>
      <Button
        size="compact-xs"
        variant="default"
        onClick={laid.length > 0 ? masking.liftRules : masking.layRules}
        data-testid="rules-turn"
      >
        {t(laid.length > 0 ? "ruleLift" : "ruleLay")}
      </Button>
    </section>
  );
}

function Head({ review }: Props): ReactNode {
  const { t, language, event, mask, state, startOfDayS, setName, channels } = review;
  const lasting = (fromS: number, toS: number): string =>
    t("lasting", { from: clock(fromS), to: clock(toS), length: eventLength(t, language, toS - fromS) });
  if (event) {
    const { annotation } = event;
    const who =
      annotation.source === "model"
        ? t("byModel")
        : annotation.source === "import" && annotation.author === ""
          ? t("byImport")
          : annotation.author === ""
            ? t("unnamed")
            : t("by", { author: annotation.author });
    return (
      <div
        className={classes["head"]}
        data-testid="selected-event"
        data-id={event.id}
        data-label={annotation.label}
        data-onset={event.onsetS}
        data-duration={event.durationS}
      >
        <h2 className={classes["headTitle"]}>
          <LabelSwatch label={event.label} isOutlined={event.isOutlined} />
          {event.name}
        </h2>
        <span className={classes["dim"]}>
          {event.durationS === 0
            ? t("point", { time: clock(event.onsetS) })
            : lasting(event.onsetS, event.onsetS + event.durationS)}
        </span>
        <span className={classes["dim"]}>
          {who} · {moment(annotation.changedAt, language)}
        </span>
        <span className={classes["dim"]}>
          {setName
            ? t("setVersion", { name: inLanguage(setName.name, language), version: setName.version })
            : annotation.labelSet}
        </span>
        <OverlapNotice review={review} />
      </div>
    );
  }
  if (mask) {
    const channel = channels.find((one) => one.position === mask.channel)?.label ?? t("maskedAll");
    return (
      <div className={classes["head"]} data-testid="selected-mask">
        <h2>
          {mask.layer === "rule"
            ? t("maskedByRule")
            : mask.author === ""
              ? t("maskedByNobody")
              : t("maskedBy", { author: mask.author })}
        </h2>
        <span className={classes["dim"]}>{lasting(mask.onsetS, mask.onsetS + mask.durationS)}</span>
        <span className={classes["dim"]}>
          {channel} · {reasonText(t, mask.reason)}
        </span>
        <span className={classes["dim"]}>{moment(mask.createdAt, language)}</span>
      </div>
    );
  }
  if (state.range && state.range.toS > state.range.fromS) {
    return (
      <div className={classes["head"]} data-testid="selected-range">
        <h2>{t("range")}</h2>
        <span className={classes["dim"]}>{lasting(state.range.fromS, state.range.toS)}</span>
      </div>
    );
  }
  const timeS = state.cursorS ?? 0;
  return (
    <div className={classes["head"]} data-testid="selected-time" data-time={timeS}>
      <h2>{t("atTime", { time: clock(timeS, 1) })}</h2>
      {startOfDayS !== undefined && (
        <span className={classes["dim"]}>
          {t("clockTime", { time: formatClock(startOfDayS, timeS, true) })}
        </span>
      )}
    </div>
  );
}

/** Said, not refused: which of two labels that exclude each other holds, only a reader knows. */
function OverlapNotice({ review: { t, language, event, overlaps } }: Props): ReactNode {
  const overlap = event && overlaps.get(event.id);
  if (overlap === undefined) return null;
  return (
    <div className={classes["notice"]} role="status" data-testid="overlap">
      {t("overlapsIn", {
        names: overlap.others.map(({ name, onsetS }) => `${name} (${clock(onsetS)})`).join(", "),
        group: inLanguage(overlap.group.name, language),
      })}
    </div>
  );
}

/** The whole recording or one of its channels; nothing to choose where there is only one. */
function ChannelSelect({
  review,
  label,
  isInline = false,
  value,
  onChange,
  testId,
}: Props & {
  readonly label: string;
  readonly isInline?: boolean;
  readonly value: number | undefined;
  readonly onChange: (channel: number | undefined) => void;
  readonly testId: string;
}): ReactNode {
  const { t, channels } = review;
  if (channels.length < 2) return null;
  return (
    <Select
      size="xs"
      label={label}
      {...(isInline ? { classNames: { root: classes["inline"] ?? "" } } : {})}
      allowDeselect={false}
      value={value === undefined ? "" : String(value)}
      onChange={(chosen) => onChange(chosen === null || chosen === "" ? undefined : Number(chosen))}
      data-testid={testId}
      data={[
        { value: "", label: t("wholeRecording") },
        ...channels.map((channel) => ({ value: String(channel.position), label: channel.label })),
      ]}
    />
  );
}

function Note({ review }: Props): ReactNode {
  const { t, language, event, labelling } = review;
  const shown = noteIn(event?.annotation.note ?? "", language);
  const [text, setText] = useState(shown);
  return (
    <Textarea
      autosize
      minRows={1}
      maxRows={6}
      size="xs"
      label={t("note")}
      placeholder={t("notePlaceholder")}
      value={text}
      data-testid="event-note"
      onChange={(change) => setText(change.currentTarget.value)}
      onBlur={() => {
        if (text !== shown) labelling.setNote(text);
      }}
    />
  );
}

function Probabilities({ review }: Props): ReactNode {
  const { t, prediction, window } = review;
  const { shown, run } = prediction;
  const told = useRequest("runs.get", run && { id: run.id }).data;
  if (!shown) return <OutdatedPrediction review={review} />;
  const made = shown.prediction;
  const calibration = told && metricsIn(told)?.calibration;
  if (window === undefined)
    return (
      <Text size="xs" c="dimmed">
        {t("outsidePrediction")}
      </Text>
    );
  if (made.assessable[window] !== 1) return <div className={classes["notice"]}>{t("unassessable")}</div>;
  const k = made.classes.length;
  const order = made.classes
    .map((_, c) => c)
    .sort((a, b) => sure(made.probabilities[window * k + b]) - sure(made.probabilities[window * k + a]));
  const most = Math.log(Math.max(2, k));
  return (
    <>
      <OutdatedPrediction review={review} />
      <section>
        <h3>{t("probabilities")}</h3>
        {order.map((c) => {
          const at = window * k + c;
          const [p, low, high] = [sure(made.probabilities[at]), sure(made.low[at]), sure(made.high[at])];
          return (
            <div
              key={c}
              className={classes["classRow"]}
              data-testid="class-probability"
              data-class={made.classes[c]}
              data-p={p}
            >
              <span className={classes["className"]} title={shown.names[c]}>
                {shown.names[c]}
              </span>
              <span className={classes["probability"]} aria-hidden>
                <span
                  className={classes["probabilityFill"]}
                  style={{ width: `${p * 100}%`, background: shown.colours[c] }}
                />
                <span className={classes["probabilityEdge"]} style={{ left: `${low * 100}%` }} />
                <span className={classes["probabilityEdge"]} style={{ left: `${high * 100}%` }} />
              </span>
              <span className={classes["classValue"]}>
                {fixed(p, 2)}{" "}
                <span className={classes["interval"]}>
                  {fixed(low, 2)}–{fixed(high, 2)}
                </span>
              </span>
            </div>
          );
        })}
      </section>
      <section>
        <h3>{t("uncertainty")}</h3>
        {(
          [
            ["inData", sure(made.aleatoric[window]), "var(--kodo-dim)"],
            ["inModel", sure(made.epistemic[window]), "var(--kodo-unsure)"],
          ] as const
        ).map(([key, nats, colour]) => (
          <div key={key} className={classes["classRow"]}>
            <span>{t(key)}</span>
            <Bar share={nats / most} colour={colour} />
            <span className={classes["classValue"]}>{t("nat", { value: fixed(nats, 2) })}</span>
          </div>
        ))}
      </section>
      {isCausal(made.adaptation) ? (
        <PartAtWork review={review} part={made.part?.[window]} />
      ) : (
        <Subclass review={review} number={made.part?.[window] ?? 0} />
      )}
      {isUnsure(made, window) && <div className={classes["notice"]}>{t("unsureHere")}</div>}
      {unlikeTraining(made, window) && (
        <div className={classes["notice"]}>
          {t("unlikeHere", { share: percent(sure(made.typicality[window])) })}
        </div>
      )}
      {run && <ChannelsRead run={run} detail={review.detail} />}
      <section>
        <h3>{t("calibratedOn")}</h3>
        <Text size="xs" c="dimmed">
          {calibration
            ? t("calibration", {
                count: calibration.subjects.length,
                windows: calibration.windows,
                ece: fixed(calibration.eceAfter, 3),
              })
            : (told !== undefined || run === undefined) && t("noCalibration")}
          {made.adaptation !== "none" && (
            <>
              <br />
              {t(`adaptation.${made.adaptation}`)}
            </>
          )}
        </Text>
      </section>
    </>
  );
}

/** What was predicted before masks came or went is not shown by itself, and where it is shown says so. */
function OutdatedPrediction({ review }: Props): ReactNode {
  const { t, prediction, set } = review;
  const { outdated, runs, isVisible } = prediction;
  const run = runs.find(({ id }) => id === outdated?.runId);
  if (outdated === undefined || !isVisible) return null;
  return (
    <section className={classes["column"]} style={{ gap: 6 }} data-testid="outdated-prediction">
      <div className={classes["notice"]} role="status">
        {t(prediction.shown ? "outdatedShown" : "outdatedHidden", {
          name: prediction.nameOf(outdated.runId) ?? "",
        })}
      </div>
      {run && (
        <ActionButton
          keys={letterKeys(set?.labels ?? []).predictions}
          size="xs"
          loading={prediction.isMaking}
          onClick={() => prediction.make(run, outdated.adaptation)}
        >
          {t("predictAgain")}
        </ActionButton>
      )}
    </section>
  );
}

/** Which part of an adaptation from the past answered a window. */
function PartAtWork({ review: { t }, part }: Props & { readonly part: number | undefined }): ReactNode {
  const name = CausalPart.options[part ?? -1];
  if (name === undefined) return null;
  return (
    <section data-testid="part-at-work" data-part={name}>
      <h3>{t("partTitle")}</h3>
      <Text size="xs" c="dimmed">
        {t(`part.${name}`)}
      </Text>
    </section>
  );
}

/** Which way of its most probable class a window looks, of a method whose classes have several. */
function Subclass({ review: { t }, number }: Props & { readonly number: number }): ReactNode {
  if (number === 0) return null;
  return (
    <section data-testid="subclass" data-number={number}>
      <h3>{t("subclassTitle")}</h3>
      <Text size="xs" c="dimmed">
        {t("subclass", { number })}
      </Text>
    </section>
  );
}

const wide = { gridColumn: "1 / -1" } as const;

function Actions({
  review,
  relabelOpen,
  setRelabelOpen,
}: Props & { readonly relabelOpen: boolean; readonly setRelabelOpen: (isOpen: boolean) => void }): ReactNode {
  const {
    t,
    language,
    event,
    mask,
    set,
    accepted,
    acceptable,
    prediction,
    window,
    state,
    selectedSpan,
    labelling,
    masking,
    atS,
  } = review;
  const letter = letterKeys(set?.labels ?? []);
  // Escape closes the list and leaves the event selected.
  useKeys(t("relabelTo"), [], { exclusive: true, enabled: relabelOpen });
  const canRead = state.range !== undefined || selectedSpan !== undefined;
  const acceptName =
    acceptable?.name ??
    (accepted && prediction.shown
      ? prediction.shown.names[prediction.shown.prediction.classes.indexOf(accepted.label)]
      : undefined);
  const eventSet = review.data.sets.find((one) => one.id === event?.annotation.labelSet);
  return (
    <div className={classes["actions"]}>
      {acceptName !== undefined && (
        <ActionButton primary keys="Enter" onClick={labelling.accept} style={wide} data-testid="accept">
          {t("acceptAs", { name: acceptName })}
        </ActionButton>
      )}
      {event && eventSet && (
        <Menu opened={relabelOpen} onChange={setRelabelOpen} position="left-start" withinPortal>
          <Menu.Target>
            <ActionButton keys={letter.relabel} data-testid="relabel">
              {t("relabel")}
            </ActionButton>
          </Menu.Target>
          <Menu.Dropdown mah={420} style={{ overflowY: "auto" }}>
            <Menu.Label>{t("relabelTo")}</Menu.Label>
            {labelsByGroup(eventSet).map(({ group, labels }) => (
              <Fragment key={group.code}>
                {eventSet.groups.length > 1 && <Menu.Label>{inLanguage(group.name, language)}</Menu.Label>}
                {labels.map((label) => (
                  <Menu.Item
                    key={label.code}
                    leftSection={<LabelSwatch label={label} />}
                    onClick={() => labelling.relabel(label)}
                    data-testid={`relabel-${label.code}`}
                  >
                    {inLanguage(label.name, language)}
                  </Menu.Item>
                ))}
              </Fragment>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      {(event ?? mask) && (
        <ActionButton
          {...(mask ? { style: wide } : {})}
          keys="Delete"
          onClick={labelling.remove}
          data-testid="delete-event"
        >
          {t(mask ? "unmask" : "remove")}
        </ActionButton>
      )}
      {window !== undefined && (
        <ActionButton
          style={wide}
          keys={letter.layers}
          onClick={() => review.openLayers(atS)}
          data-testid="open-layers"
        >
          {t("layers")}
        </ActionButton>
      )}
      {canRead && !mask && (
        <ActionButton style={wide} keys={letter.notAssessable} onClick={labelling.markNotAssessable}>
          {t("notAssessable")}
        </ActionButton>
      )}
      {canRead && !mask && (
        <ActionButton style={wide} keys={letter.artefact} onClick={masking.artefact}>
          {t("artefact")}
        </ActionButton>
      )}
    </div>
  );
}

/** The labels to give, with their keys, and the set they come from. */
function Labels({ review }: Props): ReactNode {
  const { t, language, set, data, setSetId, state, labelling } = review;
  const pending = set?.labels.find((label) => label.code === state.pending?.label);
  return (
    <section className={classes["column"]} style={{ gap: 8 }}>
      <div className={classes["pair"]}>
        <Select
          size="xs"
          label={t("labelSet")}
          value={set?.id ?? null}
          onChange={(value) => setSetId(value ?? undefined)}
          data-testid="label-set"
          data={data.sets.map((one) => ({ value: one.id, label: inLanguage(one.name, language) }))}
        />
        <ChannelSelect
          review={review}
          label={t("labelsOn")}
          value={review.labelChannel}
          onChange={review.setLabelChannel}
          testId="label-channel"
        />
      </div>
      {pending && (
        <div className={classes["notice"]} role="status">
          {t("endLabel", {
            key: keyOfLabel(pending) ?? pending.letter,
            name: inLanguage(pending.name, language),
          })}
        </div>
      )}
      {set &&
        labelsByGroup(set).map(({ group, labels }) => (
          <div
            key={group.code}
            role="group"
            aria-label={inLanguage(group.name, language)}
            data-testid="label-group"
            data-group={group.code}
          >
            {set.groups.length > 1 && (
              <div className={classes["groupName"]} aria-hidden>
                {inLanguage(group.name, language)}
              </div>
            )}
            <div className={classes["labelList"]}>
              {labels.map((label) => {
                const keys = keyOfLabel(label);
                return (
                  <button
                    key={label.code}
                    type="button"
                    className={classes["labelButton"]}
                    data-active={state.pending?.label === label.code}
                    title={inLanguage(label.name, language)}
                    onClick={() => labelling.pressLabel(label)}
                  >
                    <LabelSwatch label={label} />
                    <span>{inLanguage(label.name, language)}</span>
                    {keys !== undefined && <Keys keys={keys} />}
                  </button>
                );
              })}
            </div>
          </div>
        ))}
    </section>
  );
}
