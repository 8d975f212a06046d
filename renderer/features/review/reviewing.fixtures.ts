import { unwrap } from "../../../preload/contract/errors.ts";
import { installApi, request } from "../../bridge/client.ts";
import { createFakeApi, type FakeOptions } from "../../fake/fake.ts";
import { ctgEvents } from "../../fake/study.ts";
import { Editor } from "../../state/annotations.ts";
import { rangeOf } from "../../state/selection.ts";
import { translate } from "../../ui/words.ts";
import { editorPort } from "./labels/editor-port.ts";
import { bookOf, sortedEvents } from "./labels/events.ts";
import { Place } from "./place/remembered.ts";
import type { Reviewing } from "./reviewing.ts";
import { reviewWords } from "./words.ts";

/** The first cardiotocogram of the made-up study under review, 1000 px wide at 2 px a second: 500 s in sight. */
export async function reviewed(options: FakeOptions = {}) {
  const api = createFakeApi(1, options);
  installApi(api);
  const summary = unwrap(await api.request("recordings.page", {})).rows.find(({ kind }) => kind === "ctg");
  if (!summary) throw new Error("the study has a cardiotocogram");
  const { id: recordingId } = summary;
  const detail = await request("recordings.get", { id: recordingId });
  const said: string[] = [];
  const place = new Place({ durationS: detail.durationS, pxPerS: 2, widthPx: 1000 });
  const reviewing: Reviewing = {
    ...{ recordingId, durationS: detail.durationS, place },
    telling: { t: translate(reviewWords, "en"), language: "en", startOfDayS: undefined },
    say: (text) => said.push(text),
  };
  const events = async () =>
    sortedEvents(await request("annotations.list", { recordingId }), {
      ...{ book: bookOf([ctgEvents]), channels: detail.channels, language: "en" },
    });
  return {
    ...{ reviewing, detail, said, events, editor: new Editor(editorPort(recordingId)) },
    last: () => said.at(-1),
    cursorAt: (cursorS: number) => place.selection.setState({ cursorS }),
    rangeAt: (fromS: number, toS: number) => place.selection.setState({ range: rangeOf(fromS, toS) }),
  };
}
