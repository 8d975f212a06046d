import { useMemo, useState } from "react";
import type { AppError } from "../../../../preload/contract/errors.ts";
import type { Content, FindingSummary, SeriesSummary } from "../../../../preload/contract/finding.ts";
import type { LabelSet } from "../../../../preload/contract/label-set.ts";
import { reasonIn } from "../../../../preload/contract/rule-sentences.ts";
import type { RunSummary } from "../../../../preload/contract/run.ts";
import { useRequest } from "../../../bridge/hooks.ts";
import { useCoarseTiles } from "../../../trace/tiles/coarse-tiles.ts";
import type { DrawnLabel, TrackItem } from "../../../trace/tracks/kind.ts";
import { paletteOf } from "../../../trace/tracks/palette.ts";
import { autoRange } from "../../../trace/tracks/range.ts";
import { itemsOfFinding } from "../../../trace/tracks/registry.ts";
import type { TraceChannel } from "../../../trace/tracks/track.ts";
import type { Scheme } from "../../../ui/tokens.ts";
import type { Language } from "../../../ui/words.ts";
import { isSeriesShown, useForecastView } from "../forecast/forecast-view.ts";
import { isOfReading } from "../../../../preload/contract/ctg-shown.ts";
import { isListed, setIdOf, titleOf } from "./findings.ts";
import { codeLook } from "./label-look.ts";
import { useContents } from "./use-contents.ts";

export interface ListedFinding {
  readonly summary: FindingSummary;
  readonly title: string;
  readonly names: readonly string[]; // of what it says something about
  readonly isShown: boolean;
}

export interface FindingsInUse {
  readonly listed: readonly ListedFinding[];
  readonly items: readonly TrackItem[]; // of those that are shown
  readonly contents: ReadonlyMap<string, Content>; // of those that were read whole
  readonly toggle: (id: string) => void;
  readonly error: AppError | undefined;
}

const noFindings: readonly FindingSummary[] = [];
const noRuns: readonly RunSummary[] = [];

/** What models and rules found in the recording. Outdated findings are shown once they are asked for. */
export function useFindings(
  recordingId: string,
  view: {
    readonly channels: readonly TraceChannel[];
    readonly sets: readonly LabelSet[];
    readonly scheme: Scheme;
    readonly language: Language;
    readonly onError: (error: unknown) => void;
    readonly isBlind: boolean; // nothing that a model or a rule found is told
  },
): FindingsInUse {
  const { channels, sets, scheme, language, onError, isBlind } = view;
  const list = useRequest("findings.list", { recordingId });
  const runs = useRequest("runs.list", {}).data ?? noRuns;
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set()); // from what it is at first
  const found = useMemo(
    () =>
      ((isBlind ? undefined : list.data) ?? noFindings).filter((one) => isListed(one) && !isOfReading(one)),
    [list.data, isBlind],
  );
  const shown = useMemo(
    () => found.filter(({ id, isOutdated }) => isOutdated === turned.has(id)),
    [found, turned],
  );
  const contents = useContents(shown, isFilled);
  const derived = useMemo(() => scaledChannels(shown), [shown]);
  const { tiles } = useCoarseTiles(recordingId, derived, onError);

  const labelsOf = useMemo(() => {
    const palette = paletteOf(scheme);
    return (summary: FindingSummary) => {
      const setId = setIdOf(summary, runs);
      return (code: string): DrawnLabel => codeLook(code, { sets, setId }, language, palette);
    };
  }, [sets, runs, scheme, language]);
  const { regimes, baseline, fills } = useForecastView();
  const items = useMemo(
    () =>
      shown.flatMap((whole) => {
        const summary = shownPart(whole, { regimes, baseline, fills });
        return itemsOfFinding({
          ...{ summary, channels, labelOf: labelsOf(summary), title: titleOf(summary, runs), language },
          ...{ content: contents.get(summary.id), beside: shown },
          reasonText: (reason) => reasonIn(reason, language),
          rangeOf: (position) => autoRange(tiles.get(position) ?? [], "other"),
        });
      }),
    [shown, contents, channels, labelsOf, runs, tiles, language, regimes, baseline, fills],
  );
  const listed = useMemo(
    () =>
      found.map((summary) => ({
        ...{ summary, title: titleOf(summary, runs), isShown: shown.includes(summary) },
        names: codesOf(summary).map((code) => labelsOf(summary)(code).name),
      })),
    [found, shown, runs, labelsOf],
  );
  return {
    listed,
    ...{ items, contents },
    toggle: (id) =>
      setTurned((before) => {
        const after = new Set(before);
        if (!after.delete(id)) after.add(id);
        return after;
      }),
    error: list.error ?? undefined,
  };
}

/** A finding without the series that are hidden. */
function shownPart(summary: FindingSummary, view: Parameters<typeof isSeriesShown>[1]): FindingSummary {
  const { content } = summary;
  if (content.kind !== "curves" || content.series.every((one) => isSeriesShown(one, view))) return summary;
  return {
    ...summary,
    content: { ...content, series: content.series.filter((one) => isSeriesShown(one, view)) },
  };
}

/** Where gaps were filled their ends are read. */
const isFilled = ({ as }: SeriesSummary): boolean => as === "filled";

/** Derived channels whose range has to be looked for: a probability lies between zero and one. */
const scaledChannels = (shown: readonly FindingSummary[]): readonly TraceChannel[] =>
  shown
    .flatMap(({ content }): readonly SeriesSummary[] => (content.kind === "curves" ? content.series : []))
    .filter(({ unit }) => unit !== "probability")
    .flatMap((series) =>
      [series.value, series.low, series.high].flatMap((position): TraceChannel[] =>
        position === undefined
          ? []
          : [
              {
                ...{ position, label: series.name, unit: series.unit, role: "other" },
                ...{ sampleRate: series.sampleRate, sampleCount: series.sampleCount },
              },
            ],
      ),
    );

const codesOf = ({ content }: FindingSummary): readonly string[] =>
  content.kind === "curves"
    ? content.series.map(({ name }) => name)
    : content.kind === "events"
      ? content.codes
      : content.kind === "verdicts"
        ? []
        : content.classes;
