/**
 * What an app is told when there is nothing to wait for.
 * @module
 */

/**
 * Resolves with this in a turn of its own. An app that asks again and again for what is over would
 * else, with all its `await`, leave nobody a turn: apps run in the server's own thread.
 */
export function inNextTurn<Value>(value: Value): Promise<Value> {
  return new Promise((resolve) => setTimeout(resolve, 0, value));
}
