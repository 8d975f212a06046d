import { AppError } from "../../preload/contract/errors.ts";
import { type Label, LabelSet, type LabelUse } from "../../preload/contract/label-set.ts";
import ctgEvents from "../../resources/label-sets/ctg-events.json" with { type: "json" };
import emgGestures from "../../resources/label-sets/emg-gestures.json" with { type: "json" };
import signalQuality from "../../resources/label-sets/signal-quality.json" with { type: "json" };
import { checked } from "./checked.ts";
import type { Context } from "./context.ts";
import { LIBRARY } from "./context.ts";
import type { Row } from "./database.ts";

/** The sets a new library starts with. */
const builtIn: readonly unknown[] = [ctgEvents, emgGestures, signalQuality];

/** The newest version of each set. */
export const listLabelSets = (context: Context): LabelSet[] =>
  context.database
    .all("SELECT id, max(version) AS version, content FROM label_set GROUP BY id ORDER BY id") // max() picks its row's content
    .map(labelSetFrom);

export function getLabelSet(context: Context, id: string, version?: number): LabelSet {
  const row =
    version === undefined
      ? context.database.get("SELECT * FROM label_set WHERE id = ? ORDER BY version DESC LIMIT 1", id)
      : context.database.get("SELECT * FROM label_set WHERE id = ? AND version = ?", id, version);
  if (row !== undefined) return labelSetFrom(row);
  const which = version === undefined ? id : `${id} version ${version}`;
  throw new AppError("storage/not-found", `There is no label set ${which} in this library`, {
    labelSet: id,
    version: version ?? null,
  });
}

export const labelUsage = (context: Context, id: string): LabelUse[] =>
  context.database
    .all(
      "SELECT label, count(*) AS annotations, count(DISTINCT recording) AS recordings FROM annotation WHERE label_set = ? GROUP BY label ORDER BY label",
      id,
    )
    .map((row) => ({
      label: String(row["label"]),
      annotations: Number(row["annotations"]),
      recordings: Number(row["recordings"]),
    }));

/** The same content keeps its version; changed content becomes the next one. Earlier versions stay. */
export function saveLabelSet(context: Context, set: LabelSet, actor: string): LabelSet {
  const given = checked(LabelSet, set, "label set");
  refuseAmbiguous(given);
  const { database } = context;
  return database.write(() => {
    const newest = database.get(
      "SELECT * FROM label_set WHERE id = ? ORDER BY version DESC LIMIT 1",
      given.id,
    );
    const content = contentOf(given);
    if (newest !== undefined && contentOf(labelSetFrom(newest)) === content) return labelSetFrom(newest);
    const version = Number(newest?.["version"] ?? 0) + 1;
    database.run("INSERT INTO label_set VALUES (?, ?, ?, ?)", given.id, version, content, context.now());
    context.log({ actor, action: "labelSet.save", subject: given.id, detail: { version } });
    return { ...given, version };
  });
}

/** Into a library that has none yet; sets a person changed or a later start never touches. */
export function addBuiltInLabelSets(context: Context): void {
  context.database.write(() => {
    for (const set of builtIn) {
      const parsed = checked(LabelSet, set, "built-in label set");
      if (context.database.get("SELECT 1 FROM label_set WHERE id = ?", parsed.id) === undefined)
        saveLabelSet(context, parsed, LIBRARY);
    }
  });
}

/** Codes and keys name one label each. */
function refuseAmbiguous(set: LabelSet): void {
  for (const field of ["code", "key"] as const) {
    const values = set.labels.map((label) => label[field]).filter((value) => value !== undefined);
    const twice = values.find((value, i) => values.indexOf(value) !== i);
    if (twice !== undefined) {
      throw new AppError("data/label-ambiguous", `Two labels of set ${set.id} have the ${field} "${twice}"`, {
        labelSet: set.id,
        [field]: twice,
      });
    }
  }
}

/** Everything but the version, in the schema's order, so that equal sets give equal text. */
const contentOf = ({ id, name, kind, labels }: LabelSet): string =>
  JSON.stringify({ id, name, kind, labels });

function labelSetFrom(row: Row): LabelSet {
  const set = JSON.parse(String(row["content"])) as Omit<LabelSet, "version">;
  return { ...set, labels: set.labels.map(declared(set.id)), version: Number(row["version"]) };
}

/** Libraries of before hold the built-in sets without what their labels are about: they speak of the same channels. */
const declared =
  (id: string) =>
  (label: Label): Label => {
    const about = label.about ?? aboutBuiltIn.get(`${id}/${label.code}`);
    return about === undefined ? label : { ...label, about };
  };

const aboutBuiltIn = new Map(
  builtIn.flatMap((set) => {
    const { id, labels } = LabelSet.parse(set);
    return labels.map(({ code, about }) => [`${id}/${code}`, about] as const);
  }),
);
