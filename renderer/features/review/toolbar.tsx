import { ActionIcon, Button, Checkbox, Menu, Popover, SegmentedControl, Text, Tooltip } from "@mantine/core";
import {
  IconArrowBackUp,
  IconArrowDown,
  IconArrowUp,
  IconArrowsHorizontal,
  IconBrackets,
  IconRulerMeasure,
  IconArrowForwardUp,
  IconChartHistogram,
  IconClock,
  IconLayoutRows,
  IconMinus,
  IconPlus,
  IconStack2,
  IconTimeline,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useStore } from "zustand";
import { saysWindows } from "../../state/runs.ts";
import { inkOn, paletteOf } from "../../trace/tracks/palette.ts";
import type { Tool } from "../../trace/strip/input.ts";
import { number, percent } from "../../ui/format.ts";
import { common } from "../../ui/common-words.ts";
import { Keys } from "../../ui/widgets.tsx";
import { unitText } from "../../ui/unit.ts";
import { inLanguage, useWords } from "../../ui/words.ts";
import { keyOfLabel, letterKeys } from "./review-keys.ts";
import classes from "./review.module.css";
import { paperPxPerS } from "./strip/use-paper.ts";
import type { Review } from "./use-review.ts";
import { keyOf, predictionOffers } from "./findings/wanted-prediction.ts";

export function Toolbar({
  review,
  openGoTo,
}: {
  readonly review: Review;
  readonly openGoTo: () => void;
}): ReactNode {
  const { t, isCtg, tool, setTool, history } = review;
  const c = useWords(common);
  return (
    <div className={classes["toolbar"]} role="toolbar" aria-label={t("keys.title")}>
      {isCtg && <PaperControls review={review} />}
      <SegmentedControl
        aria-label={t("tool")}
        value={tool}
        onChange={(value) => setTool(value)}
        data={tools(isCtg).map((value) => ({
          value,
          label: <ToolIcon tool={value} name={t(`tool.${value}`)} />,
        }))}
      />
      <PredictionMenu review={review} />
      <ChannelMenu review={review} />
      <Tooltip label={t("goTo")}>
        <ActionIcon variant="default" size={28} aria-label={t("goTo")} onClick={openGoTo}>
          <IconClock size={16} />
        </ActionIcon>
      </Tooltip>
      <ActionIcon.Group>
        <ActionIcon
          variant="default"
          size={28}
          aria-label={c("undo")}
          aria-keyshortcuts="Control+Z"
          disabled={!history.canUndo}
          onClick={history.undo}
          data-testid="review-undo"
        >
          <IconArrowBackUp size={16} />
        </ActionIcon>
        <ActionIcon
          variant="default"
          size={28}
          aria-label={c("redo")}
          aria-keyshortcuts="Control+Shift+Z"
          disabled={!history.canRedo}
          onClick={history.redo}
          data-testid="review-redo"
        >
          <IconArrowForwardUp size={16} />
        </ActionIcon>
      </ActionIcon.Group>
      <span className={classes["fill"]} />
      <LabelBoxes review={review} />
    </div>
  );
}

const tools = (isCtg: boolean): readonly Tool[] => [
  "pan",
  "range",
  "caliper",
  ...(isCtg ? ["anchor" as const] : []),
];

const toolIcons = {
  pan: IconArrowsHorizontal,
  range: IconBrackets,
  caliper: IconRulerMeasure,
  anchor: IconTimeline,
} as const;

function ToolIcon({ tool, name }: { readonly tool: Tool; readonly name: string }): ReactNode {
  const Icon = toolIcons[tool];
  return (
    <Tooltip label={name}>
      <span className={classes["toolIcon"]}>
        <Icon size={15} aria-hidden />
        <span className={classes["quiet"]}>{name}</span>
      </span>
    </Tooltip>
  );
}

function PaperControls({ review }: { readonly review: Review }): ReactNode {
  const { t, settings, viewport, paper } = review;
  const paperScale = paperPxPerS(settings, settings.paperSpeed);
  const isPaper = useStore(viewport, ({ pxPerS }) => Math.abs(pxPerS / paperScale - 1) < 0.005);
  return (
    <>
      <SegmentedControl
        aria-label={t("speed")}
        data-testid="paper-speed"
        value={isPaper ? String(settings.paperSpeed) : ""}
        onChange={(value) => paper.setSpeed(Number(value) as 1 | 2 | 3)}
        data={([1, 2, 3] as const).map((one) => ({
          value: String(one),
          label: isPaper && one === settings.paperSpeed ? `${one} ${t("speedUnit")}` : String(one),
        }))}
      />
      {!isPaper && <FreeSpeed review={review} />}
      <SegmentedControl
        aria-label={t("rangeFhr")}
        value={settings.fhrRange}
        onChange={(value) => paper.setFhrRange(value)}
        data={[
          { value: "50-210", label: "50–210" },
          { value: "30-240", label: "30–240" },
        ]}
      />
      <RowsMenu review={review} />
    </>
  );
}

