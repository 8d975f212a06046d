// npm run casts [-- --update]: type assertions (`as`, but for `as const`) and non-null assertions (`!`) in product code, outside
// tests. Each is a place where the compiler is told instead of asked, so their number may only fall (--update notes it).
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { projectFolder } from "./runtime/build.mjs";

const debtsFile = join(import.meta.dirname, "cast-debts.json");
const isTest = (file) =>
  /\.test\.tsx?$|fixtures\.ts$|test-support\.ts$|\/testing\.ts$|^renderer\/fake\//.test(file);

const counts = { casts: 0, nonNull: 0 };
const files = ["main", "preload", "renderer"].flatMap((folder) =>
  readdirSync(join(projectFolder, folder), { recursive: true })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => `${folder}/${file}`),
);
for (const file of files) {
  const name = file.replaceAll("\\", "/");
  if (isTest(name)) continue;
  const source = ts.createSourceFile(
    name,
    readFileSync(join(projectFolder, file), "utf8"),
    ts.ScriptTarget.Latest,
  );
  const visit = (node) => {
    if (ts.isNonNullExpression(node)) counts.nonNull += 1;
    if (ts.isAsExpression(node) && !ts.isConstTypeReference(node.type)) counts.casts += 1;
    ts.forEachChild(node, visit);
  };
  visit(source);
}

const debts = JSON.parse(readFileSync(debtsFile, "utf8"));
const worse = Object.keys(counts).filter((kind) => counts[kind] > debts[kind]);
const better = Object.keys(counts).filter((kind) => counts[kind] < debts[kind]);
if (process.argv.includes("--update") && worse.length === 0) {
  writeFileSync(debtsFile, `${JSON.stringify(counts, null, 2)}\n`);
} else if (better.length > 0) {
  console.error(`casts: ${better.join(", ")} got fewer; npm run casts -- --update notes it`);
}
for (const kind of worse)
  console.error(
    `casts: ${counts[kind]} ${kind}, ${debts[kind]} allowed: ask the compiler instead, with a check or a loop`,
  );
console.log(`casts: ${counts.casts} type assertions, ${counts.nonNull} non-null assertions outside tests`);
process.exit(worse.length > 0 ? 1 : 0);
