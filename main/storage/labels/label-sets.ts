import { AppError } from "../../../preload/contract/errors.ts";
import { type Label, LabelSet, type LabelUse } from "../../../preload/contract/label-set.ts";
import ctgEvents from "../../../resources/label-sets/ctg-events.json" with { type: "json" };
import decisions from "../../../resources/label-sets/decisions.json" with { type: "json" };
import emgGestures from "../../../resources/label-sets/emg-gestures.json" with { type: "json" };
import recordingMarks from "../../../resources/label-sets/recording-marks.json" with { type: "json" };
import signalQuality from "../../../resources/label-sets/signal-quality.json" with { type: "json" };
import signalTrust from "../../../resources/label-sets/signal-trust.json" with { type: "json" };
import { checked, parsedJson } from "../checked.ts";
import type { Context } from "../context.ts";
import { LIBRARY } from "../context.ts";
import { isWhole, rowCrc } from "../file/row-crc.ts";
import type { Row } from "../file/database.ts";

/** The sets a new library starts with. */
const builtIn: readonly unknown[] = [
  ctgEvents,
  emgGestures,
  signalQuality,
  signalTrust,
  recordingMarks,
  decisions,
];

/** The newest version of each set that is sound. */
export function listLabelSets(context: Context): LabelSet[] {
  const newest = new Map<string, LabelSet>();
  for (const row of context.database.all("SELECT * FROM label_set ORDER BY id, version DESC")) {
    const set = newest.has(String(row["id"])) ? undefined : labelSetFrom(row);
    if (set !== undefined) newest.set(set.id, set);
  }
  return [...newest.values()];
}

export function getLabelSet(context: Context, id: string, version?: number): LabelSet {
  const rows =
    version === undefined
      ? context.database.all("SELECT * FROM label_set WHERE id = ? ORDER BY version DESC", id)
      : context.database.all("SELECT * FROM label_set WHERE id = ? AND version = ?", id, version);
  for (const row of rows) {
    const set = labelSetFrom(row);
    if (set !== undefined) return set;
  }
  if (rows.length > 0) {
    throw new AppError("storage/corrupt", `Label set ${id} is damaged in the library`, {
      labelSet: id,
      version: version ?? null,
    });
  }
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
    const known = newest === undefined ? undefined : labelSetFrom(newest);
    if (known !== undefined && contentOf(known) === content) return known;
    const version = Number(newest?.["version"] ?? 0) + 1;
    const values = [given.id, version, content, context.now()];
    database.run(
      "INSERT INTO label_set (id, version, content, created_at, row_crc) VALUES (?, ?, ?, ?, ?)",
      ...values,
      rowCrc(values),
    );
    context.log({ actor, action: "labelSet.save", subject: given.id, detail: { version } });
    return { ...given, version };
  });
}

/** A version as another library has it. Throws data/label-set-differs where this one has another under its number. */
export function takeLabelSet(context: Context, set: LabelSet): void {
  const given = checked(LabelSet, set, "label set");
  refuseAmbiguous(given);
  const { database } = context;
  database.write(() => {
    const { id, version } = given;
    const row = database.get("SELECT * FROM label_set WHERE id = ? AND version = ?", id, version);
    const content = contentOf(given);
    if (row !== undefined) {
      const known = labelSetFrom(row);
      if (known !== undefined && contentOf(known) === content) return;
      throw new AppError(
        "data/label-set-differs",
        `Version ${version} of label set ${id} reads differently in this library`,
        { labelSet: id, version },
      );
    }
    const values = [id, version, content, context.now()];
    database.run(
      "INSERT INTO label_set (id, version, content, created_at, row_crc) VALUES (?, ?, ?, ?, ?)",
      ...[...values, rowCrc(values)],
    );
    context.log({ actor: LIBRARY, action: "labelSet.save", subject: id, detail: { version } });
  });
}

/** Into a library that has none yet; sets a person changed or a later start never touches. A new version of one comes by a migration. */
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
export const contentOf = ({ id, name, kind, groups, labels }: Omit<LabelSet, "version">): string =>
  JSON.stringify({ id, name, kind, groups, labels });

/** Undefined where the row is not what was written, or says what no label set can say. */
export function labelSetFrom(row: Row): LabelSet | undefined {
  if (!isWhole("label_set", row)) return undefined;
  const content = parsedJson(row["content"]);
  if (typeof content !== "object") return undefined;
  const set = LabelSet.safeParse({ ...content, version: Number(row["version"]) }).data;
  return set === undefined ? undefined : { ...set, labels: set.labels.map(declared(set.id)) };
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
