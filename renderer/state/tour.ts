import { create } from "zustand";

/** The tour through the pages: which step is shown, undefined while there is none. */
export interface Tour {
  readonly step: number | undefined;
}
export const useTour = create<Tour>(() => ({ step: undefined }));

export const startTour = (): void => useTour.setState({ step: 0 });
export const endTour = (): void => useTour.setState({ step: undefined });

/** On or back by one; beyond the last step the tour is over, before the first there is nothing. */
export function turnTour(by: 1 | -1, steps: number): void {
  useTour.setState(({ step }) => {
    if (step === undefined) return { step };
    const next = Math.max(0, step + by);
    return { step: next < steps ? next : undefined };
  });
}
