// Guards against compressed messages: what they inflate to, and whether they inflate.

import { type Guard, guard } from "./guard.ts";

const inflating = "bindings/deflate/inflating.ts";
const inflation = "bindings/deflate/inflation.ts";

export const deflateGuards: readonly Guard[] = [
  guard(
    "what is inflated counts for maxMessageLength as it comes out",
    inflating,
    "deflate-server",
    "this.inflatedLength > maxMessageLength",
    "this.inflatedLength > 2 ** 53",
  ),
  guard(
    "a stream that is broken fails its connection",
    inflation,
    "deflate-server",
    `      } catch (error) {
        this.sink.broken(error);
        return;`,
    `      } catch {
        return;`,
  ),
  guard(
    "a stream that is not taken over must end with its message",
    inflation,
    "deflate-server",
    "this.hasTail && this.tail === finalTail ? Flush.Finish : Flush.Sync",
    "Flush.Sync",
  ),
  guard(
    "a compressed message has an octet at least",
    inflating,
    "deflate-server",
    "if (isLast && this.wireLength === 0)",
    "if (isLast && this.wireLength < 0)",
  ),
  guard(
    "an unfinished message of shared streams has none of its own",
    inflating,
    "deflate.test",
    "this.context.isTakenOver || this.context.isHeld ||",
    "this.source !== null ||",
  ),
  guard(
    "only the last part of a message gets its tail",
    inflation,
    "deflate.test",
    "this.hasTail = isLast && length <= STAGED_LENGTH;",
    "this.hasTail = length <= STAGED_LENGTH;",
  ),
];
