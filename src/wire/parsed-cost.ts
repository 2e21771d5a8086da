/**
 * What a message costs once it is parsed. Mostly that is about its text; a text of many small values (`[[],[],...]`) takes
 * up to twenty times as much memory. The numbers are those of V8 on a 64-bit machine, and lean to more.
 */

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;

/** An array, and the slot in which it stands. */
const ARRAY_BYTES = 40;
/** An object, which has room for some members even when it is empty, and the slot in which it stands. */
const OBJECT_BYTES = 48;
const SLOT_BYTES = 8;
/** What a text costs besides its characters. */
const TEXT_BYTES = 16;
/** Objects with more members than this are tables, which cost more for each of them. */
const TABLE_MEMBERS = 32;
const TABLE_MEMBER_BYTES = 36;
/** Up to so many times the text, the text is measure enough. */
const FAIR_RATIO = 2;

/** What a text is made of. */
interface Parts {
  arrays: number;
  objects: number;
  commas: number;
  members: number;
  texts: number;
}

/**
 * The memory that the message takes, in bytes: the size of its text, or an estimate where that is a poor measure.
 *
 * @param json - the JSON text of the message
 * @param bytes - its size
 */
export function parsedCost(json: string, bytes: number): number {
  const { arrays, objects, commas, members, texts } = partsOf(json);
  const tableMembers = Math.max(0, members - TABLE_MEMBERS * objects);
  const estimate =
    bytes +
    ARRAY_BYTES * arrays +
    OBJECT_BYTES * objects +
    SLOT_BYTES * commas +
    TEXT_BYTES * (texts - members) +
    TABLE_MEMBER_BYTES * tableMembers;
  return estimate > FAIR_RATIO * bytes ? estimate : bytes;
}

/** Counts in one pass, over texts in leaps. */
function partsOf(json: string): Parts {
  const parts: Parts = { arrays: 0, objects: 0, commas: 0, members: 0, texts: 0 };
  for (let at = 0; at < json.length; at += 1) {
    const char = json.charCodeAt(at);
    if (char === COMMA) parts.commas += 1;
    else if (char === OPEN_BRACKET) parts.arrays += 1;
    else if (char === OPEN_BRACE) parts.objects += 1;
    else if (char === COLON) parts.members += 1;
    else if (char === QUOTE) {
      parts.texts += 1;
      at = endOfText(json, at);
    }
  }
  return parts;
}

/** The place of the quote that ends the text which begins at `start`. */
function endOfText(json: string, start: number): number {
  let end = json.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(json, end)) end = json.indexOf('"', end + 1);
  return end === -1 ? json.length : end;
}

/** An odd number of backslashes stands before it. */
function isEscaped(json: string, quote: number): boolean {
  let first = quote;
  while (json.charCodeAt(first - 1) === BACKSLASH) first -= 1;
  return (quote - first) % 2 === 1;
}
