import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { notifyFailure } from "./notify.tsx";
import css from "./widgets.module.css";

/** A folder that is chosen, with the button that asks for it. */
export function FolderChoice({
  label,
  directory,
  choose,
  onChosen,
}: {
  readonly label: string;
  readonly directory: string | undefined;
  readonly choose: () => Promise<string | null>; // null: nothing was chosen
  readonly onChosen: (directory: string) => void;
}): ReactNode {
  const ask = (): void => {
    choose().then((chosen) => {
      if (chosen !== null) onChosen(chosen);
    }, notifyFailure);
  };
  return (
    <div className={css["folder"]}>
      <Button variant="default" onClick={ask}>
        {label}
      </Button>
      <span title={directory}>{directory ?? ""}</span>
    </div>
  );
}
