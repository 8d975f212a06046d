/** A second press within this time ends the recording. */
export const STOP_WITHIN_S = 3;

export type StopPress = { readonly untilMs: number } | undefined; // pressed once

/** What a press does now: it asks for a second one, or it is the second. */
export const pressStop = (
  pressed: StopPress,
  nowMs: number,
): { readonly ends: boolean; readonly pressed: StopPress } =>
  pressed !== undefined && nowMs < pressed.untilMs
    ? { ends: true, pressed: undefined }
    : { ends: false, pressed: { untilMs: nowMs + 1000 * STOP_WITHIN_S } };

export const isPressed = (pressed: StopPress, nowMs: number): boolean =>
  pressed !== undefined && nowMs < pressed.untilMs;
