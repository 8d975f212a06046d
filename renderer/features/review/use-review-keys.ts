import { common } from "../../ui/common-words.ts";
import { inLanguage, useWords, type Translate } from "../../ui/words.ts";
import { useKeys, type KeyBinding } from "../../ui/keys.ts";
import { openAgreement } from "../../state/session.ts";
import { saysWindows } from "../../state/runs.ts";
import { toTurn } from "./findings/findings.ts";
import { turnForecast, turnPart, useForecastView } from "./forecast/forecast-view.ts";
import { ctgKeys, ctgParts, turnCtg, useCtgView } from "./ctg/ctg-view.ts";
import { ctgWords, type CtgKey } from "./ctg/ctg-words.ts";
import { forecastWords, type ForecastKey } from "./forecast/forecast-words.ts";
import { turnBlind } from "./blind-chip.tsx";
import { menuKeys } from "../../ui/menu-items.ts";
import { keyOfLabel, letterKeys, speedKeys, type LetterKeys } from "./review-keys.ts";
import type { Review } from "./use-review.ts";

const STEP_PX = 8;
const FAR_PX = 80;
const ZOOM = 1.4;

/** What the page opens at a key. */
interface Opening {
  readonly goTo: () => void;
  readonly relabel: () => void;
  readonly menu: () => void;
}

/** All keys of the review. Labels come first: their letters are theirs in any set. */
export function useReviewKeys(review: Review, open: Opening): void {
  const { t, language, set, labelling, selecting, isCtg } = review;
  const c = useWords(common);
  const f = useWords(forecastWords);
  const g = useWords(ctgWords);
  const labels = set?.labels ?? [];
  const letter = letterKeys(labels);

  useKeys(
    t("keys.labels"),
    labels.flatMap((label) => {
      const keys = keyOfLabel(label);
      return keys === undefined
        ? []
        : [{ keys, what: inLanguage(label.name, language), run: () => labelling.pressLabel(label) }];
    }),
  );

  // Of two with the same key the first that is enabled is meant.
  useKeys(t("keys.title"), [
    ...movingKeys(review, letter, g, open),
    ...lookingKeys(review, letter),
    ...cueKeys(review, letter),
    ...judgingKeys(review, letter, open),
    ...(review.tool === "anchor"
      ? [{ keys: "Delete", what: g("keys.takeAnchor"), run: review.takeAnchor }]
      : []),
    ...markKeys(review),
    ...historyKeys(review, c),
    ...forecastKeys(review, f, letter),
    ...menuKeys.map((keys) => ({ keys, what: t("keys.menu"), run: open.menu })),
    { keys: "Escape", what: t("keys.stepBack"), run: selecting.stepBack },
    ...(isCtg ? [...readingKeys(review, g, letter), ...paperKeys(review, labels, letter)] : []),
  ]);
}

/** Through the recording: the cursor, the page, the scale, from event to event and from doubt to doubt. */
function movingKeys(
  review: Review,
  letter: LetterKeys,
  g: Translate<CtgKey>,
  { goTo }: Pick<Opening, "goTo">,
): KeyBinding[] {
  const { t, navigation, prediction } = review;
  return [
    { keys: "ArrowLeft", what: t("keys.back"), run: () => navigation.stepCursor(-STEP_PX) },
    { keys: "ArrowRight", what: t("keys.forward"), run: () => navigation.stepCursor(STEP_PX) },
    { keys: "Shift+ArrowLeft", what: t("keys.backSample"), run: () => navigation.stepSample(-1) },
    { keys: "Shift+ArrowRight", what: t("keys.forwardSample"), run: () => navigation.stepSample(1) },
    { keys: "Mod+ArrowLeft", what: t("keys.backFar"), run: () => navigation.stepCursor(-FAR_PX) },
    { keys: "Mod+ArrowRight", what: t("keys.forwardFar"), run: () => navigation.stepCursor(FAR_PX) },
    { keys: letter.extremum, what: t("keys.extremum"), run: navigation.toExtremum },
    { keys: "PageUp", what: t("keys.pageBack"), run: () => navigation.turnPage(-1) },
    { keys: "PageDown", what: t("keys.pageOn"), run: () => navigation.turnPage(1) },
    { keys: "Home", what: t("keys.start"), run: navigation.toStart },
    { keys: "End", what: t("keys.end"), run: navigation.toEnd },
    { keys: "ArrowUp", what: t("keys.zoomIn"), run: () => navigation.zoom(ZOOM) },
    { keys: "ArrowDown", what: t("keys.zoomOut"), run: () => navigation.zoom(1 / ZOOM) },
    { keys: letter.fit, what: t("keys.fit"), run: navigation.fitAll },
    { keys: letter.goTo, what: t("goTo"), run: goTo },
    ...stepKeys(review, (key) => t(key), g),
    {
      keys: letter.nextUnsure,
      what: t("keys.nextUnsure"),
      run: navigation.nextUnsure,
      enabled: prediction.unsure.length > 0,
      hint: true,
    },
  ];
}

