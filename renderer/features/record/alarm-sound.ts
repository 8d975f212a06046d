import { create } from "zustand";
import { request } from "../../bridge/client.ts";

/** Whether alarms are heard. Off where a program drives the window, so that tests are quiet. */
export const useSound = create<{ readonly isOn: boolean }>(() => ({
  isOn: typeof navigator !== "undefined" && !navigator.webdriver,
}));

/** Off, it silences what the system sounds of the alarms that stand, too. */
export function toggleSound(): void {
  const { isOn } = useSound.getState();
  useSound.setState({ isOn: !isOn });
  if (isOn) request("recorder.silence", {}).catch(() => undefined);
}

const EVERY_MS = 2500;
const TONES = [
  { hz: 880, atS: 0 },
  { hz: 660, atS: 0.22 },
] as const;
const TONE_S = 0.18;
const LOUD = 0.12;

function sound(context: AudioContext): void {
  for (const { hz, atS } of TONES) {
    const [tone, gain] = [context.createOscillator(), context.createGain()];
    const begins = context.currentTime + atS;
    tone.frequency.value = hz;
    gain.gain.setValueAtTime(0, begins);
    gain.gain.linearRampToValueAtTime(LOUD, begins + 0.02); // no click
    gain.gain.setValueAtTime(LOUD, begins + TONE_S - 0.03);
    gain.gain.linearRampToValueAtTime(0, begins + TONE_S);
    tone.connect(gain).connect(context.destination);
    tone.start(begins);
    tone.stop(begins + TONE_S);
  }
}

/** Sounds until it is stopped: two tones, high then low, every 2.5 s. */
export function soundAlarm(): () => void {
  if (typeof AudioContext === "undefined") return () => undefined;
  const context = new AudioContext();
  sound(context);
  const timer = setInterval(() => sound(context), EVERY_MS);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}
