declare module 'cluster-key-slot' {
  /** The slot of a key, as ioredis reckons it. */
  const slotOf: (key: string) => number;
  export default slotOf;
}
