import { z } from "zod";
import { type Roster, ROSTER_ROWS } from "../../../preload/contract/listing.ts";
import { ChannelRole, RecordingKind, RecordingState } from "../../../preload/contract/recording.ts";
import type { Context } from "../context.ts";

/** The next of all recordings, with what a training is put together by. */
export function rosterOf({ database }: Context, after: number): Roster {
  const rows = database.all(
    `SELECT r.key, r.id, r.name, r.kind, r.subject, r.study, r.state, l.length_s,
       (SELECT count(*) FROM annotation a WHERE a.recording = r.key) AS marks,
       (SELECT json_group_array(json_array(c.label, c.role)) FROM
         (SELECT label, role FROM channel WHERE recording = r.key AND origin IS NULL ORDER BY position) c) AS layout
     FROM listing l JOIN recording r ON r.key = l.recording
     WHERE l.recording > ? ORDER BY l.recording LIMIT ?`,
    after,
    ROSTER_ROWS + 1,
  );
  const layouts = new Map<string, number>();
  const shown = rows.slice(0, ROSTER_ROWS).map((row) => {
    const layout = String(row["layout"]);
    const place = layouts.get(layout) ?? layouts.size;
    layouts.set(layout, place);
    return {
      id: String(row["id"]),
      name: String(row["name"]),
      kind: RecordingKind.catch("other").parse(row["kind"]),
      subject: String(row["subject"]),
      study: String(row["study"]),
      state: RecordingState.catch("interrupted").parse(row["state"]),
      durationS: Number(row["length_s"]),
      annotationCount: Number(row["marks"]),
      layout: place,
    };
  });
  const last = rows.length > ROSTER_ROWS ? rows[ROSTER_ROWS - 1] : undefined;
  return {
    rows: shown,
    layouts: [...layouts.keys()].map(layoutFrom),
    ...(last === undefined ? {} : { next: Number(last["key"]) }),
  };
}

const Layout = z.array(z.tuple([z.string(), z.string()]));
const layoutFrom = (text: string): Roster["layouts"][number] =>
  Layout.parse(JSON.parse(text)).map(([label, role]) => ({
    label,
    role: ChannelRole.catch("other").parse(role),
  }));
