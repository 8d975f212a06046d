import { useEffect, useRef, useState } from "react";

/** A value that changes by itself, looked at every so often. */
export function useTicking(read: () => number, everyMs: number): number {
  const latest = useRef(read);
  useEffect(() => {
    latest.current = read;
  });
  const [value, setValue] = useState(read);
  useEffect(() => {
    const timer = setInterval(() => setValue(latest.current()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return value;
}
