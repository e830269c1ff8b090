/** What may be the id of a task in a sentence. */
const idLike = /[\w-]{20,}/g;

/** A sentence that names tasks by their ids, with the titles of those that are known. */
export const withTitles = (sentence: string, known: ReadonlyMap<string, { title: string }>): string =>
  sentence.replaceAll(idLike, (id) => {
    const task = known.get(id);
    return task ? `“${task.title}”` : id;
  });
