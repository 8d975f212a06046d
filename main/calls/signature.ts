/** One thing that can be asked: what is given, what is answered, and what may be asked back until then. */
export interface Signature {
  readonly ask: unknown;
  readonly answer: unknown;
  readonly back?: Readonly<Record<string, BackSignature>>;
}
interface BackSignature {
  readonly ask: unknown;
  readonly answer: unknown;
}

/** Everything that can be asked over a line, by name. */
export type Signatures<A> = { readonly [N in keyof A]: Signature };
export type NameIn<A> = keyof A & string;

type BackOf<S extends Signature> = S extends { readonly back: infer B extends object } ? B : object;
type AskOf<S> = S extends { readonly ask: infer Ask } ? Ask : never;
type AnswerOf<S> = S extends { readonly answer: infer Answer } ? Answer : never;

/** What a handler has beside its question: whether an answer is still wanted, and a way back to who asked. */
export interface Call<S extends Signature> {
  readonly signal: AbortSignal;
  /** Told in order, before the answer; nobody waits for it. Progress, mostly. */
  readonly tell: <N extends NameIn<BackOf<S>>>(name: N, ask: AskOf<BackOf<S>[N]>) => void;
  /** Resolves with what the caller answers: what must be done over there before the work here goes on. */
  readonly ask: <N extends NameIn<BackOf<S>>>(
    name: N,
    ask: AskOf<BackOf<S>[N]>,
  ) => Promise<AnswerOf<BackOf<S>[N]>>;
}

/** Where nothing is answered it does not matter what a handler returns. */
type Given<T> = [T] extends [undefined] ? unknown : T | Promise<T>;

/** Called at once, in the order of the questions, also where one before is still being answered. */
export type Handlers<A extends Signatures<A>> = {
  readonly [N in keyof A]: (ask: A[N]["ask"], call: Call<A[N]>) => Given<A[N]["answer"]>;
};

/** The caller's side of a call: the end of its patience, and what it answers meanwhile. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}
interface WithBack<S extends Signature> extends CallOptions {
  readonly back: {
    readonly [N in keyof BackOf<S>]: (ask: AskOf<BackOf<S>[N]>) => Given<AnswerOf<BackOf<S>[N]>>;
  };
}
/** Options may be left out, except where the other side asks back. */
export type How<S extends Signature> = S extends { readonly back: object }
  ? readonly [how: WithBack<S>]
  : readonly [how?: CallOptions];
