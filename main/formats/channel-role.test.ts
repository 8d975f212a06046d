import { expect, test } from "vitest";
import { guessKind, guessRole, guessTogether } from "./channel-role.ts";

const kindOf = (...labels: readonly string[]) =>
  guessKind(labels.map((label) => ({ label, role: guessRole(label, "uV") })));

test("a sleep recording with a chin EMG is no EMG recording", () => {
  expect(kindOf("EEG Fpz-Cz", "EEG Pz-Oz", "EOG horizontal", "EMG submental", "Event marker")).toBe("other");
  expect(kindOf("C3-M2", "C4-M1", "O1-M2", "chin EMG")).toBe("other");
  expect(kindOf("脳波 Fp1", "心電図", "筋電図")).toBe("other");
});

test("microvolts alone say nothing, and neither EEG nor ECG is EMG", () => {
  expect(kindOf("Fp1", "Fp2", "O1", "O2")).toBe("other");
  expect(kindOf("EEG EMG-corrected")).toBe("other");
  expect(kindOf("ECG II")).toBe("other");
  expect(kindOf("EXG Channel 0", "EXG Channel 1")).toBe("other");
  expect(guessRole("EEG 1 (EMG filter)", "uV")).toBe("other");
  expect(guessRole("EMG 1 (ECG removed)", "uV")).toBe("emg");
});

test("EMG beside other sensors stays EMG, also with one ECG lead among several muscles", () => {
  expect(kindOf("EMG 1", "EMG 2", "Acc X", "Trigger")).toBe("emg");
  expect(kindOf("sEMG biceps", "sEMG triceps", "ECG")).toBe("emg");
  expect(kindOf("FHR", "UC", "maternal ECG")).toBe("ctg");
});

test("what was filled in measures nothing, whatever signal it names", () => {
  expect(guessRole("filled FHR high", "bpm")).toBe("other");
  expect(kindOf("filled EMG 1", "Filled EMG 2")).toBe("other");
  expect(guessRole("FHR, gaps filled", "bpm")).toBe("fhr");
});

test("beside contractions the only heart rate of nobody named is the fetus's; beside another, or alone, it is nobody's", () => {
  const rolesOf = (...labels: readonly string[]) =>
    guessTogether(labels.map((label) => ({ label, unit: "bpm", role: guessRole(label, "") }))).map(
      ({ role }) => role,
    );
  expect(rolesOf("心拍数", "陣痛")).toEqual(["fhr", "uc"]);
  expect(rolesOf("Heart_rate", "TOCO")).toEqual(["fhr", "uc"]);
  expect(rolesOf("HR", "SpO2")).toEqual(["other", "other"]);
  expect(rolesOf("HR1", "HR2", "UC")).toEqual(["other", "other", "uc"]);
  expect(rolesOf("FHR", "HR", "UC")).toEqual(["fhr", "other", "uc"]);
  expect(rolesOf("母体心拍数", "心拍数", "UC")).toEqual(["mhr", "other", "uc"]);
  const voltage = [
    { label: "HR", unit: "uV", role: "other" as const },
    { label: "UC", unit: "", role: "uc" as const },
  ];
  expect(guessTogether(voltage)).toEqual(voltage);
});
