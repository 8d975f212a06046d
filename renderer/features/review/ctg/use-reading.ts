import { useMemo } from "react";
import type { CtgSettings } from "../../../../preload/contract/ctg.ts";
import type { AppError } from "../../../../preload/contract/errors.ts";
import type { FindingSummary, SeriesSummary } from "../../../../preload/contract/finding.ts";
import type { LabelSet } from "../../../../preload/contract/label-set.ts";
import { reasonIn } from "../../../../preload/contract/rule-sentences.ts";
import { useRequest, useSend } from "../../../bridge/hooks.ts";
import type { DrawnLabel, TrackItem } from "../../../trace/tracks/kind.ts";
import { paletteOf } from "../../../trace/tracks/palette.ts";
import { itemsOfFinding } from "../../../trace/tracks/registry.ts";
import type { TraceChannel } from "../../../trace/tracks/track.ts";
import { notifyFailure } from "../../../ui/notify.tsx";
import type { Scheme } from "../../../ui/tokens.ts";
import { translate, type Language } from "../../../ui/words.ts";
import { isBySettings, shownReading } from "../../../../preload/contract/ctg-shown.ts";
import { readingOf, type CtgReading } from "./ctg-reading.ts";
import { isKindShown, useCtgView } from "./ctg-view.ts";
import { ctgWords } from "./ctg-words.ts";
import { codeLook } from "../findings/label-look.ts";
import { isEngine } from "../../../../preload/strip/classes.ts";
import { shortEngineName, verdictLook } from "./rule-looks.ts";
import { useContents } from "../findings/use-contents.ts";
import { useCtgAsking } from "./use-ctg-asking.ts";

export interface ReadingInUse {
  readonly summaries: readonly FindingSummary[]; // the newest of each rule
  readonly reading: CtgReading | undefined; // undefined: nothing has been read
  readonly items: readonly TrackItem[]; // of what is turned on
  readonly isOutdated: boolean;
  readonly isBlind: boolean; // nothing that a rule said is told
  readonly nameOf: (code: string) => string; // of an event, as its label is called
  readonly settings: CtgSettings;
  readonly change: (settings: Partial<CtgSettings>) => void; // and reads anew
  readonly canRead: boolean; // there is a heart rate to read
  readonly isReading: boolean;
  readonly done: number; // of the reading under way, 0 to 1
  readonly error: AppError | undefined; // why it could not be read
  readonly read: () => void;
  readonly cancel: () => void;
}

const noFindings: readonly FindingSummary[] = [];

/** What the rules said of a recording, and what of it is drawn. What is outdated stays until it is read again. */
export function useReading(
  recordingId: string,
  view: {
    readonly channels: readonly TraceChannel[];
    readonly sets: readonly LabelSet[];
    readonly scheme: Scheme;
    readonly language: Language;
    readonly settings: CtgSettings;
    readonly isCtg: boolean;
    readonly standing: unknown; // masks and facts, which the reading rests upon; undefined while they are not known
    readonly isBlind: boolean; // nothing that a rule said is told
  },
): ReadingInUse {
  const { channels, sets, scheme, language, settings, standing } = view;
  const list = useRequest("findings.list", { recordingId });
  const { isBlind } = view;
  const summaries = useMemo(
    () => shownReading((isBlind ? undefined : list.data) ?? noFindings, settings),
    [list.data, settings, isBlind],
  );
  const contents = useContents(summaries, isFalseSignal);
  const drawn = useMemo(() => {
    const looks = looksOf(sets, scheme, language);
    return summaries.flatMap((summary) =>
      itemsOfFinding({
        ...{ summary, channels, language, content: contents.get(summary.id), beside: summaries },
        ...{ title: laneTitle(summary, language), labelOf: looks(summary) },
        rangeOf: () => undefined, // all of it is drawn over a channel, or has a scale of its own
        reasonText: (reason) => reasonIn(reason, language),
      }),
    );
  }, [summaries, contents, channels, sets, scheme, language]);
  const turned = useCtgView();
  const items = useMemo(() => drawn.filter(({ kind }) => isKindShown(kind, turned)), [drawn, turned]);
  const reading = useMemo(
    () => (summaries.length === 0 ? undefined : readingOf([...contents.values()])),
    [summaries, contents],
  );
  const canRead = view.isCtg && channels.some(({ role }) => role === "fhr");
  const isOutdated = summaries.some((one) => one.isOutdated || !isBySettings(one, settings));
  const asking = useCtgAsking(recordingId, {
    settings,
    isWanted: canRead && !isBlind && list.data !== undefined && (summaries.length === 0 || isOutdated),
    // A reading that an edit overtook is outdated as it comes, though all may stand as it did when it was asked for.
    standing: useMemo(
      () =>
        JSON.stringify([settings, standing, summaries.filter((one) => one.isOutdated).map(({ id }) => id)]),
      [settings, standing, summaries],
    ),
  });
  const setSettings = useSend("settings.set");
  return {
    ...{ ...asking, summaries, reading, items, isBlind, isOutdated, canRead, settings },
    nameOf: (code) => codeLook(code, { sets, setId: EVENT_SET }, language, paletteOf(scheme)).name,
    change: (change) =>
      void setSettings.mutateAsync({ ctg: { ...settings, ...change } }).catch(notifyFailure),
  };
}

/** The baseline has tiles enough. */
const isFalseSignal = ({ name }: SeriesSummary): boolean => name === "false-signal";

function laneTitle({ content, origin }: FindingSummary, language: Language): string {
  if (content.kind === "verdicts" && isEngine(content.scheme))
    return shortEngineName(content.scheme, language);
  const part = origin.kind === "rule" ? partOfRule.get(origin.rule) : undefined;
  return part === undefined ? "" : translate(ctgWords, language)(part);
}

/** Where what a rule found has a lane of its own, it is called as what turns it on. */
const partOfRule = new Map<string, "baseline" | "events" | "falseSignal">([
  ["ctg/baseline", "baseline"],
  ["ctg/events", "events"],
  ["ctg/false-signal", "falseSignal"],
]);

const EVENT_SET = "ctg-events";

/** Events look as their labels do, classes as their scheme has them, series by their own names. */
function looksOf(sets: readonly LabelSet[], scheme: Scheme, language: Language) {
  const palette = paletteOf(scheme);
  return ({ content }: FindingSummary) =>
    (code: string): DrawnLabel =>
      content.kind === "verdicts"
        ? verdictLook(content.scheme, code, language, palette)
        : codeLook(code, { sets, setId: EVENT_SET }, language, palette);
}
