import { ActionIcon, Button } from "@mantine/core";
import { IconPinnedOff } from "@tabler/icons-react";
import { useMemo, type ReactNode } from "react";
import { useStore } from "zustand";
import { AppError } from "../../../../preload/contract/errors.ts";
import { CHANNELS_MAX } from "../../../../preload/contract/recording.ts";
import { endS, type ViewportStore } from "../../../state/viewport.ts";
import { Strip, type StripProps } from "../../../trace/strip/strip.tsx";
import { clock, percent } from "../../../ui/format.ts";
import { unitText } from "../../../ui/unit.ts";
import { Keys } from "../../../ui/widgets.tsx";
import { useWords } from "../../../ui/words.ts";
import { useCtgView } from "../ctg/ctg-view.ts";
import { ctgWords } from "../ctg/ctg-words.ts";
import classes from "../ctg/ctg.module.css";
import { caliperText, describeTarget } from "../describe.ts";
import { letterKeys } from "../review-keys.ts";
import type { Review } from "../use-review.ts";

interface Props {
  readonly review: Review;
  readonly onMenu: (x: number, y: number) => void;
}

/** The trace as it is looked at; where a stretch is pinned, that stretch above, at the same scale. */
export function Strips({ review, onMenu }: Props): ReactNode {
  const { viewport, reader, pinned, strip } = review;
  const props = useStripProps(review, onMenu);
  if (pinned === undefined) return <Strip {...props} viewport={viewport} reader={reader} handle={strip} />;
  return (
    <div className={classes["pair"]} data-testid="pair">
      <div className={classes["half"]}>
        <Strip {...props} {...pinned} fan={undefined} isHalf testId="strip-pinned" />
        <Side review={review} viewport={pinned.viewport} name="pinnedFrom" />
      </div>
      <div className={classes["half"]}>
        <Strip {...props} viewport={viewport} reader={reader} handle={strip} isHalf />
        <Side review={review} viewport={viewport} name="current" />
      </div>
    </div>
  );
}

/** Which of the two it is, and what it shows. */
function Side({
  review,
  viewport,
  name,
}: {
  readonly review: Review;
  readonly viewport: ViewportStore;
  readonly name: "pinnedFrom" | "current";
}): ReactNode {
  const t = useWords(ctgWords);
  const from = useStore(viewport, (now) => clock(now.startS));
  const to = useStore(viewport, (now) => clock(Math.min(now.durationS, endS(now))));
  return (
    <div className={classes["side"]} data-testid={`side-${name}`}>
      {t(name, { from, to })}
      {name === "pinnedFrom" && (
        <ActionIcon
          size={18}
          variant="subtle"
          aria-label={t("unpin")}
          title={t("unpin")}
          onClick={review.turnPin}
          data-testid="unpin"
        >
          <IconPinnedOff size={14} />
        </ActionIcon>
      )}
    </div>
  );
}

/** What both strips share. */
function useStripProps(
  review: Review,
  onMenu: Props["onMenu"],
): Omit<StripProps, "viewport" | "reader" | "handle"> {
  const { t, detail, channels, settings, telling, prediction, viewport } = review;
  const { navigation, labelling, forecast } = review;
  const { paperSpeed, fhrRange, paperRows: rows } = settings;
  const pixelsPerCm = review.truePixelsPerCm;
  const paper = useMemo(
    () => ({ pixelsPerCm, paperSpeed, fhrRange, rows }),
    [pixelsPerCm, paperSpeed, fhrRange, rows],
  );
  const isBracketShown = useCtgView((view) => view.bracket);
  const caliperChannel = channels.find((channel) => channel.position === review.channelMeant);
  return {
    ...{ recordingId: detail.id, kind: detail.kind, startedAt: detail.startedAt, paper, isBracketShown },
    ...{ channels: review.shownChannels, selection: review.selection, scheme: review.scheme },
    isApart: review.arranging.view.isApart && review.areTwins,
    ...{ ranges: review.ranges, gains: review.gains, lanes: review.lanes, items: review.items },
    ...{ prediction: prediction.shown, fan: forecast.fan, pending: review.pending, tool: review.tool },
    selectedSpan: review.cueSpan ?? review.selectedSpan,
    label: t("strip", { name: detail.name }),
    instructions: t("instructions"),
    unitText: (channel) => unitText(review.language, channel),
    describe: (target, readings) =>
      describeTarget(
        ...([telling, target, readings, prediction.shown] as const),
        ...([viewport.getState().pxPerS, forecast.fan] as const),
      ),
    caliperText: (points) => caliperText(telling, points, caliperChannel),
    onPickEvent: (event) => {
      navigation.select(event);
      if (review.tab === "reading") review.setTab("selection"); // as a click on what a rule found leads there
    },
    onMoveEvent: labelling.moveEvent,
    onPickPrediction: review.openLayers,
    onPickFound: () => {
      if (review.pending === undefined) review.setTab("reading"); // else the click ends the label that was begun
    },
    onAnchor: review.anchor,
    onMenu,
    onError: (error) => {
      if (!isOfReplaced(error)) review.setTraceError(error);
    },
    offerRows: (share) => <OfferRows review={review} share={share} />,
  };
}

/** Of a finding that was replaced while its tiles were asked for: the list already brings the one in its place. */
const isOfReplaced = (error: unknown): boolean =>
  error instanceof AppError &&
  error.code === "storage/not-found" &&
  Number(error.detail["channel"]) >= CHANNELS_MAX;

function OfferRows({ review, share }: { readonly review: Review; readonly share: number }): ReactNode {
  return (
    <Button
      variant="subtle"
      size="xs"
      data-testid="offer-rows"
      onClick={() => review.paper.setRows("several")}
    >
      {review.t("offerRows", { share: percent(share, 0) })}&ensp;
      <Keys keys={letterKeys(review.set?.labels ?? []).paperRows} />
    </Button>
  );
}
