/** UTF-8 in a string of one-byte characters: joining and writing such strings moves bytes and encodes nothing. */
export const toWire = (text: string): string =>
  Buffer.byteLength(text) === text.length ? text : Buffer.from(text, 'utf8').toString('latin1');
