import type { ReactNode } from "react";
import type { ComparedMethod } from "../../../preload/contract/comparison.ts";
import { fixed } from "../../ui/format.ts";
import { Panel } from "../../ui/widgets.tsx";
import { useWords } from "../../ui/words.ts";
import { compareWords } from "./compare-words.ts";
import css from "./compare.module.css";

const SIZE = 132;
const inset = { left: 16, right: 8, top: 6, bottom: 16 };
const x = (share: number): number => inset.left + share * (SIZE - inset.left - inset.right);
const y = (share: number): number => SIZE - inset.bottom - share * (SIZE - inset.top - inset.bottom);

/** Stated probability against the share that was right, small and one a method. */
export function Reliabilities({
  methods,
  nameOf,
}: {
  readonly methods: readonly ComparedMethod[];
  readonly nameOf: (id: string) => string;
}): ReactNode {
  const t = useWords(compareWords);
  return (
    <Panel title={t("stated")} aside={<span className={css["aside"]}>{t("statedHint")}</span>}>
      <ul className={css["multiples"]}>
        {methods.map((method) => (
          <li key={method.id}>
            <h3 title={nameOf(method.id)}>{nameOf(method.id)}</h3>
            <Reliability
              method={method}
              label={`${nameOf(method.id)}: ${t("ece")} ${fixed(method.ece, 3)}`}
            />
            <small>
              {t("ece")} {fixed(method.ece, 3)}
            </small>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Reliability({
  method,
  label,
}: {
  readonly method: ComparedMethod;
  readonly label: string;
}): ReactNode {
  const bins = method.reliability.filter(({ count }) => count > 0);
  const most = Math.max(1, ...bins.map(({ count }) => count));
  return (
    <svg viewBox={`0 0 ${SIZE} ${SIZE}`} role="img" aria-label={label} className={css["multiple"]}>
      <rect x={x(0)} y={y(1)} width={x(1) - x(0)} height={y(0) - y(1)} />
      <line x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} />
      <polyline points={bins.map((bin) => `${x(bin.confidence)},${y(bin.accuracy)}`).join(" ")} />
      {bins.map((bin) => (
        <circle
          key={bin.from}
          cx={x(bin.confidence)}
          cy={y(bin.accuracy)}
          r={1.4 + 2.6 * Math.sqrt(bin.count / most)}
        />
      ))}
      <text x={x(0)} y={SIZE - 4} textAnchor="middle">
        0
      </text>
      <text x={x(1)} y={SIZE - 4} textAnchor="middle">
        1
      </text>
      <text x={x(0) - 5} y={y(1) + 8} textAnchor="end">
        1
      </text>
    </svg>
  );
}
