/** Whether dist is older than the sources, or not there. */
export function isStale(): Promise<boolean>;
/** Builds the server and the web page into dist. */
export function build(): Promise<void>;