/** Rows of paper beneath each other; beside it, for as long as it is so, that the paper is smaller than true. */
function RowsMenu({ review }: { readonly review: Review }): ReactNode {
  const { t, settings, paper } = review;
  const { paperShare } = paper;
  const share = percent(paperShare, 0);
  return (
    <>
      <Menu position="bottom-start" withinPortal>
        <Menu.Target>
          <Tooltip label={t("rows")}>
            <ActionIcon variant="default" size={28} aria-label={t("rows")} data-testid="rows-menu">
              <IconLayoutRows size={16} />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          {(["auto", "one", "several"] as const).map((rows) => (
            <Menu.Item
              key={rows}
              fw={rows === settings.paperRows ? 600 : 400}
              aria-current={rows === settings.paperRows}
              data-testid={`rows-${rows}`}
              onClick={() => paper.setRows(rows)}
            >
              {t(`rows.${rows}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {paperShare < 1 && (
        <Tooltip label={t("smallerText", { share })} multiline maw={320}>
          <span className={classes["smaller"]} data-testid="paper-share" data-share={paperShare}>
            {t("smaller", { share })}
          </span>
        </Tooltip>
      )}
    </>
  );
}

/** Apart, since it is told of every step of a zoom. */
function FreeSpeed({ review }: { readonly review: Review }): ReactNode {
  const { t, settings, language, viewport } = review;
  const text = useStore(viewport, ({ pxPerS }) => {
    const speed = (pxPerS * 60) / settings.pixelsPerCm;
    return number(speed, language, speed < 1 ? 2 : 1);
  });
  return <span className={classes["freeSpeed"]}>{t("freeZoom", { speed: text })}</span>;
}

function PredictionMenu({ review }: { readonly review: Review }): ReactNode {
  const { t, prediction } = review;
  const { stored, runs, shown } = prediction;
  const nameOf = (runId: string): string => prediction.nameOf(runId) ?? runId;
  const offers = predictionOffers(runs, stored);
  return (
    <Menu position="bottom-start" withinPortal>
      <Menu.Target>
        <Button
          size="xs"
          className={classes["control"] ?? ""}
          h={28}
          variant={shown ? "light" : "default"}
          leftSection={<IconChartHistogram size={15} />}
          loading={prediction.isMaking}
          data-testid="prediction-menu"
        >
          {prediction.isMaking ? t("predicting") : t("predictions")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown maw={360}>
        {stored.length === 0 && (
          <Menu.Label>
            {t("noPrediction")}
            <br />
            {t(runs.length === 0 ? "noModelFits" : "noPredictionText")}
          </Menu.Label>
        )}
        {stored.map((one) => (
          <Menu.Item
            key={`${one.runId} ${one.adaptation}`}
            onClick={() => prediction.choose(one)}
            fw={shown && keyOf(one) === keyOf(shown.prediction) ? 600 : 400}
          >
            {nameOf(one.runId)}
            <Text size="xs" c="dimmed">
              {t(`adaptation.${one.adaptation}`)}
              {one.isOutdated && ` · ${t("outdated")}`}
            </Text>
          </Menu.Item>
        ))}
        {offers.map(({ run, adaptation }) => (
          <Menu.Item key={`${run.id} ${adaptation}`} onClick={() => prediction.make(run, adaptation)}>
            {t(
              !saysWindows(run)
                ? run.says === "ahead"
                  ? "followWith"
                  : "findWith"
                : adaptation === "causal-guided"
                  ? "predictGuided"
                  : "predictWith",
              { name: run.config.name },
            )}
          </Menu.Item>
        ))}
        {shown && (
          <>
            <Menu.Divider />
            <Menu.Item onClick={() => prediction.setVisible(false)}>{t("hidePredictions")}</Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function ChannelMenu({ review }: { readonly review: Review }): ReactNode {
  const { t, orderedChannels: channels, isReordered, hidden, gains, language, arranging } = review;
  const letters = letterKeys(review.set?.labels ?? []);
  return (
    <Popover position="bottom-start" withinPortal trapFocus>
      <Popover.Target>
        <Button
          size="xs"
          className={classes["control"] ?? ""}
          h={28}
          variant="default"
          leftSection={<IconStack2 size={15} />}
          data-testid="channel-menu"
        >
          {channels.length - hidden.size}/{channels.length}
          <span className={classes["wide"]}>&nbsp;{t("channelsMenu")}</span>
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <div className={classes["channelList"]}>
          {channels.map((channel, at) => (
            <div
              key={channel.position}
              className={classes["channelRow"]}
              data-testid="channel-row"
              data-channel={channel.label}
            >
              <ActionIcon.Group>
                <ActionIcon
                  size="xs"
                  variant="default"
                  aria-label={t("channelUp", { name: channel.label })}
                  disabled={at === 0}
                  onClick={() => arranging.moveChannel(channel.position, -1)}
                >
                  <IconArrowUp size={11} />
                </ActionIcon>
                <ActionIcon
                  size="xs"
                  variant="default"
                  aria-label={t("channelDown", { name: channel.label })}
                  disabled={at === channels.length - 1}
                  onClick={() => arranging.moveChannel(channel.position, 1)}
                >
                  <IconArrowDown size={11} />
                </ActionIcon>
              </ActionIcon.Group>
              <Checkbox
                checked={!hidden.has(channel.position)}
                onChange={() => arranging.toggleChannel(channel.position)}
                label={
                  <span title={channel.label}>
                    {channel.label} <span className={classes["dim"]}>{unitText(language, channel)}</span>{" "}
                    {channel.role === "mhr" && <Keys keys={letters.mother} />}
                  </span>
                }
                styles={{ label: { maxWidth: 220, overflowWrap: "anywhere" } }}
              />
              <span className={classes["gain"]}>
                {channel.role !== "fhr" && channel.role !== "mhr" && (
                  <GainButtons
                    review={review}
                    position={channel.position}
                    name={channel.label}
                    text={`×${number(gains.get(channel.position) ?? 1, language, 2)}`}
                  />
                )}
              </span>
            </div>
          ))}
          {review.areTwins && (
            <Checkbox
              checked={arranging.view.isApart}
              onChange={arranging.toggleApart}
              data-testid="apart"
              label={
                <>
                  {t("apart")}&ensp;
                  <Keys keys={letters.apart} />
                </>
              }
              description={t("apartText")}
            />
          )}
          <div className={classes["channelFoot"]}>
            <Button
              size="compact-xs"
              variant="default"
              disabled={gains.size === 0}
              onClick={arranging.resetGains}
            >
              {t("gainAuto")}
            </Button>
            <Button
              size="compact-xs"
              variant="default"
              disabled={!isReordered}
              onClick={arranging.resetOrder}
            >
              {t("orderReset")}
            </Button>
          </div>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

function GainButtons({
  review,
  position,
  name,
  text,
}: {
  readonly review: Review;
  readonly position: number;
  readonly name: string;
  readonly text: string;
}): ReactNode {
  const { t, selection, arranging } = review;
  const step = (direction: 1 | -1): void => {
    selection.setState({ channel: position });
    arranging.stepGainOf(position, direction);
  };
  return (
    <>
      <ActionIcon size="xs" variant="default" aria-label={t("gainDown", { name })} onClick={() => step(-1)}>
        <IconMinus size={11} />
      </ActionIcon>
      <Text size="xs" w={44} ta="center">
        {text}
      </Text>
      <ActionIcon size="xs" variant="default" aria-label={t("gainUp", { name })} onClick={() => step(1)}>
        <IconPlus size={11} />
      </ActionIcon>
    </>
  );
}

/** The labels of the set in use: legend and, for the mouse, the same as pressing the key. */
function LabelBoxes({ review }: { readonly review: Review }): ReactNode {
  const { set, language, scheme, state, labelling } = review;
  const palette = paletteOf(scheme);
  return (
    <div className={classes["labels"]}>
      {(set?.labels ?? []).map((label) => {
        const colour = palette.ofLabel(label.colour);
        const keys = keyOfLabel(label);
        const name = inLanguage(label.name, language);
        return (
          <Tooltip
            key={label.code}
            label={
              <>
                {name}
                {keys !== undefined && (
                  <>
                    {" "}
                    <Keys keys={keys} onAccent />
                  </>
                )}
              </>
            }
          >
            <button
              type="button"
              className={classes["labelBox"]}
              style={{ background: colour, color: inkOn(colour) }}
              aria-label={name}
              aria-keyshortcuts={keys}
              data-active={state.pending?.label === label.code}
              data-testid={`label-${label.code}`}
              onMouseDown={(down) => down.preventDefault()}
              onClick={() => labelling.pressLabel(label)}
            >
              {label.letter}
            </button>
          </Tooltip>
        );
      })}
    </div>
  );
}
