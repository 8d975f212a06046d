import type { ReactNode } from "react";
import type { Picture } from "../../../preload/contract/method.ts";
import css from "./pictures.module.css";
import type { LookOf } from "./look.ts";
import { tickText } from "./axes.tsx";

type Matrix = Extract<Picture, { readonly kind: "matrix" }>;

/** Columns up to which every cell has room for its number. */
const NUMBERED = 9;
const text = (value: number): string => tickText(Number(value.toPrecision(2)));

/** A number in every cell, its size as a tint, its sign as the colour. */
export function MatrixPicture({
  picture: { rows, columns, values },
  lookOf,
  name,
}: {
  readonly picture: Matrix;
  readonly lookOf: LookOf;
  readonly name: string;
}): ReactNode {
  const most = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0) || 1;
  const isNumbered = columns.length <= NUMBERED;
  const isClasses = rows.length === columns.length && rows.every((row, i) => row === columns[i]);
  return (
    <div className={css["matrix"]}>
      <table aria-label={name}>
        <thead>
          <tr>
            <td />
            {columns.map((column) => (
              <th
                key={column}
                scope="col"
                title={lookOf(column).name}
                className={isClasses || isNumbered ? undefined : css["upright"]}
              >
                {isClasses ? lookOf(column).letter : lookOf(column).name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, r) => (
            <tr key={row}>
              <th scope="row">
                {isClasses ? `${lookOf(row).letter} ${lookOf(row).name}` : lookOf(row).name}
              </th>
              {columns.map((column, c) => {
                const value = values[r * columns.length + c] ?? 0;
                const tint = `color-mix(in srgb, var(--kodo-${value < 0 ? "lowered-by" : "accent"}) ${Math.round((45 * Math.abs(value)) / most)}%, transparent)`;
                return (
                  <td key={column} style={{ background: tint }} title={text(value)}>
                    {isNumbered ? text(value) : ""}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
