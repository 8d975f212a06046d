import type { ReactNode } from "react";
import { piecesOf, shiftOfSample } from "../../../preload/contract/channel-clock.ts";
import type { RecordingDetail } from "../../../preload/contract/recording.ts";
import { common } from "../../ui/common-words.ts";
import { fixed } from "../../ui/format.ts";
import { testIds } from "../../ui/test-ids.ts";
import { useWords } from "../../ui/words.ts";
import css from "./library.module.css";
import { libraryWords } from "./words.ts";

const NAMED = 3;
const signed = (seconds: number): string => `${seconds < 0 ? "−" : "+"}${fixed(Math.abs(seconds), 2)}`;

/** Devices whose samples do not lie where their own count says, with by how much: what a person may wonder at beside a file. */
export function OtherClocks({
  recording: { clocks = [], channels },
}: {
  readonly recording: Pick<RecordingDetail, "clocks" | "channels">;
}): ReactNode {
  const t = useWords(libraryWords);
  const c = useWords(common);
  return clocks.map(({ channels: own }) => {
    const named = channels.filter(({ position }) => own.includes(position));
    const [first] = named;
    if (first === undefined) return null;
    const { position, sampleRate, sampleCount } = first;
    const shift = (sample: number): string =>
      signed(shiftOfSample(piecesOf(clocks, position), sampleRate, sample));
    const labels = named.map(({ label }) => label);
    const names =
      labels.length <= NAMED
        ? labels.join(c("listComma"))
        : `${first.label} … ${labels.at(-1) ?? ""} (${labels.length})`;
    return (
      <p key={position} className={css["dim"]} data-testid={testIds.otherClock}>
        {t("otherClock", { names, from: shift(0), to: shift(Math.max(0, sampleCount - 1)) })}
      </p>
    );
  });
}