/** What is measured and seen of the traces. */
function lookingKeys(review: Review, letter: LetterKeys): KeyBinding[] {
  const { t, selecting, arranging } = review;
  return [
    { keys: letter.caliper, what: t("keys.caliper"), run: selecting.caliperFromCursor },
    { keys: letter.range, what: t("keys.range"), run: selecting.rangeFromCursor },
    { keys: "+", what: t("keys.gainUp"), run: () => review.stepGain(1) },
    { keys: "-", what: t("keys.gainDown"), run: () => review.stepGain(-1) },
    { keys: "=", what: t("keys.gainAuto"), run: arranging.resetGains },
    ...heartRateKeys(review, letter),
    { keys: letter.nextChannel, what: t("keys.nextChannel"), run: selecting.nextChannel },
    { keys: letter.predictions, what: t("keys.predictions"), run: () => turnPredictions(review) },
  ];
}

/** What is predicted is shown or not. Nothing predicted yet, or only before masks changed: the model in use does so now. */
function turnPredictions({ prediction, findings }: Review): void {
  const { inUse, stored, isVisible } = prediction;
  if (inUse && !saysWindows(inUse)) {
    const turned = toTurn(findings.listed, inUse.id);
    if (turned) turned.forEach(findings.toggle);
    else prediction.make(inUse);
  } else if (stored.every(({ isOutdated }) => isOutdated) && inUse) prediction.make(inUse);
  else prediction.setVisible(!isVisible);
}

/** Where a cue of the reading is meant, it is answered before any event is. */
function cueKeys({ t, tab, cues, cueing }: Review, letter: LetterKeys): KeyBinding[] {
  if (tab !== "reading" || cues.cue === undefined) return [];
  return [
    { keys: "Enter", what: t("accept"), run: cueing.accept, enabled: cues.cue.kind !== "not-assessable" },
    ...(cueing.trust ? [{ keys: "Shift+Enter", what: t("trustSignal"), run: cueing.trust }] : []),
    { keys: letter.relabel, what: t("relabel"), run: () => cueing.setRelabelling(true) },
    { keys: letter.notAssessable, what: t("notAssessable"), run: cueing.notAssessable },
  ];
}

/** What a reader says of what is shown, alone and beside others. */
function judgingKeys(
  review: Review,
  letter: LetterKeys,
  { relabel }: Pick<Opening, "relabel">,
): KeyBinding[] {
  const { t, labelling, masking, blind, event } = review;
  const canRead = review.state.range !== undefined || review.selectedSpan !== undefined;
  return [
    {
      keys: "Enter",
      what: t("accept"),
      run: labelling.accept,
      enabled: review.accepted !== undefined || review.acceptable !== undefined,
    },
    { keys: letter.relabel, what: t("relabel"), run: relabel, enabled: event !== undefined },
    {
      keys: letter.notAssessable,
      what: t("notAssessable"),
      run: labelling.markNotAssessable,
      enabled: canRead,
    },
    { keys: letter.readCompletely, what: t("keys.readCompletely"), run: () => labelling.declareRead() },
    {
      keys: letter.blind,
      what: t(blind.isBlind ? "blindLeave" : "blindBegin"),
      run: () => turnBlind(review),
    },
    {
      keys: letter.agreement,
      what: t("compareReaders"),
      run: () => openAgreement([review.detail.id]),
      enabled: !blind.isBlind,
    },
    { keys: letter.artefact, what: t("artefact"), run: masking.artefact, enabled: canRead },
    {
      keys: letter.layers,
      what: t("layers"),
      run: () => review.openLayers(review.atS),
      enabled: review.window !== undefined,
    },
  ];
}

/** The selected mark is taken away, or moved by one of its ends or whole. */
function markKeys({ t, labelling, event, mask }: Review): KeyBinding[] {
  const canRemove = event !== undefined || mask !== undefined;
  const nudge = (keys: string, what: string, run: () => void): KeyBinding => ({
    ...{ keys, what, run },
    enabled: event !== undefined,
  });
  return [
    { keys: "Delete", what: t("remove"), run: labelling.remove, enabled: canRemove },
    { keys: "Backspace", what: t("remove"), run: labelling.remove, enabled: canRemove },
    nudge("Alt+ArrowLeft", t("keys.nudgeBack"), () => labelling.nudge("middle", -1)),
    nudge("Alt+ArrowRight", t("keys.nudgeOn"), () => labelling.nudge("middle", 1)),
    nudge("Alt+Shift+ArrowLeft", t("keys.shorter"), () => labelling.nudge("end", -1)),
    nudge("Alt+Shift+ArrowRight", t("keys.longer"), () => labelling.nudge("end", 1)),
    nudge("Mod+Shift+ArrowLeft", t("keys.startEarlier"), () => labelling.nudge("start", -1)),
    nudge("Mod+Shift+ArrowRight", t("keys.startLater"), () => labelling.nudge("start", 1)),
  ];
}

const historyKeys = ({ history }: Review, c: Translate<"undo" | "redo">): KeyBinding[] => [
  { keys: "Mod+Z", what: c("undo"), run: history.undo },
  { keys: "Mod+Shift+Z", what: c("redo"), run: history.redo },
  { keys: "Mod+Y", what: c("redo"), run: history.redo },
];

