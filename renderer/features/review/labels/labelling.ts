import type { NewAnnotation } from "../../../../preload/contract/annotation.ts";
import type { Label, LabelSet } from "../../../../preload/contract/label-set.ts";
import type { Editor } from "../../../state/annotations.ts";
import { named } from "../../../state/questions.ts";
import { isInSight, stretchMeant } from "../../../state/reader.ts";
import { rangeOf, type TimeRange } from "../../../state/selection.ts";
import { dragged, type Grip } from "../../../trace/strip/hit-test.ts";
import type { DrawnEvent } from "../../../trace/tracks/annotation.ts";
import { clock } from "../../../ui/format.ts";
import { inLanguage } from "../../../ui/words.ts";
import { notAssessableLabel, setHolding } from "./events.ts";
import type { Masking } from "./masking.ts";
import { guarded, pointOf, spanText, stretchOf, type Reviewing } from "../reviewing.ts";
import type { Readings } from "./use-readings.ts";
import type { RecordingData } from "../strip/use-recording.ts";
import type { SelectedInReview } from "../place/use-selected.ts";

const readAnswers = {
  declared: "said.read",
  already: "said.readAlready",
  "no-set": "said.readNoSet",
} as const;

export interface Labelling {
  readonly pressLabel: (label: Label) => void;
  readonly accept: () => void; // what a model offers
  /** Under the newest version of the set, and where new labels go unless a channel is named. */
  readonly giveCode: (setId: string, code: string, span: TimeRange, channel?: number) => void;
  readonly relabel: (label: Label) => void;
  readonly putOnChannel: (channel: number | undefined) => void;
  readonly moveEvent: (event: Pick<DrawnEvent, "id">, onsetS: number, durationS: number) => void;
  readonly nudge: (grip: Grip, px: 1 | -1) => void;
  readonly setNote: (note: string) => void;
  readonly markNotAssessable: () => void;
  readonly remove: () => void; // what is selected, a mask as well
  readonly declareRead: (group?: string) => void;
}

export interface LabellingOf {
  readonly editor: Editor;
  readonly author: string;
  readonly data: Pick<RecordingData, "sets" | "book">;
  readonly set: LabelSet | undefined; // that labels are given from
  readonly predictedSet: string | undefined; // that the shown prediction's classes come from
  readonly channel: number | undefined; // where new labels go; all
  readonly selected: Pick<SelectedInReview, "event" | "selectedSpan" | "accepted" | "acceptable">;
  readonly masking: Pick<Masking, "add" | "remove">;
  readonly readings: Pick<Readings, "declare">;
}

