// How connections of the soak live: each from its opening to its end, every answer checked on the way. Those that end properly
// have every letter answered before the peer's Close or FIN, also where they said theirs in the same breath.

import { WebSocket } from "ws";
import { closeFrame } from "../node/support.ts";
import type { Random } from "../support/octets.ts";
import { Ledger } from "./ledger.ts";
import type { Letter, Letters } from "./letters.ts";
import { Line, SoakFault } from "./line.ts";

/** What a life is given. */
export interface Start {
  readonly port: number;
  readonly id: number;
  readonly random: Random;
  readonly letters: Letters;
}

/** What is left of a life: its ledger, and whether the closing handshake was the end of it. */
export interface Past {
  readonly ledger: Ledger;
  readonly isUpgraded: boolean;
  readonly isProper: boolean;
}

const goodbye = closeFrame(1000);

/** Between 1 and 8 letters, any but the longest. */
function some({ random, letters }: Start): Letter[] {
  return Array.from({ length: 1 + random.below(8) }, () => (random.below(8) === 0 ? letters.any() : letters.short()));
}

async function opened(start: Start, use: (line: Line) => Promise<Omit<Past, "ledger"> | undefined>): Promise<Past> {
  const line = new Line(start.port, start.id);
  try {
    const past = (await use(line)) ?? { isUpgraded: true, isProper: false };
    return { ledger: line.ledger, ...past };
  } finally {
    if (!line.isClosed) line.socket.destroy();
  }
}

/** The peer's Close with 1000, its FIN, and ours. */
async function parted(line: Line): Promise<Omit<Past, "ledger">> {
  await line.until(() => line.ledger.closeCode !== null && line.isEnded);
  if (line.ledger.closeCode !== 1000) throw line.failed(`the Close has ${line.ledger.closeCode}`);
  line.socket.end();
  await line.gone();
  return { isUpgraded: true, isProper: true };
}

/** Sends all there is and its Close in one write. */
const hasty = (start: Start): Promise<Past> =>
  opened(start, async (line) => {
    line.request();
    await line.until(() => line.isOpen);
    for (const letter of some(start)) line.post(letter);
    line.flush("", goodbye);
    return parted(line);
  });

/** All of that in the packet of its request. */
const onePacket = (start: Start): Promise<Past> =>
  opened(start, async (line) => {
    for (const letter of some(start)) line.post(letter);
    line.request(goodbye);
    return parted(line);
  });

/** One letter in flight. */
const patient = (start: Start): Promise<Past> =>
  opened(start, async (line) => {
    line.request();
    await line.until(() => line.isOpen);
    for (const letter of some(start)) {
      line.post(letter);
      line.flush();
      await line.until(() => line.ledger.waitingCount === 0);
    }
    line.flush("", goodbye);
    return parted(line);
  });

/** Ends its half without a Close, and reads what is still its own. */
const halfClosed = (start: Start): Promise<Past> =>
  opened(start, async (line) => {
    line.request();
    await line.until(() => line.isOpen);
    for (const letter of some(start)) line.post(letter);
    line.flush();
    line.socket.end();
    await line.until(() => line.ledger.waitingCount === 0 && line.isEnded);
    return undefined;
  });

/** Resets the connection with some letters answered, and some not. */
const resetting = (start: Start): Promise<Past> =>
  opened(start, async (line) => {
    line.request();
    await line.until(() => line.isOpen);
    const letters = some(start);
    for (const letter of letters) line.post(letter);
    line.flush();
    const answered = start.random.below(letters.length + 1);
    await line.until(() => line.ledger.answeredCount >= answered);
    line.socket.resetAndDestroy();
    await line.gone();
    return undefined;
  });

/** Is gone as soon as its letters are away. */
const leaving = (start: Start): Promise<Past> =>
  opened(start, async (line) => {
    line.request();
    await line.until(() => line.isOpen);
    for (const letter of some(start)) line.post(letter);
    line.flush();
    line.socket.destroy();
    await line.gone();
    return undefined;
  });

