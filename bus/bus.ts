/**
 * Publish and subscribe between the parts of the server.
 * @module
 */

/** Carries what has happened to whoever wants to hear of it. */
export interface Bus<Message> {
  /** Tells every subscriber of a topic, in the order of their subscriptions. */
  publish(topic: string, message: Message): void;
  /** Hears a topic until disposed of. */
  subscribe(topic: string, listener: (message: Message) => void): Disposable;
}
