import { Button, type ButtonProps } from "@mantine/core";
import type { ComponentPropsWithoutRef, CSSProperties, ReactNode } from "react";
import type { AppError } from "../../preload/contract/errors.ts";
import { common } from "./common-words.ts";
import { keyCaps, scrolls } from "./keys.ts";
import css from "./widgets.module.css";
import { errorText } from "./said.ts";
import { useLanguage, useWords } from "./words.ts";

export type Tone = "plain" | "warn" | "bad" | "good";

/** A fact in the top bar: `70 min · 4 Hz · 2 channels`. */
export function Chip({
  tone = "plain",
  title,
  children,
}: {
  readonly tone?: Tone;
  readonly title?: string; // of one that may be cut, whole
  readonly children: ReactNode;
}): ReactNode {
  return (
    <span className={css["chip"]} data-tone={tone} title={title}>
      {children}
    </span>
  );
}

/** Key caps for `Mod+K`. Hidden from screen readers; controls carry aria-keyshortcuts. */
export function Keys({
  keys,
  onAccent = false,
}: {
  readonly keys: string;
  readonly onAccent?: boolean;
}): ReactNode {
  return (
    <span className={`${css["caps"] ?? ""} ${onAccent ? (css["onAccent"] ?? "") : ""}`} aria-hidden>
      {keyCaps(keys).map((cap, i) => (
        <kbd key={i} className={css["cap"]}>
          {cap}
        </kbd>
      ))}
    </span>
  );
}

/** A button that shows its key. The page registers the key itself with useKeys. */
export function ActionButton({
  keys,
  primary = false,
  children,
  ...rest
}: { readonly keys?: string; readonly primary?: boolean; readonly children: ReactNode } & ButtonProps &
  Omit<ComponentPropsWithoutRef<"button">, keyof ButtonProps>): ReactNode {
  return (
    <Button
      variant={primary ? "filled" : "default"}
      className={css["action"] ?? ""}
      {...(keys === undefined
        ? {}
        : {
            rightSection: <Keys keys={keys} onAccent={primary} />,
            "aria-keyshortcuts": keys.replace("Mod", "Control"),
          })}
      {...rest}
    >
      {children}
    </Button>
  );
}

/** A region that scrolls, and so can be reached and scrolled by keyboard. */
export function Scroll({
  label,
  className,
  children,
  ...rest
}: {
  readonly label: string;
  readonly className: string | undefined;
} & ComponentPropsWithoutRef<"section">): ReactNode {
  return (
    <section aria-label={label} className={className} tabIndex={0} {...scrolls} {...rest}>
      {children}
    </section>
  );
}

export interface PanelProps {
  readonly title?: ReactNode;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
  readonly style?: CSSProperties;
}
export function Panel({ title, aside, children, className, style }: PanelProps): ReactNode {
  return (
    <section className={`${css["panel"] ?? ""} ${css["padded"] ?? ""} ${className ?? ""}`} style={style}>
      {(title !== undefined || aside !== undefined) && (
        <div className={css["panelHead"]}>
          <h2>{title}</h2>
          {aside}
        </div>
      )}
      {children}
    </section>
  );
}

/** A share from 0 to 1 as a bar; the number stands beside it wherever it is used. */
export function Bar({
  share,
  colour = "var(--kodo-accent)",
}: {
  readonly share: number;
  readonly colour?: string;
}): ReactNode {
  const width = `${Math.min(1, Math.max(0, Number.isFinite(share) ? share : 0)) * 100}%`;
  return (
    <div className={css["bar"]} aria-hidden>
      <div className={css["barFill"]} style={{ width, background: colour }} />
    </div>
  );
}

export function Empty({
  title,
  children,
  actions,
}: {
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}): ReactNode {
  return (
    <div className={css["empty"]}>
      <h2>{title}</h2>
      <p>{children}</p>
      {actions !== undefined && <div className={css["emptyActions"]}>{actions}</div>}
    </div>
  );
}

/** An expected failure in the language on screen, with its code, and what can be done. What a person stopped is no failure. */
export function Failure({
  error,
  onRetry,
}: {
  readonly error: AppError;
  readonly onRetry?: () => void;
}): ReactNode {
  const t = useWords(common);
  const { headline, text } = errorText(error, useLanguage());
  if (error.code.startsWith("cancelled/"))
    return (
      <p className={css["stopped"]} role="status">
        {headline}
        {onRetry && (
          <Button size="compact-xs" variant="default" onClick={onRetry}>
            {t("retry")}
          </Button>
        )}
      </p>
    );
  return (
    <div className={css["failure"]} role="alert">
      <strong>{headline ?? t("somethingFailed")}</strong>
      {text !== "" && <span>{text}</span>}
      <span className={css["failureFoot"]}>
        <span>
          {t("code")} {error.code}
        </span>
        {onRetry && (
          <Button size="compact-xs" variant="default" onClick={onRetry}>
            {t("retry")}
          </Button>
        )}
      </span>
    </div>
  );
}

export type Fact = readonly [name: ReactNode, value: ReactNode];
export function Facts({ facts }: { readonly facts: readonly Fact[] }): ReactNode {
  return (
    <dl className={css["facts"]}>
      {facts.map(([name, value], i) => (
        <div key={i} style={{ display: "contents" }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Skeleton({ height }: { readonly height: number }): ReactNode {
  return <div className={css["skeleton"]} style={{ height }} aria-hidden />;
}
