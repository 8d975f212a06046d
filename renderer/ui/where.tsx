import { SegmentedControl } from "@mantine/core";
import type { ReactNode } from "react";
import type { ClusterStanding } from "../../preload/contract/cluster.ts";
import { number } from "./format.ts";
import { testIds } from "./test-ids.ts";
import css from "./widgets.module.css";
import { placeWords } from "./where-words.ts";
import { useLanguage, useWords } from "./words.ts";

export type Where = "here" | "there";

const places = ["here", "there"] as const;

/** What is known of the cluster now. */
interface StandingAsked {
  readonly data: ClusterStanding | undefined;
  readonly isError: boolean;
  readonly error: { readonly message: string } | null;
}

/** This machine, or the cluster. Its key is offered by whoever shows it. */
export function WhereChoice({
  label,
  where,
  isFixed = false,
  onChange,
}: {
  readonly label: string;
  readonly where: Where;
  readonly isFixed?: boolean;
  readonly onChange: (where: Where) => void;
}): ReactNode {
  const t = useWords(placeWords);
  return (
    <SegmentedControl
      aria-label={label}
      aria-keyshortcuts="W"
      value={where}
      disabled={isFixed}
      data={places.map((value) => ({ value, label: t(value) }))}
      onChange={(value) => onChange(places.find((one) => one === value) ?? "here")}
    />
  );
}

/** Who works there, and what waits before it. */
export function StandingThere({ data, isError, error }: StandingAsked): ReactNode {
  const t = useWords(placeWords);
  const language = useLanguage();
  const counted = (count: number): string => number(count, language, 0);
  if (isError)
    return (
      <p className={css["quiet"]} role="status" title={error?.message}>
        {t("lost")}
      </p>
    );
  if (data === undefined) return <p className={css["quiet"]}>{t("asking")}</p>;
  const ours = data.workers.filter(({ isOurs }) => isOurs);
  const others = data.workers.length - ours.length;
  const sum = (of: "lanes" | "busy"): string => counted(ours.reduce((all, one) => all + one[of], 0));
  return (
    <ul
      className={css["plainList"]}
      data-testid={testIds.trainWorkers}
      data-ours={ours.length}
      data-waiting={data.waiting}
    >
      <li>
        {ours.length === 0
          ? t("noWorkers")
          : t("workers", { count: ours.length, lanes: sum("lanes"), busy: sum("busy") })}
      </li>
      {others > 0 && <li className={css["quiet"]}>{t("others", { count: others })}</li>}
      <li>{data.waiting === 0 ? t("queueEmpty") : t("queue", { count: data.waiting })}</li>
    </ul>
  );
}
