import { memo, type ReactNode } from "react";
import { SignalQuality, type ChannelLive } from "../../../preload/contract/acquisition.ts";
import { common } from "../../ui/common-words.ts";
import { percent } from "../../ui/format.ts";
import { testIds } from "../../ui/test-ids.ts";
import { useWords } from "../../ui/words.ts";
import css from "./record.module.css";
import { recordWords } from "./words.ts";

const CELLS = 60; // of 5 s
const CELL = 4;
const GAP = 1;
const HIGH = 14;

/** Share of each quality in what is known of the last five minutes. */
export function sharesOf(history: readonly SignalQuality[]): readonly (readonly [SignalQuality, number])[] {
  const count = (quality: SignalQuality): number => history.filter((one) => one === quality).length;
  return (["good", "weak", "none"] as const)
    .map((quality) => [quality, count(quality) / Math.max(1, history.length)] as const)
    .filter(([, share]) => share > 0);
}

/** Good is a full cell, weak a low one, none a hatched frame: told apart without colour. */
function Cells({ history }: { readonly history: string }): ReactNode {
  const cells = history.split(" ").flatMap((one) => SignalQuality.safeParse(one).data ?? []);
  const first = CELLS - cells.length;
  return (
    <svg
      className={css["cells"]}
      viewBox={`0 0 ${CELLS * (CELL + GAP)} ${HIGH}`}
      preserveAspectRatio="none"
      aria-hidden
    >
      <rect x={0} y={HIGH - 1} width={CELLS * (CELL + GAP)} height={1} fill="var(--kodo-line)" />
      {cells.map((quality, i) => (
        <Cell key={i} quality={quality} x={(first + i) * (CELL + GAP)} />
      ))}
    </svg>
  );
}
const RememberedCells = memo(Cells);

function Cell({ quality, x }: { readonly quality: SignalQuality; readonly x: number }): ReactNode {
  if (quality === "good") return <rect x={x} y={0} width={CELL} height={HIGH} fill="var(--kodo-accent)" />;
  if (quality === "weak")
    return <rect x={x} y={HIGH * 0.6} width={CELL} height={HIGH * 0.4} fill="var(--kodo-quality-weak)" />;
  return (
    <g stroke="var(--kodo-alarm)" strokeWidth={0.9} fill="none">
      <rect x={x + 0.5} y={0.5} width={CELL - 1} height={HIGH - 1} />
      {[4, 8, 12].map((y) => (
        <line key={y} x1={x + 0.5} y1={y} x2={x + CELL - 0.5} y2={y - 3} />
      ))}
    </g>
  );
}

/** Signal quality of each channel over the last five minutes. */
export function Quality({ channels }: { readonly channels: readonly ChannelLive[] }): ReactNode {
  const t = useWords(recordWords);
  const c = useWords(common);
  return (
    <section className={css["sideBlock"]}>
      <h2>{t("qualityTitle")}</h2>
      {channels.map(({ label, device, history, quality, site }) => (
        <div
          key={`${device} ${label}`}
          data-testid={testIds.recordQuality}
          data-label={label}
          data-quality={quality}
        >
          <div className={css["qualityHead"]}>
            <span title={site}>{site === "" ? label : `${label} · ${site}`}</span>
            <span className={css["dim"]} data-digits>
              {history.length === 0 && t(`quality.${quality}`)}
              {sharesOf(history)
                .map(([one, share]) => `${t(`quality.${one}`)} ${percent(share, 0)}`)
                .join(c("listComma"))}
            </span>
          </div>
          <RememberedCells history={history.join(" ")} />
        </div>
      ))}
      <p className={css["legend"]}>
        {(["good", "weak", "none"] as const).map((quality) => (
          <span key={quality}>
            <svg
              width={8}
              height={HIGH}
              viewBox={`0 0 ${CELL} ${HIGH}`}
              preserveAspectRatio="none"
              aria-hidden
            >
              <Cell quality={quality} x={0} />
            </svg>
            {t(`quality.${quality}`)}
          </span>
        ))}
      </p>
    </section>
  );
}