/** Connects, begins a head or not, and is gone. */
const silent = (start: Start): Promise<Past> =>
  opened(start, async (line) => {
    if (start.random.below(2) === 0) line.socket.write("GET / HTTP/1.1\r\nHost: ");
    await new Promise((resolve) => line.socket.once("connect", resolve));
    line.socket.destroy();
    await line.gone();
    return { isUpgraded: false, isProper: false };
  });

/** A client of the package ws. */
function foreign({ port, id, random, letters }: Start): Promise<Past> {
  const ledger = new Ledger(id);
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  const failed = (what: string): SoakFault =>
    new SoakFault(
      `connection ${id}, a client of ws: ${what}${ledger.waitingCount > 0 ? `; next is ${ledger.next()}` : ""}`,
    );
  return new Promise((resolve, reject) => {
    const take = (opcode: number, data: Buffer): void => {
      ledger.readMessage(opcode, data);
      if (ledger.fault !== null) reject(failed(ledger.fault));
    };
    socket.on("open", () => {
      for (let count = 1 + random.below(12); count > 0; count--) {
        const letter = random.below(8) === 0 ? letters.any() : letters.short();
        if (letter.answers.length > 1) continue; // pings among its fragments: ws makes its own frames
        const payload = Buffer.from(letter.payload);
        payload.set(ledger.stamp.subarray(0, letter.answers[0]!.stampLength));
        ledger.expect(letter);
        if (letter.isMessage) socket.send(payload, { binary: !letter.isText });
        else socket.ping(payload);
      }
      socket.close(1000);
    });
    socket.on("message", (data, isBinary) => take(isBinary ? 2 : 1, data as Buffer));
    socket.on("pong", (data) => take(10, data));
    socket.on("error", (error) => reject(failed(error.message)));
    socket.on("close", (code) => {
      if (code !== 1000) reject(failed(`it was closed with ${code}`));
      else if (ledger.waitingCount > 0) reject(failed("it was closed too soon"));
      else resolve({ ledger, isUpgraded: true, isProper: true });
    });
  });
}

/** Who comes and goes, and how many of a hundred. */
export const visitors: readonly { readonly share: number; readonly live: (start: Start) => Promise<Past> }[] = [
  { share: 42, live: hasty },
  { share: 14, live: patient },
  { share: 14, live: resetting },
  { share: 12, live: halfClosed },
  { share: 5, live: onePacket },
  { share: 5, live: leaving },
  { share: 5, live: silent },
  { share: 3, live: foreign },
];

/** One who comes and goes. */
export function visit(start: Start): Promise<Past> {
  let share = start.random.below(100);
  const visitor = visitors.find((one) => {
    share -= one.share;
    return share < 0;
  })!;
  return visitor.live(start);
}

/** Octets that a resident has under way at most, besides one letter. */
const WINDOW = 1024 * 1024;

/** How many letters a resident has under way: one, a few, or as many as fit. */
const depths = [1, 4, 16, 64, 256];

/** A connection that stays for the whole run. */
export class Resident {
  private readonly start: Start;
  private readonly line: Line;

  private constructor(start: Start, line: Line) {
    this.start = start;
    this.line = line;
  }

  static async open(start: Start): Promise<Resident> {
    const line = new Line(start.port, start.id);
    line.request();
    await line.until(() => line.isOpen);
    return new Resident(start, line);
  }

  get ledger(): Ledger {
    return this.line.ledger;
  }

  /** Sends letters until no message is left or `isOver`, and waits until nothing is under way. */
  async talk(messages: { left: number }, isOver: () => boolean): Promise<void> {
    const { line, start } = this;
    const { ledger } = line;
    const depth = start.random.pick(depths);
    const isDone = (): boolean => messages.left <= 0 || isOver();
    while (!isDone() || ledger.waitingCount > 0) {
      while (!isDone() && ledger.waitingCount + line.outgoingCount < depth && ledger.waitingLength < WINDOW) {
        const letter = start.letters.any();
        if (letter.isMessage) messages.left--;
        line.post(letter);
      }
      line.flush();
      const { waitingCount } = ledger;
      await line.until(() => ledger.waitingCount < waitingCount);
    }
  }

  /** The closing handshake. */
  async leave(): Promise<Past> {
    this.line.flush("", goodbye);
    return { ledger: this.ledger, ...(await parted(this.line)) };
  }
}
