// What contestants are given: text in several scripts, of an exact length in octets.

/** What a text is made of; `emoji` is JSON with a few of them. */
export type Script = "ASCII" | "Cyrillic" | "Chinese" | "emoji" | "French";

const seeds: Readonly<Record<Script, string>> = {
  ASCII: '{"type":"trade","symbol":"ABC","price":101.25,"size":40,"venue":"north","note":"the quick brown fox"},',
  Cyrillic: "Съешь же ещё этих мягких французских булок, да выпей чаю. Широкая электрификация южных губерний. ",
  Chinese: "天地玄黃，宇宙洪荒。日月盈昃，辰宿列張。寒來暑往，秋收冬藏。閏餘成歲，律呂調陽。雲騰致雨，露結為霜。",
  emoji: '{"from":"Zoë","text":"shipped 🎉 thanks 👍🏽","likes":17,"tags":["naïve","🚀"]},',
  French:
    "Voix ambiguë d'un coeur qui au zéphyr préfère les jattes de kiwis. Dès Noël, où un zéphyr haï me vêt de glaçons. ",
};

/** Text in `script` whose UTF-8 has exactly `length` octets: whole characters, filled up with full stops. */
export function textOf(script: Script, length: number): string {
  const characters = [...seeds[script]];
  let text = "";
  let used = 0;
  for (let index = 0; ; index++) {
    const character = characters[index % characters.length]!;
    used += Buffer.byteLength(character);
    if (used > length) break;
    text += character;
  }
  // By way of octets: a flat string, as one that came from the network or from JSON.stringify.
  return Buffer.from(text.padEnd(text.length + length - Buffer.byteLength(text), ".")).toString();
}

/** Octets with no pattern to speak of, the same in every run. */
export function octetsOf(length: number): Buffer {
  const octets = Buffer.allocUnsafeSlow(length);
  let state = 0x2545f491;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    octets[index] = state >>> 24;
  }
  return octets;
}

/** A length as the rows' names write it. */
export function lengthName(length: number): string {
  if (length >= 1024 * 1024 && length % (1024 * 1024) === 0) return `${length / 1024 / 1024} MiB`;
  return length >= 1024 && length % 1024 === 0 ? `${length / 1024} KiB` : `${length} B`;
}
