/**
 * Inputs of a client to a WebSocket server, and their expected outcomes: the essence of the cases of
 * the Autobahn testsuite, and a few more. The server echoes texts and binary messages.
 * @see RFC 6455
 * @module
 */

/** The outcome of a case: the received frames, and the end. */
export interface Outcome {
  /** Each frame as `text …`, `binary …`, `pong …`, with long payloads by their length. */
  readonly heard: readonly string[];
  /** The code of the server's close frame; `open` when it still answers; `dropped` without a close. */
  readonly end: number | "open" | "dropped";
}

/** One case. */
export interface Case extends Outcome {
  readonly name: string;
  /** The input, one write after the other. */
  readonly writes: readonly Uint8Array[];
  /** Completes the last frame, for a server that must see all of it to find the fault. */
  readonly rest?: Uint8Array;
}

/** The most bytes that a message may have here. */
export const MOST_BYTES = 70_000;

const encoder = new TextEncoder();
const [CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG] = [0, 1, 2, 8, 9, 10] as const;
const MASK = [0x37, 0xfa, 0x21, 0x3d] as const;

interface FrameOptions {
  readonly fin?: boolean;
  readonly reserved?: number;
  readonly mask?: readonly number[] | null;
  /** How many bytes the length has, besides its first; as few as possible by default. */
  readonly lengthBytes?: 0 | 2 | 8;
}

/** A frame of a client. */
function frame(
  opcode: number,
  payload: string | Uint8Array = "",
  { fin = true, reserved = 0, mask = MASK, lengthBytes }: FrameOptions = {},
): Uint8Array {
  const bytes = typeof payload === "string" ? encoder.encode(payload) : payload;
  const { length } = bytes;
  const extra = lengthBytes ?? (length < 126 ? 0 : length < 65_536 ? 2 : 8);
  const short = extra === 0 ? length : extra === 2 ? 126 : 127;
  const size = Array.from(
    { length: extra },
    (_, at) => Math.floor(length / 256 ** (extra - 1 - at)) % 256,
  );
  const masked = mask === null ? bytes : bytes.map((byte, at) => byte ^ mask[at % 4]!);
  return Uint8Array.of(
    (fin ? 0x80 : 0) | reserved << 4 | opcode,
    (mask === null ? 0 : 0x80) | short,
    ...size,
    ...mask ?? [],
    ...masked,
  );
}

/** A frame as shown in an outcome. */
export function told(opcode: number, payload: Uint8Array): string {
  const name = { [TEXT]: "text", [BINARY]: "binary", [PING]: "ping", [PONG]: "pong" }[opcode] ??
    `opcode ${opcode}`;
  if (payload.length > 130) return `${name} of ${payload.length} bytes`;
  return opcode === TEXT
    ? `${name} ${new TextDecoder().decode(payload)}`
    : `${name} ${hex(payload)}`;
}

function hex(bytes: Uint8Array): string {
  return new Uint8Array(bytes).toHex();
}

function fragment(opcode: number, payload: string | Uint8Array = ""): Uint8Array {
  return frame(opcode, payload, { fin: false });
}

/** The same bytes, so many at a time. */
function chopped(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from(
    { length: Math.ceil(bytes.length / size) },
    (_, index) => bytes.slice(index * size, (index + 1) * size),
  );
}

function octets(...frames: Uint8Array[]): Uint8Array[] {
  return frames.flatMap((bytes) => chopped(bytes, 1));
}

const TEXT_HEARD = ["text Hello"];
const HELLO = frame(TEXT, "Hello");
const hello = encoder.encode("Hello");

function framing(): Case[] {
  const lengths = [0, 1, 125, 126, 127, 128, 65_535, 65_536];
  return [[TEXT, "text"], [BINARY, "binary"]].flatMap(([opcode, kind]) =>
    lengths.flatMap((length): Case[] => {
      const payload = new Uint8Array(length).fill(0x2a);
      const bytes = frame(opcode as number, payload);
      const heard = [told(opcode as number, payload)];
      const size = Math.max(1, Math.ceil(bytes.length / 70));
      return [
        { name: `a ${kind} of ${length} bytes`, writes: [bytes], heard, end: "open" },
        {
          name: `a ${kind} of ${length} bytes in pieces`,
          writes: chopped(bytes, size),
          heard,
          end: "open",
        },
      ];
    })
  );
}