/** What may come, and which parts of it are shown. */
function forecastKeys(review: Review, f: Translate<ForecastKey>, letter: LetterKeys): KeyBinding[] {
  return [
    {
      keys: letter.forecast,
      what: f("keys.forecast"),
      run: () => turnFan(review),
      hint: true,
      enabled: !review.blind.isBlind,
    },
    ...forkKeys(review, f, letter),
    ...(["forks", "came", "regimes", "baseline", "fills"] as const).map((part) => ({
      keys: letter[part],
      what: f(`keys.${part}`),
      run: () => {
        turnPart(part);
        review.sayTurned(f(part), useForecastView.getState()[part]);
      },
    })),
  ];
}

/** From fork to fork, and what fills the gaps; the panel beside it says what came of it. */
function forkKeys(
  { forecast, forks, blind, setTab }: Review,
  f: Translate<ForecastKey>,
  letter: LetterKeys,
): KeyBinding[] {
  const { run, filler, fills, fill, removeFills } = forecast;
  const canStep = !blind.isBlind && (run !== undefined || forks.moments !== undefined);
  const isFilled = fills.length > 0;
  return [
    { keys: letter.previousFork, what: f("keys.previousFork"), run: () => forks.step(-1), enabled: canStep },
    { keys: letter.nextFork, what: f("keys.nextFork"), run: () => forks.step(1), enabled: canStep },
    {
      keys: letter.fillGaps,
      what: f(isFilled ? "removeFills" : "fill"),
      run: () => {
        setTab("forecast");
        if (isFilled) removeFills();
        else fill();
      },
      enabled: !blind.isBlind && (isFilled || filler !== undefined),
    },
  ];
}

/** The fan with what is said of it beside it, or neither. */
function turnFan({ setTab }: Review): void {
  turnForecast();
  setTab(useForecastView.getState().isOn ? "forecast" : "selection");
}

/** The nearest brackets go through the cues where there are any, and with Shift through the events; else through these. */
function stepKeys(
  { cues, navigation }: Review,
  t: (key: "keys.previousEvent" | "keys.nextEvent") => string,
  g: Translate<CtgKey>,
): KeyBinding[] {
  const events = (back: string, on: string, hint: boolean): KeyBinding[] => [
    { keys: back, what: t("keys.previousEvent"), run: () => navigation.neighbourEvent(-1) },
    { keys: on, what: t("keys.nextEvent"), run: () => navigation.neighbourEvent(1), hint },
  ];
  if (cues.byTime.length === 0) return [...events("[", "]", true), ...events("{", "}", false)];
  return [
    { keys: "[", what: g("keys.previousCue"), run: () => cues.step(-1) },
    { keys: "]", what: g("keys.nextCue"), run: () => cues.step(1), hint: true },
    ...events("{", "}", false),
  ];
}

function readingKeys(review: Review, g: Translate<CtgKey>, letter: LetterKeys): KeyBinding[] {
  const { tool, setTool, cues } = review;
  return [
    ...[...ctgParts, "bracket" as const].map((part) => ({
      keys: ctgKeys[part],
      what: g(`turn.${part}`),
      run: () => {
        turnCtg(part);
        review.sayTurned(g(`turn.${part}`), useCtgView.getState()[part]);
      },
    })),
    { keys: letter.pin, what: g("keys.pin"), run: review.turnPin },
    {
      keys: letter.anchors,
      what: g("keys.anchors"),
      run: () => setTool(tool === "anchor" ? "pan" : "anchor"),
    },
    {
      keys: letter.cueOrder,
      what: g("keys.order"),
      run: () => cues.setOrder(cues.order === "time" ? "sureness" : "time"),
      enabled: cues.byTime.length > 0,
    },
  ];
}

/** The mother's rate is shown or not, and twins are drawn apart or not, where there are any. */
function heartRateKeys(review: Review, letter: LetterKeys): KeyBinding[] {
  const { t, channels, hidden, arranging } = review;
  const mothers = channels.filter(({ role }) => role === "mhr");
  return [
    {
      keys: letter.mother,
      what: t("keys.mother"),
      run: () => {
        arranging.toggleMother();
        review.sayTurned(
          t("mother"),
          mothers.every(({ position }) => hidden.has(position)),
        );
      },
      enabled: mothers.length > 0,
    },
    {
      keys: letter.apart,
      what: t("keys.apart"),
      run: () => {
        arranging.toggleApart();
        review.sayTurned(t("apart"), !arranging.view.isApart);
      },
      enabled: review.areTwins,
    },
  ];
}

/** How a cardiotocogram lies on its paper. */
const paperKeys = (
  { t, paper }: Review,
  labels: Parameters<typeof speedKeys>[0],
  letter: LetterKeys,
): KeyBinding[] => [
  { keys: letter.paperRows, what: t("keys.rows"), run: paper.toggleRows },
  ...speedKeys(labels).map(({ keys, speed }) => ({
    keys,
    what: t("keys.speed", { speed }),
    run: () => paper.setSpeed(speed),
  })),
];
