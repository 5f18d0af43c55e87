/**
 * A state and the table of its moves.
 * @module
 */

/** For each state, the states it may move to. A state with an empty row is final. */
export type Moves<State extends string> = { readonly [S in State]: readonly State[] };

/** A `move` command: what the machine yields to the engine, so that every move is observed. */
export interface Move {
  readonly kind: "move";
  readonly from: string;
  readonly to: string;
}

/** Holds one state of a table of moves. An illegal move is a bug of ours, so it throws. */
export class Machine<State extends string> {
  #state: State;
  readonly #moves: Moves<State>;

  constructor(moves: Moves<State>, initial: NoInfer<State>) {
    this.#moves = moves;
    this.#state = initial;
  }

  /** The state it is in now. */
  get state(): State {
    return this.#state;
  }

  /** Whether it is in one of these states. */
  in(...states: readonly State[]): boolean {
    return states.includes(this.#state);
  }

  /** Whether the table has this move from where it is. */
  can(to: State): boolean {
    return this.#moves[this.#state].includes(to);
  }

  /**
   * Moves on and returns the command that tells so.
   * @throws {Error} `Cannot move from "over" to "talking"` when the table has no such move.
   */
  move(to: State): Move {
    const from = this.#state;
    if (!this.can(to)) throw new Error(`Cannot move from "${from}" to "${to}"`);
    this.#state = to;
    return { kind: "move", from, to };
  }
}
