import { fireEvent, screen } from "@testing-library/react";
import { beforeEach } from "vitest";
import type { Api } from "../../../preload/contract/channels.ts";
import { unwrap } from "../../../preload/contract/errors.ts";
import { onPage, says, settled } from "../../fake/on-page.tsx";
import { rangeOf } from "../../state/selection.ts";
import { atStart, openRecording, useSession } from "../../state/session.ts";
import { rememberedPlace } from "./place/remembered.ts";
import { ReviewPage } from "./review-page.tsx";

export const CTG = "ctg-01";
export const place = rememberedPlace(CTG, { durationS: 4200, pxPerS: 1 });

beforeEach(() => {
  useSession.setState(atStart, true);
  openRecording(CTG);
  place.selection.setState(place.selection.getInitialState(), true);
});

/** A cardiotocogram under review, 1000 s of it in sight. */
export async function underReview(api: Api): Promise<() => void> {
  const leave = onPage(<ReviewPage recordingId={CTG} />, api);
  await says("CTG 01");
  await settled(60);
  place.viewport.setState({ widthPx: 1000, startS: 0, pxPerS: 1 });
  return leave;
}

/** A stretch chosen by the reader, and a moment they look at. */
export async function choose(fromS: number, toS: number): Promise<void> {
  place.selection.setState({ range: rangeOf(fromS, toS) });
  await settled();
}
export async function lookAt(cursorS: number): Promise<void> {
  place.selection.setState({ cursorS });
  await settled();
}
export async function openTab(name: RegExp): Promise<void> {
  fireEvent.click(screen.getByRole("radio", { name }));
  await settled();
}
export const labelsOf = async (api: Api) =>
  unwrap(await api.request("annotations.list", { recordingId: CTG }));
export const said = (): string => screen.getByTestId("review-said").textContent;
