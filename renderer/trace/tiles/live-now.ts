import { on } from "../../bridge/client.ts";
import { LiveTiles } from "./live-tiles.ts";

/** What is on the line now. One for the window: it goes on while another page is looked at. */
export const liveNow = new LiveTiles();

/** Takes in what the recorder sends, from the start of the window on. */
export function watchLive(): () => void {
  const stops = [
    on("recorder.samples", (samples) => liveNow.take(samples)),
    on("recorder.changed", ({ phase }) => {
      if (phase === "idle") liveNow.clear(undefined);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
