import type { ReactNode } from "react";
import css from "./record.module.css";

export const StepTitle = ({
  number,
  text,
}: {
  readonly number: number;
  readonly text: string;
}): ReactNode => (
  <span className={css["stepTitle"]}>
    <span className={css["stepNumber"]} aria-hidden>
      {number}
    </span>
    {text}
  </span>
);
