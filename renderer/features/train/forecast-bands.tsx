import type { ReactNode } from "react";
import type { ForecastReport } from "../../../preload/contract/forecast-report.ts";
import { fixed, number, percent } from "../../ui/format.ts";
import { Panel } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import { forecastWords } from "./forecast-words.ts";
import css from "./train.module.css";

interface Props {
  readonly report: ForecastReport;
}

const TOLERANCE = 0.02;
const REACH = 0.1; // a dot at an end of its strip is so far off, or further
const [WIDTH, HEIGHT] = [72, 14];

/** A strip a band and moment ahead: the dot is what was reached, the tint two points about what should be. */
export function Bands({ report }: Props): ReactNode {
  const t = useWords(forecastWords);
  return (
    <>
      <table className={css["table"]} data-testid="forecast-bands">
        <thead>
          <tr>
            <th />
            {report.coverage.map(({ share }) => (
              <th key={share}>{t("band", { share: Math.round(100 * share) })}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {report.horizonsS.map((ahead, h) => (
            <tr key={ahead}>
              <td style={{ whiteSpace: "nowrap" }}>{t("ahead", { ahead })}</td>
              {report.coverage.map(({ share, reached, perRecording }) => (
                <td key={share}>
                  <Strip share={share} reached={reached[h] ?? null} />
                  <Spread of={perRecording[h] ?? null} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className={css["hint"]} style={{ marginTop: 8 }}>
        {t("holdHint")}
        {report.coverage.some(({ perRecording }) => perRecording.some((one) => one !== null)) &&
          ` ${t("holdTenths")}`}
      </p>
    </>
  );
}

const Spread = ({ of }: { readonly of: { low: number; high: number } | null }): ReactNode =>
  of && (
    <small className={css["interval"]}>
      {fixed(100 * of.low, 0)}–{percent(of.high, 0)}
    </small>
  );

function Strip({ share, reached }: { readonly share: number; readonly reached: number | null }): ReactNode {
  if (reached === null) return "–";
  const x = (value: number): number =>
    WIDTH / 2 + (Math.max(-REACH, Math.min(REACH, value - share)) / REACH) * (WIDTH / 2 - 5);
  const isOff = Math.abs(reached - share) > TOLERANCE + 1e-9;
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width="100%"
      height={HEIGHT}
      style={{ maxWidth: WIDTH }}
      role="img"
      aria-label={percent(reached)}
      data-off={isOff}
    >
      <title>{percent(reached)}</title>
      <rect width={WIDTH} height={HEIGHT} rx={3} fill="var(--kodo-raised)" />
      <rect
        x={x(share - TOLERANCE)}
        width={x(share + TOLERANCE) - x(share - TOLERANCE)}
        height={HEIGHT}
        fill="var(--kodo-accent)"
        opacity={0.3}
      />
      <line x1={x(share)} x2={x(share)} y1={0} y2={HEIGHT} stroke="var(--kodo-accent)" />
      <circle cx={x(reached)} cy={HEIGHT / 2} r={4} fill={isOff ? "var(--kodo-warn)" : "var(--kodo-ink)"} />
    </svg>
  );
}

/** The nine in ten band, by how much of the minute before was missing. */
const TOLD_SHARE = 0.9;

export function MissingBands({ report: { coverage, horizonsS } }: Props): ReactNode {
  const t = useWords(forecastWords);
  const language = useLanguage();
  const told = coverage.find(({ share }) => share === TOLD_SHARE);
  const rows = (told?.byMissing ?? []).filter(({ samples }) => samples.some((count) => count > 0));
  if (told === undefined || rows.length === 0) return null;
  return (
    <Panel title={t("byMissing", { share: Math.round(100 * told.share) })} className={css["wide"] ?? ""}>
      <table className={css["table"]} data-testid="forecast-missing">
        <thead>
          <tr>
            <th>{t("missing")}</th>
            {horizonsS.map((ahead) => (
              <th key={ahead}>{t("ahead", { ahead })}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ from, to, samples, reached }) => (
            <tr key={from}>
              <td>{t("missingRange", { from: Math.round(100 * from), to: Math.round(100 * to) })}</td>
              {reached.map((value, h) => (
                <td key={h}>
                  {value === null ? "–" : percent(value)}
                  <small className={css["interval"]}>{number(samples[h] ?? 0, language, 0)}</small>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

const [BAR, TALL, MOST] = [5, 54, 3]; // a bin is as tall as the strip at three times what is right

/** Small and one a moment ahead; the line is what is right. */
export function PitHistograms({ report: { pit, horizonsS } }: Props): ReactNode {
  const t = useWords(forecastWords);
  return (
    <>
      <div style={{ display: "flex", flexWrap: "wrap", gap: 14 }} data-testid="forecast-pit">
        {pit.map((shares, h) => {
          const right = 1 / Math.max(1, shares.length);
          const y = (share: number): number => TALL * (1 - Math.min(1, share / (MOST * right)));
          const width = BAR * shares.length;
          const label = t("ahead", { ahead: horizonsS[h] ?? 0 });
          return (
            <figure key={h} style={{ margin: 0 }}>
              <svg
                viewBox={`0 0 ${width} ${TALL}`}
                width={width}
                height={TALL}
                role="img"
                aria-label={`${label}: ${shares.map((one) => fixed(one, 3)).join(", ")}`}
              >
                {shares.map((share, bin) => (
                  <rect
                    key={bin}
                    x={bin * BAR}
                    y={y(share)}
                    width={BAR - 1}
                    height={TALL - y(share)}
                    fill="var(--kodo-accent)"
                    opacity={0.55}
                  />
                ))}
                <line
                  x1={0}
                  x2={width}
                  y1={y(right)}
                  y2={y(right)}
                  stroke="var(--kodo-ink)"
                  strokeDasharray="3 3"
                />
              </svg>
              <figcaption className={css["hint"]}>{label}</figcaption>
            </figure>
          );
        })}
      </div>
      <p className={css["hint"]} style={{ marginTop: 8 }}>
        {t("pitHint")}
      </p>
    </>
  );
}
