/** The path of a Chromium or Chrome, installed where there is none and that is possible. Rejects with what to do else. */
export function chromium(): Promise<string>;
