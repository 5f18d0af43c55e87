/** One message of an event stream; empty and zero members are omitted. */
export interface ServerSentEventMessage {
  /** A note that clients ignore. */
  comment?: string;
  /** The kind of event. */
  event?: string;
  /** What the message carries; it may have several lines. */
  data?: string;
  /** The event's number or name, which clients send back when they connect again. */
  id?: string | number;
  /** The reconnection time of clients, in milliseconds. */
  retry?: number;
}

const LINE_END = /\r\n|\r|\n/;

/**
 * Encodes messages as an event stream. A line break in a comment, an event or an id fails the
 * stream with a `SyntaxError`.
 */
export class ServerSentEventStream extends TransformStream<ServerSentEventMessage, Uint8Array> {
  /** Makes the stream. */
  constructor() {
    const encoder = new TextEncoder();
    super({
      transform: (message, controller) => controller.enqueue(encoder.encode(textOf(message))),
    });
  }
}

function textOf(
  { comment, event, data, id, retry }: ServerSentEventMessage,
): string {
  const lines: string[] = [];
  if (comment) lines.push(`:${singleLine("comment", comment)}`);
  if (event) lines.push(`event:${singleLine("event", event)}`);
  if (data) lines.push(...data.split(LINE_END).map((line) => `data:${line}`));
  if (id) lines.push(`id:${singleLine("id", String(id))}`);
  if (retry) lines.push(`retry:${retry}`);
  return `${lines.join("\n")}\n\n`;
}

function singleLine(field: string, value: string): string {
  if (!LINE_END.test(value)) return value;
  throw new SyntaxError(`\`message.${field}\` cannot contain a newline`);
}
