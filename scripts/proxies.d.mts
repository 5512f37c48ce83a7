/** The paths of an nginx (1.20 or later) and an haproxy (2.4 or later), fetched where they are missing. Rejects with what to do where one cannot be had. */
export function proxies(): Promise<{ readonly nginx: string; readonly haproxy: string }>;
