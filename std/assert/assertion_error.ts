/** The error that every failed assertion throws. */
export class AssertionError extends Error {
  /** The name by which test reports show the error. */
  override name = "AssertionError";

  /** Makes the error; `options.cause` may carry what led to it. */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
  }
}
