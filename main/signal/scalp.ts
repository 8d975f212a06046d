const SCALP = /scalp|spiral|\bd?ecg\b|\bfse\b|児頭|直接/i;

/** Whether a channel's own name says that its sensor is an electrode on the fetus. One that says nothing is taken for ultrasound. */
export const isScalpElectrode = (label: string): boolean => SCALP.test(label);
