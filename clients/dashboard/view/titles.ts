/** Text in a sentence that may be a task id. */
const idLike = /[\w-]{20,}/g;

/** Replaces the ids of known tasks in a sentence by their titles. */
export const withTitles = (sentence: string, known: ReadonlyMap<string, { title: string }>): string =>
  sentence.replaceAll(idLike, (id) => {
    const task = known.get(id);
    return task ? `“${task.title}”` : id;
  });
