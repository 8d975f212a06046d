/** Numbers that remember what they count. A brand costs nothing at run time and stops seconds being passed for samples. */
declare const unit: unique symbol;
export type Unit<Name extends string> = number & { readonly [unit]: Name };

export type Seconds = Unit<"s">;
export type SampleIndex = Unit<"sample">;
export type Hertz = Unit<"Hz">;

export const seconds = (value: number): Seconds => value as Seconds;
export const hertz = (value: number): Hertz => value as Hertz;

/** The sample at or after a time. */
export const toSampleIndex = (time: Seconds, sampleRate: Hertz): SampleIndex =>
  Math.ceil(time * sampleRate - 1e-9) as SampleIndex;
