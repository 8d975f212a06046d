/** Where a recording under way has come to. */
export interface LiveNow {
  readonly endS: number; // of what has come
  readonly nowS: number; // later where nothing comes any more
  readonly text: string; // beside it
  readonly isAlarm: boolean;
  /** Channels of which nothing comes, while others do: from when on. */
  readonly missing: readonly { readonly channel: number; readonly fromS: number }[];
}

/** Of which channels a panel is drawn, and where: device pixels. */
interface DrawnPanel {
  readonly top: number;
  readonly height: number;
  readonly series: readonly { readonly channel: { readonly position: number } }[];
}

/** Where nothing has come of any of a panel's channels, while others go on: blank would say that nothing was measured. */
export function awaitedOn(
  panels: readonly DrawnPanel[],
  { missing, endS, isAlarm }: LiveNow,
): { readonly top: number; readonly height: number; readonly fromS: number; readonly toS: number }[] {
  if (isAlarm || missing.length === 0) return []; // else all of the strip is
  return panels.flatMap(({ top, height, series }) => {
    const gone = series.map(({ channel }) => missing.find((one) => one.channel === channel.position));
    if (gone.length === 0 || gone.includes(undefined)) return [];
    const fromS = Math.max(...gone.map((one) => one?.fromS ?? 0));
    return fromS < endS ? [{ top, height, fromS, toS: endS }] : [];
  });
}
