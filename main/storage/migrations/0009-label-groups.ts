/** The built-in CTG set as this migration found it and leaves it: code, names, letter, key, colour, about; by group. */
const ctgEvents = [
  {
    group: ["heart-rate-events", "Heart-rate events", "心拍数の変化"],
    labels: [
      ["acceleration", "Acceleration", "一過性頻脈", "A", "a", "#009e73", ["fhr"]],
      ["deceleration", "Deceleration", "一過性徐脈", "D", "d", "#d55e00", ["fhr"]],
      ["early-deceleration", "Early deceleration", "早発一過性徐脈", "E", "e", "#e69f00", ["fhr", "uc"]],
      ["late-deceleration", "Late deceleration", "遅発一過性徐脈", "L", "l", "#b2182b", ["fhr", "uc"]],
      ["variable-deceleration", "Variable deceleration", "変動一過性徐脈", "V", "v", "#cc79a7", ["fhr"]],
      ["prolonged-deceleration", "Prolonged deceleration", "遷延一過性徐脈", "P", "p", "#7b3294", ["fhr"]],
    ],
  },
  {
    group: ["contractions", "Contractions", "子宮収縮"],
    labels: [["contraction", "Contraction", "子宮収縮", "U", "u", "#0072b2", ["uc"]]],
  },
  {
    group: ["baseline-state", "Baseline state", "基線の状態"],
    labels: [
      ["tachycardia", "Tachycardia", "頻脈", "T", "t", "#8c510a", ["fhr"]],
      ["bradycardia", "Bradycardia", "徐脈", "B", "b", "#542788", ["fhr"]],
    ],
  },
  {
    group: ["signal-quality", "Signal quality", "信号品質"],
    labels: [["not-analysable", "Not analysable", "判読不能", "X", "x", "#7f7f7f", ["fhr"]]],
  },
  {
    group: ["notes", "Notes", "メモ"],
    labels: [["note", "Note", "メモ", "N", "n", "#4d4d4d", undefined]],
  },
] as const;
/** Where contractions stood before. */
const BEFORE = 2;

type Row = (typeof ctgEvents)[number]["labels"][number];
const labelOf = (
  [code, en, ja, letter, key, colour, about]: Row,
  more: { readonly group?: string; readonly hasAbout: boolean },
) => ({
  ...{ code, name: { en, ja }, letter, key, colour, shape: code === "note" ? "point" : "interval" },
  ...(more.group === undefined ? {} : { group: more.group }),
  ...(more.hasAbout && about !== undefined ? { about } : {}),
});
const head = { id: "ctg-events", name: { en: "CTG events", ja: "CTG所見" }, kind: "ctg" };

/** As libraries have it that were made before labels said what they are about, and after. */
const contentBefore = (hasAbout: boolean): string => {
  const rows = ctgEvents.flatMap(({ labels }): readonly Row[] => labels);
  const others = rows.filter(([code]) => code !== "contraction");
  const inOrder = [
    ...others.slice(0, BEFORE),
    ...rows.filter(([code]) => code === "contraction"),
    ...others.slice(BEFORE),
  ];
  return JSON.stringify({ ...head, labels: inOrder.map((row) => labelOf(row, { hasAbout })) });
};

const contentAfter = JSON.stringify({
  ...head,
  groups: ctgEvents.map(({ group: [code, en, ja] }) => ({ code, name: { en, ja } })),
  labels: ctgEvents.flatMap(({ group: [group], labels }) =>
    labels.map((row) => labelOf(row, { group, hasAbout: true })),
  ),
});

const oneGroup = JSON.stringify([{ code: "all", name: { en: "All labels", ja: "すべてのラベル" } }]);
const ofOneGroup = `json_set(content,
  '$.groups', json('${oneGroup}'),
  '$.labels', json((SELECT json_group_array(json_set(value, '$.group', 'all')) FROM (SELECT value FROM json_each(content, '$.labels') ORDER BY key))))`;
const isSound = "row_crc = row_crc(id, version, content, created_at)";

/**
 * Labels stand in groups. Those of a set of before are one; the built-in CTG set, where nobody changed it, gets its
 * groups as a version of its own, and annotations keep the version they were made under. A row that was damaged before
 * stays so.
 */
export const sql = `
INSERT INTO label_set (id, version, content, created_at, row_crc)
SELECT id, version, content, created_at, row_crc(id, version, content, created_at) FROM (
  SELECT id, version + 1 AS version, '${contentAfter}' AS content, strftime('%Y-%m-%dT%H:%M:%fZ') AS created_at
  FROM label_set
  WHERE id = 'ctg-events' AND version = (SELECT max(version) FROM label_set WHERE id = 'ctg-events')
    AND ${isSound} AND content IN ('${contentBefore(false)}', '${contentBefore(true)}'));
UPDATE label_set SET content = ${ofOneGroup}, row_crc = row_crc(id, version, ${ofOneGroup}, created_at)
WHERE ${isSound} AND json_type(content, '$.groups') IS NULL;
`;