function pings(): Case[] {
  const ten = Array.from({ length: 10 }, (_, index) => `ping ${index}`);
  const pongs = ten.map((payload) => told(PONG, encoder.encode(payload)));
  const most = new Uint8Array(125).fill(0xfe);
  return [
    { name: "an empty ping", writes: [frame(PING)], heard: ["pong "], end: "open" },
    { name: "a ping", writes: [frame(PING, hello)], heard: [told(PONG, hello)], end: "open" },
    {
      name: "a ping of bytes that are no text",
      writes: [frame(PING, Uint8Array.of(0, 0xff, 0xfe, 0xfd))],
      heard: ["pong 00fffefd"],
      end: "open",
    },
    {
      name: "a ping of 125 bytes",
      writes: [frame(PING, most)],
      heard: [told(PONG, most)],
      end: "open",
    },
    {
      name: "a ping of 126 bytes",
      writes: [frame(PING, new Uint8Array(126))],
      heard: [],
      end: 1002,
    },
    {
      name: "a ping of 125 bytes, byte by byte",
      writes: octets(frame(PING, most)),
      heard: [told(PONG, most)],
      end: "open",
    },
    { name: "a pong that nobody asked for", writes: [frame(PONG)], heard: [], end: "open" },
    { name: "a pong with a payload", writes: [frame(PONG, hello)], heard: [], end: "open" },
    {
      name: "a pong and a ping",
      writes: [frame(PONG, "no"), frame(PING, hello)],
      heard: [told(PONG, hello)],
      end: "open",
    },
    { name: "ten pings", writes: ten.map((text) => frame(PING, text)), heard: pongs, end: "open" },
    {
      name: "ten pings in one write",
      writes: [join(ten.map((text) => frame(PING, text)))],
      heard: pongs,
      end: "open",
    },
    {
      name: "ten pings, byte by byte",
      writes: octets(...ten.map((text) => frame(PING, text))),
      heard: pongs,
      end: "open",
    },
    {
      name: "a pong of 126 bytes",
      writes: [frame(PONG, new Uint8Array(126))],
      heard: [],
      end: 1002,
    },
  ];
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function reservedBits(): Case[] {
  return [1, 2, 3, 4, 5, 6, 7].flatMap((reserved): Case[] => [
    {
      name: `reserved bits ${reserved} on a text`,
      writes: [frame(TEXT, "x", { reserved })],
      heard: [],
      end: 1002,
    },
    {
      name: `reserved bits ${reserved} on a binary message after a text`,
      writes: [HELLO, frame(BINARY, "x", { reserved })],
      heard: TEXT_HEARD,
      end: 1002,
    },
    {
      name: `reserved bits ${reserved} on a ping, byte by byte, after a text`,
      writes: octets(HELLO, frame(PING, "x", { reserved })),
      heard: TEXT_HEARD,
      end: 1002,
    },
    {
      name: `reserved bits ${reserved} on a close`,
      writes: [frame(CLOSE, "", { reserved })],
      heard: [],
      end: 1002,
    },
    {
      name: `reserved bits ${reserved} on a continuation`,
      writes: [fragment(TEXT, "x"), frame(CONTINUATION, "y", { reserved })],
      heard: [],
      end: 1002,
    },
  ]);
}

function opcodes(): Case[] {
  return [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap((opcode): Case[] => [
    { name: `opcode ${opcode}`, writes: [frame(opcode)], heard: [], end: 1002 },
    {
      name: `opcode ${opcode} with a payload, after a text`,
      writes: [HELLO, frame(opcode, "x"), frame(PING)],
      heard: TEXT_HEARD,
      end: 1002,
    },
    {
      name: `opcode ${opcode} byte by byte, after a text`,
      writes: octets(HELLO, frame(opcode, "x")),
      heard: TEXT_HEARD,
      end: 1002,
    },
    {
      name: `opcode ${opcode} within a message`,
      writes: [fragment(TEXT, "x"), frame(opcode, "x")],
      heard: [],
      end: 1002,
    },
  ]);
}

function fragments(): Case[] {
  const two = [fragment(TEXT, "Hel"), frame(CONTINUATION, "lo")];
  const mixed = [fragment(TEXT, "Hel"), frame(PING, "a"), frame(CONTINUATION, "lo")];
  const mixedHeard = ["pong 61", ...TEXT_HEARD];
  const many = [
    fragment(TEXT, "a"),
    ...Array.from({ length: 50 }, () => fragment(CONTINUATION, "b")),
    frame(CONTINUATION, "c"),
  ];
  const failing = (name: string, ...frames: Uint8Array[]): Case[] => [
    { name, writes: frames, heard: [], end: 1002 },
    { name: `${name}, in one write`, writes: [join(frames)], heard: [], end: 1002 },
    { name: `${name}, byte by byte`, writes: octets(...frames), heard: [], end: 1002 },
  ];
  return [
    ...failing("a ping in fragments", fragment(PING, "a"), frame(CONTINUATION, "b")),
    ...failing("a pong in fragments", fragment(PONG, "a"), frame(CONTINUATION, "b")),
    ...failing("a close in fragments", fragment(CLOSE), frame(CONTINUATION)),
    { name: "a text in two fragments", writes: two, heard: TEXT_HEARD, end: "open" },
    { name: "two fragments in one write", writes: [join(two)], heard: TEXT_HEARD, end: "open" },
    { name: "two fragments byte by byte", writes: octets(...two), heard: TEXT_HEARD, end: "open" },
    { name: "a ping between fragments", writes: mixed, heard: mixedHeard, end: "open" },
    {
      name: "a ping between fragments in one write",
      writes: [join(mixed)],
      heard: mixedHeard,
      end: "open",
    },
    {
      name: "a ping between fragments, byte by byte",
      writes: octets(...mixed),
      heard: mixedHeard,
      end: "open",
    },
    {
      name: "a ping between two pieces of a fragment",
      writes: [
        fragment(BINARY, "ab"),
        frame(PING),
        fragment(CONTINUATION, "cd"),
        frame(PING),
        frame(CONTINUATION, "ef"),
      ],
      heard: ["pong ", "pong ", `binary ${hex(encoder.encode("abcdef"))}`],
      end: "open",
    },
    { name: "fifty fragments", writes: many, heard: [`text a${"b".repeat(50)}c`], end: "open" },
    {
      name: "empty fragments",
      writes: [fragment(TEXT), fragment(CONTINUATION), frame(CONTINUATION)],
      heard: ["text "],
      end: "open",
    },
    {
      name: "an empty fragment between two",
      writes: [fragment(TEXT, "Hel"), fragment(CONTINUATION), frame(CONTINUATION, "lo")],
      heard: TEXT_HEARD,
      end: "open",
    },
    {
      name: "a message after a message in fragments",
      writes: [...two, HELLO, ...two],
      heard: ["text Hello", "text Hello", "text Hello"],
      end: "open",
    },
    ...failing("a continuation of nothing", frame(CONTINUATION, "x")),
    ...failing("a first fragment that is a continuation", fragment(CONTINUATION, "x")),
    ...failing(
      "a continuation after a whole message of fragments",
      fragment(CONTINUATION, "x"),
      HELLO,
    ),
    ...failing("a text within a text", fragment(TEXT, "x"), HELLO),
    ...failing("a binary message within a text", fragment(TEXT, "x"), frame(BINARY, "y")),
    ...failing("a fragment within a text", fragment(TEXT, "x"), fragment(TEXT, "y")),
    {
      name: "a close between fragments",
      writes: [fragment(TEXT, "x"), frame(CLOSE, code(1000))],
      heard: [],
      end: 1000,
    },
  ];
}

function code(number: number, reason: string | Uint8Array = ""): Uint8Array {
  const words = typeof reason === "string" ? encoder.encode(reason) : reason;
  return Uint8Array.of(number >> 8, number & 0xff, ...words);
}

const GOOD_TEXTS: Readonly<Record<string, string>> = {
  "of two bytes": "\u0080ß\u07ff",
  "of three bytes": "\u0800€\uffff",
  "of four bytes": "\u{10000}🌽\u{10ffff}",
  "around the surrogates": "\ud7ff\ue000",
  "that are no characters": "\ufffe\uffff\u{1fffe}\u{10ffff}",
  "of the replacement": "\ufffd",
  "with a byte order mark": "\ufeffHello",
  "of NUL": "a\0b",
  "of Greek": "κόσμε",
  "of all lengths": "aß€🌽",
};

const BAD_TEXTS: Readonly<Record<string, readonly number[]>> = {
  "a continuation byte": [0x80],
  "the last continuation byte": [0xbf],
  "two continuation bytes": [0x80, 0xbf],
  "FE": [0xfe],
  "FF": [0xff],
  "an overlong slash of two bytes": [0xc0, 0xaf],
  "an overlong slash of three bytes": [0xe0, 0x80, 0xaf],
  "an overlong slash of four bytes": [0xf0, 0x80, 0x80, 0xaf],
  "an overlong NUL": [0xc0, 0x80],
  "the largest overlong of two bytes": [0xc1, 0xbf],
  "the largest overlong of three bytes": [0xe0, 0x9f, 0xbf],
  "the largest overlong of four bytes": [0xf0, 0x8f, 0xbf, 0xbf],
  "a high surrogate": [0xed, 0xa0, 0x80],
  "the last high surrogate": [0xed, 0xaf, 0xbf],
  "a low surrogate": [0xed, 0xb0, 0x80],
  "the last low surrogate": [0xed, 0xbf, 0xbf],
  "a pair of surrogates": [0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80],
  "U+110000": [0xf4, 0x90, 0x80, 0x80],
  "a fifth plane of bytes": [0xf8, 0x88, 0x80, 0x80, 0x80],
  "a sixth plane of bytes": [0xfc, 0x84, 0x80, 0x80, 0x80, 0x80],
  "F5": [0xf5, 0x80, 0x80, 0x80],
  "a character of two bytes cut by a letter": [0xc3, 0x61],
  "a character of three bytes cut by a letter": [0xe2, 0x82, 0x61],
  "a character of four bytes cut by a letter": [0xf0, 0x9f, 0x8c, 0x61],
};

const UNFINISHED: Readonly<Record<string, readonly number[]>> = {
  "one of two bytes": [0xc3],
  "one of three bytes": [0xe2],
  "two of three bytes": [0xe2, 0x82],
  "one of four bytes": [0xf0],
  "two of four bytes": [0xf0, 0x9f],
  "three of four bytes": [0xf0, 0x9f, 0x8c],
};

function utf8(): Case[] {
  const good = Object.entries(GOOD_TEXTS).flatMap(([name, text]): Case[] => {
    const bytes = encoder.encode(text);
    const heard = [told(TEXT, bytes)];
    const singles = chopped(bytes, 1);
    const frames = singles.map((byte, at) =>
      frame(at === 0 ? TEXT : CONTINUATION, byte, { fin: at === singles.length - 1 })
    );
    return [
      { name: `characters ${name}`, writes: [frame(TEXT, bytes)], heard, end: "open" },
      {
        name: `characters ${name}, byte by byte`,
        writes: octets(frame(TEXT, bytes)),
        heard,
        end: "open",
      },
      { name: `characters ${name}, a fragment for each byte`, writes: frames, heard, end: "open" },
    ];
  });
  const bad = Object.entries({ ...BAD_TEXTS, ...UNFINISHED }).flatMap(([name, bytes]): Case[] => {
    const text = Uint8Array.of(...encoder.encode("κ"), ...bytes, 0x21);
    const ended = UNFINISHED[name] === undefined ? text : text.slice(0, -1);
    return [
      { name: `a text with ${name}`, writes: [frame(TEXT, ended)], heard: [], end: 1007 },
      {
        name: `a text with ${name} in its second fragment`,
        writes: [fragment(TEXT, "ok"), frame(CONTINUATION, ended)],
        heard: [],
        end: 1007,
      },
    ];
  });
  const early = Object.entries(BAD_TEXTS).flatMap(([name, bytes]): Case[] => {
    const bad = Uint8Array.from(bytes);
    const whole = frame(TEXT, Uint8Array.of(...bytes, ...new Uint8Array(20).fill(0x61)));
    return [
      {
        name: `${name} in a first fragment, before the text has ended`,
        writes: [fragment(TEXT, bad)],
        rest: frame(CONTINUATION),
        heard: [],
        end: 1007,
      },
      {
        name: `${name} in a frame, before the frame has ended`,
        writes: [whole.slice(0, 6 + bytes.length)],
        rest: whole.slice(6 + bytes.length),
        heard: [],
        end: 1007,
      },
    ];
  });
  return [
    ...good,
    ...bad,
    ...early,
    {
      name: "a binary message of what is no text",
      writes: [frame(BINARY, Uint8Array.of(0xff, 0xc0))],
      heard: ["binary ffc0"],
      end: "open",
    },
  ];
}

function closes(): Case[] {
  const valid = [
    1000,
    1001,
    1002,
    1003,
    1007,
    1008,
    1009,
    1010,
    1011,
    1012,
    1013,
    1014,
    3000,
    3999,
  ];
  const invalid = [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535];
  const longest = "x".repeat(123);
  return [
    { name: "a close without a code", writes: [frame(CLOSE)], heard: [], end: 1005 },
    ...[...valid, 4000, 4999].map((number): Case => ({
      name: `a close with ${number}`,
      writes: [frame(CLOSE, code(number))],
      heard: [],
      end: number,
    })),
    ...invalid.map((number): Case => ({
      name: `a close with ${number}`,
      writes: [frame(CLOSE, code(number))],
      heard: [],
      end: 1002,
    })),
    {
      name: "a close with a reason",
      writes: [frame(CLOSE, code(1000, "€"))],
      heard: [],
      end: 1000,
    },
    {
      name: "a close with the longest reason",
      writes: [frame(CLOSE, code(1000, longest))],
      heard: [],
      end: 1000,
    },
    {
      name: "a close with too long a reason",
      writes: [frame(CLOSE, code(1000, `${longest}x`))],
      heard: [],
      end: 1002,
    },
    {
      name: "a close of one byte",
      writes: [frame(CLOSE, Uint8Array.of(3))],
      heard: [],
      end: 1002,
    },
    {
      name: "a close with a reason that is no text",
      writes: [frame(CLOSE, code(1000, Uint8Array.of(0xce, 0xba, 0xed, 0xa0, 0x80)))],
      heard: [],
      end: 1007,
    },
    {
      name: "a close byte by byte",
      writes: octets(frame(CLOSE, code(1000, "bye"))),
      heard: [],
      end: 1000,
    },
    { name: "two closes", writes: [frame(CLOSE, code(1000)), frame(CLOSE)], heard: [], end: 1000 },
    {
      name: "a ping after a close",
      writes: [join([frame(CLOSE, code(1000)), frame(PING)])],
      heard: [],
      end: 1000,
    },
    {
      name: "a text after a close",
      writes: [join([frame(CLOSE, code(1000)), HELLO])],
      heard: [],
      end: 1000,
    },
    {
      name: "nonsense after a close",
      writes: [join([frame(CLOSE, code(1000)), Uint8Array.of(0xff, 0xff, 0xff)])],
      heard: [],
      end: 1000,
    },
    {
      name: "a text and a close in one write",
      writes: [join([HELLO, frame(CLOSE, code(1000))])],
      heard: TEXT_HEARD,
      end: 1000,
    },
  ];
}

function masks(): Case[] {
  const unmasked = { mask: null };
  return [
    ...[TEXT, BINARY, PING, PONG, CLOSE].map((opcode): Case => ({
      name: `opcode ${opcode} without a mask`,
      writes: [frame(opcode, "", unmasked)],
      heard: [],
      end: 1002,
    })),
    {
      name: "a text without a mask, after one with a mask",
      writes: [HELLO, frame(TEXT, "x", unmasked)],
      heard: TEXT_HEARD,
      end: 1002,
    },
    {
      name: "a continuation without a mask",
      writes: [fragment(TEXT, "x"), frame(CONTINUATION, "y", unmasked)],
      heard: [],
      end: 1002,
    },
    ...[[0, 0, 0, 0], [0xff, 0xff, 0xff, 0xff], [1, 2, 3, 4], [0x80, 0, 0, 0]].map((
      mask,
    ): Case => ({
      name: `a text with the mask ${mask}`,
      writes: [
        frame(TEXT, "Hello, long enough for words of four bytes, and for a rest!", { mask }),
      ],
      heard: ["text Hello, long enough for words of four bytes, and for a rest!"],
      end: "open",
    })),
  ];
}

function limits(): Case[] {
  const most = new Uint8Array(MOST_BYTES).fill(0x61);
  const half = new Uint8Array(MOST_BYTES / 2).fill(0x61);
  const headOf = (opcode: number, length: bigint) => {
    const head = new Uint8Array(14);
    head.set([0x80 | opcode, 0xff]);
    new DataView(head.buffer).setBigUint64(2, length);
    return head;
  };
  const long = { lengthBytes: 8 } as const;
  return [
    ...([[TEXT, "text"], [BINARY, "binary message"]] as const).flatMap(([opcode, kind]): Case[] => [
      {
        name: `a ${kind} of the limit`,
        writes: [frame(opcode, most)],
        heard: [told(opcode, most)],
        end: "open",
      },
      {
        name: `a ${kind} over the limit`,
        writes: [frame(opcode, new Uint8Array([...most, 0x61]))],
        heard: [],
        end: 1009,
      },
      {
        name: `a ${kind} that says it is over the limit`,
        writes: [headOf(opcode, 1n << 40n)],
        rest: new Uint8Array(MOST_BYTES * 2),
        heard: [],
        end: 1009,
      },
      {
        name: `a ${kind} of the largest number`,
        writes: [headOf(opcode, (1n << 63n) - 1n)],
        rest: new Uint8Array(MOST_BYTES * 2),
        heard: [],
        end: 1009,
      },
      {
        name: `a ${kind} in fragments of the limit`,
        writes: [fragment(opcode, half), frame(CONTINUATION, half)],
        heard: [told(opcode, most)],
        end: "open",
      },
      {
        name: `a ${kind} in fragments over the limit`,
        writes: [fragment(opcode, half), fragment(CONTINUATION, half), fragment(CONTINUATION, "x")],
        rest: frame(CONTINUATION),
        heard: [],
        end: 1009,
      },
      {
        name: `a ${kind} with a length of two bytes that needs one`,
        writes: [frame(opcode, "Hello", { lengthBytes: 2 })],
        heard: [],
        end: 1002,
      },
      {
        name: `a ${kind} with a length of eight bytes that needs one`,
        writes: [frame(opcode, "Hello", long)],
        heard: [],
        end: 1002,
      },
      {
        name: `a ${kind} with a length of eight bytes that needs two`,
        writes: [frame(opcode, new Uint8Array(300).fill(0x61), long)],
        heard: [],
        end: 1002,
      },
    ]),
    {
      name: "a ping with a length of two bytes that needs one",
      writes: [frame(PING, "Hello", { lengthBytes: 2 })],
      heard: [],
      end: 1002,
    },
  ];
}

/** All cases, by subject. */
export const CASES: Readonly<Record<string, readonly Case[]>> = {
  framing: framing(),
  pings: pings(),
  "reserved bits": reservedBits(),
  opcodes: opcodes(),
  fragments: fragments(),
  "UTF-8": utf8(),
  closes: closes(),
  masks: masks(),
  limits: limits(),
};
