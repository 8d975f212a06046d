// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test } from "vitest";
import { createFakeApi } from "../fake/fake.ts";
import { onPage, pageText, settled, until } from "../fake/on-page.tsx";
import { atStart, openAgreement, openRecording, useSession, type Page } from "../state/session.ts";
import { setLanguage } from "../ui/words.ts";
import { PageView } from "./page-view.tsx";

beforeEach(() => {
  useSession.setState(atStart, true);
  void setLanguage("ja");
});
afterEach(() => void setLanguage("en"));

/** What has no Japanese name: the made-up study's own, keys, engines, publications. */
const names = [
  ...["Sample study", "Gestures", "State space", "first run", "Delivery ward", "FHR bpm", "ONNX Runtime"],
  ...["Page Up", "Page Down", "The use of multiple measurements in taxonomic problems", "Annals of Eugenics"],
];
const spoken = ["aria-label", "title", "placeholder", "alt"];

/** English phrases on the page, those that are only read aloud or shown at the pointer as well. */
function phrases(): readonly string[] {
  const said = [...document.body.querySelectorAll("*")].flatMap((one) =>
    spoken.flatMap((name) => one.getAttribute(name) ?? []),
  );
  const text = names.reduce((rest, name) => rest.replaceAll(name, "|"), [pageText(), ...said].join("|"));
  return [...text.matchAll(/\b[A-Za-z]{3,20} [A-Za-z]{2,20}\b/g)].map(([phrase]) => phrase);
}

const opened: Readonly<Partial<Record<Page, () => void>>> = {
  agreement: () => openAgreement(["ctg-01"]),
  review: () => openRecording("ctg-01"),
};
const pages: readonly Page[] = [
  ...(["library", "bin", "archive", "record", "review", "agreement"] as const),
  ...(["train", "layers", "models", "settings"] as const),
];

test.each(pages)(
  "%s: nothing of it is English where Japanese is spoken, what is read aloud neither",
  async (page) => {
    opened[page]?.();
    onPage(
      <PageView page={page} />,
      createFakeApi(1, { forecasts: true, reading: true, findings: true, cluster: "connected" }),
    );
    await until(() => /[\u3040-\u30ff].{40}/s.test(pageText()), "the page");
    await settled(60);
    expect([...new Set(phrases())]).toEqual([]);
  },
);
