import { useCallback, useEffect, useRef, useState } from "react";
import type { GuideStep, RecorderState } from "../../../preload/contract/acquisition.ts";
import { AppError, errorFrom } from "../../../preload/contract/errors.ts";
import { request } from "../../bridge/client.ts";
import { notify, notifyFailure } from "../../ui/notify.tsx";
import { useWords } from "../../ui/words.ts";
import { showEnded } from "./ended.ts";
import { isPressed, pressStop, STOP_WITHIN_S, type StopPress } from "./stop-press.ts";
import { recordWords } from "./words.ts";

/** What a person may do with the recorder. Ending a recording takes two presses; letting devices go, which stores nothing, one. */
export function useRecorderDoings(state: RecorderState) {
  const [pressed, setPressed] = useState<StopPress>(undefined);
  const now = useRef<StopPress>(undefined);
  const [isBusy, setBusy] = useState(false);
  const { phase, session } = state;
  const t = useWords(recordWords);
  const hold = useCallback((next: StopPress): void => {
    now.current = next;
    setPressed(next);
  }, []);
  useEffect(() => {
    if (pressed === undefined) return;
    const timer = setTimeout(() => hold(undefined), STOP_WITHIN_S * 1000);
    return () => clearTimeout(timer);
  }, [pressed, hold]);
  const isAsking = useRef(false); // known before the page is drawn anew: of two presses in a row the second does nothing
  const ask = async (work: () => Promise<unknown>): Promise<void> => {
    if (isAsking.current) return;
    isAsking.current = true;
    setBusy(true);
    try {
      await work();
    } catch (error) {
      notifyFailure(error);
    } finally {
      isAsking.current = false;
      setBusy(false);
    }
  };
  const end = async (): Promise<void> => {
    const ended = await request("recorder.stop", {});
    if (ended) showEnded({ recordingId: ended.recordingId, name: session ?? "" });
    else notify(t("nothingCame"), { isLong: true });
    if (ended?.notMarked) notifyFailure(errorFrom(ended.notMarked));
    const samples = ended?.lostSamples;
    if (samples !== undefined)
      notifyFailure(
        new AppError("storage/not-kept", `${samples} samples came and could be kept nowhere`, { samples }),
      );
  };
  return {
    isPressed: pressed !== undefined,
    isBusy,
    start: (): void => {
      if (phase === "armed" && !isBusy) void ask(() => request("recorder.record", {}));
    },
    stop: (): void => {
      if (isBusy || phase === "stopping") return;
      if (phase === "armed") {
        void ask(() => request("recorder.stop", {}));
        return;
      }
      const press = pressStop(now.current, performance.now());
      hold(press.pressed);
      if (press.ends) void ask(end);
    },
    /** True if a first press was called off. */
    callOff: (): boolean => {
      const was = isPressed(now.current, performance.now());
      hold(undefined);
      return was;
    },
    guide: (step: GuideStep): void => void request("recorder.guide", { step }).catch(notifyFailure),
  };
}
