import { Button } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { reportOf } from "../../preload/contract/errors.ts";
import { testIds } from "../ui/test-ids.ts";
import { Empty } from "../ui/widgets.tsx";
import { useWords } from "../ui/words.ts";
import css from "./shell.module.css";
import { shell } from "./words.ts";

interface Props {
  readonly children: ReactNode;
  readonly resetKey: string; // another page clears the failure
}
interface State {
  readonly error: unknown;
  readonly of: string;
}

/** A page that throws is replaced by what happened and a way back; the rest of the window goes on. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: undefined, of: "" };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error };
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return state.of === props.resetKey ? null : { error: undefined, of: props.resetKey };
  }

  override render(): ReactNode {
    if (this.state.error === undefined) return this.props.children;
    return <PageFailed error={this.state.error} onReopen={() => this.setState({ error: undefined })} />;
  }
}

function PageFailed({
  error,
  onReopen,
}: {
  readonly error: unknown;
  readonly onReopen: () => void;
}): ReactNode {
  const t = useWords(shell);
  const { code, message } = reportOf(error);
  return (
    <div className={css["centre"]} data-testid={testIds.errorPage} role="alert">
      <Empty title={t("pageFailed")} actions={<Button onClick={onReopen}>{t("reopen")}</Button>}>
        {t("pageFailedText")}
        <br />
        {code}: {message}
      </Empty>
    </div>
  );
}
