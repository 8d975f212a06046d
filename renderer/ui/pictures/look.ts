/** How a class is told from others: a letter and a colour, never the colour alone. */
export interface ClassLook {
  readonly name: string;
  readonly letter: string;
  readonly colour: string;
}
export type LookOf = (code: string) => ClassLook;