/** Giving labels and changing them. */
export function labellingOf(reviewing: Reviewing, of: LabellingOf): Labelling {
  const { place, durationS, telling, say } = reviewing;
  const { t, language } = telling;
  const { viewport, selection } = place;
  const { editor, data, set, masking, readings } = of;
  const { event, selectedSpan, accepted, acceptable } = of.selected;
  const give = giving(reviewing, of);
  const addLabel = (label: Label, fromS: number, toS: number): void => {
    if (set) give(label, set, { fromS, toS }, of.channel);
  };
  const relabel = (label: Label): void => {
    // The label is one of the set's newest version: the annotation points at that version from now on.
    const from = data.sets.find((one) => one.id === event?.annotation.labelSet);
    if (event && from)
      guarded(
        editor.change({
          id: event.id,
          label: label.code,
          labelSet: from.id,
          labelSetVersion: from.version,
          ...(label.shape === "point" ? { durationS: 0 } : {}),
        }),
      );
  };
  const moveEvent: Labelling["moveEvent"] = ({ id }, onsetS, lengthS) =>
    guarded(editor.change({ id, onsetS, durationS: lengthS }));
  return {
    relabel,
    moveEvent,
    giveCode: (setId, code, span, channel = of.channel) => {
      const from = data.sets.find((one) => one.id === setId);
      const label = from?.labels.find((one) => one.code === code);
      if (from && label) give(label, from, span, channel);
    },
    pressLabel: (label) => {
      const { range: drawn, pending: begun } = selection.getState();
      const range = stretchMeant(viewport.getState(), [drawn]);
      const time = pointOf(place);
      if (range) {
        addLabel(label, range.fromS, range.toS);
      } else if (time === undefined) {
        say(t("said.noLabel"));
      } else if (label.shape === "point") {
        addLabel(label, time, time);
      } else if (begun?.label === label.code && begun.startS !== time) {
        const { fromS, toS } = rangeOf(begun.startS, time);
        addLabel(label, fromS, toS);
      } else {
        // A range out of sight would otherwise take the label's end when the view comes back to it.
        selection.setState({ pending: { label: label.code, startS: time }, range: undefined });
        say(t("said.started", { name: inLanguage(label.name, language), time: clock(time, 1) }));
      }
    },
    accept: () => {
      const offered = event ? selectedSpan : accepted;
      if (offered && !isInSight(viewport.getState(), offered)) {
        say(t("said.noStretch"));
        return;
      }
      if (acceptable) {
        const { annotation, onsetS, durationS: lengthS } = acceptable;
        const found = setHolding(annotation, data);
        if (found) give(found.label, found.set, { fromS: onsetS, toS: onsetS + lengthS }, annotation.channel);
        return;
      }
      if (!accepted) return;
      const runSet = data.sets.find((one) => one.id === of.predictedSet) ?? set;
      const label = runSet?.labels.find((one) => one.code === accepted.label);
      if (!runSet || !label) return;
      const span = { fromS: Math.max(0, accepted.fromS), toS: Math.min(durationS, accepted.toS) };
      give(label, runSet, span, undefined);
    },
    putOnChannel: (channel) => {
      if (event && event.annotation.channel !== channel) guarded(editor.change({ id: event.id, channel }));
    },
    nudge: (grip, px) => {
      if (!event || (event.durationS === 0 && grip !== "middle")) return; // a point has no length
      const onePxS = 1 / viewport.getState().pxPerS;
      const to = dragged(event, grip, px * onePxS, { durationS, shortestS: onePxS });
      if (to.onsetS !== event.onsetS || to.durationS !== event.durationS)
        moveEvent(event, to.onsetS, to.durationS);
    },
    setNote: (note) => {
      if (event && note !== event.annotation.note) guarded(editor.change({ id: event.id, note }));
    },
    markNotAssessable: () => {
      const unreadable = notAssessableLabel(set);
      const span = stretchOf(place, selectedSpan);
      const isSeen = selectedSpan !== undefined && isInSight(viewport.getState(), selectedSpan);
      if (event && isSeen && unreadable && event.annotation.labelSet === set?.id) relabel(unreadable);
      else if (span && unreadable) addLabel(unreadable, span.fromS, span.toS);
      else masking.add(undefined);
    },
    remove: () => {
      if (!event) {
        masking.remove();
        return;
      }
      selection.setState({ selected: undefined });
      guarded(editor.remove(event.id).then(() => say(t("said.removed", { name: event.name }))));
    },
    declareRead: (group) => {
      const { range } = selection.getState();
      const stretch = range && range.toS > range.fromS ? range : { fromS: 0, toS: durationS };
      guarded(
        readings
          .declare(stretch, group)
          .then((answer) => say(t(readAnswers[answer], spanText(stretch.fromS, stretch.toS)))),
      );
    },
  };
}

type Give = (label: Label, set: LabelSet, span: TimeRange, channel: number | undefined) => void;

/** A new label, selected as soon as it is stored. */
function giving(
  { recordingId, place: { selection }, telling: { t, language }, say }: Reviewing,
  { editor, author }: Pick<LabellingOf, "editor" | "author">,
): Give {
  return (label, set, span, channel) => {
    const given: Omit<NewAnnotation, "author"> = {
      recordingId,
      label: label.code,
      labelSet: set.id,
      labelSetVersion: set.version,
      onsetS: span.fromS,
      durationS: label.shape === "point" ? 0 : span.toS - span.fromS,
      source: "person",
      note: "",
      ...(channel === undefined ? {} : { channel }),
    };
    guarded(
      named(author)
        .then((reader) => editor.add({ ...given, author: reader }))
        .then((made) => {
          selection.setState({
            selected: { kind: "annotation", id: made.id },
            range: undefined,
            pending: undefined,
          });
          const name = inLanguage(label.name, language);
          say(t("said.added", { name, ...spanText(span.fromS, span.toS) }));
        }),
    );
  };
}
