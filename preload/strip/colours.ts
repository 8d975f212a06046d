/**
 * Colours of the strip: the screen's tokens hold both schemes, paper takes the light one. Event colours are Okabe–Ito:
 * told apart by colour-blind eyes, and never the only carrier.
 */
export const stripColours = {
  light: {
    line: "#dfe4ea",
    lineStrong: "#b9c2cd",
    ink: "#17202b",
    dim: "#5c6876",
    accent: "#0b6e6e",
    acceleration: "#009e73",
    deceleration: "#d55e00",
    contraction: "#0072b2",
    unsure: "#7b3fa0",
    gridMinor: "#d9ead9",
    gridMajor: "#b9d6b9",
    gridBand: "#edf6ed", // 110–160 bpm
    trace: "#17304f",
    traceUc: "#6b4a12",
    gap: "#c9d0d8", // hatch of unobserved stretches
    falseSignal: "#e69f00", // what is drawn may not be the fetus
    class1: "#d5ece6", // classes from the most reassuring on, always with their letter or number
    class2: "#e9edbf",
    class3: "#fbe09a",
    class4: "#f5bb86",
    class5: "#eba39c",
  },
  dark: {
    line: "#2a343f",
    lineStrong: "#465362",
    ink: "#e6ebf1",
    dim: "#93a0ae",
    accent: "#4fb9b2",
    acceleration: "#2fc39a",
    deceleration: "#ff8a3c",
    contraction: "#56b4e9",
    unsure: "#c58be6",
    gridMinor: "#1f2c26",
    gridMajor: "#2c4036",
    gridBand: "#182420",
    trace: "#bcd7f5",
    traceUc: "#dcb468",
    gap: "#3a4653",
    falseSignal: "#f0b53c",
    class1: "#1e423c",
    class2: "#3d431f",
    class3: "#5f4a12",
    class4: "#74401a",
    class5: "#7d302b",
  },
} as const;

/** Categorical colours for classes and channels, in a fixed order (Okabe–Ito without yellow, which is too faint on paper). */
export const categorical = {
  light: ["#0072b2", "#d55e00", "#009e73", "#7b3fa0", "#a8456f", "#3f6f8f", "#8a6a00", "#5c6876"],
  dark: ["#56b4e9", "#ff8a3c", "#2fc39a", "#c58be6", "#ee8fb8", "#8fc4de", "#d9b84a", "#93a0ae"],
} as const;
