// Messages that are worth compressing, and some that are not: as a chat, a game or a market sends them, as people write them, and
// octets with no pattern. Each of a run differs from the others; all are the same in every run.

export type Content = "JSON" | "prose" | "binary";

const people = ["marta", "jonas", "aiko", "pilar", "sven", "noor", "tomasz", "ines", "kofi", "lena", "ravi", "elif"];
const actions = ["join", "leave", "move", "trade", "typing", "message", "reaction", "presence"];
const places = ["lobby", "north", "harbour", "room-7", "support", "eu-west-1", "general", "market"];

/** Common words come first: how often one is taken falls with its place. */
const words = (
  "the of and to in a is that it was for on are with as they be at one have this from or had by but some what there we can out " +
  "other were all your when up use word how said an each she which do their time if will way about many then them would write " +
  "like so these her long make thing see him two has look more day could go come did my sound no most number who over know water " +
  "than call first people may down side been now find any new work part take get place made live where after back little only " +
  "round man year came show every good me give our under name very through just form much great think say help low line before " +
  "turn cause same mean differ move right boy old too does tell sentence set three want air well also play small end put home " +
  "read hand port large spell add even land here must big high such follow act why ask men change went light kind off need house " +
  "picture try us again animal point mother world near build self earth father head stand own page should country found answer " +
  "school grow study still learn plant cover food sun four thought let keep eye never last door between city tree cross since hard"
).split(" ");

/** Numbers from 0 to below 1, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = (seed + 1) * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Random = () => number;

const below = (random: Random, count: number): number => Math.floor(random() * count);
const oneOf = (random: Random, choices: readonly string[]): string => choices[below(random, choices.length)]!;

function prose(random: Random, length: number): string {
  let text = "";
  while (text.length < length) {
    const sentence = Array.from(
      { length: 5 + below(random, 14) },
      () => words[below(random, words.length * random())]!,
    );
    text += `${sentence[0]![0]!.toUpperCase()}${sentence.join(random() < 0.2 ? ", " : " ").slice(1)}. `;
  }
  return text.slice(0, length);
}

function record(random: Random): string {
  return JSON.stringify({
    id: 100_000 + below(random, 900_000),
    user: oneOf(random, people),
    action: oneOf(random, actions),
    place: oneOf(random, places),
    x: below(random, 100_000) / 100,
    y: below(random, 100_000) / 100,
    unread: below(random, 40),
    online: random() < 0.6,
  });
}

/** As many records as there is room for, and a note that fills it up. */
function json(random: Random, length: number): string {
  const start = `{"seq":${100_000 + below(random, 900_000)},"user":"${oneOf(random, people)}"`;
  const end = (note: string): string => `,"note":"${note}"}`;
  const isSmall = length < 200;
  const records: string[] = [];
  let used = start.length + end("").length + (isSmall ? 0 : ',"items":[]'.length);
  while (!isSmall) {
    const next = record(random);
    if (used + next.length + 1 > length) break;
    records.push(next);
    used += next.length + 1;
  }
  const items = isSmall ? "" : `,"items":[${records.join(",")}]`;
  const head = start + items;
  return head + end(prose(random, length - head.length - end("").length));
}

function octets(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => below(random, 256)));
}

/** `count` messages of exactly `length` octets each. */
export function messagesOf(content: Content, length: number, count: number): Buffer[] {
  return Array.from({ length: count }, (_, index) => {
    const random = randomOf(index);
    if (content === "binary") return octets(random, length);
    return Buffer.from(content === "JSON" ? json(random, length) : prose(random, length));
  });
}
