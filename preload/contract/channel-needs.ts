import type { LabelSet } from "./label-set.ts";
import type { ChannelRole } from "./recording.ts";

/** A channel that a model looks at, and what it takes it for. */
export interface HeardChannel {
  readonly index: number; // among the run's channels
  readonly role: ChannelRole;
}

/** What of a window must be observed before a model may judge it, as indices into the run's channels. */
export interface ChannelNeeds {
  readonly each: readonly number[]; // each of them by itself
  readonly together: readonly number[]; // electrodes: the mean of their shares, so that one dead electrode does not silence a bracelet
}

/**
 * Each channel that one of the labels speaks about, since the classes share one answer. A label that declares nothing
 * may speak about any channel, and so may one about a role that no channel has.
 */
export function needsOf(
  labels: readonly { readonly about?: readonly ChannelRole[] | undefined }[],
  heard: readonly HeardChannel[],
): ChannelNeeds {
  const roles = new Set(labels.flatMap(({ about }) => about ?? []));
  const isOpen =
    labels.some(({ about }) => about === undefined) ||
    [...roles].some((role) => !heard.some((one) => one.role === role));
  const needed = heard.filter(({ role }) => isOpen || roles.has(role));
  const indices = (isElectrode: boolean): number[] =>
    needed.filter(({ role }) => (role === "emg") === isElectrode).map(({ index }) => index);
  return { each: indices(false), together: indices(true) };
}

/** Codes of a set's labels that speak about other channels than those of these codes: they say nothing about them. */
export function labelsApart(set: LabelSet | undefined, codes: readonly string[]): ReadonlySet<string> {
  const classes = labelsAbout(set, codes);
  const isOpen = classes.some(({ about }) => about === undefined);
  const roles = new Set(classes.flatMap(({ about }) => about ?? []));
  const apart = (set?.labels ?? []).filter(
    ({ about }) => !isOpen && about !== undefined && !about.some((role) => roles.has(role)),
  );
  return new Set(apart.map(({ code }) => code));
}

/** The labels of these codes, as the set has them; one it does not have declares nothing. */
export const labelsAbout = (
  set: LabelSet | undefined,
  codes: readonly string[],
): readonly { readonly about?: readonly ChannelRole[] | undefined }[] =>
  codes.map((code) => set?.labels.find((label) => label.code === code) ?? {});
