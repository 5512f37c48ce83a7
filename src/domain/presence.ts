/** Whether a user is connected. Derived from leases: online while one lives. */
export interface Presence {
  readonly online: boolean;
  /** When last known connected, ms since 1970 by the store's clock; null for one who never was. */
  readonly lastSeenAt: number | null;
}
