import type { IdPage, Selection } from "../../../preload/contract/listing.ts";
import { request } from "../../bridge/client.ts";

/** Recordings of a selection one after the other, asked for some at a time. */
export async function* idsOf(selection: Selection): AsyncGenerator<string> {
  let after: number | undefined = 0;
  while (after !== undefined) {
    const page: IdPage = await request("recordings.ids", { selection, after });
    yield* page.ids;
    after = page.next;
  }
}
