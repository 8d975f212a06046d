import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import {
  atStart,
  fromHash,
  openAt,
  openLayers,
  openRecording,
  pages,
  toHash,
  toggleInspector,
  useSession,
} from "./session.ts";
import { languageFor, schemeFor } from "./settings.ts";

beforeEach(() => useSession.setState(atStart, true));

test("a reload opens what was open", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...pages),
      fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
      fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
      fc.integer({ min: 0, max: 1e6 }),
      (page, recordingId, runId, at) => {
        const session = { ...atStart, page, recordingId, runId, layersAtS: page === "layers" ? at : 0 };
        expect({ ...atStart, ...fromHash(toHash(session)) }).toEqual(session);
      },
    ),
  );
});

test("a hash of nonsense leaves the session as it is", () => {
  expect(fromHash("")).toEqual({});
  expect(fromHash("#/nowhere?recording=&at=x")).toEqual({});
});

test("opening a recording leads to the review", () => {
  openRecording("ctg-01");
  expect(useSession.getState()).toMatchObject({ page: "review", recordingId: "ctg-01" });
});

test("asking twice for the same stretch is heard twice", () => {
  openAt("emg-01", 3, 0.5);
  openAt("emg-01", 3, 0.5);
  expect(useSession.getState().focus).toEqual({ recordingId: "emg-01", onsetS: 3, durationS: 0.5, asked: 2 });
});

test("the model whose prediction was seen is the one in use from then on", () => {
  openAt("emg-01", 3, 0.5, "run-1");
  expect(useSession.getState().runId).toBe("run-1");
  openLayers(3);
  expect(useSession.getState()).toMatchObject({ page: "layers", layersAtS: 3, runId: "run-1" });
  openLayers(4, "run-2");
  expect(useSession.getState().runId).toBe("run-2");
});

test("the inspector folds and unfolds", () => {
  toggleInspector();
  expect(useSession.getState().inspectorOpen).toBe(false);
  toggleInspector();
  expect(useSession.getState().inspectorOpen).toBe(true);
});

test("a setting of system follows the system, any other does not", () => {
  expect(languageFor({ language: "system" }, "ja-JP")).toBe("ja");
  expect(languageFor({ language: "en" }, "ja-JP")).toBe("en");
  expect(schemeFor({ theme: "system" }, true)).toBe("dark");
  expect(schemeFor({ theme: "light" }, true)).toBe("light");
});
