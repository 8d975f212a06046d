import { z } from "zod";
import { create } from "zustand";
import { AppError, reportOf } from "../../preload/contract/errors.ts";

/** What only the person before the screen can say, asked by the shell whatever page needs it. */
export type Question =
  { readonly kind: "name" } | { readonly kind: "of-other"; readonly reader: string; readonly what: OfOther };
const OfOther = z.enum(["label", "declaration", "edit"]);
export type OfOther = z.infer<typeof OfOther>;

interface Asked {
  readonly question: Question;
  readonly answer: (said: string | undefined) => void; // undefined: given up
}

export const useQuestion = create<{ readonly asked: Asked | undefined }>(() => ({ asked: undefined }));

function ask(question: Question): Promise<string | undefined> {
  useQuestion.getState().asked?.answer(undefined); // one at a time: the one before is given up
  return new Promise((resolve) => {
    const answer = (said: string | undefined): void => {
      useQuestion.setState({ asked: undefined });
      resolve(said);
    };
    useQuestion.setState({ asked: { question, answer } });
  });
}

const givenUp = (): AppError => new AppError("cancelled/by-user", "Left as it is");

/** The reader's name: asked where there is none yet, so that no label is nobody's. */
export async function named(author: string): Promise<string> {
  if (author.trim() !== "") return author;
  const said = await ask({ kind: "name" });
  if (said === undefined) throw givenUp();
  return said;
}

/** Does what may touch another reader's things: where it would, whoever sits here is asked, and told whose it is. */
export async function askedOfOthers<T>(send: (evenOfOthers: boolean) => Promise<T>): Promise<T> {
  try {
    return await send(false);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "data/other-reader") throw error;
    const { reader, what } = reportOf(error).detail;
    const said = await ask({
      kind: "of-other",
      reader: String(reader),
      what: OfOther.catch("edit").parse(what),
    });
    if (said === undefined) throw givenUp();
    return send(true);
  }
}
