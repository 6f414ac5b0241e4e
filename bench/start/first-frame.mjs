// What is timed, in a process and in a page.

/** Milliseconds to import a file, and from there to the text of a masked frame that its FrameDecoder decodes. */
export async function firstFrame(url) {
  const octets = Uint8Array.of(0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58); // "Hello", §5.7
  let text = "";
  const began = performance.now();
  const { FrameDecoder } = await import(url);
  const imported = performance.now();
  new FrameDecoder({ role: "server" }).decode(octets, {
    frame(_opcode, _flags, payload) {
      text = String.fromCharCode(...payload);
    },
  });
  const decoded = performance.now();
  if (text !== "Hello") throw new Error(`decoded ${JSON.stringify(text)}`);
  return [imported - began, decoded - imported];
}
