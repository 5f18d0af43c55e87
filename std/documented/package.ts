/** What a name stands for: something there at run time, or a type alone. */
export type Kind = "function" | "class" | "const" | "type";

/** The names that one entry point exports. */
export type EntryPoint = Readonly<Record<string, Kind>>;

/** What a package exports, as its documentation lists it. */
export interface DocumentedPackage {
  /** The version that the list was made from. */
  readonly version: string;
  /** By the path under which it is imported, such as `./status`. */
  readonly entryPoints: Readonly<Record<string, EntryPoint>>;
  /**
   * What of it is there at run time and the stand-in does without: its signatures are not listed.
   */
  readonly absent: readonly string[];
}

/** A class by what it is made from and what anyone can reach of it. */
export interface Class<Args extends unknown[], Members> {
  args: Args;
  members: Members;
}

/** A class that is only there to be extended. */
export interface AbstractClass<Args extends unknown[], Members> extends Class<Args, Members> {
  abstract: true;
}

/** A type's own words for its members, so that two types of the same members are the same. */
export type Members<T> = { [Key in keyof T]: T[Key] };

/**
 * What anyone can reach of an export: of a class its arguments and members, never its `#` fields.
 */
export type Surface<T> = T extends new (...args: infer Args) => infer Instance
  ? Class<Args, Members<Instance>>
  : T extends abstract new (...args: infer Args) => infer Instance
    ? AbstractClass<Args, Members<Instance>>
  : T;

/** Whether two types are the same, not merely assignable. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2)
  ? true
  : false;

/** The names whose types are not the documented ones, or that are neither documented nor absent. */
export type Differing<Exports, Documented, Absent extends string = never> = {
  [Name in Exclude<keyof Exports, Absent>]: Name extends keyof Documented
    ? Same<Surface<Exports[Name]>, Documented[Name]> extends true ? never : Name
    : Name;
}[Exclude<keyof Exports, Absent>];

/** Takes only an empty list of names: a type error shows those that differ. */
export type None<Names extends never> = Names;
