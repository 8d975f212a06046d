import type { ReactNode } from "react";
import type { ChannelLive, RecorderState } from "../../../preload/contract/acquisition.ts";
import { rateLines } from "../../../preload/strip/lines.ts";
import { paletteOf } from "../../trace/tracks/palette.ts";
import { fixed, length, number } from "../../ui/format.ts";
import { useScheme } from "../../ui/scheme.ts";
import { testIds } from "../../ui/test-ids.ts";
import { unitText } from "../../ui/unit.ts";
import { translate, useLanguage, useWords, type Language } from "../../ui/words.ts";
import css from "./record.module.css";
import { recordWords } from "./words.ts";

const OLD_AFTER_S = 3; // monitors send a second's worth at once
const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;
const MANY_DAYS = 100;

/** A value that is older than this is no reading: it is told as the last one, with its age. */
export const isCurrent = ({ value, ageS }: Pick<ChannelLive, "value" | "ageS">): boolean =>
  value !== undefined && (ageS ?? 0) <= OLD_AFTER_S;

/** Rates that have a sensor, and contractions: the numbers people look for. */
export const numberChannels = (channels: readonly ChannelLive[]): readonly ChannelLive[] => {
  const rates = channels.filter(({ role }) => role === "fhr" || role === "mhr");
  const seen = rates.filter(({ value }) => value !== undefined);
  return [...(seen.length > 0 ? seen : rates.slice(0, 1)), ...channels.filter(({ role }) => role === "uc")];
};

export const lostOf = (lost: Readonly<Record<string, number>>): number =>
  Object.values(lost).reduce((sum, count) => sum + count, 0);

/** Big numbers, then what is lost and what room is left. */
export function Numbers({ state }: { readonly state: RecorderState }): ReactNode {
  const t = useWords(recordWords);
  const shown = state.kind === "ctg" ? numberChannels(state.channels) : [];
  const palette = paletteOf(useScheme());
  const lines = rateLines(
    shown.filter(({ role }) => role !== "uc"), // they come first
    palette,
  );
  const silent = state.channels.filter(
    (channel) =>
      (channel.role === "fhr" || channel.role === "mhr") &&
      channel.value === undefined &&
      !shown.includes(channel),
  );
  return (
    <div className={css["numbers"]} data-compact={shown.length === 0}>
      {shown.map((channel, i) => (
        <BigNumber
          key={`${channel.device} ${channel.label}`}
          channel={channel}
          line={lines[i]}
          isLost={isLinkLost(state.devices[channel.device])}
        />
      ))}
      <Lost state={state} />
      <Space
        state={state}
        note={
          silent.length === 0
            ? ""
            : t("noValue", { labels: [...new Set(silent.map(({ label }) => label))].join(", ") })
        }
      />
    </div>
  );
}

const isLinkLost = (device: RecorderState["devices"][number] | undefined): boolean =>
  device?.link === "unplugged" || device?.link === "silent";

function BigNumber({
  channel,
  line,
  isLost,
}: {
  readonly channel: ChannelLive;
  readonly line: { readonly colour: string; readonly dash: readonly number[] } | undefined;
  readonly isLost: boolean;
}): ReactNode {
  const t = useWords(recordWords);
  const language = useLanguage();
  const { label, value, ageS } = channel;
  const current = isCurrent(channel);
  const text = value === undefined ? "" : fixed(value, 0);
  return (
    <section
      className={css["number"]}
      data-testid={testIds.recordNumber}
      data-label={label}
      data-value={current ? text : undefined}
      data-old={!current}
      data-lost={isLost}
    >
      <h2>
        <svg className={css["swatch"]} width={16} height={4} aria-hidden>
          <line
            x2={16}
            y1={2}
            y2={2}
            stroke={line?.colour ?? "var(--kodo-trace-uc)"}
            strokeWidth={3}
            strokeDasharray={line?.dash.join(" ")}
          />
        </svg>
        {label} <span className={css["dim"]}>{unitText(language, channel)}</span>
      </h2>
      <output data-digits>{current ? text : "– –"}</output>
      {!current && value !== undefined && (
        <span className={css["lastValue"]} data-digits>
          <span>
            {t("lastValue")} <strong>{text}</strong>
          </span>
          {t("agoText", { age: length(ageS ?? 0, language) })}
        </span>
      )}
    </section>
  );
}

/** Samples that were sent and did not arrive, over all devices; seconds where the signal is gone now. */
function Lost({ state }: { readonly state: RecorderState }): ReactNode {
  const t = useWords(recordWords);
  const language = useLanguage();
  const lost = state.devices.reduce((sum, device) => sum + lostOf(device.lost), 0);
  const all = state.devices.reduce((sum, device) => sum + device.received, 0);
  const isExact = state.devices.every((device) => device.isLossExact);
  const count = t(isExact ? "lostCount" : "lostAbout", { lost: number(lost, language, 0) });
  const silentS = Math.max(0, ...state.devices.map((one) => (one.link === "streaming" ? 0 : one.silentS)));
  return (
    <section
      className={css["number"]}
      data-testid={testIds.recordLost}
      data-lost={lost}
      data-old={silentS > 0}
    >
      <h2>{t("lost")}</h2>
      <strong className={css["fact"]} data-digits data-alarm={silentS > 0}>
        {silentS > 0 ? length(silentS, language) : count}
      </strong>
      <span className={css["small"]} data-digits>
        {t(silentS > 0 ? "lostInAll" : "lostOfAll", {
          lost: count,
          total: number(all, language, 0),
        })}
      </span>
    </section>
  );
}

/** How long the disk lasts: in whole hours, then in days, and no further than anybody plans. */
export function roomText(leftS: number, language: Language): string {
  const t = translate(recordWords, language);
  const days = Math.floor(leftS / DAY_S);
  if (days >= MANY_DAYS) return t("roomMany", { days: MANY_DAYS });
  if (days >= 3) return t("roomDays", { days });
  return length(leftS > 2 * HOUR_S ? Math.floor(leftS / HOUR_S) * HOUR_S : leftS, language);
}

function Space({ state, note }: { readonly state: RecorderState; readonly note: string }): ReactNode {
  const t = useWords(recordWords);
  const language = useLanguage();
  const leftS = state.disk?.leftS;
  return (
    <section
      className={css["number"]}
      data-testid={testIds.recordSpace}
      data-low={leftS !== undefined && leftS < HOUR_S}
    >
      <h2>{t("spaceLeft")}</h2>
      <strong className={css["fact"]} data-digits>
        {leftS === undefined ? "–" : roomText(leftS, language)}
      </strong>
      <span className={css["small"]}>{note}</span>
    </section>
  );
}
