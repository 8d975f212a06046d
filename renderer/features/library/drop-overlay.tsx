import { useEffect, useState, type ReactNode } from "react";
import { pathOf } from "../../bridge/client.ts";
import { testIds } from "../../ui/test-ids.ts";
import { useWords } from "../../ui/words.ts";
import { beginImport } from "./import-flow.ts";
import css from "./library.module.css";
import { libraryWords } from "./words.ts";

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;

/** Files may be dropped anywhere on the window. */
export function DropOverlay(): ReactNode {
  const t = useWords(libraryWords);
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    let depth = 0; // dragenter and dragleave also fire for every child
    const enter = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      depth += 1;
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const drop = (event: DragEvent) => {
      depth = 0;
      setOver(false);
      const paths = [...(event.dataTransfer?.files ?? [])].map(pathOf).filter((path) => path !== "");
      if (paths.length > 0) void beginImport(paths);
    };
    window.addEventListener("dragenter", enter);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragenter", enter);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
    };
  }, []);
  if (!isOver) return null;
  return (
    <div className={css["drop"]} data-testid={testIds.dropOverlay}>
      <div className={css["dropBox"]}>
        <h2>{t("dropTitle")}</h2>
        <p>{t("dropText")}</p>
      </div>
    </div>
  );
}
