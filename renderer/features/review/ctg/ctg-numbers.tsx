import { useDebouncedValue } from "@mantine/hooks";
import type { ReactNode } from "react";
import type { CtgMeasured, CtgNumbers as Numbers } from "../../../../preload/contract/ctg-reading.ts";
import { useRequest } from "../../../bridge/hooks.ts";
import type { TimeRange } from "../../../state/selection.ts";
import { length, number, percent } from "../../../ui/format.ts";
import { Failure } from "../../../ui/widgets.tsx";
import { useWords } from "../../../ui/words.ts";
import { ctgWords, type CtgKey } from "./ctg-words.ts";
import classes from "./ctg.module.css";
import { reasonText } from "../describe.ts";
import type { Review } from "../use-review.ts";

const SETTLE_MS = 250; // a range being dragged is not measured on every pixel

interface Props {
  readonly review: Review;
  readonly span: TimeRange;
}

/** What is measured of a stretch of a cardiotocogram; each number with how much it rests upon. */
export function CtgNumbers({ review, span }: Props): ReactNode {
  const t = useWords(ctgWords);
  const [settled] = useDebouncedValue(span, SETTLE_MS);
  const { settings, canRead, isBlind } = review.reading;
  const isTold = canRead && !isBlind; // events and baseline are a rule's
  const { fromS, toS } = settled;
  const answer = useRequest(
    "ctg.measure",
    { recordingId: review.detail.id, fromS, toS, settings },
    { enabled: isTold && toS > fromS, keepPrevious: true },
  );
  if (!isTold) return null;
  const isBehind = settled !== span || answer.isPlaceholderData;
  return (
    <section data-testid="ctg-numbers" aria-busy={isBehind || answer.isPending}>
      <h3>{t("numbers")}</h3>
      {answer.error && <Failure error={answer.error} onRetry={() => void answer.refetch()} />}
      {answer.data && <Table review={review} numbers={answer.data} isBehind={isBehind} />}
    </section>
  );
}

function Table({
  review,
  numbers,
  isBehind,
}: {
  readonly review: Review;
  readonly numbers: Numbers;
  readonly isBehind: boolean;
}): ReactNode {
  const t = useWords(ctgWords);
  const { language } = review;
  const bpm = (value: number): string => t("bpm", { value: number(value, language, 1) });
  const ms = (value: number): string => t("number.ms", { value: number(value, language, 1) });
  const share = (value: number): string => percent(value, 0);
  const rows: readonly (readonly [CtgKey, CtgMeasured, (value: number) => string])[] = [
    ["number.baselineFigo", numbers.baseline.figo, bpm],
    ["number.baselineNichd", numbers.baseline.nichd, bpm],
    ["number.bandwidth", numbers.bandwidth, bpm],
    ["number.stv", numbers.stvMs, ms],
    ["number.range", numbers.rangeMs, ms],
    ["number.abnormalStv", numbers.abnormalStv, share],
    ["number.abnormalLtv", numbers.abnormalLtv, share],
    ["number.rate", numbers.contractionRate, (value) => number(value, language, 1)],
  ];
  return (
    <table className={classes["numbers"]} data-behind={isBehind}>
      <tbody>
        {rows.map(([key, measured, text]) => (
          <tr key={key} title={key === "number.stv" ? t("number.stvHint") : undefined}>
            <th scope="row">{t(key)}</th>
            <td data-none={measured.value === null}>
              {measured.value === null ? t("number.none") : text(measured.value)}
            </td>
            <td className={classes["dim"]}>{t("number.support", { share: percent(measured.support, 0) })}</td>
          </tr>
        ))}
        <Loss review={review} channel="FHR" loss={numbers.fhr} />
        {numbers.uc && <Loss review={review} channel="UC" loss={numbers.uc} />}
        <tr>
          <th scope="row">{t("number.events")}</th>
          <td colSpan={2}>
            {eventsText(review, numbers) ||
              t(numbers.eventSupport < LEAST_SUPPORT ? "number.none" : "number.noEvents")}{" "}
            <span className={classes["dim"]}>
              {t("number.support", { share: percent(numbers.eventSupport, 0) })}
            </span>
          </td>
        </tr>
      </tbody>
    </table>
  );
}

/** None found in less is not none there. */
const LEAST_SUPPORT = 0.5;

const eventsText = ({ reading, language }: Review, { events }: Numbers): string =>
  events
    .filter(({ count }) => count > 0)
    .map(({ code, count }) => `${reading.nameOf(code)} ${number(count, language, 0)}`)
    .join(language === "ja" ? "、" : ", ");

/** How much of a channel is not there, and why. */
function Loss({
  review: { t: r, language },
  channel,
  loss,
}: {
  readonly review: Review;
  readonly channel: string;
  readonly loss: Numbers["fhr"];
}): ReactNode {
  const t = useWords(ctgWords);
  return (
    <tr>
      <th scope="row">{t("number.missing", { channel })}</th>
      <td colSpan={2}>
        {percent(loss.missing, 0)}
        <span className={classes["dim"]}>
          {[
            "",
            ...(loss.longestGapS > 0
              ? [t("number.longest", { length: length(loss.longestGapS, language) })]
              : []),
            ...loss.masked.map(({ reason, share }) => `${reasonText(r, reason)} ${percent(share, 0)}`),
          ].join(" · ")}
        </span>
      </td>
    </tr>
  );
}
