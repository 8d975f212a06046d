import { useEffect, useState, useSyncExternalStore } from "react";

export interface Size {
  readonly width: number; // CSS pixels, whole
  readonly height: number;
}
const nothing: Size = { width: 0, height: 0 };

/** The inner size of an element, as it changes. */
export function useSize(element: HTMLElement | null): Size {
  const [size, setSize] = useState<Size>(nothing);
  useEffect(() => {
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => {
      if (!entry) return;
      const next = {
        width: Math.floor(entry.contentRect.width),
        height: Math.floor(entry.contentRect.height),
      };
      setSize((known) => (known.width === next.width && known.height === next.height ? known : next));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return size;
}

function watchRatio(changed: () => void): () => void {
  const query = window.matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
  query.addEventListener("change", changed);
  window.addEventListener("resize", changed); // a window moved to another screen, or the page zoomed again
  return () => {
    query.removeEventListener("change", changed);
    window.removeEventListener("resize", changed);
  };
}

export const useDevicePixelRatio = (): number =>
  useSyncExternalStore(watchRatio, () => window.devicePixelRatio || 1);
