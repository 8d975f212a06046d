import { Button, Tooltip } from "@mantine/core";
import { useEffect, useMemo, useState, type ReactNode } from "react";
import { useStore } from "zustand";
import { asAppError } from "../../../preload/contract/errors.ts";
import { missesMost, missingShareOf, type RecordingDetail } from "../../../preload/contract/recording.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { bucketSizeFor } from "../../trace/tiles/levels.ts";
import { Overview } from "../../trace/strip/overview.tsx";
import { FHR_BREAK_BPM } from "../../../preload/strip/lines.ts";
import { common } from "../../ui/common-words.ts";
import { ContextMenu, type MenuPlace } from "../../ui/context-menu.tsx";
import { clock, length, number, percent, rate } from "../../ui/format.ts";
import { missingByChannel } from "../../ui/missing.ts";
import { Foot, Inspector, TopBar } from "../../ui/slots.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { Chip, Empty, Failure, Skeleton } from "../../ui/widgets.tsx";
import { useWords } from "../../ui/words.ts";
import { BlindChip } from "./blind-chip.tsx";
import { ctgWords } from "./ctg/ctg-words.ts";
import { GoToTime } from "./place/go-to-time.tsx";
import { ReviewInspector } from "./inspector.tsx";
import { PrintDialog } from "./print/print-dialog.tsx";
import { ReadingBar } from "./ctg/reading-bar.tsx";
import classes from "./review.module.css";
import { Strips } from "./strip/strips.tsx";
import { Toolbar } from "./toolbar.tsx";
import { useReviewKeys } from "./use-review-keys.ts";
import { useReview, type OpenLayers, type Review } from "./use-review.ts";
import { reviewWords } from "./words.ts";

export interface ReviewPageProps {
  readonly recordingId: string;
  readonly onOpenLayers?: OpenLayers;
}

/** One recording under review: the strip, what is drawn upon it, and what can be done about it. */
export function ReviewPage({ recordingId, onOpenLayers }: ReviewPageProps): ReactNode {
  const t = useWords(reviewWords);
  const detail = useRequest("recordings.get", { id: recordingId });
  const settings = useRequest("settings.get", {});
  if (detail.error && !detail.data) {
    return (
      <div className={classes["page"]} data-testid={testIds.reviewPage}>
        <div className={classes["state"]}>
          <Failure error={detail.error} onRetry={() => void detail.refetch()} />
        </div>
      </div>
    );
  }
  // The paper speed decides the first scale: drawing before it is known would jump.
  if (!detail.data || settings.isPending) {
    return (
      <div className={classes["page"]} data-testid={testIds.reviewPage} aria-busy aria-label={t("loading")}>
        <Skeleton height={30} />
        <Skeleton height={44} />
        <Skeleton height={420} />
      </div>
    );
  }
  return <Reviewed key={recordingId} detail={detail.data} onOpenLayers={onOpenLayers} />;
}

function Reviewed({
  detail,
  onOpenLayers,
}: {
  readonly detail: RecordingDetail;
  readonly onOpenLayers: OpenLayers | undefined;
}): ReactNode {
  const review = useReview(detail, onOpenLayers);
  const [isGoToOpen, setGoToOpen] = useState(false);
  const [relabelOpen, setRelabelOpen] = useState(false);
  const [menu, setMenu] = useState<MenuPlace | undefined>(undefined);
  useReviewKeys(review, {
    goTo: () => setGoToOpen(true),
    relabel: () => setRelabelOpen(true),
    menu: () => setMenu(review.menuPlace()),
  });
  const { data } = review;
  return (
    <div className={classes["page"]} data-testid={testIds.reviewPage} data-recording={detail.id}>
      <Facts review={review} />
      <Toolbar review={review} openGoTo={() => setGoToOpen(true)} />
      <ReadingBar review={review} />
      {data.error && <Failure error={data.error} />}
      {review.prediction.error && <Failure error={review.prediction.error} />}
      {review.findings.error && <Failure error={review.findings.error} />}
      {review.traceError !== undefined && (
        <Failure error={asAppError(review.traceError)} onRetry={review.retryTrace} />
      )}
      <SpeedBanner review={review} />
      <Trace review={review} onMenu={(x, y) => setMenu({ x, y })} />
      <ContextMenu
        title={review.t("keys.menu")}
        groups={[review.t("keys.labels"), review.t("keys.title")]}
        place={menu}
        close={() => setMenu(undefined)}
      />
      <Inspector>
        <ReviewInspector review={review} relabelOpen={relabelOpen} setRelabelOpen={setRelabelOpen} />
      </Inspector>
      <Foot>
        <Reduction review={review} />
      </Foot>
      <PrintDialog review={review} />
      <GoToTime review={review} isOpen={isGoToOpen} close={() => setGoToOpen(false)} />
      <div className={classes["quiet"]} aria-live="polite" role="status" data-testid="review-said">
        {review.said}
      </div>
    </div>
  );
}

