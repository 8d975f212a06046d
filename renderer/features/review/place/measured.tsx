import { Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import type { ReactNode } from "react";
import { placesOf } from "../../../../preload/contract/channel-clock.ts";
import { useRequest } from "../../../bridge/hooks.ts";
import type { TimeRange } from "../../../state/selection.ts";
import type { TraceChannel } from "../../../trace/tracks/track.ts";
import { clock, length, number, percent } from "../../../ui/format.ts";
import { unitText } from "../../../ui/unit.ts";
import { valueDecimals } from "../describe.ts";
import { measureSamples, MOST_SAMPLES } from "./measure.ts";
import classes from "../review.module.css";
import type { Review } from "../use-review.ts";

const SETTLE_MS = 150; // a range being dragged is not measured on every pixel
const MOST_CHANNELS = 12;

/** Numbers over the observed samples of a stretch, a row a channel. */
export function Measured({ review, span }: { readonly review: Review; readonly span: TimeRange }): ReactNode {
  const { t, language, shownChannels } = review;
  const [settled] = useDebouncedValue(span, SETTLE_MS);
  const isBehind = settled.fromS !== span.fromS || settled.toS !== span.toS;
  const channels = shownChannels.slice(0, MOST_CHANNELS);
  const fastest = Math.max(1, ...channels.map((channel) => channel.sampleRate));
  const isTooLong = (settled.toS - settled.fromS) * fastest > MOST_SAMPLES;
  const isEmg = channels.every((channel) => channel.role === "emg");
  return (
    <section>
      <h3>{t("measured")}</h3>
      {isTooLong ? (
        <Text size="xs" c="dimmed">
          {t("measuredTooLong", { length: length(MOST_SAMPLES / fastest, language) })}
        </Text>
      ) : (
        <table className={classes["measures"]} aria-busy={isBehind}>
          <thead>
            <tr>
              <td />
              <th>{t(isEmg ? "rms" : "mean")}</th>
              <th>{t("lowest")}</th>
              <th>{t("highest")}</th>
              <th>{t("missingHere")}</th>
            </tr>
          </thead>
          <tbody>
            {channels.map((channel) => (
              <Row key={channel.position} review={review} channel={channel} span={settled} isEmg={isEmg} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

interface RowProps {
  readonly review: Review;
  readonly channel: TraceChannel;
  readonly span: TimeRange;
  readonly isEmg: boolean;
}

function Row({ review, channel, span, isEmg }: RowProps): ReactNode {
  const { language, detail } = review;
  const first = Math.max(0, Math.ceil(span.fromS * channel.sampleRate));
  const count = Math.min(placesOf(channel.clock, channel), Math.ceil(span.toS * channel.sampleRate)) - first;
  const answer = useRequest(
    "trace.samples",
    { recordingId: detail.id, channel: channel.position, first, count: Math.max(1, count) },
    { enabled: count > 0 },
  );
  const measured = answer.data && measureSamples(answer.data.values, answer.data.reasons);
  const show = (value: number | undefined): string =>
    value === undefined ? "–" : number(value, language, valueDecimals(channel, value));
  const lowestS =
    measured?.lowestAt === undefined ? undefined : (first + measured.lowestAt) / channel.sampleRate;
  return (
    <tr>
      <td title={`${channel.label} (${channel.unit})`}>
        {channel.label} <span className={classes["dim"]}>{unitText(language, channel)}</span>
      </td>
      <td>
        {measured ? show(isEmg ? measured.rms : measured.mean) : answer.error ? answer.error.code : "…"}
      </td>
      <td title={lowestS === undefined ? undefined : clock(lowestS, 1)}>
        {measured ? show(measured.lowest) : ""}
      </td>
      <td>{measured ? show(measured.highest) : ""}</td>
      <td>{measured ? percent(1 - measured.observedShare) : ""}</td>
    </tr>
  );
}
