import { beforeEach, expect, test, vi } from "vitest";
import type { Api, RequestName } from "../../../preload/contract/channels.ts";
import type { Selection } from "../../../preload/contract/listing.ts";
import { installApi } from "../../bridge/client.ts";
import { createFakeApi } from "../../fake/fake.ts";
import { passing, toggled } from "./chosen.ts";
import { RecordingList } from "./list.ts";
import { wholeLibrary } from "./rows.ts";

let asked: RequestName[] = [];
let gate: Promise<void> = Promise.resolve(); // pages come once it is open

/** A library of some hundreds. */
beforeEach(() => {
  const api = createFakeApi(1, { rows: 500 });
  [asked, gate] = [[], Promise.resolve()];
  const request: Api["request"] = async (name, params) => {
    asked.push(name);
    if (name === "recordings.page") await gate;
    return api.request(name, params);
  };
  installApi({
    request,
    on: (name, listener) => api.on(name, listener),
    pathOf: (file) => api.pathOf(file),
    zoomFactor: () => api.zoomFactor(),
  });
});

async function shownList(): Promise<RecordingList> {
  const list = new RecordingList(wholeLibrary, undefined);
  list.show(wholeLibrary);
  await vi.waitFor(() => expect(list.state().list?.rowAt(0)).toBeDefined());
  return list;
}

test("what is scrolled to while the list is read again is read too", async () => {
  const list = await shownList();
  let open = (): void => undefined;
  [asked, gate] = [[], new Promise((resolve) => (open = resolve))];
  list.show(wholeLibrary);
  await vi.waitFor(() => expect(asked).toContain("recordings.page"));
  list.see([310, 325]);
  open();
  await vi.waitFor(() => expect(asked.filter((name) => name === "recordings.page")).toHaveLength(3));
  await vi.waitFor(() => expect(list.state().list?.rowAt(320)).toBeDefined());
  list.close();
});

test("of all that a filter chose a row is left out at once, and none of a filter that shows other rows", async () => {
  const list = await shownList();
  const { query, kind, filter } = wholeLibrary;
  const choose = (filtered: object): Selection => ({
    ...{ kind: "filtered", filter: { query, kind, filter, ...filtered }, newest: 1000, except: [], also: [] },
  });
  const row = () => list.state().list?.rowAt(3);
  list.mark(passing(choose({ query: "nothing is called so" })));
  expect(row()?.passes).toBe(false);
  const all = choose({});
  list.mark(passing(all));
  expect(row()?.passes).toBe(true);
  const id = row()?.recording.id ?? "";
  expect(toggled(all, id, row()?.passes === true)).toMatchObject({ except: [id], also: [] });
  list.close();
});