function Facts({ review }: { readonly review: Review }): ReactNode {
  const { t, language, detail, channels, durationS } = review;
  const c = useWords(common);
  const rates = [...new Set(channels.map((channel) => channel.sampleRate))].sort((a, b) => b - a);
  const facts = [
    length(durationS, language),
    rates.map((one) => rate(one, language)).join("/"),
    t("channels", { count: channels.length }),
  ];
  const state =
    detail.state === "recording"
      ? t("stateRecording")
      : detail.state === "interrupted"
        ? t("stateInterrupted")
        : detail.state === "importing"
          ? t("stateImporting")
          : undefined;
  return (
    <TopBar>
      <h1 title={detail.name}>{detail.name}</h1>
      <Chip>{facts.filter((fact) => fact !== "").join(" · ")}</Chip>
      <BlindChip review={review} />
      <MissingChip review={review} />
      <GestationChip review={review} />
      {detail.synthetic && <Chip tone="warn">{c("synthetic")}</Chip>}
      {state !== undefined && <Chip tone={detail.state === "interrupted" ? "warn" : "plain"}>{state}</Chip>}
      <DamageChip review={review} />
      {detail.repairCount > 0 && <Chip tone="warn">{t("repairs", { count: detail.repairCount })}</Chip>}
    </TopBar>
  );
}

/** The gestational age with which a cardiotocogram is read, and who says so; nothing where it is not known. */
function GestationChip({ review: { context } }: { readonly review: Review }): ReactNode {
  const t = useWords(ctgWords);
  const { known } = context;
  const days = known?.context.gestationDays;
  if (days === undefined) return null;
  const isHeader = known?.header.gestationDays?.value === days;
  const text =
    t("gestationChip", { weeks: Math.floor(days / 7), days: days % 7 }) +
    (isHeader ? ` · ${t("fromHeader")}` : "");
  return (
    <span className={classes["yields"]} data-yields title={text}>
      <Chip>{text}</Chip>
    </span>
  );
}

/** By channel where they fit a chip; of many, the one that misses most, and all of them on hover. */
function MissingChip({ review }: { readonly review: Review }): ReactNode {
  const { t, detail } = review;
  const most = missesMost(detail.channels);
  if (!most || detail.missingShare === 0) return null;
  const all = missingByChannel(detail.channels);
  const text =
    detail.channels.length <= CHIP_CHANNELS && all.length <= CHIP_LETTERS
      ? t("missing", { share: all })
      : t("missingMost", { share: percent(missingShareOf(most)), channel: most.label });
  return (
    <span className={classes["yields"]} data-yields title={all} data-testid="missing">
      <Chip>{text}</Chip>
    </span>
  );
}
const CHIP_CHANNELS = 3;
const CHIP_LETTERS = 48; // of long names the shares would be cut off

