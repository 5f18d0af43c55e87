/**
 * The messages of the notifications door.
 * @module
 */
import { z } from "zod";
import { wire } from "../../session/wire.ts";

const contractId = z.string().meta({
  description: "Unique identifier of the contract",
  examples: ["AG-261121-3FA9C1"],
});

const timestamp = z.string().meta({
  description: "Unix time in seconds, as a string",
  examples: ["1795248000"],
});

const eventId = z.number().int().optional()
  .describe("The event's id; only for clients with ?after=");

const Ping = z.object({
  type: z.literal("ping"),
  timestamp: z.unknown().optional().describe("Any JSON value; it is returned unchanged"),
}).meta({
  id: "Ping",
  description: "Checks connection health and latency",
  examples: [{ type: "ping", timestamp: 1234567890 }],
});

const ContractStatusAsked = z.object({
  type: z.literal("contract_status"),
  contract_id: contractId,
}).meta({
  id: "ContractStatus",
  description: "Requests the status of a contract",
  examples: [{ type: "contract_status", contract_id: "contract_123" }],
});

const Pong = z.object({
  type: z.literal("pong"),
  timestamp: z.unknown().describe("The ping's timestamp, or null if it had none"),
}).meta({
  id: "Pong",
  description: "Answers a ping",
  examples: [{ type: "pong", timestamp: 1234567890 }],
});

const ContractStatusAnswered = z.object({
  type: z.literal("contract_status_response"),
  contract_id: contractId,
  status: z.string().describe("The stored status, or `not_found`"),
}).meta({
  id: "ContractStatusResponse",
  description: "Answers a question for a contract's status",
  examples: [{ type: "contract_status_response", contract_id: "contract_123", status: "active" }],
});

const ContractUpdate = z.object({
  type: z.literal("contract_update"),
  contract_id: contractId,
  status: z.string().meta({ description: "The new status", examples: ["active"] }),
  timestamp,
  event_id: eventId,
}).meta({
  id: "ContractUpdate",
  description: "A contract's status has changed; sent to the contract's parties only",
  examples: [{
    type: "contract_update",
    contract_id: "contract_123",
    status: "active",
    timestamp: "1234567890",
  }],
});

const PaymentUpdate = z.object({
  type: z.literal("payment_update"),
  contract_id: contractId,
  status: z.string().meta({ description: "Payment status", examples: ["completed"] }),
  amount: z.number().describe("In the currency's major unit"),
  timestamp,
  event_id: eventId,
}).meta({
  id: "PaymentUpdate",
  description: "A payment was recorded or changed; sent to every connected client",
  examples: [{
    type: "payment_update",
    contract_id: "contract_123",
    status: "completed",
    amount: 150,
    timestamp: "1234567890",
  }],
});

const Encrypted = z.object({
  type: z.literal("encrypted"),
  jwe: z.string().meta({
    description: "A JWE in compact form (RFC 7516); its plaintext is one of the other messages",
    examples: ["eyJhbGciOiJFQ0RILUVTK0EyNTZLVyIsImVuYyI6IkEyNTZHQ00ifQ.…"],
  }),
}).meta({
  id: "Encrypted",
  description: "Any message but a pong, to a client that has registered a public key",
  examples: [{
    type: "encrypted",
    jwe: "eyJhbGciOiJFQ0RILUVTK0EyNTZLVyIsImVuYyI6IkEyNTZHQ00ifQ.…",
  }],
});

/** The messages of the notifications door. */
export const notificationsWire = wire({
  tag: "type",
  // A ping's timestamp may be in nanoseconds.
  exactNumbers: true,
  heard: z.discriminatedUnion("type", [Ping, ContractStatusAsked]),
  said: z.discriminatedUnion("type", [
    Pong,
    ContractStatusAnswered,
    ContractUpdate,
    PaymentUpdate,
    Encrypted,
  ]),
});
/** The type of the notifications wire. */
export type NotificationsWire = typeof notificationsWire;
/** The updates that a client receives. */
export type Update = z.infer<typeof ContractUpdate> | z.infer<typeof PaymentUpdate>;
/** A message that only the client can read. */
export type Encrypted = z.infer<typeof Encrypted>;
/** The answer to a client's question. */
export type StatusAnswer = z.infer<typeof ContractStatusAnswered>;
