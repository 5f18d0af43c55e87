type Keyed = Map<unknown, unknown> | Set<unknown>;

/** Classes with hidden state that their text shows completely. */
const TOLD_BY_THEIR_TEXT = new Set<object>([
  Intl.Locale.prototype,
  RegExp.prototype,
  URL.prototype,
  URLSearchParams.prototype,
]);

/** Whether two values are the same in depth: same prototypes, same keys, same values. */
export function equal(a: unknown, b: unknown): boolean {
  return new Comparison().same(a, b);
}

class Comparison {
  /** The pairs under comparison: meeting one again means a cycle. */
  readonly #open = new Map<object, object>();

  same(a: unknown, b: unknown): boolean {
    if (sameZero(a, b)) return true;
    if (!isObject(a) || !isObject(b)) return false;
    if (a instanceof Date && b instanceof Date) {
      return Object.is(a.getTime(), b.getTime());
    }
    const prototype = Object.getPrototypeOf(a);
    if (!samePrototype(prototype, Object.getPrototypeOf(b))) return false;
    if (isTypedArray(a) && isTypedArray(b)) return sameElements(a, b);
    if (isBuffer(a) && isBuffer(b)) {
      return sameElements(new Uint8Array(a), new Uint8Array(b));
    }
    if (a instanceof WeakRef && b instanceof WeakRef) {
      return this.same(a.deref(), b.deref());
    }
    for (const Weak of [WeakMap, WeakSet]) {
      if (a instanceof Weak) {
        throw new TypeError(`Cannot compare ${Weak.name} instances`);
      }
    }
    if (TOLD_BY_THEIR_TEXT.has(prototype)) return String(a) === String(b);
    if (this.#open.get(a) === b) return true;
    this.#open.set(a, b);
    if (Object.keys(a).length !== Object.keys(b).length) return false;
    if (isKeyed(a) && isKeyed(b)) return this.#sameEntries(a, b);
    return this.#sameProperties(a, b, isPlain(prototype));
  }

  #sameProperties(a: object, b: object, plain: boolean): boolean {
    const keys = plain
      ? new Set([...enumerableKeys(a), ...enumerableKeys(b)])
      : new Set([...inheritedKeys(a), ...inheritedKeys(b)]);
    for (const key of keys) {
      if ((key in a) !== (key in b)) return false;
      if (!this.same(Reflect.get(a, key), Reflect.get(b, key))) return false;
    }
    return true;
  }

  /** Entries have no order; each of `a` needs its own equal one of `b`. */
  #sameEntries(a: Keyed, b: Keyed): boolean {
    if (a.size !== b.size) return false;
    const unmatched: [unknown, unknown][] = [];
    const candidates = new Map<unknown, unknown>(b.entries());
    for (const [key, value] of a.entries()) {
      if (isObject(key)) {
        unmatched.push([key, value]);
      } else {
        if (!candidates.has(key)) return false;
        // In a set the value is the key, which was just found.
        if (a instanceof Map && !this.same(value, candidates.get(key))) {
          return false;
        }
        candidates.delete(key);
      }
    }
    return unmatched.every(([key, value]) => {
      for (const [otherKey, otherValue] of candidates) {
        if (!this.same(key, otherKey)) continue;
        if (a instanceof Map && !this.same(value, otherValue)) continue;
        return candidates.delete(otherKey);
      }
      return false;
    });
  }
}

/** `0` and `-0` are the same, and so are two `NaN`. */
function sameZero(a: unknown, b: unknown): boolean {
  return a === b || Object.is(a, b);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isKeyed(value: object): value is Keyed {
  return value instanceof Map || value instanceof Set;
}

function isBuffer(value: object): value is ArrayBuffer | SharedArrayBuffer {
  return value instanceof ArrayBuffer || value instanceof SharedArrayBuffer;
}

function isPlain(prototype: object | null): boolean {
  return prototype === null || prototype === Object.prototype ||
    prototype === Array.prototype;
}

/** An object without a prototype equals a plain one. */
function samePrototype(a: object | null, b: object | null): boolean {
  return (a ?? Object.prototype) === (b ?? Object.prototype);
}

/** The accessors of other views show their state. */
function isTypedArray(value: object): value is object & ArrayLike<unknown> {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function sameElements(left: ArrayLike<unknown>, right: ArrayLike<unknown>): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) {
    if (!sameZero(left[index], right[index])) return false;
  }
  return true;
}

function enumerableKeys(value: object): PropertyKey[] {
  return Reflect.ownKeys(value).filter((key) =>
    Object.prototype.propertyIsEnumerable.call(value, key)
  );
}

/** Accessors of prototypes may show the state of class instances. */
function inheritedKeys(value: object): Set<PropertyKey> {
  const keys = new Set<PropertyKey>();
  let holder: object | null = value;
  while (
    holder !== null && holder !== Object.prototype && holder !== Array.prototype
  ) {
    for (const key of Reflect.ownKeys(holder)) keys.add(key);
    holder = Object.getPrototypeOf(holder);
  }
  return keys;
}