/** Blocks whose bytes are no longer what was written, by channel and time; a click goes to the first. */
function DamageChip({ review }: { readonly review: Review }): ReactNode {
  const { t, detail, navigation } = review;
  const [first] = detail.damaged;
  if (!first) return null;
  const lines = detail.damaged.slice(0, MOST_DAMAGE_LINES).map(({ channel, onsetS, durationS }) =>
    t("damagedLine", {
      channel: detail.channels[channel]?.label ?? "",
      from: clock(onsetS),
      to: clock(onsetS + durationS),
    }),
  );
  if (detail.damaged.length > lines.length) lines.push("…");
  return (
    <Tooltip label={lines.join("\n")} multiline style={{ whiteSpace: "pre" }}>
      <button
        type="button"
        className={classes["chipButton"]}
        data-testid="damage"
        onClick={() => navigation.goToTime(first.onsetS)}
      >
        <Chip tone="bad">{t("damaged", { count: detail.damaged.length })}</Chip>
      </button>
    </Tooltip>
  );
}
const MOST_DAMAGE_LINES = 12;

/** A paper speed changed by mistake is misread: every change is announced for five seconds. */
function SpeedBanner({ review }: { readonly review: Review }): ReactNode {
  const { t, settings, isCtg } = review;
  const [known, setKnown] = useState(settings.paperSpeed);
  const isShown = isCtg && known !== settings.paperSpeed;
  const speed = settings.paperSpeed;
  useEffect(() => {
    if (!isShown) return;
    const timer = setTimeout(() => setKnown(speed), 5000);
    return () => clearTimeout(timer);
  }, [isShown, speed]);
  if (!isShown) return null;
  return (
    <div className={classes["banner"]} role="status">
      {t("speedNow", { speed: settings.paperSpeed })}
    </div>
  );
}

/** How much a pixel stands for. */
function Reduction({ review }: { readonly review: Review }): ReactNode {
  const { t, language, viewport, shownChannels } = review;
  const fastest = Math.max(0, ...shownChannels.map((channel) => channel.sampleRate));
  const text = useStore(viewport, ({ pxPerS }) => {
    const perPx = fastest / pxPerS;
    return bucketSizeFor(perPx) === 1
      ? t("perPixelRaw")
      : t("perPixel", { samples: number(perPx, language, perPx < 10 ? 1 : 0) });
  });
  return fastest === 0 ? null : <span>{text}</span>;
}

interface TraceProps {
  readonly review: Review;
  readonly onMenu: (x: number, y: number) => void;
}

function Trace({ review, onMenu }: TraceProps): ReactNode {
  const { t, channels, shownChannels, coarse, ranges, durationS, events, scheme, viewport } = review;
  const { fhrRange } = review.settings;
  const first = shownChannels[0];
  const isRate = review.isCtg && first?.role === "fhr";
  const overviewRange = useMemo(
    () =>
      isRate
        ? fhrRange === "50-210"
          ? { low: 50, high: 210 }
          : { low: 30, high: 240 }
        : first
          ? ranges.get(first.position)
          : undefined,
    [isRate, fhrRange, first, ranges],
  );
  if (channels.length === 0) {
    return (
      <div className={classes["state"]}>
        <Empty title={t("noChannels")}>{t("noChannelsText")}</Empty>
      </div>
    );
  }
  if (!first) {
    return (
      <div className={classes["state"]}>
        <Empty
          title={t("allHidden")}
          actions={<Button onClick={review.arranging.showAllChannels}>{t("showAll")}</Button>}
        >
          {t("allHiddenText")}
        </Empty>
      </div>
    );
  }
  return (
    <div className={classes["strip"]} style={{ gap: 8 }}>
      <Overview
        viewport={viewport}
        pinned={review.pinned?.viewport}
        durationS={durationS}
        sampleRate={first.sampleRate}
        tiles={coarse.get(first.position) ?? []}
        range={overviewRange}
        breakStep={isRate ? FHR_BREAK_BPM : Number.POSITIVE_INFINITY}
        events={events}
        scheme={scheme}
        label={t("overview")}
      />
      <Strips review={review} onMenu={onMenu} />
    </div>
  );
}
