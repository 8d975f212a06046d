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
let failing: ((name: RequestName) => boolean) | undefined; // which requests fail, once the gate is open

/** A library of some hundreds. */
beforeEach(() => {
  const api = createFakeApi(1, { rows: 500 });
  [asked, gate, failing] = [[], Promise.resolve(), undefined];
  const request: Api["request"] = async (name, params) => {
    asked.push(name);
    if (name === "recordings.page") await gate;
    if (failing?.(name) === true)
      return { ok: false, error: { code: "storage/damaged", message: "damaged", detail: {} } };
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

const pagesAsked = (): number => asked.filter((name) => name === "recordings.page").length;

/** A list whose page at row 320 could not be read. */
async function failedList(): Promise<RecordingList> {
  const list = await shownList();
  failing = (name) => name === "recordings.page";
  list.see([310, 325]);
  await vi.waitFor(() => expect(list.state().error?.code).toBe("storage/damaged"));
  asked = [];
  return list;
}

test("a page that could not be read is said, is not asked for again by itself, and is read when it is looked at", async () => {
  const list = await failedList();
  expect(list.state().list?.rowAt(3)).toBeDefined(); // what is there stays
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(pagesAsked()).toBe(0);
  failing = undefined;
  list.see([311, 326]);
  await vi.waitFor(() => expect(list.state().list?.rowAt(320)).toBeDefined());
  expect(list.state().error).toBeUndefined();
  list.close();
});

test("where what is in sight is there, a page elsewhere that could not be read is no longer said", async () => {
  const list = await failedList();
  list.see([0, 20]);
  await vi.waitFor(() => expect(list.state().error).toBeUndefined());
  expect(pagesAsked()).toBe(0);
  list.see([310, 325]); // it still cannot be read
  await vi.waitFor(() => expect(list.state().error?.code).toBe("storage/damaged"));
  list.close();
});

test("what was asked for while another reading failed is read all the same", async () => {
  const list = await shownList();
  let open = (): void => undefined;
  [asked, gate] = [[], new Promise((resolve) => (open = resolve))];
  failing = (name) => name === "recordings.page";
  list.show(wholeLibrary);
  await vi.waitFor(() => expect(pagesAsked()).toBe(1));
  list.show({ ...wholeLibrary, query: "nothing is called so" });
  gate.then(() => (failing = undefined)).catch(() => undefined); // after the page that waits has failed
  open();
  await vi.waitFor(() => expect(list.state().list?.shown).toBe(0));
  expect(list.state().error).toBeUndefined();
  list.close();
});
