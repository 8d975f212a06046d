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

/** The test current of 6 nA at 31.5 Hz on a channel's P input, for its impedance; off again afterwards. */
export const leadOffCommand = (number: number, isOn: boolean): string =>
  `z${channelCodes.charAt(number - 1)}${isOn ? 1 : 0}0Z`;
