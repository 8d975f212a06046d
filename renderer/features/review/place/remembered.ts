import { createReader, type ReaderStore } from "../../../state/reader.ts";
import { createSelection, type SelectionStore } from "../../../state/selection.ts";
import { createViewport, type Viewport, type ViewportStore } from "../../../state/viewport.ts";
import { plainView, type ChannelView } from "../strip/channel-view.ts";

/** Where a recording was left: coming back from another page finds it as it was. */
export class Place {
  readonly viewport: ViewportStore;
  readonly selection: SelectionStore = createSelection();
  readonly reader: ReaderStore = createReader();
  isScaled = false; // the first scale has been chosen
  paperPxPerS: number | undefined; // the paper speed last applied
  channelView: ChannelView = plainView;
  focusAsked = 0; // the newest wish of another page that was followed

  constructor(initial: Partial<Viewport>) {
    this.viewport = createViewport(initial);
  }
  scaled(): void {
    this.isScaled = true;
  }
  onPaper(pxPerS: number): void {
    this.paperPxPerS = pxPerS;
  }
  arranged(view: ChannelView): void {
    this.channelView = view;
  }
  followed(asked: number): void {
    this.focusAsked = asked;
  }
}

const MOST = 20;
const places = new Map<string, Place>();

export function rememberedPlace(recordingId: string, initial: Partial<Viewport>): Place {
  const known = places.get(recordingId);
  places.delete(recordingId);
  const place = known ?? new Place(initial);
  places.set(recordingId, place);
  for (const id of places.keys()) {
    if (places.size <= MOST) break;
    places.delete(id);
  }
  return place;
}
