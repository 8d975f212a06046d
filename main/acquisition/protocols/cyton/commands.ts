import { boardChannels, gainIndex, gainOf, type CytonSetup } from "./setup.ts";

/** Channel 1 to 16, as commands name them. */
export const channelCodes = "12345678QWERTYUI";
const inputs = { electrodes: 0, shorted: 1, "test-slow": 5, "test-fast": 5 } as const;

/** `x c p g i b 2 1 X`: one channel's power, gain, input, bias, SRB2, SRB1. Bipolar EMG at gain 24 is x1060100X. */
export function channelCommand(setup: CytonSetup, number: number): string {
  const power = setup.off.includes(number) ? 1 : 0;
  const bias = power === 1 ? 0 : 1;
  const srb2 = power === 0 && setup.reference === "srb2" ? 1 : 0;
  const code = channelCodes.charAt(number - 1);
  return `x${code}${power}${gainIndex(gainOf(setup, number))}${inputs[setup.source]}${bias}${srb2}0X`;
}

export const channelCommands = (setup: CytonSetup): string[] =>
  Array.from({ length: boardChannels(setup) }, (_, i) => channelCommand(setup, i + 1));

/** `z c p n Z`: the test current of 6 nA at 31.5 Hz on a channel's P or N input, for its impedance, or on neither. */
export const leadOffCommand = (number: number, input?: "P" | "N"): string =>
  `z${channelCodes.charAt(number - 1)}${input === "P" ? 1 : 0}${input === "N" ? 1 : 0}Z`;
