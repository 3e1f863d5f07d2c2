/** A promise that nobody has to look at: its rejection is no error of the page. */
export function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
