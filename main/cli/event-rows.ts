import type { Service } from "../service/service.ts";
import { csvLine } from "./json.ts";
import type { EventRows } from "./schemas.ts";

/** What a run finds in a recording; the findings are kept in the library as well. */
export async function eventRowsOf(
  service: Service,
  runId: string,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<EventRows> {
  const rows: EventRows = {
    runId,
    recordingId: id,
    recording: name,
    events: [],
    notAssessable: [],
    curves: [],
  };
  for (const { id: finding, content } of await service.handlers["findings.make"]({
    runId,
    recordingId: id,
  })) {
    if (content.kind === "curves")
      rows.curves.push(
        ...content.series.map(({ name: called, unit, over }) => ({
          ...{ name: called, unit },
          ...(over === undefined ? {} : { over }),
        })),
      );
    if (content.kind !== "events") continue;
    const { content: whole } = await service.handlers["findings.get"]({ id: finding });
    if (whole.kind !== "events") continue;
    rows.events.push(...whole.events);
    rows.notAssessable.push(...whole.notAssessable);
  }
  return rows;
}

const columns = ["recording", "onset_s", "duration_s", "label", "probability", "low", "high"];

/** One line an event; of a stretch that cannot be assessed the label is empty and the probability too. */
export const eventsCsv = (recordings: readonly EventRows[]): string =>
  [
    csvLine([...columns, "not_assessable"]),
    ...recordings.flatMap(({ recording, events, notAssessable }) => [
      ...events.map(({ onsetS, durationS, code, probability, low, high }) =>
        csvLine([recording, onsetS, durationS, code, probability ?? null, low ?? null, high ?? null, ""]),
      ),
      ...notAssessable.map(({ onsetS, durationS, codes }) =>
        csvLine([recording, onsetS, durationS, "", null, null, null, codes.join(" ")]),
      ),
    ]),
  ].join("");
