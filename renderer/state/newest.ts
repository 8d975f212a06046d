/** Asks what is wanted, one question at a time. */
export interface Newest<Question> {
  /** In place of what waits, if anything does. */
  ask(question: Question): void;
  /** Nothing is asked or told any more. */
  close(): void;
}

/**
 * Of questions that come faster than their answers only the newest waits; the others are never asked. An answer is told
 * even while a newer question waits: what is on screen then follows, some steps behind.
 */
export function newest<Question, Answer>(
  send: (question: Question) => Promise<Answer>,
  told: (question: Question, answer: Answer) => void,
  failed: (question: Question, error: unknown) => void,
): Newest<Question> {
  let waiting: { readonly question: Question } | undefined;
  let isAsking = false;
  let isClosed = false;
  const next = async (): Promise<void> => {
    while (waiting !== undefined && !isClosed) {
      const { question } = waiting;
      waiting = undefined;
      try {
        const answer = await send(question);
        if (!isClosed) told(question, answer);
      } catch (error) {
        if (!isClosed) failed(question, error);
      }
    }
  };
  return {
    ask(question) {
      waiting = { question };
      if (isAsking || isClosed) return;
      isAsking = true;
      void next().finally(() => (isAsking = false));
    },
    close() {
      isClosed = true;
      waiting = undefined;
    },
  };
}
